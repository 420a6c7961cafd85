"""``--input-data x.npz``: real inputs fix the free axes and are run; what does not fit is said with a remedy."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from costlens.errors import UsageError
from costlens.runtimes import Input
from costlens.sources._source import Asked
from costlens.sources.find import models
from costlens.tasks._timing import inputs_of
from tests.cases.onnx_cases import node, save, weight
from tests.fakes.command_line import Run


@pytest.fixture
def asr(tmp_path: Path) -> Path:
    nodes = [node("MatMul", ["x", "w"], ["a"]), node("Add", ["a", "z"], ["y"])]
    return save(tmp_path / "asr.onnx", nodes, {"x": ["N", "time", 8], "z": ["N", "time", 5]}, [weight("w", 8, 5)])


def held(folder: Path, **arrays: Any) -> Path:
    path = folder / "x.npz"
    np.savez(path, **arrays)
    return path


def f(*shape: int) -> Any:
    return np.zeros(shape, np.float32)


def test_shapes_fix_the_free_axes(asr: Path, tmp_path: Path) -> None:
    data = held(tmp_path, x=f(2, 30, 8), z=f(2, 30, 5))
    (model,) = models([str(asr)], Asked(data=data))
    assert (model.count.totals.macs, model.count.batch) == (2 * 30 * 40, 2)
    assert inputs_of(model) == {"x": Input((2, 30, 8), file=data), "z": Input((2, 30, 5), file=data)}


# arrays, what is said
WRONG = [
    ({"x": f(1, 3, 8)}, r"x\.npz: has no z, which .*asr\.onnx takes; it has x"),
    ({"x": f(1, 3, 8), "z": f(1, 3, 5), "foo": f(1)}, r"x\.npz: .*asr\.onnx has no input foo; it takes x, z"),
    ({"x": np.zeros((1, 3, 8)), "z": f(1, 3, 5)}, r"x is of type float64, .* takes float32; save x\.astype\('float"),
    ({"x": f(1, 3), "z": f(1, 3, 5)}, r"x has shape 1×3, .* takes N×time×8; give it 3 axes"),
    ({"x": f(1, 3, 9), "z": f(1, 3, 5)}, r"x has shape 1×3×9, .* takes N×time×8; axis 2 must be 8"),
    ({"x": f(1, 3, 8), "z": f(1, 4, 5)}, r"takes N×time×5; time is 4 here and 3 in x, and must be one size"),
    ({"x": f(1, 0, 8), "z": f(1, 0, 5)}, r"x is empty, of shape 1×0×8; give at least one"),
]


@pytest.mark.parametrize(("arrays", "said"), WRONG)
def test_what_does_not_fit_is_said(arrays: dict[str, Any], said: str, asr: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=said):
        models([str(asr)], Asked(data=held(tmp_path, **arrays)))


def test_files_that_cannot_be_read(asr: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--input-data none\.npz: no such file; write one with numpy\.savez"):
        models([str(asr)], Asked(data=Path("none.npz")))
    (tmp_path / "bad.npz").write_bytes(b"no zip")
    with pytest.raises(UsageError, match=r"bad\.npz: cannot be read as an \.npz file: .*; write one"):
        models([str(asr)], Asked(data=tmp_path / "bad.npz"))
    with pytest.raises(UsageError, match=r"time is given a size, and .*x\.npz has one; leave one of the two out"):
        models([f"{asr}?time=3"], Asked(data=held(tmp_path, x=f(1, 3, 8), z=f(1, 3, 5))))


@pytest.mark.parametrize("words", [
    ("count",), ("count", "--execute"), ("verify",), ("bench", "--quick", "--time-budget", "5s", "--batch", "2"),
    ("compare", "--bench", "--quick", "--time-budget", "5s", "--batch", "2"),
    ("profile", "--processes", "1"),
])  # fmt: skip
def test_commands_that_take_it(words: tuple[str, ...], asr: Path, tmp_path: Path, run: Run) -> None:
    data = held(tmp_path, x=f(2, 30, 8), z=f(2, 30, 5))
    done = run(*words, str(asr), "--input-data", str(data))
    assert done.returncode in (0, 7), done.stderr
    if words != ("count",):
        assert "inputs of " in " ".join(done.stdout.split())
