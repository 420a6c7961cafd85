"""A measurement without a model: a machine whose clock only models move on, and a launcher of processes on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from costlens.bench.process import ProcessFailed
from costlens.bench.protocol import Protocol
from costlens.bench.run import bench
from costlens.bench.worker import Job, ModelSamples, ProcessSamples, Samples, measure, measure_alone
from costlens.results.latency import LatencyReport
from costlens.runtimes import Fingerprint, Options

CPU = Fingerprint("fake", "1", "", "cpu", ("CPU",), "{}", 1, "all")
MS = 1_000_000
FEW_CALLS = {"warmup_calls": 3, "blocks": 3, "calls": 2, "discards": 1, "discards_after_larger": 1}
"""A shorter plan: a machine whose clock only models move on needs no more of them."""


class Machine:
    """A clock that only models and sleep move on. The first load of a process takes twice as long as others."""

    def __init__(self, call_ms: Mapping[str, float], load_ms: float = 50.0, start_ms: float = 0.0) -> None:
        self.call_ns = {label: round(ms * MS) for label, ms in call_ms.items()}
        self.load_ns = round(load_ms * MS)
        self.start_ns = round(start_ms * MS)
        self.now_ns = 0
        self.idle = False
        self.calls: list[str] = []

    def clock(self) -> int:
        return self.now_ns

    def sleep(self, seconds: float) -> None:
        self.now_ns += round(seconds * 1e9)
        self.idle = True

    def start(self) -> None:
        self.now_ns += self.start_ns

    def load(self, path: Path, options: Options) -> FakeSession:
        self.now_ns += self.load_ns * (1 if self.calls else 2)
        return FakeSession(self, unquote(path.stem))

    def arena_bytes(self, path: Path, options: Options) -> int | None:
        return None


class FakeSession:
    """The first call takes three times as long, one after idling twice as long."""

    fingerprint = CPU

    def __init__(self, machine: Machine, label: str) -> None:
        self.machine = machine
        self.label = label
        self.runs = 0

    def run(self) -> None:
        slower = 3 if self.runs == 0 else 2 if self.machine.idle else 1
        self.runs += 1
        self.machine.idle = False
        self.machine.now_ns += slower * self.machine.call_ns[self.label]
        self.machine.calls.append(self.label)

    def synchronize(self) -> None:
        pass


class Conductor:
    """Launches jobs on a fake machine and keeps its own seconds; a process's start costs 0.2 s.

    ``factor(process, label)`` makes a model slower in one process; ``dies(job)`` is what a job dies of, if at all.
    """

    def __init__(
        self,
        call_ms: Mapping[str, float],
        tmp_path: Path,
        factor: Callable[[int, str], float] = lambda process, label: 1.0,
        dies: Callable[[Job], ProcessFailed | None] = lambda job: None,
    ) -> None:
        self.call_ms = call_ms
        self.factor = factor
        self.dies = dies
        self.models = {label: tmp_path / f"{quote(label, safe=' ')}.onnx" for label in call_ms}
        for path in self.models.values():
            path.touch()
        self.now_s = 100.0
        self.jobs: list[Job] = []
        self.progress: list[tuple[int, int, str]] = []

    def launch(self, job: Job) -> Samples:
        self.jobs.append(job)
        machine = Machine(self.call_ms)
        samples: Samples
        if job.task == "time":
            samples = self._slowed(job, measure(job, machine, lambda message: None, machine.clock, machine.sleep))
        else:
            samples = measure_alone(job, machine, lambda message: None, machine.clock)
        self.now_s += 0.2 + machine.now_ns / 1e9
        if death := self.dies(job):
            raise death
        return samples

    def _slowed(self, job: Job, samples: ProcessSamples) -> ProcessSamples:
        def slowed(label: str, model: ModelSamples) -> ModelSamples:
            factor = self.factor(job.process, label)
            return replace(
                model, blocks_ns=tuple(tuple(round(ns * factor) for ns in block) for block in model.blocks_ns)
            )

        return replace(samples, models={label: slowed(label, model) for label, model in samples.models.items()})

    @property
    def timed(self) -> list[Job]:
        return [job for job in self.jobs if job.task == "time"]

    def run(self, protocol: Protocol, **changes: Any) -> LatencyReport:
        def observe(*step: Any) -> None:
            self.progress.append(step)

        return bench(
            self.models, protocol, on_progress=observe, launch=self.launch, clock=lambda: self.now_s, **changes
        )
