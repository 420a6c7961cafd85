"""Run a comparison: each model alone for a moment, then one timing process after another, within the time."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from costlens.bench import process
from costlens.bench.job import AloneSamples, Job, ProcessSamples, Samples
from costlens.bench.protocol import Protocol, Side, share_s
from costlens.bench.summary import summarise
from costlens.errors import BenchError, UsageError, did_you_mean
from costlens.results.latency import LatencyReport
from costlens.runtimes import Fingerprint

OnProgress = Callable[[int, int, str], None]
Launch = Callable[[Job], Samples]
T = TypeVar("T", AloneSamples, ProcessSamples)

_START_S = 0.4  # a guess of a process's start and end, until the first one has shown it


def silent(done: int, total: int, message: str) -> None:
    """Report no progress."""


def bench(
    models: Mapping[str, Path],
    protocol: Protocol | None = None,
    *,
    baseline: str | None = None,
    macs: Mapping[str, int] | None = None,
    on_progress: OnProgress = silent,
) -> LatencyReport:
    """Time models (label → .onnx file) side by side: figures, ratios to ``baseline``, raw samples.

    ``macs`` (label → MACs of one example) gives GMAC/s and the ratios in MACs.
    ``on_progress(done, total, message)`` is called before each process starts and once at the end.
    Raises UsageError, RuntimeUnavailable or BenchError; an interrupt ends the running process and passes on.
    """
    comparison = Comparison(models, protocol or Protocol(), on_progress)
    return comparison.run(baseline, macs or {})


@dataclass(frozen=True)
class Comparison:
    """A comparison about to run; ``launch`` and ``clock`` (seconds) are replaced in tests."""

    models: Mapping[str, Path]
    protocol: Protocol
    on_progress: OnProgress = silent
    launch: Launch = process.run_job
    clock: Callable[[], float] = time.monotonic

    def run(self, baseline: str | None, macs: Mapping[str, int]) -> LatencyReport:
        """Try each model alone, time them all side by side, and sum up."""
        self._check(baseline)
        started = self.clock()
        alone = self._try_alone()
        processes = self._time(started)
        ran_by = [one.fingerprint for one in alone.values()] + [one.fingerprint for one in processes]
        _check_one_machine(ran_by)
        elapsed_s = self.clock() - started
        self.on_progress(self._total, self._total, "timed")
        return summarise(self.protocol, processes, alone, baseline=baseline, macs=macs, elapsed_s=elapsed_s)

    @property
    def _total(self) -> int:
        return len(self.models) + self.protocol.processes

    def _check(self, baseline: str | None) -> None:
        if not self.models:
            raise UsageError("there is no model to time")
        if baseline is not None and baseline not in self.models:
            known = ", ".join(self.models)
            hint = did_you_mean(baseline, self.models)
            raise UsageError(f"baseline {baseline!r} is none of the models{hint}; known: {known}")
        for label, path in self.models.items():
            if not Path(path).is_file():
                raise BenchError(f"{path}: no such model file (for {label}); export the model first")

    def _try_alone(self) -> dict[str, AloneSamples]:
        found = {}
        for done, (label, path) in enumerate(self.models.items()):
            self.on_progress(done, self._total, f"loading {label}")
            found[label] = _as(AloneSamples, self.launch(Job("alone", self.protocol, {label: path})))
        return found

    def _time(self, started: float) -> list[ProcessSamples]:
        finished: list[ProcessSamples] = []
        sides: Mapping[str, Side] | None = None
        overhead_s = _START_S
        for number in range(self.protocol.processes):
            message = f"timing, process {number + 1} of {self.protocol.processes}"
            self.on_progress(len(self.models) + number, self._total, message)
            before = self.clock()
            left = self.protocol.processes - number
            share = share_s(self.protocol, before - started, left, overhead_s)
            job = Job("time", self.protocol, self.models, number, share, sides)
            samples = _as(ProcessSamples, self.launch(job))
            overhead_s = max(0.0, self.clock() - before - samples.busy_s)
            # The first process finds the turns; the others repeat them, so that all processes do the same.
            sides = sides or {label: model.side for label, model in samples.models.items()}
            finished.append(samples)
        return finished


def _as(kind: type[T], samples: Samples) -> T:
    if not isinstance(samples, kind):
        raise BenchError(f"a measuring process answered with {type(samples).__name__}, not {kind.__name__}")
    return samples


def _check_one_machine(fingerprints: Sequence[Fingerprint]) -> None:
    different = sorted({str(one) for one in fingerprints})
    if len(different) > 1:
        raise BenchError(
            "the models did not all run on the same runtime and device, so their times cannot be compared: "
            f"{'; '.join(different)}; use --device cpu"
        )
