"""Run a measurement: each model alone for a moment, then timing processes side by side, within the time budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from costlens import runtimes
from costlens.bench.job import AloneSamples, Job
from costlens.bench.looks import Conductor, OnProgress, Series, silent
from costlens.bench.process import ProcessFailed
from costlens.bench.protocol import Protocol, alone_deadline_s
from costlens.bench.summary import Known, summarise
from costlens.errors import BenchError, UsageError, did_you_mean
from costlens.results.latency import LatencyReport
from costlens.runtimes import Fingerprint


def bench(
    models: Mapping[str, Path],
    protocol: Protocol | None = None,
    *,
    baseline: str | None = None,
    macs: Mapping[str, int] | None = None,
    peak_activations: Mapping[str, int] | None = None,
    on_progress: OnProgress = silent,
) -> LatencyReport:
    """Time models (label → .onnx file) side by side: figures, verdicts against ``baseline``, raw samples.

    The baseline is the first model unless one is named. ``macs`` (label → MACs of one example) gives GMAC/s and the
    ratios in MACs. ``peak_activations`` (label → bytes of one example) gives the bound that the arena is compared with.
    ``on_progress(done, total, message)`` is called before each process starts and once at the end; the message's
    first line says what starts, the others are the ratios so far.

    A model that cannot be timed is ``failed`` with its reason, and the others are compared. Raises BenchError where no
    model can be timed, UsageError or RuntimeUnavailable before any work. An interrupt ends the running process.
    """
    return measured(
        models, Conductor(protocol or Protocol(), on_progress), baseline, macs or {}, peak_activations or {}
    )


def measured(
    models: Mapping[str, Path],
    conductor: Conductor,
    baseline: str | None,
    macs: Mapping[str, int],
    peak_activations: Mapping[str, int],
) -> LatencyReport:
    """Try each model alone, time those that work side by side, and sum up; see ``bench``."""
    _check(models, baseline, conductor.protocol)
    started = conductor.clock()
    alone, failed, lost_s = _try_alone(models, conductor)
    working = {label: models[label] for label in alone}
    wanted = baseline or next(iter(models))
    series = Series(conductor, working, alone, wanted if wanted in working else next(iter(working)))
    tried = [one.fingerprint for one in alone.values()]
    _check_one_machine(tried)
    series.run(started + lost_s)
    _check_one_machine(tried + [one.fingerprint for one in series.finished])
    done = len(alone) + len(series.finished)
    conductor.on_progress(done, done, "timed")
    known = Known(wanted, macs, peak_activations, failed | series.failed, conductor.clock() - started)
    return summarise(conductor.protocol, series, known)


def _check(models: Mapping[str, Path], baseline: str | None, protocol: Protocol) -> None:
    if not models:
        raise UsageError("there is no model to time")
    if baseline is not None and baseline not in models:
        hint = did_you_mean(baseline, models)
        raise UsageError(f"baseline {baseline!r} is not one of the models{hint}; known: {', '.join(models)}")
    for label, path in models.items():
        if not Path(path).is_file():
            raise BenchError(f"{path}: no such model file (for {label}); export the model first")
    runtime = runtimes.get(protocol.runtime)
    if protocol.device not in {"auto", "cpu"}:
        runtime.require(protocol.device)


def _try_alone(
    models: Mapping[str, Path], conductor: Conductor
) -> tuple[dict[str, AloneSamples], dict[str, str], float]:
    """Return the samples of the models that run, why others fail, and the seconds that those took."""
    lost_s = 0.0
    found: dict[str, AloneSamples] = {}
    failed: dict[str, str] = {}
    for done, (label, path) in enumerate(models.items()):
        conductor.on_progress(done, len(models) + conductor.protocol.processes, f"loading {label}")
        before = conductor.clock()
        limit_s = alone_deadline_s(conductor.protocol, Path(path).stat().st_size)
        try:
            samples = conductor.launch(Job("alone", conductor.protocol, {label: path}, deadline_s=limit_s))
        except ProcessFailed as problem:
            failed[label] = str(problem)
            lost_s += conductor.clock() - before
            continue
        if not isinstance(samples, AloneSamples):
            raise BenchError(f"a measuring process answered with {type(samples).__name__}, not for one model")
        found[label] = samples
    if not found:
        raise BenchError("\n".join(dict.fromkeys(failed.values())))
    return found, failed, lost_s


def _check_one_machine(fingerprints: Sequence[Fingerprint]) -> None:
    different = sorted({str(one) for one in fingerprints})
    if len(different) > 1:
        raise BenchError(
            "the models did not all run on the same runtime and device, so their times cannot be compared: "
            f"{'; '.join(different)}; use --device cpu"
        )
