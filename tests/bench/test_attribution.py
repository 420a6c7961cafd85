"""Time per layer without a runtime: what the profiler costs, what the lines add up to."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from costlens.bench import wire
from costlens.bench.attribution.calibration import calibrate, corrected, pooled
from costlens.bench.attribution.run import layer_times
from costlens.bench.attribution.summary import Named, keys, summarise
from costlens.bench.attribution.worker import ProfileJob, ProfileSamples, Turns, Weighed, measure, weigh
from costlens.errors import BenchError
from costlens.results.layer_times import LayerTime, LayerTimes, Rung, fold, ordered
from costlens.results.report import Report
from costlens.runtimes import Fingerprint, Options
from costlens.runtimes._onnxruntime_profile import profile_of, read_profile
from costlens.runtimes._profile import GraphNode, Kernel, Profile
from tests.cases.attribution_graphs import FREE_BATCH, SOURCE, kernels
from tests.places import ROOT

FINGERPRINT = Fingerprint("fake", "1", "build", "cpu", ("CPU",), "{}", 1, "all")
LADDER = tuple(Rung(n, 3.0 + 1.5 * n, 10.0 + 7.5 * n, 3.5 * n) for n in (4, 8, 16))
"""2 µs inside a kernel, 4 outside it, 3 for the call."""


def test_calibration_finds_what_the_ladder_was_made_of() -> None:
    found = calibrate(LADDER)
    assert (found.inside_us, found.outside_us, found.call_us) == pytest.approx((2.0, 4.0, 3.0))
    assert found.error_us == pytest.approx(0.0)
    bent = (*LADDER[:2], replace(LADDER[2], kernels_us=LADDER[2].kernels_us + 16))
    assert calibrate(bent).inside_us > 2.5
    assert calibrate(bent).error_us > 0.1


def test_a_disturbed_process_does_not_move_the_pooled_calibration() -> None:
    quiet = calibrate(LADDER)
    disturbed = calibrate([replace(rung, kernels_us=3 * rung.kernels_us) for rung in LADDER])
    assert pooled([quiet, disturbed, quiet]) == quiet


def test_correction_takes_off_what_profiling_adds_inside() -> None:
    by = calibrate(LADDER)
    assert corrected(10.0, by) == pytest.approx(8.0)
    assert corrected(1.5, by) == 0.0
    assert corrected(100.0, by, within=10) == pytest.approx(100 - 2 - 10 * 6)


def event(name: str, op: str, start: int, duration: int) -> dict[str, object]:
    return {"cat": "Node", "name": f"{name}_kernel_time", "ts": start, "dur": duration, "args": {"op_name": op}}


RUN = {"cat": "Session", "name": "model_run"}


def test_a_profile_is_sorted_into_runs_and_a_loops_body_is_in_the_loop() -> None:
    start = [{"cat": "Session", "name": "session_initialization", "ts": 0, "dur": 9}]
    first = [event("a", "Relu", 10, 3), event("in", "Add", 15, 2), event("in", "Add", 18, 2), event("l", "Loop", 14, 8)]
    second = [event("a", "Relu", 30, 4), event("l", "Loop", 35, 6), event("new", "Tanh", 42, 1)]
    found = profile_of([*start, *first, RUN, *second, RUN, event("cut", "Relu", 50, 1)])
    assert found.kernels == (Kernel("a", "Relu"), Kernel("l", "Loop"), Kernel("new", "Tanh"))
    assert found.runs_us == ((3.0, 8.0, 0.0), (4.0, 6.0, 1.0))
    assert found.within == (0.0, 1.0, 0.0)


def test_kernels_of_one_name_are_all_kept() -> None:
    first = [event("a", "Relu", 10, 3), event("a", "Relu", 14, 5), event("a", "Tanh", 20, 7)]
    second = [event("a", "Relu", 30, 4), event("a", "Relu", 35, 6), event("a", "Tanh", 42, 8)]
    found = profile_of([*first, RUN, *second, RUN])
    assert found.kernels == (Kernel("a", "Relu"), Kernel("a", "Relu"), Kernel("a", "Tanh"))
    assert found.runs_us == ((3.0, 5.0, 7.0), (4.0, 6.0, 8.0))


class FakeSession:
    """A session of two kernels on a clock of its own; profiling costs 2 µs inside each and 4 outside."""

    fingerprint = FINGERPRINT

    def __init__(self, clock: FakeClock, profiling: bool) -> None:
        self._clock, self._profiling, self._runs = clock, profiling, 0

    def run(self) -> None:
        self._runs += 1
        slow = 50_000 if self._runs % 10 == 0 else 0
        self._clock.now += 33_000 + slow + (12_000 if self._profiling else 0)

    def synchronize(self) -> None: ...

    def graphs(self) -> tuple[tuple[GraphNode, ...], tuple[GraphNode, ...]]:
        return FREE_BATCH[1:3], SOURCE

    def end(self) -> Profile:
        runs = tuple((12.0, 22.0 + (50 if run % 10 == 9 else 0)) for run in range(self._runs))
        return Profile(kernels(FREE_BATCH[1:3]), runs, (0.0, 0.0))


class FakeClock:
    """Nanoseconds that pass when a fake session runs."""

    now = 0

    def __call__(self) -> int:
        return self.now


def test_weighing_takes_turns_and_leaves_slow_runs_out() -> None:
    clock = FakeClock()
    found = weigh(FakeSession(clock, False), FakeSession(clock, True), 0.1, clock)
    assert (found.unprofiled_us, found.profiled_us) == pytest.approx((33.0, 45.0))
    assert found.kernels_us == pytest.approx((12.0, 22.0))
    assert found.rung == Rung(2, found.unprofiled_us, found.profiled_us, sum(found.kernels_us))


def test_warm_up_and_discards_are_not_kept() -> None:
    clock = FakeClock()
    turns = Turns(FakeSession(clock, False), clock)
    turns.call()
    turns.take(2, 4)
    assert len(turns.calls_ns) == 7
    assert set(turns.undisturbed()) < {3, 4, 5, 6}


def test_a_process_tells_what_it_found_as_json() -> None:
    job, clock = ProfileJob("fake", Options(threads=2), Path("m.onnx"), Path("scratch"), 0.05, graphs=True), FakeClock()
    assert wire.read(ProfileJob, json.loads(wire.write(job))) == job
    doing: list[object] = []
    profiler = SimpleNamespace(
        profiled=lambda *asked, graphs=False: FakeSession(clock, True), ladder=lambda folder: [folder / "rung.onnx"]
    )
    runtime = SimpleNamespace(
        start=lambda: None, load=lambda *asked: FakeSession(clock, False), profiler=lambda: profiler
    )
    found = measure(job, runtime, lambda message: doing.append(message["doing"]), clock)
    assert wire.read(ProfileSamples, json.loads(wire.write(found))) == found
    assert (found.optimised, found.source) == (FREE_BATCH[1:3], SOURCE)
    steps = ["measuring what the profiler costs", "loading m.onnx", "profiling m.onnx", "reading the graphs of m.onnx"]
    assert doing == steps


def samples(factor: float = 1.0, number: str = "") -> ProfileSamples:
    """A process that found kernels of 10, 20, 30 … µs without the profiler, numbered in its own way."""
    named = tuple(replace(one, name=one.name + number) if "Reorder" in one.op else one for one in FREE_BATCH)
    times = [10.0 * (place + 1) for place in range(len(named))]
    return ProfileSamples(
        fingerprint=FINGERPRINT,
        model=Weighed(
            unprofiled_us=factor * sum(times) + 3,
            profiled_us=factor * sum(times) + 10 + 6 * len(times),
            kernels=kernels(named),
            kernels_us=tuple(factor * us + 2 for us in times),
            within=(0.0,) * len(times),
            runs=100,
        ),
        ladder=LADDER,
        optimised=FREE_BATCH,
        source=SOURCE,
    )


LINES = tuple(
    LayerTime(row, kind, 0.0, 0.0, (), macs=macs, macs_share=macs / 1000, traffic_bytes=traffic)
    for row, kind, macs, traffic in (
        ("stem", "conv", 100, 400), ("block.conv", "conv", 500, 800), ("block.add", "add", 0, 600),
        ("last", "conv", 300, 500), ("flatten", "flatten", 0, 100), ("dense", "dense", 100, 500),
    )
)  # fmt: skip


def times(*found: ProfileSamples) -> LayerTimes:
    return summarise(Named("net", "Net", "as-written"), LINES, Options(), found or (samples(),))


def test_every_kernel_is_in_one_line_and_the_lines_are_the_latency() -> None:
    found = times()
    assert {line.row: line.microseconds for line in found.lines} == pytest.approx(
        {"stem": 20, "block.conv": 30, "block.add": 0, "last": 40, "flatten": 60, "dense": 70, "layout": 60, "other": 0}
    )
    assert sum(line.share for line in found.lines) == pytest.approx(1.0)
    assert found.kernels == len(FREE_BATCH)
    assert (found.sum_us, found.residual, found.coverage) == pytest.approx((283, 0.0, 1.0))
    assert found.raw_residual == pytest.approx((280 + 14) / 283 - 1)
    assert found.rows[1].fused == ("block.add",)
    assert found.rows[2].inside == "block.conv"
    assert found.rows[1].gmacs_per_s == pytest.approx(500 / 30e-6 / 1e9)
    assert found.rows[1].bytes_per_s == pytest.approx(800 / 30e-6)
    assert found.rows[1].macs_per_byte == pytest.approx(500 / 800)


RECORDED = sorted(path.parent.name for path in (ROOT / "reports").glob("*/report.json") if path.parent.name != "yamnet")
"""The README's first command measures yamnet again, on whatever machine it is run."""


