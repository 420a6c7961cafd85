"""One point of a family → its export, its proof and its time beside the network as written, on any machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from costlens import runtimes
from costlens.errors import BenchError, CostlensError, RuntimeUnavailable, UsageError, first_line
from costlens.network.count import count
from costlens.network.variants import Mix, rewrite
from costlens.results.point_times import PointTime, PredictedTime
from costlens.sources._source import Model
from costlens.sources._word import Word
from costlens.storage.measuring import measuring_alone
from costlens.tasks import _kept_times
from costlens.tasks._timing import prepare, time_side_by_side
from costlens.tasks.exploration.counting import Job
from costlens.tasks.exploration.space import Point, kinds, settings
from costlens.tasks.predict import predict_models

if TYPE_CHECKING:
    from costlens.bench import protocol
    from costlens.results.latency import LatencyReport
    from costlens.spec.family import Family
    from costlens.tasks._tools import Tools

_WRITTEN = "as written"
_OF_PROCESSOR = "times are predicted of onnxruntime on the processor alone"


@dataclass(frozen=True, slots=True)
class PointJob:
    """A point to time, as plain values that any process can be given.

    job: the spec, its settings and the axes; ``said`` is the word for it. number, values: of the point. macs, params:
    what was counted of it. plan: how to time it.
    """

    job: Job
    said: str
    number: int
    values: Point
    macs: int
    params: int | None
    plan: protocol.Protocol


class Timed(NamedTuple):
    """The time of a point; the device that it was timed on now, or nothing where one of the last day is used again."""

    time: PointTime
    device: str = ""
    again: bool = False


class Where(NamedTuple):
    """The machine that times points, the runtime with its version, and whether processes keep to their cores there."""

    cpu: str
    runtime: str
    pinned: bool = False


class Bench(Protocol):
    """What times points: this machine, or others."""

    def where(self) -> Where:
        """Return what all points are timed on."""
        ...

    def map(self, points: Sequence[PointJob]) -> Iterator[Timed]:
        """Yield the time of each point, in any order."""
        ...


@dataclass(frozen=True, slots=True)
class ThisMachine:
    """Times points in processes of this machine, one after another."""

    plan: protocol.Protocol
    tools: Tools

    def where(self) -> Where:
        """Return this machine."""
        return this_machine(self.plan)

    def map(self, points: Sequence[PointJob]) -> Iterator[Timed]:
        """Yield the time of each point, in order."""
        for done, point in enumerate(points):
            self.tools.observe("points", done, len(points), f"point {point.number}")
            yield time_point(point, self.tools)


def this_machine(plan: protocol.Protocol) -> Where:
    """Return this machine, with the runtime of a plan."""
    from costlens.bench.machine import machine_facts
    from costlens.bench.pinning import can_pin

    versions = runtimes.get(plan.runtime).versions()
    runtime = f"{plan.runtime} {versions[0]}" if versions else plan.runtime
    return Where(machine_facts().cpu, runtime, plan.pinned and can_pin())


def time_point(asked: PointJob, tools: Tools) -> Timed:
    """Time a point beside the network as written, unless that was done within the last day.

    What fails at this point is kept as its problem. RuntimeUnavailable where what measures is missing, UsageError for
    a plan that no point can be timed by.
    """
    try:
        model, written = _models(asked)
    except CostlensError as error:
        return Timed(PointTime(asked.number, problem=first_line(error)))
    if (model.macs, model.count.totals.params) != (asked.macs, asked.params):
        why = "the spec is not what was counted: it was changed meanwhile; explore again"
        return Timed(PointTime(asked.number, problem=why))
    predicted, unpredicted = _predicted(model, asked.plan, tools)
    assert model.graph is not None and written.graph is not None  # noqa: PT018, S101  # both are of a spec
    place = _kept_times.place_of(model.graph, written.graph, asked.plan)
    report, time = None, _kept_times.find(place)
    again = time is not None
    if time is None:
        time, report = _measured(asked.number, model, written, asked.plan, tools)
        _kept_times.keep(place, time)
    if report and report.runtime.device != "cpu":
        predicted, unpredicted = None, _OF_PROCESSOR
    time = replace(time, point=asked.number, predicted=predicted, unpredicted=unpredicted)
    return Timed(time, report.runtime.device if report else "", again)


def _models(asked: PointJob) -> tuple[Model, Model]:
    """Return the network of a point and the one as written; SpecError or UsageError where there is none."""
    family, given, batch = _family(asked.job), dict(asked.job.settings), asked.plan.batch
    word = Word(asked.said, Path(asked.job.file))
    written = family.at(given)
    spec = family.at({**given, **settings(asked.job.axes, asked.values)})
    rules = kinds(asked.job.axes, asked.values)
    graph = rewrite(spec.graph, Mix.of("mixed", rules)).graph if rules else spec.graph
    point = replace(count(graph, title=spec.title, batch=batch), variant=f"point-{asked.number}")
    base = replace(count(written.graph, title=written.title, batch=batch), variant=_WRITTEN.replace(" ", "-"))
    return (
        Model(f"point {asked.number}", word, "spec", point, graph=graph, written=spec.graph),
        Model(_WRITTEN, word, "spec", base, graph=written.graph, written=written.graph),
    )


@lru_cache(maxsize=1)
def _family(job: Job) -> Family:
    return job.family()


def _predicted(model: Model, plan: protocol.Protocol, tools: Tools) -> tuple[PredictedTime | None, str]:
    """Return what this machine's table of kernels says that a model takes, or why it says nothing."""
    if plan.runtime != runtimes.DEFAULT or plan.device not in ("auto", "cpu"):
        return None, _OF_PROCESSOR
    try:
        found = predict_models([model], plan.batch, threads=plan.threads, measure=False, tools=tools)
    except CostlensError as error:
        return None, first_line(error)
    if not found.predictions:
        return None, first_line(BenchError("; ".join(found.problems)))
    (one,) = found.predictions
    return PredictedTime(one.milliseconds, one.low, one.high), ""


