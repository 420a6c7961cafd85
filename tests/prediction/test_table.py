"""The file of a machine's kernels: it grows, outlives what was cut off, and is refused elsewhere."""

import json
from pathlib import Path

import pytest

from costlens.errors import BenchError, UsageError
from costlens.prediction.table import Conditions, Table, Times, load, parse, place, store
from costlens.runtimes._operation import Operand, from_text, operation

ONE = operation("Relu", [Operand((1, 8))], [Operand((1, 8))])
TWO = operation("Gemm", [Operand((1, 8)), Operand((8, 4), stored=True)], [Operand((1, 4))], {"alpha": 1.0})
HERE = Conditions("0123456789abcdef", "a machine of ours", 2, 16, 3.5)


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COSTLENS_CACHE", str(tmp_path / "cache"))


def test_a_table_grows_and_is_read_again() -> None:
    store(Table(HERE), {ONE.text: Times(1.0, 2.0, 0.01, "2026-01-01T00:00Z")})
    store(Table(HERE), {TWO.text: Times(3.0, 4.0), ONE.text: Times(5.0, 6.0)})
    found = load(HERE.key)
    assert found is not None
    assert found.conditions == HERE
    assert found.find(ONE) == Times(5.0, 6.0)
    assert found.find(TWO) == Times(3.0, 4.0)
    assert [from_text(text) for text in found.times] == [ONE, TWO]


def test_conditions_of_an_earlier_version_are_read_without_what_is_unknown() -> None:
    path = store(Table(HERE), {ONE.text: Times(1.0, 2.0)})
    path.write_text(path.read_text().replace('"block":', '"nets": 8, "block":'))
    found = load(HERE.key)
    assert found is not None
    assert (found.conditions, found.find(ONE)) == (HERE, Times(1.0, 2.0))


def test_there_is_none_before_it_is_measured() -> None:
    assert load("another") is None


def test_what_is_missing_is_named_once_and_what_nobody_can_measure_not_at_all() -> None:
    unknown = operation("?.stft", [Operand((1, 8))], [Operand((1, 8))])
    table = Table(HERE, {ONE.text: Times(1.0, 1.0)})
    assert table.missing([ONE, TWO, TWO, unknown]) == (TWO,)


def test_a_line_that_was_cut_off_is_left_out() -> None:
    path = store(Table(HERE), {ONE.text: Times(1.0, 2.0), TWO.text: Times(3.0, 4.0)})
    path.write_text(path.read_text()[:-20])
    found = load(HERE.key)
    assert found is not None
    assert [from_text(text) for text in found.times] == [ONE]


def test_the_table_of_another_machine_is_refused() -> None:
    path = store(Table(HERE), {})
    path.rename(place("fedcba9876543210"))
    with pytest.raises(UsageError) as refused:
        load("fedcba9876543210", "a machine of yours")
    assert "expected the times of this machine, received those of a machine of ours" in str(refused.value)
    assert "this is a machine of yours; measure its kernels here: costlens machine --kernels SPEC" in str(refused.value)


@pytest.mark.parametrize(
    "text", ["", "not json", "[]", "{}", json.dumps({"schema": "costlens.kernels/9", "key": "k", "says": "s"})]
)
def test_what_is_no_table_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="line 1: expected a table of kernels"):
        parse(text)


def test_a_file_that_is_named_and_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such table of kernels"):
        load("k", path=tmp_path / "none.jsonl")


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(BenchError, match="the kernels cannot be kept there"):
        store(Table(HERE), {})
