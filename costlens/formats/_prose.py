"""The sentences that more than one format says about a count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from costlens.arithmetic import units
from costlens.results.counts import ModelCount

if TYPE_CHECKING:
    from costlens.results.comparison import Timing
    from costlens.results.latency import LatencyReport
    from costlens.results.report import Report
    from costlens.runtimes import Fingerprint

ACCURACY = "Kinds of convolution are compared by cost; the networks they make differ in accuracy."


def totals(model: ModelCount) -> list[str]:
    """Return the totals of one model as short phrases."""
    t = model.totals
    bound = "" if model.status["macs"] == "complete" else "≥ "
    per_batch = f", batch {model.batch}" if model.batch > 1 else ""
    return [
        f"params {bound}{t.params:,} = {t.trainable:,} trainable + {t.non_trainable:,} non-trainable",
        f"kernels {bound}{t.kernels:,}, deployed {bound}{t.deployed_params:,} (BatchNorm folded)",
        f"MACs {bound}{t.macs:,}, FLOPs {bound}{t.flops:,}{per_batch}",
        f"weights {units.bytes_(t.weight_bytes)}, peak activations {units.bytes_(t.peak_activation_bytes)}, "
        f"traffic {units.bytes_(t.traffic_bytes)}, {t.intensity:.1f} FLOP/byte (fp32{per_batch})",
    ]


def left_alone(model: ModelCount) -> str:
    """Say how many convolutions a rewrite left as they are, and why."""
    if not model.left_alone:
        return ""
    reasons = Counter(item.reason for item in model.left_alone)
    listed = ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))
    return f"{units.plural(len(model.left_alone), 'convolution')} left alone: {listed}"


def remarks(model: ModelCount) -> list[str]:
    """Return what a reader must know of a count: what was left alone, overheads, what could not be counted."""
    missing = [f"not counted: {item}" for item in model.uncounted]
    return [text for text in (left_alone(model), *model.notes, *missing) if text]


def shared_remarks(models: Sequence[ModelCount]) -> list[str]:
    """Return the remarks of several variants, each once behind the names of those it holds for."""
    by_text: dict[str, list[str]] = {}
    for model in models:
        for line in remarks(model):
            by_text.setdefault(line, []).append(" = ".join((model.variant, *model.also)))
    return [f"{', '.join(names)}: {line}" for line, names in by_text.items()]


def verdict(report: Report) -> str:
    """Say in one line whether the numbers are proven."""
    if not report.ledgers:
        return "Not verified: counted from the spec only."
    entries = [entry for ledger in report.ledgers for entry in ledger.entries]
    wrong = sum(not entry.agrees for entry in entries)
    if wrong:
        return f"Verification FAILED: {wrong} of {len(entries)} checks disagree."
    return f"Verified: all {len(entries)} checks over {units.plural(len(report.ledgers), 'variant')} agree."


def roads(pairs: Iterable[tuple[str, object]]) -> str:
    """Write the roads to one number, equal ones together.

    >>> roads([("spec", 3751369), ("Keras", 3751369), ("ONNX", 7)])
    'spec = Keras: 3,751,369; ONNX: 7'
    """
    by_value: dict[str, list[str]] = {}
    for road, value in pairs:
        by_value.setdefault(f"{value:,}" if isinstance(value, int) else str(value), []).append(road)
    return "; ".join(f"{' = '.join(names)}: {value}" for value, names in by_value.items())


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
    """Say what the A/A control tells of the machine; nothing where there was none."""
    control = latency.control
    if control is None:
        return ""
    took = f"a copy of {control.baseline} took {control.ratio:.3f} [{control.low:.3f}, {control.high:.3f}] of its time."
    if control.too_noisy:
        return f"Machine too noisy: {took} No ratio here can be believed; repeat it when the machine is quiet."
    return f"This machine resolves ±{100 * control.resolution:.2g} %: {took}"


def open_verdicts(latency: LatencyReport) -> list[str]:
    """Say of each inconclusive verdict why it is."""
    return [f"{one.label}: inconclusive: {one.reason}." for one in latency.ratios if one.verdict == "inconclusive"]


def failures(latency: LatencyReport | Timing) -> list[str]:
    """Say of each model that could not be timed why not."""
    return [f"{one.label}: failed: {one.reason}" for one in latency.failed]