@pytest.mark.parametrize("folder", RECORDED)
def test_layers_that_were_measured_add_up_and_none_beats_its_bound(folder: str) -> None:
    """Recorded on a quiet machine: what the profiler costs, the sums, and rows that take next to no time."""
    for found in Report.from_json((ROOT / "reports" / folder / "report.json").read_text(encoding="utf-8")).layer_times:
        by = found.calibration
        assert (by.inside_us, by.outside_us, by.call_us) == pytest.approx((2.0, 2.45, 2.7), rel=0.35)
        assert found.trustworthy
        assert found.coverage == 1.0
        assert [row.row for row in found.rows if row.beats_bound] == []
        assert [row.row for row in found.rows if row.of_bound is None and row.kernels and row.resolved] == []


def test_two_rows_of_one_name_are_refused() -> None:
    lines = (*LINES, LINES[0])
    with pytest.raises(BenchError, match=r"net: expected each of 7 kernels in one row, received 8; .* named 'stem'"):
        summarise(Named("net", "", ""), lines, Options(), [samples()])


def test_what_is_unknown_lowers_the_coverage_and_stays_in_the_sum() -> None:
    one = samples()
    strange = (Kernel("mystery", "Mystery"), *one.model.kernels[1:])
    found = times(replace(one, model=replace(one.model, kernels=strange)))
    assert [kernel.op for kernel in found.other.kernels] == ["Mystery"]
    assert (found.coverage, 1 - found.other.share) == pytest.approx((6 / 7, 270 / 280))
    assert found.residual == pytest.approx(0.0)


