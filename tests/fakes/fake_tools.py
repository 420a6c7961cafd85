"""Tools of a task that export nothing and time nothing real: they remember what was asked of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from costlens.bench.attribution.summary import Named
from costlens.bench.kernels import Timed, TimedKernels
from costlens.bench.machine import machine_facts
from costlens.bench.process import ProcessFailed
from costlens.bench.protocol import Protocol
from costlens.bench.worker import Job
from costlens.commands import _options
from costlens.network.graph import Graph
from costlens.results.counts import ModelCount
from costlens.results.latency import LatencyReport
from costlens.results.layer_times import Calibration, KernelTime, LayerTime, LayerTimes
from costlens.results.report import ExportedFile
from costlens.results.verification import CrossCheck, Ledger
from costlens.runtimes import Inputs, Options
from costlens.runtimes._operation import Operation
from costlens.tasks import _kernels
from costlens.tasks._proof import Proof
from costlens.tasks._tools import Observer, Tools, silent
from tests.fakes.fake_bench import CPU, FEW_CALLS, Conductor

AGREES = CrossCheck("macs", (("spec", 1), ("ONNX", 1)), True)
WRONG = CrossCheck("macs", (("spec", 1), ("ONNX", 4)), False, "off by 3")
FILE_BYTES = 999


BLOCK = 8
"""The channels that the runtime keeps together, whatever processor the tests run on."""


@dataclass
class Workshop:
    """What takes the place of exports and measurements.

    call_ms: how long a call takes, by label or by ``network label``; 1 ms otherwise. factor, dies: as a Conductor's.
    wrong: networks or variants whose proof disagrees. fails, unprofiled: what the export, the profile of a network or
    variant raises. error: what a measurement raises. refused: operators that the runtime does not run by themselves.
    kernels_error: what the timing of kernels raises. shorter: what a plan is run with instead. is_watched: whether
    progress is told.
    """

    folder: Path
    call_ms: Mapping[str, float] = field(default_factory=dict)
    factor: Callable[[int, str], float] = lambda process, label: 1.0
    dies: Callable[[Job], ProcessFailed | None] = lambda job: None
    wrong: frozenset[str] = frozenset()
    fails: Mapping[str, Exception] = field(default_factory=dict)
    unprofiled: Mapping[str, Exception] = field(default_factory=dict)
    error: Exception | None = None
    refused: frozenset[str] = frozenset()
    kernels_error: Exception | None = None
    shorter: Mapping[str, Any] = field(default_factory=lambda: FEW_CALLS)
    is_watched: bool = False
    exported: list[str] = field(default_factory=list)
    plans: list[Protocol] = field(default_factory=list)
    profiled: list[tuple[str, int]] = field(default_factory=list)
    timed: list[Mapping[str, Path]] = field(default_factory=list)
    baselines: list[str] = field(default_factory=list)
    reports: list[LatencyReport] = field(default_factory=list)

    def prove(self, graph: Graph, count: ModelCount) -> Proof:
        names = {count.name, count.variant}
        self.exported.append(f"{count.name}:{count.variant}")
        for name in names & set(self.fails):
            raise self.fails[name]
        ledger = Ledger(count.name, count.variant, (WRONG if names & self.wrong else AGREES,))
        path = self.folder / f"{count.name}.onnx"
        return Proof(count, ledger, ExportedFile(count.variant, path.name, FILE_BYTES, ""), path, {})

    def bench(
        self,
        files: Mapping[str, Path],
        plan: Protocol,
        baseline: str,
        macs: Mapping[str, int],
        peak_activations: Mapping[str, int],
        inputs: Mapping[str, Inputs],
        observe: Observer,
    ) -> LatencyReport:
        self.plans.append(plan)
        self.timed.append(files)
        self.baselines.append(baseline)
        if self.error:
            raise self.error
        call_ms = {
            label: self.call_ms.get(f"{path.stem} {label}", self.call_ms.get(label, 1.0))
            for label, path in files.items()
        }
        conductor, run = Conductor(call_ms, self.folder, self.factor, self.dies), replace(plan, **self.shorter)
        self.reports.append(conductor.run(run, baseline=baseline, macs=macs, peak_activations=peak_activations))
        return self.reports[-1]

    def profile(
        self, named: Named, file: Path, rows: Sequence[LayerTime], runtime: str, options: Options, processes: int
    ) -> LayerTimes:
        """Return ten microseconds for each row, of one kernel."""
        self.profiled.append((named.variant or named.name, processes))
        for name in {named.name, named.variant} & set(self.unprofiled):
            raise self.unprofiled[name]
        kernels = (KernelTime("kernel", "Conv", 12.0, 10.0),)
        return LayerTimes(
            schema=LayerTimes.SCHEMA,
            name=named.name,
            title=named.title,
            variant=named.variant,
            also=named.also,
            batch=options.batch,
            machine=machine_facts(),
            runtime=CPU,
            fingerprint="f",
            processes=processes,
            runs=300,
            unprofiled_us=10.0 * len(rows),
            profiled_us=12.0 * len(rows),
            calibration=Calibration(2.0, 2.5, 0.0, 0.0, ()),
            rows=tuple(replace(row, microseconds=10.0, share=1 / len(rows), kernels=kernels) for row in rows),
            layout=LayerTime("layout", "", 0.0, 0.0, ()),
            other=LayerTime("other", "", 0.0, 0.0, ()),
        )

    def time_kernels(self, operations: Sequence[Operation]) -> TimedKernels:
        """Return a microsecond for each kernel, and one more for ten multiplications."""
        if self.kernels_error:
            raise self.kernels_error
        timed = tuple(Timed(one, us := 1 + one.macs / 10, us, 0.01) for one in operations if one.op not in self.refused)
        refused = tuple((one, "no such kernel") for one in operations if one.op in self.refused)
        return TimedKernels(timed, refused, BLOCK, 3.0)

    def tools(self, observe: Observer = silent, note: Callable[[str], object] = str) -> Tools:
        return Imitated(observe if self.is_watched else silent, note, self)


@dataclass(frozen=True)
class Imitated(Tools):
    """The tools of a workshop."""

    work: Any = None

    def prove(self, *given: Any) -> Proof:
        return self.work.prove(*given)

    def bench(self, *given: Any) -> LatencyReport:
        return self.work.bench(*given, self.observe)

    def profile(self, *given: Any) -> LayerTimes:
        return self.work.profile(*given)

    def time_kernels(self, operations: Sequence[Operation], *given: Any, **how: Any) -> TimedKernels:
        return self.work.time_kernels(operations)


@pytest.fixture
def work(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    nothing_of_other_tests_is_collected: None,
) -> Workshop:
    """Hand these tools to every command that is run."""
    made = Workshop(tmp_path_factory.mktemp("work"))
    monkeypatch.setattr(_options, "Tools", made.tools)
    monkeypatch.setattr(_kernels, "block", lambda: BLOCK)
    return made
