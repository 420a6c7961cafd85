"""Verdicts: what an interval says, looks at 10, 20 and 30 processes, the A/A control, and models that fail."""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costlens.bench.process import ProcessFailed
from costlens.bench.protocol import Protocol
from costlens.bench.statistics import Estimate
from costlens.bench.verdict import judge, resolution, too_noisy
from costlens.bench.worker import Job
from costlens.errors import BenchError, MachineTooNoisy, UsageError
from costlens.results.latency import LatencyReport
from costlens.results.verdict import conclusion
from tests.fakes.fake_bench import FEW_CALLS, Conductor

CONFIDENCE = Protocol().confidence
plan = partial(Protocol, **FEW_CALLS)
pytestmark = pytest.mark.usefixtures("nothing_of_other_tests_is_collected")


def estimate(value: float, low: float, high: float, confidence: float = 0.986) -> Estimate:
    return Estimate(value, low, high, confidence)


# ratio with its interval, threshold, verdict, words of the reason
VERDICTS = [
    (estimate(1.10, 1.05, 1.15), 0.03, "slower", ""),
    (estimate(0.10, 0.09, 0.11), 0.03, "faster", ""),
    (estimate(1.031, 1.001, 1.05), 0.03, "slower", ""),
    (estimate(1.029, 1.001, 1.05), 0.03, "inconclusive", "real, but not above 3 %"),
    (estimate(0.972, 0.94, 0.999), 0.03, "inconclusive", "real, but not above 3 %"),
    (estimate(0.970, 0.94, 0.999), 0.03, "faster", ""),
    (estimate(1.10, 0.99, 1.20), 0.03, "inconclusive", "holds 1 and more than ±2 %"),
    (estimate(1.001, 0.985, 1.019), 0.03, "equivalent", ""),
    (estimate(1.015, 1.011, 1.019), 0.03, "equivalent", ""),
    (estimate(1.001, 0.985, 1.021), 0.03, "inconclusive", "holds 1 and more than ±2 %"),
    (estimate(0.999, 0.979, 1.01), 0.03, "inconclusive", "holds 1 and more than ±2 %"),
    (estimate(1.015, 1.011, 1.019), 0.01, "slower", ""),
    (estimate(1.001, 0.995, 1.015), 0.01, "inconclusive", "holds 1 and more than ±1 %"),
    (estimate(1.001, 0.995, 1.009), 0.01, "equivalent", ""),
    (estimate(1.08, 1.05, 1.10), 0.10, "inconclusive", "real, but not above 10 %"),
    (estimate(2.00, 1.90, 2.10, 0.97), 0.03, "inconclusive", "10 processes cannot give a verdict: at least 7 are"),
]


@pytest.mark.parametrize(("measured", "threshold", "verdict", "reason"), VERDICTS)
def test_what_an_interval_says(measured: Estimate, threshold: float, verdict: str, reason: str) -> None:
    found = judge(measured, 10, CONFIDENCE, threshold)
    assert found.verdict == verdict
    assert reason in found.reason
    assert bool(found.reason) == (verdict == "inconclusive")


positive = st.floats(0.2, 5)


@given(positive, positive, positive, st.floats(0.001, 0.5))
def test_swapping_model_and_baseline_turns_the_verdict_round(a: float, b: float, c: float, threshold: float) -> None:
    low, value, high = sorted((a, b, c))
    forth = judge(estimate(value, low, high), 10, CONFIDENCE, threshold).verdict
    back = judge(estimate(1 / value, 1 / high, 1 / low), 10, CONFIDENCE, threshold).verdict
    at_the_limit = any(
        math.isclose(abs(math.log(x)), math.log(1 + limit), rel_tol=1e-9)
        for x in (low, value, high)
        for limit in (threshold, 0.02)
    )
    turned = {"faster": "slower", "slower": "faster"}
    assert at_the_limit or back == turned.get(forth, forth)


@pytest.mark.parametrize(
    ("control", "noisy", "resolves"),
    [
        (estimate(1.0, 0.99, 1.01), False, 0.0101),
        (estimate(1.009, 1.005, 1.02), False, 0.02),
        (estimate(1.02, 1.011, 1.03), True, 0.03),
        (estimate(0.98, 0.97, 0.989), True, 0.0309),
        (estimate(1.02, 1.011, 1.03, 0.75), False, 0.03),
        (estimate(1.2, 0.9, 1.5), False, 0.5),
    ],
)
def test_what_the_control_says_of_the_machine(control: Estimate, noisy: bool, resolves: float) -> None:
    assert too_noisy(control, CONFIDENCE, 0.03) == noisy
    assert resolution(control) == pytest.approx(resolves, abs=1e-4)


