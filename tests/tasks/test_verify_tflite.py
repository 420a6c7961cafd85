"""A TensorFlow Lite file is verified by a run of it: LiteRT's shapes give the same MACs as its graph."""

from pathlib import Path
from typing import Any

import pytest

from costlens.readers.tflite import read, read_executed
from costlens.results.verification import Verified
from costlens.sources._source import Asked
from costlens.tasks._tools import Tools
from costlens.tasks.verify import verify
from tests.cases.tflite_files import Graph, Op, T, ints, net, save, w, x
from tests.fakes.command_line import Run

CONV = Op("CONV_2D", ["x", "w", "b"], ["a"], {"padding": 1, "strideW": 1, "strideH": 1})
RELU = Op("RELU", ["a"], ["y"])
MACS = 108 * 36


def small(path: Path, *, free: bool = False) -> Path:
    given = x(1, 1, 8, 3, signature=(1, -1, 8, 3)) if free else x(1, 8, 8, 3)
    made = [T(name, (1, 6, 6, 4), signature=(1, -1, 6, 4) if free else None) for name in ("a", "y")]
    return net(path, [given, w("w", 4, 3, 3, 3), w("b", 4), *made], CONV, RELU)


def checked(word: str, **settings: Any) -> Verified:
    (found,) = verify([word], Asked(settings=settings), tools=Tools())
    return found


def test_its_graph_and_a_run_agree(tmp_path: Path) -> None:
    for word in (str(small(tmp_path / "m.tflite")), f"{small(tmp_path / 'f.tflite', free=True)}?x=1x8x8x3"):
        found = checked(word)
        (line,) = found.spec.variants
        assert (line.verdict, line.macs, line.problem) == ("agrees", MACS, "")
        macs, shapes, outputs = found.ledgers[0].entries
        assert macs.roads == (("its graph", MACS), ("sizes of a run", MACS))
        assert shapes.roads == (("rows compared", 2), ("equal", 2))
        assert outputs.roads == (("outputs", 1), ("finite", 1))


def test_a_count_that_a_run_does_not_bear_out_disagrees(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from costlens.bench import executed_tflite

    def half(*_: Any) -> Any:
        return executed_tflite.ExecutedTensors(((0, (1, 5, 8, 3)), (3, (1, 3, 6, 4)), (4, (1, 3, 6, 4))), 2, ("y",))

    monkeypatch.setattr(executed_tflite, "executed", half)
    (line,) = checked(str(small(tmp_path / "m.tflite"))).spec.variants
    assert line.verdict == "DISAGREES"
    assert line.problem == (
        f"MACs: off by {-MACS // 2:,}; output shapes: a: counted (1, 6, 6, 4), ran (1, 3, 6, 4); "
        "y: counted (1, 6, 6, 4), ran (1, 3, 6, 4); outputs of a run: not finite: y; made up: x at random"
    )


def test_no_rule_tells_the_shapes_of_a_run(tmp_path: Path) -> None:
    """A file that notes nothing of its tensors is counted by the run alone."""
    path = small(tmp_path / "m.tflite", free=True)
    assert read(path).status["macs"] == "partial"
    ran, inner = read_executed(path, {0: (1, 8, 8, 3), 3: (1, 6, 6, 4), 4: (1, 6, 6, 4)})
    assert (ran.totals.macs, ran.status["macs"], inner) == (MACS, "complete", 0)


def test_what_runs_in_a_sub_graph_is_said(tmp_path: Path) -> None:
    """LiteRT tells no sizes of sub-graphs: their MACs are those of rules, and that is said."""
    dense = Op("FULLY_CONNECTED", ["x", "w"], ["y"])
    inner = Graph(["x"], ["y"], [x(1, 4), w("w", 5, 4), T("y", (1, 5))], [dense])
    first = Op("FULLY_CONNECTED", ["x", "v"], ["a"])
    choice = Op("IF", ["c", "a"], ["y"], {"thenSubgraphIndex": 1, "elseSubgraphIndex": 1})
    tensors = [x(1, 4), w("v", 4, 4), T("a", (1, 4)), ints("c", 1, shape=(), dtype="BOOL"), T("y", (1, 5))]
    found = checked(str(save(tmp_path / "m.tflite", Graph(["x"], ["y"], tensors, [first, choice]), inner)))
    (macs, *_) = found.ledgers[0].entries
    assert (macs.roads[0], macs.agrees) == (("its graph", 16 + 20), True)
    assert macs.note == "20 of them in sub-graphs, whose sizes LiteRT does not tell"


# what is written, what is said
WRONG = [
    ("free.tflite", "the size of its axis x:1 is not known; give it: free.tflite?x:1=64"),
    ("custom.tflite", "cannot load the model"),
    ("cut.tflite", "cannot be read as a TensorFlow Lite file"),
    ("none.tflite", "no such file; name a TensorFlow Lite file that is there"),
]


@pytest.mark.parametrize(("word", "said"), WRONG)
def test_what_cannot_be_run_is_said_and_the_others_go_on(
    word: str, said: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    good = small(tmp_path / "good.tflite")
    small(tmp_path / "free.tflite", free=True)
    net(tmp_path / "custom.tflite", [x(1, 4), T("y", (1, 4))], Op("Mine", ["x"], ["y"]))
    (tmp_path / "cut.tflite").write_bytes(good.read_bytes()[:300])
    done = run("verify", word, "good.tflite")
    assert done.returncode in (2, 5)
    assert said in done.stderr
    assert "good.tflite                                        agrees" in done.stdout
    assert "Traceback" not in done.stderr
