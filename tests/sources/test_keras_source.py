"""Keras models as sources: from Python, in place of ``model.summary()``, and code that only a written word may name."""

import sys
from pathlib import Path
from typing import Any

import pytest

import costlens as cl
from costlens import api, frameworks
from costlens.errors import UsageError
from costlens.sources._source import Asked
from costlens.sources._word import Word, word
from costlens.sources.find import models


@pytest.fixture(scope="module")
def net() -> Any:
    keras = frameworks.keras()
    given = keras.Input((None, 4), name="x")
    return keras.Model(given, keras.layers.LSTM(3, name="lstm")(given), name="net")


MACS = 4 * (4 * 3 + 3 * 3)
"""Of one step of the network."""


def test_a_live_model_is_counted_and_compared_like_a_word(net: Any) -> None:
    ten, twenty = (cl.from_keras(net, sizes={"x:1": steps}) for steps in (10, 20))
    assert ten.count().totals.macs == MACS * 10
    assert ten.count(batch=3).totals.macs == MACS * 30
    assert ten.to_keras() is net
    compared = api.compare(ten, twenty, "specs/separable_example.yaml")
    assert [one.figures.macs for one in compared.models] == [MACS * 10, MACS * 20, 53952]
    assert [total.delta for total in api.diff(ten, twenty).specs[0].totals if total.figure == "macs"] == [MACS * 10]


def test_a_summary_prints_the_table_of_the_layers_and_returns_it(
    net: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = cl.summary(net, width=100)
    assert capsys.readouterr().out == f"{shown}\n"
    lines = str(shown).splitlines()
    assert lines[0].strip() == "net"
    assert any(line.split()[:2] == ["lstm", "LSTM"] for line in lines)
    assert f"MACs ≥ {MACS}" in str(shown)
    monkeypatch.setattr(sys, "ps1", ">>> ", raising=False)
    cl.summary(cl.from_keras(net, sizes={"x": "10x4"}))
    assert capsys.readouterr().out == ""


def test_a_file_is_loaded_by_its_name(net: Any, tmp_path: Path) -> None:
    net.save(tmp_path / "kept.keras")
    model = cl.load(f"{tmp_path / 'kept.keras'}?x:1=10")
    assert model.count().totals.macs == MACS * 10
    (tmp_path / "kept.keras").rename(tmp_path / "kept")
    assert cl.load(f"{tmp_path / 'kept'}?x:1=10").count().name == "kept"


def test_only_a_word_that_somebody_wrote_names_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path that says python: is a path: of settings, of a folder or of a file of that name."""
    (tmp_path / "ran.py").write_text("raise SystemExit('code was run')")
    monkeypatch.chdir(tmp_path)
    said = "python:ran:make"
    assert word(said).code == "ran:make"
    with pytest.raises(UsageError, match="no such file"):
        models([Word(said, Path(said), named=False)], Asked())
    (tmp_path / said).write_text("name: one\ninput: [8, 8, 3]\nlayers: [{conv: {filters: 4, kernel: 3}}]\n")
    assert word(said).code == ""
    assert models([said], Asked())[0].macs == 3 * 3 * 3 * 4 * 8 * 8


def test_a_loop_of_a_saved_model_is_opened_and_its_open_sizes_are_told(tmp_path: Path) -> None:
    keras = frameworks.keras()
    given = keras.Input((10, 4), name="x")
    keras.Model(given, keras.layers.GRU(3, name="gru")(given), name="net").export(tmp_path / "saved", verbose=False)
    (found,) = models([str(tmp_path / "saved")], Asked())
    assert found.count.status["macs"] == "partial"
    assert not any("its body is not in the graph" in said for said in found.count.uncounted)
    remedy = "a SavedModel leaves the sizes within its loops open; count the model by its .keras or .h5 file"
    assert found.count.uncounted[-1] == remedy


def test_a_saved_model_is_counted_by_its_scopes(tmp_path: Path) -> None:
    keras = frameworks.keras()
    layers = keras.layers
    model = keras.Sequential(
        [keras.Input((9, 8, 4)), layers.Conv2D(5, 3, name="conv"), layers.BatchNormalization(), layers.Flatten(),
         layers.Dense(3, name="last")], name="net"
    )  # fmt: skip
    model.export(tmp_path / "saved", verbose=False)
    (found,) = models([str(tmp_path / "saved")], Asked())
    totals = found.count.totals
    assert (found.count.name, totals.macs) == ("saved", 3 * 3 * 4 * 5 * 7 * 6 + 7 * 6 * 5 * 3)
    assert (totals.params, totals.trainable) == (model.count_params(), model.count_params() - 2 * 5)
    assert found.count.status["macs"] == "complete"
    by_name = {row.name.partition("_")[0]: row.macs for row in found.count.rows}
    assert (by_name["conv"], by_name["last"]) == (7560, 630)
    (named,) = models([str(tmp_path / "saved" / "saved_model.pb")], Asked())
    assert named.count == found.count
    for searched in (str(tmp_path), f"{tmp_path}/*/*.pb"):
        with pytest.raises(UsageError, match="TensorFlow runs what initialises a SavedModel; name this one itself"):
            models([searched], Asked())
    (tmp_path / "saved" / "saved_model.pb").write_bytes(b"junk")
    with pytest.raises(UsageError, match="is no SavedModel with a serving function"):
        models([str(tmp_path / "saved")], Asked())