def test_processes_are_put_together_by_medians_and_numbers_of_inserted_kernels_do_not_matter() -> None:
    found = times(samples(1.0), samples(4.0, "_token_8"), samples(1.1, "_token_31"))
    assert found.processes == 3
    assert found.runs == 300
    assert found.rows[0].microseconds == pytest.approx(22)
    assert found.residual == pytest.approx(0.0)


def test_processes_that_ran_different_kernels_are_refused() -> None:
    one = samples()
    other = replace(one, model=replace(one.model, kernels=(Kernel("x", "Conv"), *one.model.kernels[1:])))
    with pytest.raises(BenchError, match="net: its processes ran different kernels"):
        times(one, other)


def test_equal_names_are_told_apart_by_their_order() -> None:
    twice = [Kernel("r_token_1", "R"), Kernel("a", "A"), Kernel("r", "R")]
    assert keys(twice) == [("r", "R", 1), ("a", "A", 1), ("r", "R", 2)]


def test_folding_keeps_all_sums() -> None:
    found = times()
    folded = fold(found, 1)
    assert [row.row for row in folded.rows] == ["stem", "block", "last", "flatten", "dense"]
    block = folded.rows[1]
    assert (block.kind, block.macs, block.traffic_bytes, block.fused) == ("2 layers", 500, 1400, ())
    assert folded.sum_us == pytest.approx(found.sum_us)
    assert folded.kernels == found.kernels
    assert fold(found, None) == found
    assert [row.row for row in fold(found, 2).rows] == [row.row for row in found.rows]


