"""Run a measurement: what is asked is checked, the processes are run, and their samples are summed up."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from costlens import runtimes
from costlens.bench.looks import Series
from costlens.bench.process import OnProgress, in_child, silent
from costlens.bench.protocol import Protocol
from costlens.bench.summary import summarise
from costlens.bench.worker import AloneSamples, Job, ProcessSamples, Samples
from costlens.errors import BenchError, UsageError, did_you_mean
from costlens.results.latency import LatencyReport


def run_job(job: Job) -> Samples:
    """Do a job in a process of its own."""
    kind: type[Samples] = ProcessSamples if job.task == "time" else AloneSamples
    return in_child("costlens.bench.worker", job, kind, job.deadline_s)


def bench(
    models: Mapping[str, Path],
    protocol: Protocol | None = None,
    *,
    baseline: str | None = None,
    macs: Mapping[str, int] | None = None,
    peak_activations: Mapping[str, int] | None = None,
    inputs: Mapping[str, runtimes.Inputs] | None = None,
    on_progress: OnProgress = silent,
    launch: Callable[[Job], Samples] = run_job,
    clock: Callable[[], float] = time.monotonic,
) -> LatencyReport:
    """Time models (label → .onnx file) side by side: figures, verdicts against ``baseline``, raw samples.

    The baseline is the first model unless one is named. ``macs`` (label → MACs of one example) gives GMAC/s and the
    ratios in MACs. ``peak_activations`` (label → bytes of one example) gives the bound that the arena is compared with.
    ``inputs`` (path → input) are those of model files that are run as they are.
    ``on_progress(done, total, message)`` is called before each process starts and once at the end; the message's
    first line says what starts, the others are the ratios so far. Tests replace ``launch`` and ``clock`` (seconds).

    A model that cannot be timed is ``failed`` with its reason, and the others are compared. Raises BenchError where no
    model can be timed, UsageError or RuntimeUnavailable before any work. An interrupt ends the running process.
    """
    protocol = protocol or Protocol()
    _check(models, baseline, protocol)
    wanted = baseline or next(iter(models))
    started = clock()
    series = Series(protocol, dict(models), wanted, on_progress, launch, clock, inputs or {})
    series.run()
    done = len(series.alone) + len(series.finished)
    on_progress(done, done, "timed")
    return summarise(series, wanted, macs or {}, peak_activations or {}, clock() - started)


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
