"""What kernels and networks took on this machine, kept in a folder: a run of the scripts of predictions goes on."""

import json
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from statistics import median

from costlens import runtimes
from costlens.arithmetic.units import plural
from costlens.bench.kernels import TimedKernels, most_passes
from costlens.bench.pace import Pace, is_slow
from costlens.bench.protocol import Protocol
from costlens.errors import MachineSlow
from costlens.prediction import Table
from costlens.prediction.kernels import kernels
from costlens.results.latency import LatencyReport
from costlens.results.layer_times import LayerTimes
from costlens.runtimes._onnxruntime_operations import Run
from costlens.runtimes._operation import Operation
from costlens.sources._source import Model
from costlens.tasks import _kernels
from costlens.tasks._profiled_kernels import told_apart
from costlens.tasks._proof import prove
from costlens.tasks._tools import Tools
from costlens.tasks.profile import profile_models
from tests.perf._frame import progress

MOST_TRIES = 5
"""Kernels that met no quick moment of the machine are timed so often."""
UNSTEADY, MOST_PROCESSES = 0.04, 15
"""A network whose middle process takes so much longer than its quickest is timed again, whatever was predicted."""
PATIENCE_S = 1200.0
"""How long networks wait in all while the machine is slow."""


@dataclass(frozen=True)
class Condition:
    """How networks are run."""

    threads: int = 1
    batch: int = 1

    def __str__(self) -> str:
        return f"{plural(self.threads, 'thread')}, batch {self.batch}"


@dataclass(frozen=True)
class Taken:
    """What was measured of a network, milliseconds: the middle call of each process, of a copy, and its profile's sum.

    A middle call is the median of the blocks' shortest calls. kernels: microseconds of those kernels of the profile
    whose names tell them apart, by their text.
    """

    network: list[float]
    copy: list[float]
    profile: float | None
    kernels: dict[str, list[float]] = field(default_factory=dict)

    @property
    def is_unsteady(self) -> bool:
        """Whether half of the processes took clearly longer than the quickest: then more of them are asked."""
        return median(self.network) > (1 + UNSTEADY) * min(self.network)

    def joined(self, more: "Taken") -> "Taken":
        """Return it with the processes of another measurement."""
        return replace(self, network=self.network + more.network, copy=self.copy + more.copy)


class Kept:
    """A folder with all that was measured, so that nothing is measured twice."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def tables(self) -> Iterator[None]:
        """Keep tables of kernels here and not in the cache, which holds the exports."""
        exports = os.environ.get("COSTLENS_CACHE")
        os.environ["COSTLENS_CACHE"] = str(self._folder)
        yield
        if exports is None:
            del os.environ["COSTLENS_CACHE"]
        else:
            os.environ["COSTLENS_CACHE"] = exports

    def table(self, found: Sequence[Model], condition: Condition, more: Sequence[Operation] = ()) -> Table:
        """Return the table of the kernels of networks and of more, grown by what it lacks."""
        with self.tables():
            held = _kernels.known(condition.threads)
            together = held.conditions.block if held else _kernels.block()
            graphs = [model.graph for model in found if model.graph]
            placed = [one for graph in graphs for one in kernels(graph, block=together, batch=condition.batch)]
            wanted = [*more, *(one.operation for one in placed)]
            if held and not held.missing(wanted):
                return held
            return grown(held, wanted, condition.threads)[0]

    def taken(self, model: Model, condition: Condition, *, copied: bool, least: int = 1) -> Taken:
        """Return what a network takes, in so many processes at least."""
        of = f"{model.count.name}-{model.count.variant}-{condition.threads}-{condition.batch}"
        path = self._folder / f"{of}.json"
        found = Taken(**json.loads(path.read_text())) if path.exists() else None
        was_slow = False
        while found is None or len(found.network) < (MOST_PROCESSES if found.is_unsteady or was_slow else least):
            self._pace.settled()
            more = measured(model, condition, copied=copied)
            was_slow = is_slow(self._pace.now(), self._pace.best_us)
            found = found.joined(more) if found else more
            path.write_text(json.dumps(asdict(found)))
        return found

    @cached_property
    def _pace(self) -> Pace:
        """The pace of the machine, by the best one that its kernels were timed at."""
        with self.tables():
            held = _kernels.known(1)
        runtime = runtimes.get(runtimes.DEFAULT)
        runtime.start()
        with tempfile.TemporaryDirectory() as folder:
            net = runtime.load(runtime.profiler().ladder(Path(folder))[-1], runtimes.Options("cpu"))
        return Pace(net, time.perf_counter_ns, held.conditions.pace_us if held else 0.0, PATIENCE_S)


def grown(held: Table | None, wanted: Sequence[Operation], threads: int) -> tuple[Table, TimedKernels]:
    """Return a table with the kernels that it lacks; those that met no quick moment are timed again."""
    tools = Tools(observe=lambda *step: progress([*map(str, step)]))
    for _ in range(MOST_TRIES):
        held, timed = _kernels.grown(held, wanted, threads, tools, passes=most_passes(threads))
        if not timed.slow:
            return held, timed
    raise MachineSlow(f"{plural(len(timed.slow), 'kernel')} met no quick moment of this machine")


def measured(model: Model, condition: Condition, *, copied: bool) -> Taken:
    """Export, time and profile one network."""
    assert model.graph
    path = prove(model.graph, model.count).path
    plan = Protocol(
        device="cpu", threads=condition.threads, batch=condition.batch, processes=5, looks=1, blocks=8,
        time_budget_s=14.0 if copied else 7.0,
    )  # fmt: skip
    tools = Tools()
    latency = tools.bench({"model": path, **({"again": path} if copied else {})}, plan, "model", {}, {}, {})
    times = undisturbed(latency, "model"), undisturbed(latency, "again") if copied else []
    if condition != Condition() or not copied:
        return Taken(*times, None)
    profiled = profile_models([replace(model, file=path)], plan, tools, 2).times
    if not profiled:
        return Taken(*times, None)
    return Taken(*times, profiled[0].sum_us / 1e3, by_kernel(profiled[0], _kernels.run_of(path, plan.options)))


def by_kernel(profiled: LayerTimes, ran: Run) -> dict[str, list[float]]:
    """Return the microseconds of kernels by their text."""
    told = told_apart([kernel for line in profiled.lines for kernel in line.kernels])
    found: dict[str, list[float]] = {}
    for key, kernel in told_apart(ran.kernels).items():
        if key in told:
            found.setdefault(ran.operations[ran.kernels.index(kernel)].text, []).append(told[key].microseconds)
    return found


def undisturbed(latency: LatencyReport, label: str) -> list[float]:
    """Return the median of the blocks' shortest calls of each process."""
    (one,) = (model for model in latency.models if model.label == label)
    return [median(min(block) for block in process) for process in one.samples_ms]


@contextmanager
def kept_here() -> Iterator[Kept]:
    """Keep what is measured in the folder that the environment names, or until the end."""
    with tempfile.TemporaryDirectory() as folder:
        yield Kept(Path(os.environ.get("COSTLENS_PERF_KEPT", folder)))