def test_a_small_threshold_wants_a_quieter_machine() -> None:
    copy = estimate(1.009, 1.006, 1.012)
    assert [too_noisy(copy, CONFIDENCE, threshold) for threshold in (0.03, 0.02, 0.01)] == [False, False, True]


def test_without_a_copy_of_the_baseline_there_is_no_verdict() -> None:
    found = judge(estimate(1.5, 1.4, 1.6), 10, CONFIDENCE, 0.03, doubt="the baseline's copy could not be measured")
    assert (found.verdict, found.reason) == ("inconclusive", "the baseline's copy could not be measured")


def spread(share: float, label: str = "b") -> Callable[[int, str], float]:
    """Make a model slower and faster by turns, by this share."""
    return lambda process, one: 1.0 if one != label else 1 + share if process % 2 else 1 - share


def test_a_clear_difference_is_settled_by_ten_processes(tmp_path: Path) -> None:
    conductor = Conductor({"a": 1.0, "b": 1.2}, tmp_path, spread(0.02))
    report = conductor.run(plan())
    assert (report.ratios[0].verdict, report.ratios[0].reason, report.processes) == ("slower", "", 10)
    assert report.baseline == "a"


@pytest.mark.parametrize(("until", "processes"), [(4, 20), (8, 30)])
def test_more_processes_are_asked_only_while_a_verdict_is_open(until: int, processes: int, tmp_path: Path) -> None:
    """Two models that are equal but for noise, which stops after some processes."""
    conductor = Conductor(
        {"a": 1.0, "b": 1.0, "c": 3.0},
        tmp_path,
        lambda process, label: spread(0.05)(process, label) if process < until else 1.0,
    )
    report = conductor.run(plan(time_budget_s=None))
    assert report.processes == processes
    assert [one.verdict for one in report.ratios] == ["equivalent", "slower"]
    assert {one.processes for one in report.ratios} == {processes}
    assert [len(model.samples_ms) for model in report.models] == [processes] * 3


def test_thirty_processes_are_the_last_look(tmp_path: Path) -> None:
    conductor = Conductor({"a": 1.0, "b": 1.0}, tmp_path, spread(0.05))
    (ratio,) = conductor.run(plan(time_budget_s=None)).ratios
    assert (ratio.verdict, ratio.processes) == ("inconclusive", 30)
    assert ratio.reason == "the interval holds 1 and more than ±2 %, after 30 processes"
    assert [job.process for job in conductor.timed] == list(range(30))
    assert conductor.progress[-2][1] == 32


@pytest.mark.parametrize(("budget_s", "processes"), [(20.0, 10), (45.0, 20), (90.0, 30)])
def test_the_time_budget_bounds_the_looks(budget_s: float, processes: int, tmp_path: Path) -> None:
    conductor = Conductor({"a": 2.0, "b": 2.0}, tmp_path, spread(0.05))
    report = conductor.run(Protocol(time_budget_s=budget_s))
    (ratio,) = report.ratios
    assert (ratio.verdict, ratio.processes) == ("inconclusive", processes)
    assert report.elapsed_s <= budget_s
    if processes < 30:
        spent = f"the time budget of {budget_s:g} s allows no further look after {processes} of at most 30 processes"
        assert ratio.reason.endswith(spent)


def test_a_fixed_number_of_processes_is_one_look(tmp_path: Path) -> None:
    conductor = Conductor({"a": 1.0, "b": 1.0}, tmp_path, spread(0.05))
    report = conductor.run(plan(processes=12, looks=1, time_budget_s=None))
    assert report.processes == 12
    assert report.ratios[0].confidence < 0.96
    assert report.ratios[0].reason.endswith("after 12 processes")


@pytest.mark.parametrize(("plan", "confidence"), [(Protocol.quick(), 75), (Protocol(processes=5, looks=1), 94)])
@pytest.mark.parametrize(("ms", "verdict"), [(9.0, "slower"), (0.9, "faster"), (1.001, "equivalent")])
def test_a_quick_look_has_a_verdict_that_is_no_answer(
    plan: Protocol, confidence: int, ms: float, verdict: str, tmp_path: Path
) -> None:
    report = Conductor({"a": 1.0, "b": ms}, tmp_path).run(plan)
    (ratio,) = report.ratios
    assert (ratio.verdict, ratio.settled, ratio.processes) == (verdict, False, plan.processes)
    assert ratio.reason == f"{plan.processes} processes cannot give a verdict: at least 6 are needed"
    assert conclusion(ratio.verdict, ratio.confidence) == f"{verdict} (quick look, {confidence} %)"
    assert ratio.ratio == pytest.approx(ms, rel=1e-4)
    assert "quick look" in report.note