def _measured(
    number: int, model: Model, written: Model, plan: protocol.Protocol, tools: Tools
) -> tuple[PointTime, LatencyReport | None]:
    """Export and prove a point and time it beside the network as written; alone where it is that, or that cannot be."""
    is_written = model.graph == written.graph
    try:
        ready = prepare([model] if is_written else [written, model], tools, plan)
        reason = next((one.reason for one in ready.failed if one.label == model.label), "")
        if reason:
            return PointTime(number, problem=first_line(BenchError(reason))), None
        own = next(one for one in ready.models if one.label == model.label)
        if own.disagreement:
            return PointTime(number, problem=own.disagreement, disagrees=True), None
        waits = "another measurement runs on this machine; this one waits for its end"
        with measuring_alone(lambda: tools.note(waits)):
            report = time_side_by_side(ready.models, ready.models[0].label, plan, tools)
    except (RuntimeUnavailable, UsageError):
        raise
    except CostlensError as error:
        return PointTime(number, problem=first_line(error)), None
    return _of_report(number, report, model.label, is_written), report


def _of_report(number: int, report: LatencyReport, label: str, is_written: bool) -> PointTime:
    own = next((one for one in report.models if one.label == label), None)
    if own is None:
        why = "; ".join(one.reason for one in report.failed if one.label == label) or "no process measured it"
        return PointTime(number, problem=why)
    base = next((one for one in report.models if one.label == _WRITTEN), None)
    ratio = next((one for one in report.ratios if one.label == label and one.baseline == _WRITTEN), None)
    return PointTime(
        number,
        measured_ms=own.median_ms,
        interval_ms=own.median_interval_ms,
        confidence=own.confidence,
        written_ms=own.median_ms if is_written else base.median_ms if base else None,
        ratio=(ratio.ratio, ratio.low, ratio.high) if ratio else None,
        verdict=ratio.verdict if ratio else None,
        processes=report.processes,
        resolution=report.control.resolution if report.control else None,
        noisy=report.too_noisy,
    )
