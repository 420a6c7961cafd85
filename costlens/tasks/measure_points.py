"""``costlens explore --measure``: points of a family → exports → proofs → times beside the network as written.

Each point is a comparison of its own, so what was measured is kept when a run is interrupted, and a point that fails
is one point.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from costlens import runtimes
from costlens.analysis.pareto import undominated
from costlens.errors import BenchError, CostlensError, RuntimeUnavailable, UsageError, did_you_mean, first_line
from costlens.results.counts import FIGURES
from costlens.results.exploration import KIND, Exploration, ExploredPoint, FrontAxis
from costlens.results.point_times import PointTime, PointTimes, PredictedTime
from costlens.sources._source import Asked
from costlens.sources._word import Word
from costlens.sources._word import word as word_of
from costlens.sources.find import models, one_file
from costlens.storage.measuring import measuring_alone
from costlens.tasks import _kept_times
from costlens.tasks._timing import prepare, require_runtime, time_side_by_side
from costlens.tasks.predict import predict_models

if TYPE_CHECKING:
    from costlens.bench.protocol import Protocol
    from costlens.results.latency import LatencyReport
    from costlens.sources._source import Model
    from costlens.tasks._tools import Tools

FRONT = "front"
MOST = 200
"""The most points that one run times: each takes up to a minute."""
_WRITTEN = "as written"
_OF_PROCESSOR = "times are predicted of onnxruntime on the processor alone"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to time: all of the front, and at least so many points."""

    text: str
    front: bool
    least: int


def wanted(text: str) -> Wanted:
    """Read ``front``, a number of points, or both with a comma between; UsageError for anything else.

    >>> wanted("front,20")
    Wanted(text='front,20', front=True, least=20)
    """
    front, least = False, 0
    for word in (part.strip() for part in text.split(",")):
        if word == FRONT:
            front = True
        elif word.isascii() and word.isdigit() and 0 < int(word) <= MOST:
            least = int(word)
        else:
            known = f"{FRONT}, a number of points up to {MOST}, or both, such as {FRONT},20"
            raise UsageError(f"--measure {text}: expected {known}{did_you_mean(word, (FRONT,))}")
    return Wanted(text, front, least)


def measured(given: str | Word, found: Exploration, wish: Wanted, plan: Protocol, *, tools: Tools) -> Exploration:
    """Return an exploration with the times of the points that were asked for.

    UsageError where the front has more points than one run times; RuntimeUnavailable where what measures is missing.
    What fails at one point is kept as its problem.
    """
    chosen = to_time(found, wish)
    if not chosen:
        return found
    require_runtime(plan)
    one = one_file([given], "explore")
    word = one if isinstance(one, Word) else word_of(one)
    (written,) = models([replace(word, kinds=())], Asked(batch=plan.batch))
    times = [*_timed(word, found, chosen, written, plan, tools)]
    conditions = next((report for _, report in times if report), None)
    return replace(found, times=_times(wish, plan, [time for time, _ in times], conditions))


def to_time(found: Exploration, wish: Wanted) -> list[int]:
    """Return the numbers of the points that are to be timed, in order.

    A number of points is spread over the front, from end to end by the first figure that it is of; where the front has
    fewer, the others are those that are on the front once it is taken away, and so on.
    """
    rivals = [
        (number, point)
        for number, point in enumerate(found.points, 1)
        if point.totals and point.same_as is None and point.holds is not False
    ]
    chosen: list[int] = []
    while rivals and ((wish.front and not chosen) or len(chosen) < wish.least):
        costs = [_costs(found, point) for _, point in rivals]
        on = undominated(costs)
        layer = sorted((cost, number) for (number, _), cost, is_on in zip(rivals, costs, on, strict=True) if is_on)
        whole = wish.front and not chosen
        chosen += [number for _, number in (layer if whole else _spread(layer, wish.least - len(chosen)))]
        rivals = [rival for rival, is_on in zip(rivals, on, strict=True) if not is_on]
    if len(chosen) > MOST:
        raise UsageError(
            f"--measure {wish.text}: {len(chosen)} points are on the front, and one run times {MOST} at most; "
            f"--measure {MOST} takes so many of them"
        )
    return sorted(chosen)


def _costs(found: Exploration, point: ExploredPoint) -> tuple[float, ...]:
    return tuple((-1 if axis.larger else 1) * _figure(found, point, axis) for axis in found.front_of)


def _figure(found: Exploration, point: ExploredPoint, axis: FrontAxis) -> float:
    if axis.name in FIGURES:
        return getattr(point.totals, FIGURES[axis.name]) or 0.0
    try:
        return float(point.values[found.axes.index(axis.name)])
    except ValueError:  # a knob that is the same at every point, or has words as values
        return 0.0


