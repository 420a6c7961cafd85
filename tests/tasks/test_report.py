"""What a report holds: counts, proofs, times, times of layers; limits judged; and what a failure leaves of it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from costlens.bench.protocol import Protocol
from costlens.errors import BenchError, ExportError, UsageError
from costlens.results.latency import LatencyReport
from costlens.results.report import Report
from costlens.sources._source import ALL, Asked
from costlens.tasks.report import networks, report
from tests.cases.small import ONE, write_report
from tests.fakes.command_line import Run
from tests.fakes.fake_tools import FILE_BYTES, Workshop

pytestmark = pytest.mark.usefixtures("two_specs")

KINDS = ["as-written", "bottleneck", "factorized", "separable"]


def reported(work: Workshop, word: str = "one.yaml", *variants: str, plan: Protocol | None = None) -> Report:
    (network,) = networks([word], Asked(variants or (ALL,)))
    return report(network, plan, tools=work.tools())


def test_without_times_it_is_counted_and_proven(work: Workshop) -> None:
    found = reported(work)
    assert [count.variant for count in found.counts] == [ledger.variant for ledger in found.ledgers] == KINDS
    assert [(file.variant, file.bytes) for file in found.files] == [(kind, FILE_BYTES) for kind in KINDS]
    assert (found.name, found.knobs, found.proven, found.latency) == ("one", {"width": 4}, True, None)
    assert (work.timed, work.profiled) == ([], [])


@pytest.mark.parametrize(("plan", "processes"), [(Protocol(), 3), (Protocol.quick(), 1)], ids=["whole", "quick"])
def test_what_was_timed_is_profiled_in_a_third_of_the_processes(plan: Protocol, processes: int, work: Workshop) -> None:
    found = reported(work, plan=plan)
    assert work.baselines == ["as-written"]  # which is standard
    assert work.profiled == [(kind, processes) for kind in KINDS]
    assert [times.variant for times in found.layer_times] == KINDS
    assert found.not_profiled == ()


def test_a_variant_that_cannot_be_profiled_is_named_and_the_others_are_kept(work: Workshop) -> None:
    work.unprofiled = {"separable": BenchError("the disk is full")}
    found = reported(work, plan=Protocol())
    assert [times.variant for times in found.layer_times] == KINDS[:-1]
    assert found.not_profiled == ("separable: the disk is full",)
    assert found.latency is not None
    assert [model.label for model in found.latency.models] == KINDS


def test_nothing_is_profiled_on_a_graphics_card(work: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = work.bench

    def on_a_card(*given: Any) -> LatencyReport:
        measured = bench(*given)
        return replace(measured, runtime=replace(measured.runtime, device="cuda"))

    monkeypatch.setattr(work, "bench", on_a_card)
    found = reported(work, plan=Protocol())
    assert (found.layer_times, found.not_profiled, work.profiled) == ((), (), [])


LIMITS = "expect: {params: 109}\nbudget: {latency_ms: 3, macs: 1}\n"
# times of a call in the processes by turns, whether it is a quick look; the verdict, whether it is missed
TIMES = [
    ([2.5, 2.6, 2.7], False, "kept", 0),
    ([3.5, 3.6, 3.7], False, "MISSED", 1),
    ([2.5, 3.0, 3.5], False, "inconclusive: its interval [2.5, 3.5] reaches to both sides of it", 0),
    ([3.5, 3.6, 3.7], True, "inconclusive: 3 processes cannot give a verdict: at least 6 are needed", 0),
]


@pytest.mark.parametrize(("call_ms", "quick", "word", "missed"), TIMES)
def test_limits_are_judged_as_a_check_does(
    call_ms: list[float], quick: bool, word: str, missed: int, work: Workshop
) -> None:
    Path("one.yaml").write_text(ONE + LIMITS, encoding="utf-8")
    work.factor = lambda process, label: call_ms[process % len(call_ms)]
    found = reported(work, plan=Protocol.quick() if quick else Protocol())
    (published,) = found.expectations
    assert (published.figure, published.ours, published.holds) == ("params", 108, False)
    time, macs = found.budgets
    assert (time.word, bool(time.missed)) == (word, bool(missed))
    assert (macs.ours, macs.missed) == (6_912, "macs is 6,912, over its budget of 1")


def test_times_are_beside_counts_of_their_batch_and_limits_beside_one_example(work: Workshop, run: Run) -> None:
    Path("one.yaml").write_text(ONE + "expect: {macs: 6_912}\nbudget: {macs: 7k}\n", encoding="utf-8")
    assert run("report", "one.yaml", "--batch", "4", "-o", "out").returncode == 0
    found = Report.from_json(Path("out/one/report.json").read_text())
    assert (found.counts[0].totals.macs, found.layer_times[0].rows[0].macs) == (4 * 6_912, 4 * 6_912)
    assert (found.expectations[0].ours, found.budgets[0].ours, found.missed) == (6_912, 6_912, ())


def test_limits_are_those_of_the_network_as_written(work: Workshop) -> None:
    Path("one.yaml").write_text(ONE + LIMITS, encoding="utf-8")
    found = reported(work, "one.yaml", "separable", plan=Protocol())
    time, macs = found.budgets
    assert (time.word, macs.ours) == ("not measured", 6_912)
    assert reported(work, "one.yaml?width=2").expectations == ()  # published of its own knobs


def test_an_export_that_fails_leaves_the_others(work: Workshop, run: Run) -> None:
    work.fails = {"separable": ExportError("no room")}
    found = reported(work, plan=Protocol())
    assert [count.variant for count in found.counts] == KINDS[:-1]
    assert found.not_exported == ("separable: no room",)
    done = run("report", "one.yaml", "two.yaml", "-o", "out", "--no-bench")
    lost = [f"{name}: not exported: separable: no room" for name in ("one", "two")]
    assert (done.returncode, done.stderr.splitlines()) == (5, lost)
    assert Report.from_json(Path("out/two/report.json").read_text()).not_exported == ("separable: no room",)
    work.fails = {"one": ExportError("no room")}
    with pytest.raises(BenchError, match=r"^as-written: no room\nbottleneck: no room"):
        reported(work)


def test_a_proof_that_failed_ends_with_exit_4_and_is_reported(work: Workshop, run: Run) -> None:
    work.wrong = frozenset({"separable"})
    done = run("report", "one.yaml", "-o", "out", "--no-bench")
    assert done.returncode == 4
    assert done.stderr.startswith("one: not verified; ")
    assert not Report.from_json(Path("out/one/report.json").read_text()).proven


def test_what_has_no_file_is_refused_before_any_work(work: Workshop) -> None:
    write_report(Path("out"), "one.yaml")
    with pytest.raises(UsageError, match=r"^out/report\.json: a report holds no file to run; name its spec: report "):
        networks(["one.yaml", "out"], Asked((ALL,)))
    with pytest.raises(UsageError, match=r"^none\.yaml: no such file"):
        networks(["none.yaml", "one.yaml"], Asked((ALL,)))


def test_knobs_of_a_word_are_in_the_name_of_its_folder(work: Workshop, run: Run) -> None:
    assert run("report", "one.yaml?width=8", "-o", "out", "--no-bench").returncode == 0
    found = Report.from_json(Path("out/one-width=8/report.json").read_text())
    assert (found.knobs, found.counts[0].totals.params) == ({"width": 8}, 216)
