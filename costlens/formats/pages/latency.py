"""Times side by side: each model's median, its ratio to the baseline beside the ratio in MACs, and the verdict."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from costlens.arithmetic import units
from costlens.formats.pages.bounds import least_times
from costlens.results.columns import BYTES, INTERVAL_MS, MS, ONE_DECIMAL, RATIO, TIMES, WHOLE, Column, times
from costlens.results.page import Block, Items, Page, Records, Say, Table
from costlens.results.verdict import conclusion

if TYPE_CHECKING:
    from costlens.results.bounds import LeastTime
    from costlens.results.comparison import TimeRatio, Timing
    from costlens.results.latency import Latency, LatencyRatio, LatencyReport
    from costlens.runtimes import Fingerprint

_SHOWN_UNFOLDED = 3


@dataclass(frozen=True, slots=True)
class LatencyLine:
    """A model's latency with its ratio to the baseline; None for the baseline itself."""

    latency: Latency
    ratio: LatencyRatio | None


def latency_lines(report: LatencyReport) -> list[LatencyLine]:
    """Return the lines of the table of latencies."""
    ratios = {ratio.label: ratio for ratio in report.ratios}
    return [LatencyLine(model, ratios.get(model.label)) for model in report.models]


def with_interval(ratio: float, low: float | None, high: float | None) -> str:
    """Write a ratio of times and its interval, where it has one.

    >>> with_interval(0.12345, 0.12, 0.1301), with_interval(3, None, None)
    ('0.123× [0.120, 0.130]', '3.00×')
    """
    interval = "" if low is None or high is None else f" [{times(low)[:-1]}, {times(high)[:-1]}]"
    return f"{times(ratio)}{interval}"


def concluded(ratio: LatencyRatio | TimeRatio | None) -> str:
    """Write the verdict of a ratio, where there is one; that of a quick look says so."""
    return conclusion(ratio.verdict, ratio.confidence) if ratio else ""


def _time_ratio(line: LatencyLine) -> str:
    ratio = line.ratio
    return "baseline" if ratio is None else with_interval(ratio.ratio, ratio.low, ratio.high)


def _figure(name: str) -> Callable[[LatencyLine], Any]:
    return lambda line: getattr(line.latency, name)


LATENCY_COLUMNS: tuple[Column[LatencyLine], ...] = (
    Column("label", "model", value=_figure("label")),
    Column("median_ms", "median", MS, _figure("median_ms")),
    Column("interval", "interval", INTERVAL_MS, _figure("median_interval_ms"), priority=3),
    Column("p90_ms", "p90", MS, _figure("p90_ms"), priority=4),
    Column("p99_ms", "p99", MS, _figure("p99_ms"), priority=4),
    Column("ratio", "time ÷ baseline", TIMES, _time_ratio),
    Column("macs_ratio", "MACs ÷", RATIO, lambda line: line.ratio.macs_ratio if line.ratio else "1"),
    Column("verdict", "verdict", value=lambda line: concluded(line.ratio), priority=1),
    Column("gmacs_per_s", "GMAC/s", ONE_DECIMAL, _figure("gmacs_per_s"), priority=2),
    Column("throughput", "examples/s", WHOLE, _figure("throughput_per_s"), priority=3),
    Column("cold_start_ms", "cold start", MS, _figure("cold_start_ms"), priority=5),
    Column("first_call_ms", "first call", MS, _figure("first_call_ms"), priority=7),
    Column("after_idle_ms", "after idle", MS, _figure("after_idle_ms"), priority=8),
    Column("copy_in_ms", "copy in", MS, _figure("copy_in_ms"), priority=4),
    Column("copy_out_ms", "copy out", MS, _figure("copy_out_ms"), priority=4),
    Column("peak_memory", "peak memory", BYTES, _figure("peak_memory_bytes"), priority=6),
    Column("run_memory", "run memory", BYTES, _figure("run_memory_bytes"), priority=9),
    Column("arena", "arena", BYTES, _figure("arena_bytes"), priority=9),
    Column("peak_activations", "peak\nactivations", BYTES, _figure("peak_activation_bytes"), priority=9),
    Column("arena_to_bound", "arena ÷ peak\nactivations", RATIO, _figure("arena_to_bound"), priority=9),
)
_RECORDED = (
    "label", "median_ms", "p90_ms", "p99_ms", "mad_ms", "throughput_per_s", "gmacs_per_s", "peak_memory_bytes",
    "run_memory_bytes", "arena_bytes", "cold_start_ms", "first_call_ms", "after_idle_ms", "copy_in_ms", "copy_out_ms",
)  # fmt: skip
_RATIO = ("baseline", "ratio", "low", "high", "macs_ratio", "verdict")


