"""Run a measurement: each model alone for a moment, then timing processes side by side, within the time budget."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from costlens import runtimes
from costlens.bench import process
from costlens.bench.job import AloneSamples, Job
from costlens.bench.looks import Conductor, Launch, OnProgress, Series, silent
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
    measurement = Measurement(models, protocol or Protocol(), on_progress)
    return measurement.run(baseline, macs or {}, peak_activations or {})


@dataclass(frozen=True)
class Measurement:
    """The models and the plan of a measurement; ``launch`` and ``clock`` (seconds) are replaced in tests."""

    models: Mapping[str, Path]
    protocol: Protocol
    on_progress: OnProgress = silent
    launch: Launch = process.run_job
    clock: Callable[[], float] = time.monotonic

    def run(
        self, baseline: str | None, macs: Mapping[str, int], peak_activations: Mapping[str, int] | None = None
    ) -> LatencyReport:
        """Try each model alone, time those that work side by side, and sum up."""
        self._check(baseline)
        started = self.clock()
        alone, failed, lost_s = self._try_alone()
        models = {label: self.models[label] for label in alone}
        wanted = baseline or next(iter(self.models))
        conductor = Conductor(self.protocol, self.on_progress, self.launch, self.clock)
        series = Series(conductor, models, alone, wanted if wanted in models else next(iter(models)))
        tried = [one.fingerprint for one in alone.values()]
        _check_one_machine(tried)
        series.run(started + lost_s)
        _check_one_machine(tried + [one.fingerprint for one in series.finished])
        done = len(alone) + len(series.finished)
        self.on_progress(done, done, "timed")
        failed |= series.failed
        known = Known(wanted, macs, peak_activations or {}, failed, self.clock() - started)
        return summarise(self.protocol, series, known)

    def _check(self, baseline: str | None) -> None:
        if not self.models:
            raise UsageError("there is no model to time")
        if baseline is not None and baseline not in self.models:
            known = ", ".join(self.models)
            hint = did_you_mean(baseline, self.models)
            raise UsageError(f"baseline {baseline!r} is not one of the models{hint}; known: {known}")
        for label, path in self.models.items():
            if not Path(path).is_file():
                raise BenchError(f"{path}: no such model file (for {label}); export the model first")
        runtime = runtimes.get(self.protocol.runtime)
        if self.protocol.device not in {"auto", "cpu"}:
            runtime.require(self.protocol.device)

    def _try_alone(self) -> tuple[dict[str, AloneSamples], dict[str, str], float]:
        """Return the samples of the models that run, why others fail, and the seconds that those took."""
        lost_s = 0.0
        found: dict[str, AloneSamples] = {}
        failed: dict[str, str] = {}
        total = len(self.models) + self.protocol.processes
        for done, (label, path) in enumerate(self.models.items()):
            self.on_progress(done, total, f"loading {label}")
            before = self.clock()
            limit_s = alone_deadline_s(self.protocol, Path(path).stat().st_size)
            try:
                samples = self.launch(Job("alone", self.protocol, {label: path}, deadline_s=limit_s))
            except ProcessFailed as problem:
                failed[label] = str(problem)
                lost_s += self.clock() - before
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
