"""An ONNX file is verified by a run of it: the sizes that its nodes had give the same MACs as its graph."""

from pathlib import Path
from typing import Any

import pytest
from onnx import TensorProto, helper, parser

from costlens.results.verification import Verified
from costlens.sources._source import Asked
from costlens.tasks._tools import Tools
from costlens.tasks.verify import verify
from tests.cases.onnx_cases import node, save, weight
from tests.fakes.command_line import Run

LOOP = """
    body (int64 i, bool c, float[1, 8] s) => (bool d, float[1, 8] o) {
        p = MatMul(s, w)
        o = Tanh(p)
        d = Identity(c)
    }"""


def product(path: Path) -> Path:
    return save(path, [node("MatMul", ["x", "w"], ["y"])], {"x": ["N", "T", 8]}, [weight("w", 8, 5)])


def checked(word: str, settings: dict[str, Any] | None = None, batch: int = 1) -> Verified:
    (found,) = verify([word], Asked(settings=settings or {}, batch=batch), tools=Tools())
    return found


def test_its_graph_and_a_run_agree(tmp_path: Path) -> None:
    found = checked(f"{product(tmp_path / 'm.onnx')}?T=7", batch=3)
    (line,) = found.spec.variants
    assert (line.verdict, line.macs, line.problem) == ("agrees", 3 * 7 * 40, "")
    macs, shapes, outputs = found.ledgers[0].entries
    assert macs.roads == (("its graph", 840), ("sizes of a run", 840))
    assert shapes.roads == (("rows compared", 1), ("equal", 1))  # its row is called as its operator
    assert outputs.roads == (("outputs", 1), ("finite", 1))


def test_nodes_of_a_loop_count_as_often_as_they_ran(tmp_path: Path) -> None:
    body = parser.parse_graph(LOOP)
    six = helper.make_tensor("n", TensorProto.INT64, [], [6])
    go = helper.make_tensor("go", TensorProto.BOOL, [], [True])
    nodes = [node("Loop", ["n", "go", "x"], ["y"], body=body, name="loop"), node("Tanh", ["y"], ["z"], name="tanh")]
    path = save(tmp_path / "m.onnx", nodes, {"x": [1, 8]}, [weight("w", 8, 8), six, go], outputs=["z"])
    (line,) = checked(str(path)).spec.variants
    assert (line.verdict, line.macs) == ("agrees", 6 * 64)


def test_a_count_that_a_run_does_not_bear_out_disagrees(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from costlens.bench import executed

    whole = executed.executed

    def half(*given: Any) -> Any:
        run = whole(*given)
        (one,) = run.nodes
        read = (("float", (1, 3, 8)), one.read[1])
        return type(run)((type(one)(one.name, one.original, read, (("float", (1, 3, 5)),), 1),), 2, ("y",))

    monkeypatch.setattr(executed, "executed", half)
    nodes = [node("MatMul", ["x", "w"], ["y"], name="p")]
    found = checked(str(save(tmp_path / "m.onnx", nodes, {"x": [1, 6, 8]}, [weight("w", 8, 5)])))
    (line,) = found.spec.variants
    assert line.verdict == "DISAGREES"
    assert line.problem == (
        "MACs: off by -120; output shapes: p: counted (1, 6, 5), ran (1, 3, 5); "
        "outputs of a run: not finite: y; made up: x float32 at random"
    )


def unknown(path: Path) -> Path:
    return save(path, [node("Frobnicate", ["x"], ["y"], domain="my.own")], {"x": [1, 8]})


# file, what is said of it
UNPROVEN = [
    (product, "the size of its axis T is not known; give it: "),
    (unknown, "m.onnx: onnxruntime cannot run it: "),
]


@pytest.mark.parametrize(("write", "said"), UNPROVEN)
def test_what_cannot_be_run_is_not_verified(write: Any, said: str, tmp_path: Path, run: Run) -> None:
    done = run("verify", str(write(tmp_path / "m.onnx")))
    assert done.returncode == 5
    assert said in " ".join(done.stderr.split())
    assert "m.onnx: " in done.stderr
    assert ": :" not in done.stderr
