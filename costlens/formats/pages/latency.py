"""Times side by side: each model's median, its ratio to the baseline beside the ratio in MACs, and the verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from costlens.arithmetic import units
from costlens.formats.pages import answers
from costlens.formats.pages.bounds import least_times
from costlens.results.charts import Bars, Saving, Savings
from costlens.results.columns import BYTES, INTERVAL_MS, MS, ONE_DECIMAL, RATIO, TIMES, WHOLE, Column, times
from costlens.results.page import Block, Chart, Items, Page, Records, Say, Table
from costlens.results.verdict import conclusion

if TYPE_CHECKING:
    from costlens.results.bounds import LeastTime
    from costlens.results.comparison import TimeRatio, Timing
    from costlens.results.latency import Control, FailedModel, Latency, LatencyRatio, LatencyReport

_SHOWN_UNFOLDED = 3


def interval(ratio: LatencyRatio | TimeRatio | Control | None) -> str:
    """Write the interval of a ratio of times, where it has one."""
    if ratio is None or ratio.low is None or ratio.high is None:
        return ""
    return f"[{times(ratio.low)[:-1]}, {times(ratio.high)[:-1]}]"


def with_interval(ratio: LatencyRatio | TimeRatio | Control) -> str:
    """Write a ratio of times and its interval, where it has one.

    >>> from costlens.results.comparison import TimeRatio
    >>> with_interval(TimeRatio(0.12345, 0.12, 0.1301)), with_interval(TimeRatio(3))
    ('0.123× [0.120, 0.130]', '3.00×')
    """
    return f"{times(ratio.ratio)} {interval(ratio)}".rstrip()


def concluded(ratio: LatencyRatio | TimeRatio | None) -> str:
    """Write the verdict of a ratio, where there is one; that of a quick look says so."""
    return conclusion(ratio.verdict, ratio.confidence) if ratio else ""


def table(report: LatencyReport) -> Table:
    """Return the table of times: a line a model, its ratios to the baseline beside them."""
    return Table(_columns({ratio.label: ratio for ratio in report.ratios}), report.models)


def _columns(ratios: Mapping[str, LatencyRatio]) -> tuple[Column[Latency], ...]:

    def of_ratio(read: Callable[[LatencyRatio], Any], baseline: str) -> Callable[[Latency], Any]:
        return lambda model: read(ratios[model.label]) if model.label in ratios else baseline

    return (
        Column("label", "model"),
        Column("median_ms", "median", MS),
        Column("median_interval_ms", "interval", INTERVAL_MS, priority=3),
        Column("p90_ms", "p90", MS, priority=4),
        Column("p99_ms", "p99", MS, priority=4),
        Column("ratio", "time ÷ baseline", TIMES, of_ratio(with_interval, "baseline")),
        Column("macs_ratio", "MACs ÷", RATIO, of_ratio(lambda ratio: ratio.macs_ratio, "1")),
        Column("verdict", "verdict", value=of_ratio(concluded, ""), priority=1),
        Column("gmacs_per_s", "GMAC/s", ONE_DECIMAL, priority=2),
        Column("throughput_per_s", "examples/s", WHOLE, priority=3),
        Column("cold_start_ms", "cold start", MS, priority=5),
        Column("first_call_ms", "first call", MS, priority=7),
        Column("after_idle_ms", "after idle", MS, priority=8),
        Column("copy_in_ms", "copy in", MS, priority=4),
        Column("copy_out_ms", "copy out", MS, priority=4),
        Column("peak_memory_bytes", "peak memory", BYTES, priority=6),
        Column("run_memory_bytes", "run memory", BYTES, priority=9),
        Column("arena_bytes", "arena", BYTES, priority=9),
        Column("peak_activation_bytes", "peak\nactivations", BYTES, priority=9),
        Column("arena_to_bound", "arena ÷ peak\nactivations", RATIO, priority=9),
    )


CHOICES = _columns({})
"""The columns that a reader can choose."""


def savings(report: LatencyReport) -> Savings:
    """Return the MACs and the time of each model over the baseline's, where both are known."""
    places = {model.label: place for place, model in enumerate(report.models)}
    found = [
        Saving(
            ratio.label,
            places.get(ratio.label, 0),
            ratio.macs_ratio,
            ratio.ratio,
            ratio.low,
            ratio.high,
            concluded(ratio),
        )
        for ratio in report.ratios
        if ratio.macs_ratio
    ]
    return Savings(report.ratios[0].baseline if report.ratios else "", tuple(found))


