"""Keras models exported as they are: the file counts what the layers count, and computes what Keras computes."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from costlens import frameworks
from costlens.analysis import ledger
from costlens.errors import ExportError
from costlens.export import keras_file
from costlens.export.keras_file import export_keras
from costlens.readers.keras import read
from costlens.results.facts import ExportFacts
from tests.cases.keras_layers import FAMILIES, built

WHOLE = (
    "EinsumDense", "Conv1D causal, dilated, grouped", "Conv2D grouped", "Conv3D", "DepthwiseConv2D dilated",
    "SeparableConv2D", "Conv2DTranspose", "Attention", "TimeDistributed", "Normalization", "SpectralNormalization",
    "shared", "nested", "subclassed",
)  # fmt: skip
LOOPS = ("LSTM", "MultiHeadAttention, cross")
"""Families whose file the reader may not count whole; their outputs are compared all the same."""


def exported(name: str, path: Path, **given: Any) -> tuple[Any, ExportFacts]:
    model = built(frameworks.keras(), FAMILIES[name])
    return model, export_keras(model, path, **{"name": "family", "sizes": {}, "batch": 1, "seed": 0, **given})


@pytest.mark.parametrize("name", [*WHOLE, *LOOPS])
def test_the_file_multiplies_and_computes_what_the_layers_do(name: str, tmp_path: Path) -> None:
    model, facts = exported(name, tmp_path / "model.onnx")
    count = read(model)
    found = ledger.of_layers(count, facts)
    macs, *outputs = found.entries
    assert outputs
    assert all(entry.agrees for entry in outputs), outputs
    if name in WHOLE:
        assert found.ok, found
        assert facts.onnx.totals.macs == FAMILIES[name].macs
        by_row: Counter[str] = Counter()
        for node in facts.onnx.rows:
            by_row[node.name.partition("/")[0]] += node.macs or 0
        assert +by_row == {row.name: row.macs for row in count.rows if row.macs}
    else:
        assert macs.agrees or "was not counted whole" in macs.note


def test_a_file_is_of_the_batch_that_is_asked_for(tmp_path: Path) -> None:
    model, facts = exported("Conv2D", tmp_path / "model.onnx", batch=3)
    assert (facts.onnx.batch, facts.onnx.totals.macs) == (3, 3 * FAMILIES["Conv2D"].macs)
    assert ledger.of_layers(read(model, batch=3), facts).ok


def test_a_file_that_breaks_the_rules_of_onnx_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the remedy for grouped convolutions tf2onnx leaves a call that no node answers, and says nothing."""
    from contextlib import nullcontext

    monkeypatch.setattr(keras_file, "_without_xla", nullcontext)
    with pytest.raises(ExportError, match="family: tf2onnx wrote a file that is not valid ONNX"):
        exported("Conv2D grouped", tmp_path / "model.onnx")


def test_a_wrong_file_disagrees(tmp_path: Path) -> None:
    _, facts = exported("Dense", tmp_path / "model.onnx")
    other = read(built(frameworks.keras(), FAMILIES["EinsumDense"]))
    (macs, output) = ledger.of_layers(other, facts).entries
    assert (macs.agrees, output.agrees) == (False, True)
    assert "dense" in macs.note


def test_an_axis_needs_a_size(tmp_path: Path) -> None:
    keras = frameworks.keras()
    given = keras.Input((None, 4), name="x")
    model = keras.Model(given, keras.layers.Dense(3)(given), name="net")
    path = tmp_path / "model.onnx"
    with pytest.raises(ExportError, match=r"net: x:1 has no size, and a file needs one: name \?x:1=100"):
        export_keras(model, path, name="net", sizes={}, batch=1, seed=0)
    assert export_keras(model, path, name="net", sizes={"x:1": (5,)}, batch=1, seed=0).onnx.totals.macs == 4 * 3 * 5