def page(report: LatencyReport, title: str, least: Sequence[LeastTime] = ()) -> Page:
    """Return the page of times: the table, what qualifies it, and the answer, which a terminal's reader sees last."""
    said = answer(report)
    blocks = [*latency(report, title), Items(least_times(least), "dim"), Say(said, tone="strong")]
    return Page(title, blocks, report, records=_records(report), summary=said)


def latency(report: LatencyReport, title: str) -> list[Block]:
    """Return the table of times and what must be known of it."""
    return [
        Table(LATENCY_COLUMNS, latency_lines(report), title, keep=_SHOWN_UNFOLDED, rest="all figures"),
        Say(resolution(report), tone="alarm" if report.too_noisy else ""),
        Items(open_verdicts(report)),
        Items(failures(report), "bad"),
        Say(measured(report), tone="dim"),
        Say(*report.note.splitlines(), tone="dim"),
    ]


def _records(report: LatencyReport) -> Records:
    rows = [
        (
            *(getattr(line.latency, name) for name in _RECORDED),
            *line.latency.median_interval_ms,
            *(getattr(line.ratio, name, None) for name in _RATIO),
        )
        for line in latency_lines(report)
    ]
    return Records((*_RECORDED, "low_ms", "high_ms", "baseline", "ratio", "ratio_low", "ratio_high", *_RATIO[4:]), rows)


def answer(report: LatencyReport) -> str:
    """Say which model is the fastest, and by how much; nothing where no ratio can be believed."""
    if report.too_noisy or not all(ratio.verdict for ratio in report.ratios) or not report.ratios:
        return ""
    baseline = report.ratios[0].baseline
    faster = [ratio for ratio in report.ratios if ratio.verdict == "faster"]
    if not faster:
        sure = all(ratio.verdict == "slower" and ratio.settled for ratio in report.ratios)
        return f"{baseline} is the fastest." if sure else f"No model is known to be faster than {baseline}."
    best = min(faster, key=lambda ratio: ratio.ratio)
    speed, low, high = (f"{1 / value:.3g}" for value in (best.ratio, best.high, best.low))
    quick = "" if best.settled else f" (quick look, {100 * best.confidence:.0f} %)"
    macs = "" if best.macs_ratio is None else f" with {units.ratio(best.macs_ratio)} of its MACs"
    return f"{best.label} is {speed} [{low}, {high}] times as fast as {baseline}{macs}{quick}."


def _device(runtime: Fingerprint) -> str:
    """Name the device, and TensorRT where it was asked before CUDA."""
    return f"{runtime.device} (TensorRT)" if "TensorrtExecutionProvider" in runtime.providers else runtime.device


def conditions(latency: LatencyReport | Timing) -> str:
    """Say on what latency was measured."""
    protocol, runtime, machine = latency.protocol, latency.runtime, latency.machine
    return (
        f"{runtime.name} {runtime.version} on {_device(runtime)}, {machine.cpu} ({machine.cores_usable} cores), "
        f"{units.plural(protocol.threads, 'thread')}, batch {protocol.batch}, optimisation {runtime.optimisation}"
    )


def measured(latency: LatencyReport | Timing) -> str:
    """Say on what and how latency was measured."""
    return (
        f"{conditions(latency)}; {units.plural(latency.processes, 'process', 'es')}, blocks interleaved at random; "
        f"{latency.elapsed_s:.0f} s."
    )


def resolution(latency: LatencyReport | Timing) -> str:
    """Say what the A/A control shows of the machine; nothing where there was none."""
    control = latency.control
    if control is None:
        return ""
    took = f"copy of {control.baseline} measured {with_interval(control.ratio, control.low, control.high)}."
    if control.too_noisy:
        return f"Machine too noisy: a {took} No ratio here can be believed; repeat it when the machine is quiet."
    return f"Noise floor ±{100 * control.resolution:.2g} %: an identical {took}"


def open_verdicts(latency: LatencyReport) -> list[str]:
    """Say why each inconclusive verdict is inconclusive."""
    return [f"{one.label}: inconclusive: {one.reason}." for one in latency.ratios if one.verdict == "inconclusive"]


def failures(latency: LatencyReport | Timing) -> list[str]:
    """Say of each model that could not be timed why not."""
    return [f"{one.label}: failed: {one.reason}" for one in latency.failed]