def test_a_quick_look_of_noise_sees_nothing(tmp_path: Path) -> None:
    (ratio,) = Conductor({"a": 1.0, "b": 1.0}, tmp_path, spread(0.05)).run(Protocol.quick()).ratios
    assert (ratio.verdict, ratio.settled) == ("inconclusive", False)


def test_every_process_holds_a_copy_of_the_baseline_with_as_many_calls(tmp_path: Path) -> None:
    conductor = Conductor({"a": 1.0, "b": 4.0}, tmp_path)
    report = conductor.run(plan(), baseline="b")
    for job in conductor.timed:
        assert job.models["copy of b"] == job.models["b"]
    turns = conductor.timed[1].turns
    assert turns is not None
    assert turns["copy of b"] == turns["b"]
    assert report.control is not None
    assert (report.control.baseline, report.control.ratio, report.control.resolution) == ("b", 1.0, 0.0)
    assert [model.label for model in report.models] == ["a", "b"]
    assert not report.too_noisy


def test_a_single_model_is_measured_with_its_copy(tmp_path: Path) -> None:
    report = Conductor({"a": 1.0}, tmp_path, spread(0.004, "copy of a")).run(plan())
    assert (report.ratios, report.processes) == ((), 10)
    assert report.control is not None
    assert report.control.resolution == pytest.approx(0.004, rel=0.01)


def test_a_machine_that_tells_a_model_from_its_copy_is_too_noisy(tmp_path: Path) -> None:
    conductor = Conductor({"a": 1.0, "b": 8.0}, tmp_path, lambda process, label: 1.05 if label == "copy of a" else 1.0)
    report = conductor.run(plan(time_budget_s=None))
    assert report.too_noisy
    assert report.processes == 30
    assert report.control is not None
    assert report.control.low == pytest.approx(1.05)
    (ratio,) = report.ratios
    assert (ratio.verdict, ratio.reason) == ("inconclusive", "the machine is too noisy, after 30 processes")
    assert ratio.ratio == pytest.approx(8.0)
    assert MachineTooNoisy.exit_code == 7


THREE = {"a": 1.0, "b": 2.0, "c": 3.0}
Death = Callable[[Job], ProcessFailed | None]


def dies_alone(reason: str, label: str) -> Death:
    return lambda job: ProcessFailed(reason, label) if list(job.models) == [label] else None


def dies(reason: str, label: str | None, start: int = 0, end: int = 1000, with_model: str | None = None) -> Death:
    """Let timing processes of these numbers die, of those that hold a model; ``label`` is what they were busy with."""

    def death(job: Job) -> ProcessFailed | None:
        dead = job.task == "time" and start <= job.process < end and (with_model or "") in ("", *job.models)
        return ProcessFailed(reason, label) if dead else None

    return death


def failed(report: LatencyReport) -> dict[str, str]:
    return {one.label: one.reason for one in report.failed}


def test_a_model_that_fails_alone_leaves_the_others_compared(tmp_path: Path) -> None:
    conductor = Conductor(THREE, tmp_path, dies=dies_alone("b is no model", "b"))
    report = conductor.run(plan(), baseline="a")
    assert failed(report) == {"b": "b is no model"}
    assert [(one.label, one.verdict) for one in report.ratios] == [("c", "slower")]
    assert [model.label for model in report.models] == ["a", "c"]


@pytest.mark.parametrize("task", ["alone", "time"])
def test_time_spent_on_a_model_that_hangs_is_not_taken_from_the_others(task: str, tmp_path: Path) -> None:
    def hangs(job: Job) -> ProcessFailed | None:
        if job.task != task or "c" not in job.models:
            return None
        conductor.now_s += 60.0
        return ProcessFailed("c hangs", "c")

    conductor = Conductor(THREE, tmp_path, dies=hangs)
    report = conductor.run(Protocol(time_budget_s=40.0))
    assert failed(report) == {"c": "c hangs"}
    assert report.processes == 10
    assert {len(process) for model in report.models for process in model.samples_ms} == {20}
    assert 60 < report.elapsed_s < (100 if task == "alone" else 160)
    assert "The shortest plan and what failed took" in report.note


def test_a_model_may_be_called_copy(tmp_path: Path) -> None:
    report = Conductor({"a": 1.0, "copy of a": 2.0}, tmp_path).run(plan())
    assert [(one.label, one.verdict) for one in report.ratios] == [("copy of a", "slower")]
    assert report.control is not None
    assert report.control.ratio == pytest.approx(1.0)