def test_a_block_is_bound_by_what_bounds_most_of_its_time() -> None:
    found = times()
    bounds = [(10.0, "compute"), (15.0, "compute"), (1.0, "memory"), (9.0, "memory"), (1.0, "memory"), (2.0, "memory")]
    rows = (replace(row, bound_us=us, limited_by=by) for row, (us, by) in zip(found.rows, bounds, strict=True))
    folded = fold(replace(found, rows=tuple(rows)), 1)
    assert (folded.rows[1].limited_by, folded.rows[1].of_bound) == ("compute", pytest.approx(0.5))
    assert folded.rows[0].of_bound == pytest.approx(0.5)


def test_sorting() -> None:
    found = times()
    assert [row.row for row in ordered(found, "time").rows][:2] == ["dense", "flatten"]
    assert [row.row for row in ordered(found, "macs").rows][:2] == ["block.conv", "last"]
    assert ordered(found, None) is found


def test_the_first_process_tells_of_the_graphs_and_progress_is_told(tmp_path: Path) -> None:
    model = tmp_path / "m.onnx"
    model.write_bytes(b"")
    jobs: list[ProfileJob] = []
    steps: list[tuple[int, int]] = []

    def launch(job: ProfileJob) -> ProfileSamples:
        jobs.append(job)
        return samples() if job.graphs else replace(samples(), optimised=(), source=())

    found = layer_times(
        Named("net", "Net", "x"), model, LINES, Options(),
        on_progress=lambda done, total, message: steps.append((done, total)), launch=launch,
    )  # fmt: skip
    assert [job.graphs for job in jobs] == [True, False, False]
    assert steps == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert found.coverage == 1.0


def test_what_a_process_wrote_goes_with_it_however_it_ends(tmp_path: Path) -> None:
    model = tmp_path / "m.onnx"
    model.write_bytes(b"")
    folders: list[Path] = []

    def launch(job: ProfileJob) -> ProfileSamples:
        folders.append(job.folder)
        (job.folder / "half.json").write_text("[")
        raise BenchError("the measuring process was ended by SIGKILL")

    with pytest.raises(BenchError, match="SIGKILL"):
        layer_times(Named("net", "Net", "x"), model, LINES, Options(), launch=launch)
    assert [folder.exists() for folder in folders] == [False]


def test_a_profile_that_is_cut_off_says_so(tmp_path: Path) -> None:
    path = tmp_path / "profile.json"
    path.write_text('[{"cat": "Node", "na')
    with pytest.raises(BenchError, match=r"profile\.json: the runtime's profile cannot be read: .*; free space"):
        read_profile(path)


def test_a_missing_model_is_named() -> None:
    with pytest.raises(BenchError, match="no such model file"):
        layer_times(Named("n", "", ""), Path("nix.onnx"), LINES, Options(), launch=lambda job: samples())
