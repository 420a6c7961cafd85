"""The processes of a measurement: each model alone, then all side by side until verdicts are settled or time is up.

A process that dies or hangs is replaced. A model that ends two processes is left out. Where a process was busy with
all models, the third such loss ends the measurement with what it has.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from costlens.bench.process import OnProgress, ProcessFailed
from costlens.bench.protocol import Protocol, Turn, alone_deadline_s, deadline_s, share_s, time_for_more
from costlens.bench.ratios import Ratios, to_baseline
from costlens.bench.worker import AloneSamples, Job, ProcessSamples
from costlens.errors import BenchError
from costlens.runtimes import Inputs

_START_S = 0.4  # a guess of a process's start and end, until the first one has shown it
_DEATHS_OF_A_MODEL = 2
_DEATHS_OF_ALL = 3


@dataclass
class Series:
    """The processes of one measurement so far, and the models that are still in it.

    inputs: those of model files, by path. control: the label of the baseline's copy, None where it could
    not be measured. ended: why there was no further look, empty where all looks were made or none was needed. lost_s:
    the seconds of processes that died or hung, which are outside the time budget.
    """

    protocol: Protocol
    models: dict[str, Path]
    baseline: str
    on_progress: OnProgress
    launch: Callable[[Job], Any]
    clock: Callable[[], float]
    inputs: Mapping[str, Inputs] = field(default_factory=dict)
    alone: dict[str, AloneSamples] = field(default_factory=dict)
    control: str | None = None
    finished: list[ProcessSamples] = field(default_factory=list)
    lost: list[ProcessFailed] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    ended: str = ""
    lost_s: float = 0.0
    _turns: Mapping[str, Turn] | None = None
    _overhead_s: float = _START_S

    def run(self) -> None:
        """Measure, look after look; BenchError where no process brought anything."""
        started = self._now_s
        self._try_alone()
        self._require_one_machine()
        self._run_looks(started)
        self._require_one_machine()

    @property
    def _now_s(self) -> float:
        """The clock without the time that was lost."""
        return self.clock() - self.lost_s

    def _try(self, job: Job) -> Any:
        """Return a process's samples, or what it failed of."""
        before = self.clock()
        try:
            return self.launch(job)
        except ProcessFailed as problem:
            self.lost_s += self.clock() - before
            return problem

    def _try_alone(self) -> None:
        """Run each model alone, and leave out those that fail."""
        total = len(self.models) + self.protocol.processes
        for done, (label, path) in enumerate(self.models.items()):
            self.on_progress(done, total, f"loading {label}")
            limit_s = alone_deadline_s(self.protocol, Path(path).stat().st_size)
            samples = self._try(Job("alone", self.protocol, {label: path}, deadline_s=limit_s, inputs=self.inputs))
            if isinstance(samples, ProcessFailed):
                self.failed[label] = str(samples)
            else:
                self.alone[label] = samples
        if not self.alone:
            raise BenchError("\n".join(dict.fromkeys(self.failed.values())))
        self.models = {label: self.models[label] for label in self.alone}
        if self.baseline not in self.models:
            self.baseline = next(iter(self.models))

    def _require_one_machine(self) -> None:
        ran_by = [one.fingerprint for one in self.alone.values()] + [one.fingerprint for one in self.finished]
        different = sorted(set(map(str, ran_by)))
        if len(different) > 1:
            raise BenchError(
                "the models did not all run on the same runtime and device, so their times cannot be compared: "
                f"{'; '.join(different)}; use --device cpu"
            )

    def _run_looks(self, started: float) -> None:
        self.control = self._copy()
        before = self._now_s
        for look in self.protocol.looks_at:
            if self.finished:
                pace_s = (self._now_s - before) / len(self.finished)
                if not time_for_more(self.protocol, self._now_s - started, pace_s, look - len(self.finished)):
                    self.ended = f"the time budget of {self.protocol.time_budget_s:g} s allows no further look"
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
        return to_baseline(self.finished, self.models, self.baseline, self.control, self.protocol)

    def _measure(self, look: int, started: float) -> bool:
        """Run one process; False where no more are to be tried."""
        done = len(self.alone) + len(self.finished)
        message = "\n".join((f"process {len(self.finished) + 1} of {look}", *self._so_far()))
        self.on_progress(done, len(self.alone) + look, message)
        before = self.clock()
        samples = self._try(self._job(look, self._now_s - started))
        if isinstance(samples, ProcessFailed):
            self.lost.append(samples)
            return self._go_on_without(samples)
        self._overhead_s = max(0.0, self.clock() - before - samples.busy_s)
        # The first process finds the turns; the others repeat them, so that all processes do the same.
        self._turns = self._turns or {label: model.turn for label, model in samples.models.items()}
        self.finished.append(samples)
        return True

    def _job(self, look: int, elapsed_s: float) -> Job:
        copy = {} if self.control is None else {self.control: self.models[self.baseline]}
        models = self.models | copy
        share = share_s(self.protocol, elapsed_s, look - len(self.finished), self._overhead_s)
        known = [self.alone[self.baseline if label == self.control else label] for label in models]
        loads_s, calls_s = [one.cold_start_ns / 1e9 for one in known], [one.first_call_ns / 1e9 for one in known]
        limit_s = deadline_s(self.protocol, loads_s, calls_s, share)
        process = len(self.finished) + len(self.lost)
        return Job("time", self.protocol, models, process, share, self._turns, limit_s, self.inputs)

    def _so_far(self) -> Iterator[str]:
        if not self.finished:
            return
        found = self.ratios()
        for one in found.ratios:
            yield f"{one.label} {one.ratio:.3g} [{one.low:.3g}, {one.high:.3g}]"
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
