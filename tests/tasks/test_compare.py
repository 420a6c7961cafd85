"""What ``costlens compare`` puts side by side: figures, stored and measured times, and what a failure does."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from costlens.analysis.pareto import Sort
from costlens.bench.process import ProcessFailed
from costlens.bench.protocol import Protocol
from costlens.errors import ExportError, RuntimeUnavailable, UsageError
from costlens.formats.pages import comparison as pages
from costlens.formats.pages import latency
from costlens.results.comparison import Comparison, TimeRatio
from costlens.sources._source import ALL, Asked
from costlens.tasks.compare import compare
from tests.cases.small import SEPARABLE, STANDARD, write_report
from tests.fakes.fake_tools import FILE_BYTES, Workshop
from tests.places import SPECS

pytestmark = pytest.mark.usefixtures("two_specs")

EXAMPLE = str(SPECS / "separable_example.yaml")
WIDE = "one.yaml?width=8"
PLAN = Protocol()


@pytest.fixture
def compared(work: Workshop) -> Callable[..., Comparison]:
    """Compare words on the fake machine."""

    def run(*words: str, variants: tuple[str, ...] = (), plan: Protocol | None = None, **more: Any) -> Comparison:
        return compare(words, Asked(variants, alone=(ALL,)), plan, tools=work.tools(), **more)

    return run


Compare = Callable[..., Comparison]


def stored(name: str, ms: float = 4.0, change: Callable[[Any], object] = lambda document: None, **plan: Any) -> str:
    """Write a report of one.yaml whose standard form takes ``ms`` and whose separable one 1 ms; change its document."""
    folder = write_report(Path(name), "one.yaml", {STANDARD: ms, SEPARABLE: 1.0}, **plan)
    document = json.loads((folder / "report.json").read_text())
    change(document)
    (folder / "report.json").write_text(json.dumps(document))
    return name


def test_a_report_tells_the_same_figures_as_its_spec(compared: Compare) -> None:
    write_report(Path("report"), EXAMPLE)
    of_spec, of_report = compared(EXAMPLE, "report", variants=(STANDARD,)).models
    assert (of_report.figures.params, of_report.figures.macs) == (of_spec.figures.params, of_spec.figures.macs)
    assert of_report.ratios == dict.fromkeys(of_spec.ratios, 1.0)
    assert (of_spec.figures.file_bytes, of_report.figures.file_bytes) == (None, 1234)
    assert (of_spec.origin, of_report.origin) == ("spec", "report")


def test_what_a_count_lacks_is_a_lower_bound_here_too(compared: Compare) -> None:
    def lacking(document: Any) -> None:
        partial, unavailable = document["counts"]
        partial["status"] = dict.fromkeys(partial["status"], "partial")
        partial["uncounted"] = ["conv1: no rule"]
        unavailable["status"] = dict.fromkeys(unavailable["status"], "unavailable")

    partial, unavailable = compared(stored("report", change=lacking)).models
    assert (partial.status["macs"], partial.figures.macs, partial.uncounted, partial.front) == (
        "partial", 6912, ("conv1: no rule",), None,
    )  # fmt: skip
    assert (unavailable.figures.params, unavailable.figures.macs, unavailable.front) == (None, None, None)


@pytest.mark.parametrize(("words", "options", "message"), [
    (("one.yaml", "none.yaml", "none.onnx"), {"plan": PLAN}, r"none\.yaml: no such file.*\nnone\.onnx: no such file"),
    (("report",), {"plan": PLAN}, "--bench: there is nothing to time: a report holds no file"),
    (("one.yaml",), {"sort": Sort.LATENCY}, "--sort latency: none of these has a time; add --bench"),
])  # fmt: skip
def test_mistakes_come_before_any_work(
    words: tuple[str, ...], options: dict[str, Any], message: str, compared: Compare, work: Workshop
) -> None:
    stored("report")
    with pytest.raises(UsageError, match=message):
        compared(*words, **options)
    assert (work.exported, work.timed) == ([], [])


def test_stored_times_of_equal_conditions_stand_beside_each_other(compared: Compare) -> None:
    words = [stored("a"), stored("b", 6.0)]
    first, second = compared(*words, variants=(STANDARD,)).models
    assert first.time is not None
    assert (first.time.median_ms, first.time.measured, first.time_ratio) == (4.0, False, None)
    assert second.time_ratio is not None
    assert second.time_ratio.ratio == pytest.approx(1.5)
    assert (second.time_ratio.low, second.time_ratio.verdict) == (None, None)
    found = compared(*words, "one.yaml", sort=Sort.LATENCY)
    assert [one.label for one in found.models][-1] == "one"  # which has no time
    assert found.first == "one:standard (a/report.json)"
    assert any(line.startswith("≈") for line in pages.doubts(found))
    assert pages.measured(found)[0].endswith("as stored in reports.")


def test_a_ratio_that_was_measured_in_one_report_keeps_its_verdict(compared: Compare) -> None:
    first, second = compared(stored("report")).models
    assert (first.variant, second.time_ratio and second.time_ratio.verdict) == (STANDARD, "faster")
    pair = {"label": SEPARABLE, "baseline": STANDARD, "ratio": 0.0862, "low": 0.0852, "high": 0.0884}
    pair |= {"confidence": 0.98, "processes": 10, "macs_ratio": None, "verdict": "faster", "reason": ""}
    below = {"ratio": 0.98, "low": 0.97, "high": 0.99, "verdict": "inconclusive"}
    below |= {"reason": "the difference is real, but not above 3 %"}
    found = []
    for ratio in (pair, pair | below):
        stored("report", change=lambda document, ratio=ratio: document["latency"].update(ratios=[ratio]))
        found.append(compared("report", variants=(SEPARABLE, STANDARD)).models[1].time_ratio)
    assert found == [
        TimeRatio(1 / 0.0862, 1 / 0.0884, 1 / 0.0852, 0.98, "slower"),
        TimeRatio(1 / 0.98, 1 / 0.99, 1 / 0.97, 0.98, "inconclusive", "the difference is real, but not above 3 %"),
    ]


def of_two_threads(document: Any) -> None:
    document["latency"]["runtime"]["threads"] = 2
    document["latency"]["fingerprint"] = "0" * 16


def of_litert(document: Any) -> None:
    document["latency"]["runtime"]["name"] = "litert"
    document["latency"]["fingerprint"] = "1" * 16


@pytest.mark.parametrize(("differing", "change", "plan"), [
    ("threads: 1 against 2", of_two_threads, {}), ("batch: 1 against 2", lambda document: None, {"batch": 2}),
    ("runtime: fake against litert", of_litert, {}),
])  # fmt: skip
def test_times_of_other_conditions_are_left_out_with_the_reason(
    differing: str, change: Callable[[Any], object], plan: dict[str, int], compared: Compare
) -> None:
    found = compared(stored("a"), stored("b", change=change, **plan), variants=(STANDARD,))
    first, second = found.models
    assert first.time is not None
    assert (second.time, second.time_ratio) == (None, None)
    why = f"it was not taken as those shown were: {differing}"
    assert second.notes[-1] == f"its stored time is left out: {why}"
    assert found.front_of == ("params", "macs")


def test_times_of_a_machine_too_noisy_are_left_out(compared: Compare) -> None:
    stored("noisy", change=lambda document: document["latency"]["control"].update(too_noisy=True))
    first, second = compared("noisy", stored("quiet"), variants=(STANDARD,)).models
    assert (first.time, second.time is None, second.time_ratio) == (None, False, None)
    assert first.notes[-1].endswith("left out: the machine was too noisy for any ratio to be believed")
    alone = compared("noisy")
    assert (alone.timing, [one.time for one in alone.models]) == (None, [None, None])


def test_models_are_timed_with_the_first_as_their_baseline(compared: Compare, work: Workshop) -> None:
    work.call_ms = {"one": 2.0, "one (width=8)": 3.0}
    found: Any = compared("one.yaml", WIDE, plan=PLAN)
    first, second = found.models
    assert work.baselines == ["one"]
    assert (first.time.median_ms, first.time.measured, first.time_ratio) == (2.0, True, None)
    assert (second.time_ratio.ratio, second.time_ratio.verdict) == (pytest.approx(1.5), "slower")
    assert (first.figures.file_bytes, second.figures.file_bytes) == (FILE_BYTES, FILE_BYTES)
    assert found.front_of == ("params", "macs", "latency")
    assert (found.timing.measured, found.timing.processes) == (True, 10)


def test_times_that_are_equivalent_leave_the_front_to_cost(compared: Compare, work: Workshop) -> None:
    work.call_ms = {"one (width=8)": 2.0, "one": 2.01}
    found: Any = compared(WIDE, "one.yaml", plan=PLAN)
    assert [one.front for one in found.models] == [False, True]
    assert found.models[1].time_ratio.verdict == "equivalent"


def test_a_report_beside_what_is_timed_keeps_its_own_time(compared: Compare, work: Workshop) -> None:
    work.call_ms = {"one": 2.0}
    found: Any = compared("one.yaml", stored("report"), plan=PLAN)
    one, other = found.models
    assert (one.time.measured, other.time.measured) == (True, False)
    assert (other.time_ratio.ratio, other.time_ratio.verdict) == (pytest.approx(2.0), None)
    assert other.notes == ("not timed here: a report holds no file to run; name its spec",)


def test_a_model_that_fails_leaves_the_others_compared(compared: Compare, work: Workshop) -> None:
    work.dies = lambda job: ProcessFailed("not a model", "one") if list(job.models) == ["one"] else None
    work.call_ms = {"one (width=8)": 3.0}
    found = compared("one.yaml", WIDE, "one.yaml?width=2", plan=PLAN)
    assert [one.time is None for one in found.models] == [True, False, False]
    assert [one.time_ratio for one in found.models] == [None] * 3
    assert pages.doubts(found) == ["one: failed: not a model", "one has no time, so times have no ratio to it."]


def test_no_front_of_times_on_a_machine_that_is_too_noisy(compared: Compare, work: Workshop) -> None:
    work.call_ms, work.factor = {"one (width=8)": 2.0}, lambda _, label: 1.1 if label == "copy of one" else 1.0
    found: Any = compared("one.yaml", WIDE, plan=PLAN)
    assert found.timing.too_noisy
    assert found.front_of == ("params", "macs")
    assert found.models[1].time_ratio.verdict == "inconclusive"
    assert found.timing is not None
    assert latency.resolution(found.timing).startswith("Machine too noisy")


def test_a_proof_that_failed_fails_the_comparison(compared: Compare, work: Workshop) -> None:
    work.wrong = frozenset({STANDARD})
    found = compared("one.yaml", variants=(STANDARD, SEPARABLE), plan=PLAN)
    standard, separable = found.models
    assert standard.time is not None
    assert (standard.disagreement, standard.front) == ("its verification FAILED: macs: off by 3", None)
    assert (separable.disagreement, separable.front) == ("", True)
    (error,) = found.failures
    assert error.exit_code == 4
    assert "Not placed, since its verification failed: standard." in pages.front(found)


def test_an_export_that_fails_leaves_the_others_timed_and_all_counted(compared: Compare, work: Workshop) -> None:
    work.call_ms, work.fails = {"one (width=8)": 3.0}, {"two": ExportError("no room")}
    found: Any = compared("one.yaml", "two.yaml", WIDE, plan=PLAN)
    assert [(one.label, one.figures.params, one.time is None) for one in found.models] == [
        ("one", 108, False), ("two", 108, True), ("one (width=8)", 216, False),
    ]  # fmt: skip
    assert found.models[2].time_ratio.verdict == "slower"
    assert "two: failed: no room" in pages.doubts(found)
    assert [(error.exit_code, str(error)) for error in found.failures] == [(5, "not timed: two: no room")]
    alone = compared("two.yaml", variants=("as-written",), plan=PLAN)
    assert (alone.timing, alone.models[0].figures.params) == (None, 108)
    assert [error.exit_code for error in alone.failures] == [5]
    assert pages.doubts(alone) == ["as-written: failed: no room"]
    work.fails = {"two": RuntimeUnavailable("no tensorflow")}
    with pytest.raises(RuntimeUnavailable, match="no tensorflow"):
        compared("one.yaml", "two.yaml", plan=PLAN)
