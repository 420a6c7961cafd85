"""The timing processes of a measurement: look after look, until every verdict is settled or the time is spent.

A process that dies or hangs is replaced. A model that ends two processes is left out. Where a process was busy with
all models, the third such loss ends the measurement with what it has.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from costlens.bench import process
from costlens.bench.job import AloneSamples, Job, ProcessSamples, Samples
from costlens.bench.process import ProcessFailed
from costlens.bench.protocol import Protocol, Turn, deadline_s, share_s, time_for_more
from costlens.bench.ratios import Ratios, to_baseline
from costlens.errors import BenchError

OnProgress = Callable[[int, int, str], None]
Launch = Callable[[Job], Samples]

_START_S = 0.4  # a guess of a process's start and end, until the first one has shown it
_DEATHS_OF_A_MODEL = 2
_DEATHS_OF_ALL = 3


def silent(done: int, total: int, message: str) -> None:
    """Report no progress."""


@dataclass(frozen=True, slots=True)
class Conductor:
    """How processes are started, timed and reported; ``launch`` and ``clock`` (seconds) are replaced in tests."""

    protocol: Protocol
    on_progress: OnProgress = silent
    launch: Launch = process.run_job
    clock: Callable[[], float] = time.monotonic


@dataclass
class Series:
    """The processes of one measurement so far, and the models that are still in it.

    control: the label of the baseline's copy, None where it could not be measured. ended: why there was no further
    look, empty where all looks were made or none was needed. lost_s: the seconds of processes that died or hung, which
    are outside the time budget.
    """

    conductor: Conductor
    models: dict[str, Path]
    alone: Mapping[str, AloneSamples]
    baseline: str
    control: str | None = None
    finished: list[ProcessSamples] = field(default_factory=list)
    lost: list[ProcessFailed] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    ended: str = ""
    lost_s: float = 0.0
    _turns: Mapping[str, Turn] | None = None
    _overhead_s: float = _START_S

    def run(self, started: float) -> None:
        """Measure, look after look; BenchError where no process brought anything."""
        self.control = self._copy()
        protocol, clock = self.conductor.protocol, self.conductor.clock
        before = clock()
        for look in protocol.looks_at:
            if self.finished:
                now = clock() - self.lost_s
                pace_s = (now - before) / len(self.finished)
                if not time_for_more(protocol, now - started, pace_s, look - len(self.finished)):
                    self.ended = f"the time budget of {protocol.time_budget_s:g} s allows no further look"
                    return
            while len(self.finished) < look:
                if not self._measure(look, started):
                    return
            if self.ratios().settled:
                return

    def _copy(self) -> str:
        """Return a label for the baseline's copy that no model has."""
        label = f"copy of {self.baseline}"
        while label in self.models:
            label = f"copy of {label}"
        return label

    def ratios(self) -> Ratios:
        """Return the ratios of the finished processes."""
        return to_baseline(self.finished, self.models, self.baseline, self.control, self.conductor.protocol)

    def _measure(self, look: int, started: float) -> bool:
        """Run one process; False where no more are to be tried."""
        conductor = self.conductor
        number = len(self.finished)
        message = "\n".join((f"process {number + 1} of {look}", *self._so_far()))
        conductor.on_progress(len(self.alone) + number, len(self.alone) + look, message)
        before = conductor.clock()
        try:
            samples = conductor.launch(self._job(look, before - self.lost_s - started))
        except ProcessFailed as problem:
            self.lost_s += conductor.clock() - before
            self.lost.append(problem)
            return self._go_on_without(problem)
        if not isinstance(samples, ProcessSamples):
            raise BenchError(f"a measuring process answered with {type(samples).__name__}, not with times")
        self._overhead_s = max(0.0, conductor.clock() - before - samples.busy_s)
        # The first process finds the turns; the others repeat them, so that all processes do the same.
        self._turns = self._turns or {label: model.turn for label, model in samples.models.items()}
        self.finished.append(samples)
        return True

    def _job(self, look: int, elapsed_s: float) -> Job:
        protocol = self.conductor.protocol
        models = dict(self.models)
        if self.control is not None:
            models[self.control] = self.models[self.baseline]
        share = share_s(protocol, elapsed_s, look - len(self.finished), self._overhead_s)
        known = [self.alone[self.baseline if label == self.control else label] for label in models]
        loads_s, calls_s = [one.cold_start_ns / 1e9 for one in known], [one.first_call_ns / 1e9 for one in known]
        limit_s = deadline_s(protocol, loads_s, calls_s, share)
        return Job("time", protocol, models, len(self.finished) + len(self.lost), share, self._turns, limit_s)

    def _so_far(self) -> Iterator[str]:
        if not self.finished:
            return
        found = self.ratios()
        for ratio in found.ratios:
            one = ratio.estimate
            yield f"{ratio.label} {one.value:.3g} [{one.low:.3g}, {one.high:.3g}]"
        if found.control:
            yield f"A/A control {found.control.ratio:.3f} [{found.control.low:.3f}, {found.control.high:.3f}]"

    def _go_on_without(self, problem: ProcessFailed) -> bool:
        """Leave out a model that ended a process twice; False where the processes die on all of them."""
        deaths = sum(one.label == problem.label for one in self.lost)
        if problem.label is None:
            if deaths < _DEATHS_OF_ALL:
                return True
            if not self.finished:
                raise BenchError(str(problem))
            self.ended = f"{deaths} processes were lost"
            return False
        if deaths >= _DEATHS_OF_A_MODEL:
            self._leave_out(problem.label, str(problem))
        return True

    def _leave_out(self, label: str, reason: str) -> None:
        self._turns = None
        if label == self.control:
            self.control = None
            return
        self.failed[label] = reason
        del self.models[label]
        if not self.models:
            raise BenchError(reason)
        if label == self.baseline:
            self.baseline = next(iter(self.models))
            self.control = self._copy()
            self.finished.clear()
