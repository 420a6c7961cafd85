"""``--execute``: where only a run tells sizes, a run's are counted; where the graph tells them, the run must agree."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper

from costlens.errors import BenchError, UsageError, VerificationError
from costlens.results.counts import ModelCount
from costlens.sources._source import Asked
from costlens.sources.find import models
from tests.cases.onnx_cases import node, save, weight, written
from tests.fakes.command_line import Run


def counted(path: Path, **asked: Any) -> ModelCount:
    (model,) = models([str(path)], Asked(execute=True, **asked))
    return model.count


# title, graph, data, MACs, what a row of it writes
TOLD_BY_DATA = [
    ("rows that are not zero",
     "g (float[6] x) => (float y) <float[1, 4] w={1}> { n = NonZero(x) t = Transpose(n) f = Cast<to=1>(t) "
     "y = MatMul(f, w) }",
     {"x": [1, 0, 2, 3, 0, 0]}, 3 * 1 * 4, (3, 4)),
    ("boxes that are kept",
     "g (float[1, 3, 4] b, float[1, 1, 3] s) => (float y) <int64 m={9}, float[3, 5] w={1}, float t={0.5}> "
     "{ k = NonMaxSuppression(b, s, m, t) f = Cast<to=1>(k) y = MatMul(f, w) }",
     {"b": [[[0, 0, 1, 1], [0, 0, 1, 1], [5, 5, 6, 6]]], "s": [[[0.9, 0.8, 0.7]]]}, 2 * 3 * 5, (2, 5)),
    ("turns of a loop that a sum decides",
     "g (float[1, 4] x, float[3] n) => (float[1, 4] y) <float[4, 4] w={1}, int64[1] s={0}> "
     "{ r = ReduceSum<keepdims=0>(n) m = Cast<to=7>(r) y = Loop(m, , x) <body = b (int64 i, bool c, float[1, 4] s0) "
     "=> (bool d, float[1, 4] o) { d = Identity(c) o = MatMul(s0, w) }> }",
     {"x": [[1, 1, 1, 1]], "n": [1, 2, 2]}, 5 * 16, None),
    ("a branch that a number decides, the smaller",
     "g (float[1, 4] x) => (float y) <float[4, 4] w={1}, float[4, 1] v={1}, float z={0}, int64[1] a={0}> "
     "{ r = ReduceSum<keepdims=0>(x) c = Greater(r, z) y = If(c) "
     "<then_branch = t () => (float q) { q = MatMul(x, w) }, else_branch = e () => (float p) { p = MatMul(x, v) }> }",
     {"x": [[-1, -1, -1, -1]]}, 4, None),
    ("a growing state",
     "g (float[1, 4] x, float[3] n) => (float y) <float[4, 4] w={1}> "
     "{ r = ReduceSum<keepdims=0>(n) m = Cast<to=7>(r) y = Loop(m, , x) <body = b (int64 i, bool c, float[k, 4] s0) "
     "=> (bool d, float[l, 4] o) { d = Identity(c) p = MatMul(s0, w) o = Concat<axis=0>(p, s0) }> }",
     {"x": [[1, 1, 1, 1]], "n": [1, 1, 1]}, (1 + 2 + 4) * 16, None),
]  # fmt: skip


@pytest.mark.parametrize(("title", "text", "data", "macs", "wrote"), TOLD_BY_DATA, ids=[one[0] for one in TOLD_BY_DATA])
def test_what_data_decide_is_counted_of_a_run(
    title: str, text: str, data: dict[str, Any], macs: int, wrote: Any, tmp_path: Path
) -> None:
    path = written(text, tmp_path / "m.onnx")
    held = tmp_path / "x.npz"
    np.savez(held, **{name: np.array(numbers, np.float32) for name, numbers in data.items()})
    (before,) = models([str(path)], Asked(data=held))
    assert before.count.status["macs"] == "partial" or before.count.totals.macs != macs
    found = counted(path, data=held)
    assert (found.totals.macs, found.status["macs"], found.formulas) == (macs, "complete", {})
    assert found.notes[-1].startswith("counted by one run of ")
    assert found.notes[-1].endswith(f": what data decide is that of this run; inputs of {held}")
    if wrote:
        assert found.rows[-1].output == wrote
        assert found.totals.peak_activation_bytes is not None


def test_what_the_graph_tells_a_run_must_agree_with(tmp_path: Path) -> None:
    path = save(tmp_path / "m.onnx", [node("MatMul", ["x", "w"], ["y"])], {"x": [3, 8]}, [weight("w", 8, 5)])
    (before,) = models([str(path)], Asked())
    found = counted(path)
    assert (found.rows, found.totals) == (before.count.rows, before.count.totals)
    assert found.notes[-1] == "a run of 1 nodes agrees; made up: x float32 at random"


def test_a_size_that_a_run_does_not_bear_out_is_an_error_that_names_its_node(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from costlens.bench import executed

    whole = executed.executed

    def shorter(*given: Any) -> Any:
        run = whole(*given)
        (one,) = run.nodes
        return type(run)((type(one)(one.name, one.original, one.read, (("float", (2, 5)),), 1),), 1, ())

    monkeypatch.setattr(executed, "executed", shorter)
    nodes = [node("MatMul", ["x", "w"], ["y"], name="head")]
    path = save(tmp_path / "m.onnx", nodes, {"x": [3, 8]}, [weight("w", 8, 5)])
    said = r"m\.onnx: head: MatMul writes y of shape \(3, 5\) by its graph and \(2, 5\) in a run"
    with pytest.raises(VerificationError, match=said):
        counted(path)


def test_a_free_axis_and_a_file_that_cannot_run_are_said(tmp_path: Path) -> None:
    path = save(tmp_path / "m.onnx", [node("MatMul", ["x", "w"], ["y"])], {"x": ["N", "T", 8]}, [weight("w", 8, 5)])
    with pytest.raises(UsageError, match=r"m\.onnx: the size of its axis T is not known; give it: --dim T=64"):
        counted(path)
    assert counted(path, settings={"T": "4"}).totals.macs == 4 * 40
    save(path, [node("Frobnicate", ["x"], ["y"], domain="my.own")], {"x": [1, 8]})
    with pytest.raises(BenchError, match=r"--execute .*m\.onnx: onnxruntime cannot run it: "):
        counted(path)


def test_a_length_that_is_made_up_is_counted_and_said(tmp_path: Path, run: Run) -> None:
    text = (
        "g (float[1, 20, 8] x, int64 l) => (float y) <int64[1] nil={0}, int64[1] one={1}, float[8, 4] w={1}> "
        "{ u = Unsqueeze(l, nil) c = Slice(x, nil, u, one) y = MatMul(c, w) }"
    )
    path = written(text, tmp_path / "m.onnx")
    done = run("count", "--execute", "--strict", str(path))
    told = " ".join(done.stdout.split())
    assert (done.returncode, "made up: x float32 at random, l = 20 (as Slice asks)" in told) == (0, True)
    assert counted(path).totals.macs == 20 * 32
    np.savez(tmp_path / "d.npz", x=np.zeros((1, 20, 8), np.float32), l=np.array(7))
    assert counted(path, data=tmp_path / "d.npz").totals.macs == 7 * 32
    assert run("verify", str(path)).returncode == 0


def test_it_is_for_onnx_files(run: Run) -> None:
    done = run("count", "--execute", "specs/yamnet.yaml")
    assert (done.returncode, "--execute is for ONNX files, and none is named" in done.stderr) == (2, True)


def test_a_run_that_takes_too_much_memory_ends_and_is_said(tmp_path: Path) -> None:
    nodes = [node("Expand", ["x", "s"], ["y"])]
    sizes = helper.make_tensor("s", TensorProto.INT64, [3], [1 << 14, 1 << 14, 1 << 12])
    path = save(tmp_path / "m.onnx", nodes, {"x": [1]}, [sizes])
    with pytest.raises(BenchError, match=r"memory|alloc"):
        counted(path)
