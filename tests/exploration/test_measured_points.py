"""Points that are measured: which, what becomes of one that fails, what a run that stopped keeps, and a real one."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

import costlens as cl
from costlens.bench.protocol import Protocol
from costlens.errors import BenchError, ExportError, MachineTooNoisy, RuntimeUnavailable, UsageError, VerificationError
from costlens.formats.pages.exploration import page
from costlens.prediction import Conditions, Table, Times
from costlens.prediction.kernels import kernels
from costlens.results.exploration import Exploration, FrontAxis
from costlens.results.point_times import PointTime
from costlens.storage import contents
from costlens.storage.files import DAY_S
from costlens.tasks import _kernels
from costlens.tasks._tools import Tools
from costlens.tasks.exploration.pool import Here
from costlens.tasks.explore import Wish, explore
from costlens.tasks.measure_points import MOST, measured, to_time, wanted
from tests.cases.family import family
from tests.cases.results import printed
from tests.fakes.command_line import Run
from tests.fakes.fake_tools import Workshop

SPEC = (
    "name: x\nknobs: {width: 8, n: 16}\ninput: [n, n, 3]\n"
    "layers: [{conv: {name: a, filters: width, kernel: 3}}, {conv: {name: b, filters: 8, kernel: 3}}]\n"
)
WIDTHS = (4, 8, 12, 16)
PLAN = Protocol(device="cpu")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COSTLENS_CACHE", str(tmp_path / "cache"))
    (tmp_path / "x.yaml").write_text(SPEC, encoding="utf-8")
    return tmp_path


@pytest.fixture
def bench(tmp_path: Path) -> Workshop:
    """A call takes a microsecond for each filter; that of the network as written eight."""
    call_ms = {"as written": 8e-3, **{f"point {place}": width / 1e3 for place, width in enumerate(WIDTHS, 1)}}
    return Workshop(tmp_path, call_ms=call_ms)


def found(front: str = "macs,width:max") -> Exploration:
    wish = Wish(set=[f"width={','.join(map(str, WIDTHS))}"], front=front.split(","))
    return explore("x.yaml", wish, tools=Tools(), executor=Here())


def timed(bench: Workshop, asked: str = "front", notes: list[str] | None = None) -> tuple[PointTime, ...]:
    note = str if notes is None else notes.append
    made = measured("x.yaml", found(), wanted(asked), PLAN, tools=bench.tools(note=note))
    assert made.times
    return made.times.points


@pytest.mark.parametrize(("asked", "front", "chosen"), [
    ("front", 5, [1, 2, 3, 4, 5]),
    ("3", 5, [1, 3, 5]),
    ("1", 5, [1]),
    ("front,7", 5, [1, 2, 3, 4, 5, 6, 7]),
    ("front,3", 5, [1, 2, 3, 4, 5]),
    ("99", 5, [*range(1, 10)]),
])  # fmt: skip
def test_a_number_of_points_is_spread_over_the_front_and_goes_on_behind_it(
    asked: str, front: int, chosen: list[int]
) -> None:
    """Of nine points those after the front are each beaten by the one before, and none is on two fronts at once."""
    made = family(9, front)
    params = [50 - place if place < front else 50 + place for place in range(9)]
    points = tuple(
        replace(point, totals=replace(point.totals, params=each)) if point.totals else point
        for point, each in zip(made.points, params, strict=True)
    )
    assert to_time(replace(made, points=points), wanted(asked)) == chosen


def test_points_that_are_equal_or_miss_a_constraint_are_not_timed() -> None:
    made = family(4, 2)
    equal, missed = replace(made.points[1], same_as=1), replace(made.points[2], holds=False)
    assert to_time(replace(made, points=(made.points[0], equal, missed, made.points[3])), wanted("9")) == [1, 4]


def test_a_front_of_too_many_points_is_refused() -> None:
    with pytest.raises(UsageError, match=f"300 points are on the front, and one run times {MOST} at most"):
        to_time(family(300, 300), wanted("front"))
    more_is_better = replace(family(5), front_of=(FrontAxis("width", larger=True),))
    assert to_time(more_is_better, wanted("1")) == [5]


@pytest.mark.parametrize("asked", ["fron", "0", "", "front,", "1.5", "-3", f"{MOST + 1}"])
def test_what_is_no_number_of_points_is_refused(asked: str) -> None:
    with pytest.raises(UsageError, match="expected front, a number of points up to 200, or both, such as front,20"):
        wanted(asked)


def test_each_point_is_timed_beside_the_network_as_written(bench: Workshop) -> None:
    points = timed(bench)
    assert [[*files] for files in bench.timed] == [
        ["as written", "point 1"], ["point 2"], ["as written", "point 3"], ["as written", "point 4"],
    ]  # fmt: skip
    assert [one.measured_ms for one in points] == pytest.approx([width / 1e3 for width in WIDTHS])
    assert [one.ratio and round(one.ratio[0], 3) for one in points] == [0.5, None, 1.5, 2.0]
    assert [one.verdict for one in points] == ["faster", None, "slower", "slower"]
    assert {one.written_ms for one in points} == {8e-3}
    assert all("time them first: costlens machine --kernels x.yaml" in one.unpredicted for one in points)


def test_what_was_predicted_stands_beside_what_was_measured(bench: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    graphs = [cl.load("x.yaml", width=width).graph for width in WIDTHS]
    operations = {one.operation.text for graph in graphs for one in kernels(graph, block=8)}
    times = dict.fromkeys(operations, Times(3.0, 3.0, 0.01))
    table = Table(Conditions("0123456789abcdef", "a machine", call_us=1.0, block=8), times)
    monkeypatch.setattr(_kernels, "known", lambda threads: table)
    for one in timed(bench):
        assert one.predicted
        assert one.off == pytest.approx(one.predicted.milliseconds / (one.measured_ms or 0) - 1)
        assert (one.within == "within") == (one.predicted.low <= (one.measured_ms or 0) <= one.predicted.high)


def test_a_run_that_stopped_goes_on_and_times_no_point_twice(bench: Workshop, here: Path) -> None:
    def observe(stage: str, done: int, total: int, message: str) -> None:
        if (stage, done) == ("points", 2):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        measured("x.yaml", found(), wanted("front"), PLAN, tools=replace(bench.tools(), observe=observe))
    notes: list[str] = []
    points = timed(bench, notes=notes)
    assert len(bench.timed) == len(points) == 4
    assert notes == ["2 of 4 points were timed within the last day; their times are used again"]
    assert [one.point for one in points] == [1, 2, 3, 4]
    assert {item.sort for item in contents.items() if item.path.name == "times"} == {"times"}
    for path in (here / "cache" / "times").iterdir():
        os.utime(path, (path.stat().st_mtime - DAY_S - 1,) * 2)
    assert len(timed(bench)) == len(bench.timed) - 4 == 4
    assert len([*(here / "cache" / "times").iterdir()]) == 4


def test_a_point_that_fails_keeps_its_reason_and_the_others_are_timed(bench: Workshop) -> None:
    bench.fails = {"point-1": ExportError("too large for a file"), "point-3": ValueError("surprise")}
    bench.wrong = frozenset({"point-4"})
    made = measured("x.yaml", found(), wanted("front"), PLAN, tools=bench.tools())
    assert made.times
    one, two, three, four = made.times.points
    assert (one.problem, two.problem, four.disagrees) == ("too large for a file", "", True)
    assert three.problem.startswith("ValueError: surprise")
    assert [type(each) for each in made.failures] == [VerificationError, BenchError]
    text = printed(page(made), 80)
    assert "Not timed: point 1: too large for a file" in text
    assert "baseline" in text


def test_without_the_network_as_written_a_point_is_timed_alone(bench: Workshop) -> None:
    bench.fails = {"as-written": ExportError("too large for a file")}
    points = timed(bench)
    assert [[*files] for files in bench.timed] == [["point 1"], ["point 2"], ["point 3"], ["point 4"]]
    assert [(one.ratio, one.problem) for one in points] == [(None, "")] * 4


def test_times_of_a_noisy_machine_are_told_and_not_kept(bench: Workshop) -> None:
    bench.factor = lambda process, label: 1.2 if "copy" in label else 1.0
    made = measured("x.yaml", found(), wanted("2"), PLAN, tools=bench.tools())
    assert made.times
    if all(one.noisy for one in made.times.points):
        assert [type(each) for each in made.failures] == [MachineTooNoisy]
        assert len(bench.timed) == 2
        measured("x.yaml", found(), wanted("2"), PLAN, tools=bench.tools())
        assert len(bench.timed) == 4
    else:
        pytest.fail(f"the copy is called otherwise: {bench.reports[0].control}")


def test_a_spec_that_was_changed_meanwhile_is_not_timed(bench: Workshop, here: Path) -> None:
    made = found()
    (here / "x.yaml").write_text(SPEC.replace("kernel: 3", "kernel: 5"), encoding="utf-8")
    again = measured("x.yaml", made, wanted("1"), PLAN, tools=bench.tools())
    assert again.times
    assert "it was changed meanwhile; explore again" in again.times.points[0].problem
    assert bench.timed == []


def test_what_is_missing_for_all_ends_the_run(bench: Workshop) -> None:
    bench.fails = {"x": RuntimeUnavailable("TensorFlow is not installed")}
    with pytest.raises(RuntimeUnavailable):
        timed(bench)


@pytest.mark.parametrize(("options", "message"), [
    (("--measure", "frnt"), '(did you mean "front"?)'),
    (("--quick",), "nothing is timed; add --measure front, or leave it out"),
    (("--x", "latency_ms"), "--x latency_ms: nothing is timed; add --measure front"),
    (("--x", "mac"), '--x mac: no such figure, and no knob of --set (did you mean "macs"?)'),
    (("--y", "macs", "--x", "macs"), "--y macs: is to the right already"),
    (("--measure", "1", "--runtime", "none"), "none"),
])  # fmt: skip
def test_wrong_options_are_refused_before_anything_is_counted(
    run: Run, here: Path, options: tuple[str, ...], message: str
) -> None:
    done = run("explore", "x.yaml", "--set", "width=4,8", *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert not (here / "cache").exists()


@pytest.mark.tensorflow
@pytest.mark.measures
@pytest.mark.process
def test_points_are_built_proven_and_timed_in_truth(run: Run, here: Path) -> None:
    words = ("explore", "x.yaml", "--set", "width=4,8", "--measure", "2", "--quick", "--device", "cpu", "-o", "out")
    done = run(*words)
    assert done.returncode in (0, 7), done.stderr  # 7: other work made the machine too noisy
    made = Exploration.from_json((here / "out" / "explore.json").read_text(encoding="utf-8"))
    assert made.times
    assert len(made.times.points) == 2
    for one in made.times.points:
        assert one.measured_ms and one.interval_ms  # noqa: PT018
        assert one.interval_ms[0] <= one.measured_ms <= one.interval_ms[1]
        assert one.processes == 3
    assert sorted(path.name for path in (here / "out").iterdir()) == [
        "explore.html", "explore.json", "explore.md", "front.svg", "points.csv", "points.parquet",
    ]  # fmt: skip
    assert "front.svg" in (here / "out" / "explore.md").read_text(encoding="utf-8")


def test_a_function_times_as_its_command_does() -> None:
    with pytest.raises(UsageError, match=r'nothing is timed; add measure="front", or leave it out'):
        cl.explore("x.yaml", knobs={"width": [4, 8]}, quick=True)
    with pytest.raises(UsageError, match="expected front, a number of points"):
        cl.explore("x.yaml", knobs={"width": [4, 8]}, measure="most")