def test_where_the_baseline_fails_the_next_model_is_the_baseline(tmp_path: Path) -> None:
    conductor = Conductor(THREE, tmp_path, dies=dies_alone("gone", "b"))
    report = conductor.run(plan(), baseline="b")
    assert report.baseline == "a"
    assert [(one.label, one.baseline) for one in report.ratios] == [("c", "a")]
    assert report.control is not None
    assert report.control.baseline == "a"
    assert "b, the baseline, could not be timed: a is the baseline." in report.note


def test_a_lost_process_is_replaced_and_reported(tmp_path: Path) -> None:
    conductor = Conductor({"a": 1.0, "b": 2.0}, tmp_path, dies=dies("was killed", None, 4, 5))
    report = conductor.run(plan())
    assert report.processes == 10
    assert [job.process for job in conductor.timed] == list(range(11))
    assert "A process was lost and replaced: was killed." in report.note
    assert report.ratios[0].verdict == "slower"


def test_a_model_that_ends_two_processes_is_left_out(tmp_path: Path) -> None:
    conductor = Conductor(THREE, tmp_path, dies=dies("out of memory", "c", 5, with_model="c"))
    report = conductor.run(plan())
    assert failed(report) == {"c": "out of memory"}
    assert [one.label for one in report.ratios] == ["b"]
    assert report.processes == 10


def test_a_baseline_that_ends_two_processes_begins_the_comparison_anew(tmp_path: Path) -> None:
    conductor = Conductor({"a": 1.0, "b": 2.0, "c": 4.0}, tmp_path, dies=dies("hung", "a", 5, with_model="a"))
    report = conductor.run(plan())
    assert failed(report) == {"a": "hung"}
    assert [(one.label, one.baseline, one.processes) for one in report.ratios] == [("c", "b", 10)]
    assert report.ratios[0].ratio == pytest.approx(2.0)


def test_a_copy_that_cannot_be_loaded_leaves_the_resolution_unknown(tmp_path: Path) -> None:
    death = dies("no memory", "copy of a", with_model="copy of a")
    conductor = Conductor({"a": 1.0, "b": 2.0}, tmp_path, dies=death)
    report = conductor.run(plan())
    assert report.control is None
    assert "The baseline's copy could not be measured, so it is not known" in report.note
    assert report.ratios[0].verdict == "inconclusive"
    assert report.ratios[0].reason.startswith("the baseline's copy could not be measured")
    assert report.processes == 10
    assert report.failed == ()


def test_processes_that_keep_dying_end_the_comparison_with_what_it_has(tmp_path: Path) -> None:
    death = dies("killed", None, 8)
    report = Conductor({"a": 1.0, "b": 1.0}, tmp_path, dies=death).run(plan(), baseline="a")
    assert report.processes == 8
    assert report.ratios[0].verdict == "equivalent"
    noisy = Conductor({"a": 1.0, "b": 1.0}, tmp_path, spread(0.05), death).run(plan())
    assert noisy.ratios[0].reason.endswith("3 processes were lost after 8 of at most 30 processes")


@pytest.mark.parametrize("task", ["time", "alone"])
def test_where_nothing_could_be_measured_the_reason_is_the_error(task: str, tmp_path: Path) -> None:
    conductor = Conductor(THREE, tmp_path, dies=lambda job: ProcessFailed("gone") if job.task == task else None)
    with pytest.raises(BenchError, match=r"^gone$"):
        conductor.run(plan())


def test_every_process_has_a_deadline_that_its_plan_sets(tmp_path: Path) -> None:
    conductor = Conductor({"a": 100.0, "b": 1.0}, tmp_path)
    conductor.run(Protocol(patience_s=7.0, time_budget_s=14.0))
    limits = [job.deadline_s for job in conductor.jobs]
    assert None not in limits
    assert limits[:2] == [7.0, 7.0]
    assert all(
        limit is not None and 7.0 + 5 * (job.share_s or 0) <= limit < 130
        for limit, job in zip(limits[2:], conductor.timed, strict=True)
    )


def test_an_unknown_runtime_is_refused_before_anything_runs(tmp_path: Path) -> None:
    conductor = Conductor({"a": 1.0}, tmp_path)
    with pytest.raises(UsageError, match=r"runtime 'onnxrutime' is unknown .did you mean \"onnxruntime\""):
        conductor.run(plan(runtime="onnxrutime"))
    assert conductor.jobs == []


def test_the_bound_of_activations_is_of_the_batch(tmp_path: Path) -> None:
    report = Conductor({"a": 1.0}, tmp_path).run(plan(batch=4), peak_activations={"a": 1000})
    (model,) = report.models
    assert model.peak_activation_bytes == 4000
    assert model.arena_to_bound is None
    assert replace(model, arena_bytes=8000).arena_to_bound == 2.0
