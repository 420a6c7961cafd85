"""Model files in Python: what a run tells, on inputs that are made up, in a file, or arrays."""

import sys
from pathlib import Path

import numpy as np
import pytest

import costlens as cl
from tests.cases.onnx_cases import node, save, weight, written
from tests.fakes.command_line import Run
from tests.fakes.git_repository import commit, git

NOT_ZERO = (
    "g (float[6] x) => (float y) <float[1, {width}] w={{1}}> {{ n = NonZero(x) t = Transpose(n) f = Cast<to=1>(t) "
    "y = MatMul(f, w) }}"
)
"""As many rows as its input has numbers that are not zero."""
DATA = {"x": np.array([1, 0, 2, 3, 0, 0], np.float32)}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, width in (("four", 4), ("five", 5)):
        written(NOT_ZERO.format(width=width), tmp_path / f"{name}.onnx")
    np.savez("x.npz", **DATA)  # type: ignore[arg-type]
    return tmp_path


def test_a_run_is_counted_on_arrays_or_a_file(here: Path) -> None:
    assert cl.count("four.onnx").status["macs"] == "partial"
    of_arrays, of_file, of_model = (
        cl.count("four.onnx", execute=True, input_data=DATA),
        cl.count("four.onnx", execute=True, input_data="x.npz"),
        cl.load("four.onnx").count(execute=True, input_data=Path("x.npz")),
    )
    assert [each.totals.macs for each in (of_arrays, of_file, of_model)] == [3 * 4] * 3


def test_two_files_are_compared_and_diffed_by_runs(here: Path, run: Run) -> None:
    compared = cl.compare("four.onnx", "five.onnx", execute=True, input_data=DATA)
    assert [one.figures.macs for one in compared.models] == [12, 15]
    found = cl.diff("four.onnx", "five.onnx", execute=True, input_data="x.npz")
    (macs,) = (total for total in found.specs[0].totals if total.figure == "macs")
    assert (macs.base, macs.head, macs.sure) == (12, 15, True)
    done = run("diff", "four.onnx", "five.onnx", "--execute", "--input-data", "x.npz", "--format", "json")
    assert done.stdout == found.render("json")


def test_a_spec_beside_a_file_is_not_run(here: Path) -> None:
    (here / "net.yaml").write_text("name: net\ninput: [6]\nlayers: [dense: 4]\n", encoding="utf-8")
    found = cl.diff("net.yaml", "four.onnx", execute=True, input_data=DATA)
    assert [(t.base, t.head) for t in found.specs[0].totals if t.figure == "macs"] == [(24, 12)]


def test_arrays_that_do_not_fit_are_named(here: Path) -> None:
    with pytest.raises(cl.CostlensError, match=r"has no x, which four\.onnx takes; it has y"):
        cl.count("four.onnx", execute=True, input_data={"y": DATA["x"]})


def test_files_that_differ_from_a_revision_are_run(here: Path) -> None:
    git(here, "init", "-q", "-b", "main")
    commit(here, {"net.yaml": "name: net\ninput: [6]\nlayers: [dense: 4]\n"})
    written(NOT_ZERO.format(width=7), here / "four.onnx")
    (here / "net.yaml").write_text("name: net\ninput: [6]\nlayers: [dense: 5]\n", encoding="utf-8")
    found = cl.diff(".", base="main", execute=True, input_data=DATA)
    macs = {spec.path: (t.base, t.head) for spec in found.specs for t in spec.totals if t.figure == "macs"}
    assert macs == {"four.onnx": (12, 21), "net.yaml": (24, 30)}


def test_onnx_of_this_process_is_verified_by_a_run(here: Path) -> None:
    import onnx

    save(here / "m.onnx", [node("MatMul", ["x", "w"], ["y"])], {"x": [3, 8]}, [weight("w", 8, 5)])
    model = cl.from_onnx(onnx.load("m.onnx"), name="m")
    assert model.count(execute=True).totals.macs == 3 * 8 * 5
    assert cl.verify(model).failures == []


def test_arrays_without_numpy_say_what_to_install(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(cl.CostlensError, match="numpy is not installed; install it with: pip install"):
        cl.count("four.onnx", input_data=DATA)