def _spread(layer: Sequence[tuple[object, int]], number: int) -> Sequence[tuple[object, int]]:
    """Return so many of a layer, its ends among them and the others as far apart as can be.

    >>> _spread([(0, 1), (0, 2), (0, 3), (0, 4), (0, 5)], 3)
    [(0, 1), (0, 3), (0, 5)]
    """
    if len(layer) <= number:
        return layer
    if number == 1:
        return layer[:1]
    return [layer[round(place * (len(layer) - 1) / (number - 1))] for place in range(number)]


def _timed(
    word: Word, found: Exploration, chosen: Sequence[int], written: Model, plan: Protocol, tools: Tools
) -> Iterator[tuple[PointTime, LatencyReport | None]]:
    """Yield the time of each point, and the report that it is from where it was measured now."""
    again = 0
    for done, number in enumerate(chosen):
        tools.observe("points", done, len(chosen), f"point {number}")
        model = _model(word, found, number, plan.batch)
        if isinstance(model, str):
            yield PointTime(number, problem=model), None
            continue
        predicted, why = _predicted(word, model, plan, tools)
        assert model.graph is not None and written.graph is not None  # noqa: PT018, S101  # both are of a spec
        place = _kept_times.place_of(model.graph, written.graph, plan)
        report, time = None, _kept_times.find(place)
        again += time is not None
        if time is None:
            time, report = _measured(number, model, written, plan, tools)
            _kept_times.keep(place, time)
        if report and report.runtime.device != "cpu":
            predicted, why = None, _OF_PROCESSOR
        yield replace(time, point=number, predicted=predicted, unpredicted=why), report
    tools.observe("points", len(chosen), len(chosen), "")
    if again:
        tools.note(f"{again} of {len(chosen)} points were timed within the last day; their times are used again")


def _model(word: Word, found: Exploration, number: int, batch: int) -> Model | str:
    """Return the network of a point, or why there is none now that is what was counted."""
    point = found.points[number - 1]
    chosen = [pair for pair in zip(found.axes, point.values, strict=True) if pair[1]]
    knobs = {name: value for name, value in chosen if not name.startswith(KIND)}
    kinds = tuple((name.removeprefix(KIND), value) for name, value in chosen if name.startswith(KIND))
    try:
        (model,) = models([replace(word, settings={**word.settings, **knobs}, kinds=kinds)], Asked(batch=batch))
    except CostlensError as error:
        return first_line(error)
    if point.totals is None or (model.macs, model.count.totals.params) != (point.totals.macs, point.totals.params):
        return "the spec is not what was counted: it was changed meanwhile; explore again"
    return replace(model, label=f"point {number}", count=replace(model.count, variant=f"point-{number}"))


def _predicted(word: Word, model: Model, plan: Protocol, tools: Tools) -> tuple[PredictedTime | None, str]:
    """Return what this machine's table of kernels says that a model takes, or why it says nothing."""
    if plan.runtime != runtimes.DEFAULT or plan.device not in ("auto", "cpu"):
        return None, _OF_PROCESSOR
    try:
        found = predict_models(
            [replace(model, word=word)], plan.batch, threads=plan.threads, measure=False, tools=tools
        )
    except CostlensError as error:
        return None, first_line(error)
    if not found.predictions:
        return None, first_line(BenchError("; ".join(found.problems)))
    (one,) = found.predictions
    return PredictedTime(one.milliseconds, one.low, one.high), ""


def _measured(
    number: int, model: Model, written: Model, plan: Protocol, tools: Tools
) -> tuple[PointTime, LatencyReport | None]:
    """Export and prove a point and time it beside the network as written; alone where it is that, or that cannot be."""
    named = replace(written, label=_WRITTEN, count=replace(written.count, variant=_WRITTEN.replace(" ", "-")))
    is_written = model.graph == written.graph
    try:
        ready = prepare([model] if is_written else [named, model], tools, plan)
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


def _times(wish: Wanted, plan: Protocol, times: Sequence[PointTime], report: LatencyReport | None) -> PointTimes:
    """Put times together with the conditions that they were taken under."""
    from costlens.bench.machine import machine_facts

    versions = runtimes.get(plan.runtime).versions()
    runtime = f"{plan.runtime} {versions[0]}" if versions else plan.runtime
    device = report.runtime.device if report else "cpu" if plan.device == "auto" else plan.device
    return PointTimes(wish.text, machine_facts().cpu, runtime, device, plan.threads, plan.batch, tuple(times))