def charts(report: LatencyReport) -> list[Block]:
    """Return the charts of times: medians as bars, and MACs saved against time saved."""
    columns = [column for column in table(report).columns if column.name in _DRAWN]
    bars = Bars(
        Table(columns, report.models),
        ("median_ms", "peak_memory_bytes"),
        {"median_ms": "median_interval_ms"},
        "verdict",
    )
    return [Chart("bars", bars), Chart("savings", savings(report))]


_DRAWN = ("label", "median_ms", "median_interval_ms", "peak_memory_bytes", "verdict")
_RECORDED = (
    "label", "median_ms", "p90_ms", "p99_ms", "mad_ms", "throughput_per_s", "gmacs_per_s", "peak_memory_bytes",
    "run_memory_bytes", "arena_bytes", "cold_start_ms", "first_call_ms", "after_idle_ms", "copy_in_ms", "copy_out_ms",
)  # fmt: skip
_RATIO = ("baseline", "ratio", "low", "high", "macs_ratio", "verdict")


def page(report: LatencyReport, title: str, least: Sequence[LeastTime] = ()) -> Page:
    """Return the page of times: the table, what qualifies it, and the answer, which a terminal's reader sees last."""
    said = answer(report)
    blocks = [*latency(report, title), *charts(report), Items(least_times(least), "dim"), Say(said, tone="strong")]
    return Page(title, blocks, report, records=_records(report), summary=said)


def latency(report: LatencyReport, title: str) -> list[Block]:
    """Return the table of times and what must be known of it."""
    return [
        replace(table(report), title=title, keep=_SHOWN_UNFOLDED, rest="all figures"),
        Say(resolution(report), tone="alarm" if report.too_noisy else ""),
        Items(open_verdicts(report)),
        Items(failures(report.failed), "bad"),
        Say(measured(report), tone="dim"),
        Say(*report.note.splitlines(), tone="dim"),
    ]


def _records(report: LatencyReport) -> Records:
    ratios = {ratio.label: ratio for ratio in report.ratios}
    rows = [
        (
            *(getattr(model, name) for name in _RECORDED),
            *model.median_interval_ms,
            *(getattr(ratios.get(model.label), name, None) for name in _RATIO),
        )
        for model in report.models
    ]
    return Records((*_RECORDED, "low_ms", "high_ms", "baseline", "ratio", "ratio_low", "ratio_high", *_RATIO[4:]), rows)


def answer(report: LatencyReport) -> str:
    """Say in one sentence which model takes longer, and how much; of one model its time."""
    if report.too_noisy:
        return "No answer: the machine is too noisy."
    if report.ratios:
        judged = any(ratio.verdict for ratio in report.ratios)
        others = [answers.Beside(ratio.label, ratio.macs_ratio, ratio) for ratio in report.ratios]
        return answers.sentence(report.ratios[0].baseline, others) if judged else ""
    if len(report.models) != 1:
        return ""
    (model,) = report.models
    interval = units.interval_ms(*model.median_interval_ms)
    return f"{model.label} takes {units.milliseconds(model.median_ms)} {interval}."


def conditions(latency: LatencyReport | Timing) -> str:
    """Say on what latency was measured; TensorRT is named where it was asked before CUDA."""
    protocol, runtime, machine = latency.protocol, latency.runtime, latency.machine
    device = runtime.device + (" (TensorRT)" if "TensorrtExecutionProvider" in runtime.providers else "")
    return (
        f"{runtime.name} {runtime.version} on {device}, {machine.cpu} ({machine.cores_usable} cores), "
        f"{units.plural(protocol.threads, 'thread')}, batch {protocol.batch}, optimisation {runtime.optimisation}"
    )


def measured(latency: LatencyReport | Timing) -> str:
    """Say on what and how latency was measured."""
    processes = units.plural(latency.processes, "process", "es")
    return f"{conditions(latency)}; {processes}, blocks interleaved at random; {latency.elapsed_s:.0f} s."


def resolution(latency: LatencyReport | Timing) -> str:
    """Say what the A/A control shows of the machine; nothing where there was none."""
    control = latency.control
    if control is None:
        return ""
    took = f"copy of {control.baseline} measured {with_interval(control)}."
    if control.too_noisy:
        return f"Machine too noisy: a {took} No ratio here can be believed; repeat it when the machine is quiet."
    return f"Noise floor ±{100 * control.resolution:.2g} %: an identical {took}"


def open_verdicts(latency: LatencyReport) -> list[str]:
    """Say why each inconclusive verdict is inconclusive."""
    return [f"{one.label}: inconclusive: {one.reason}." for one in latency.ratios if one.verdict == "inconclusive"]


def failures(failed: Sequence[FailedModel]) -> list[str]:
    """Say of each model that could not be timed why not."""
    return [f"{one.label}: failed: {one.reason}" for one in failed]
