"""How far predictions are from what is measured: networks predicted by a table of kernels and timed in the same hour.

Run alone on a quiet machine: ``python -m tests.perf.predict [NETWORKS]``. The table is filled by bundles, in a cache of
its own, and not by any network's run. Then each network is exported, timed by the protocol of bench with a copy beside
it, and profiled. A second table shows the same without measuring: each network by a table without the kernels of its
own family, and of all families that share one with it. 150 networks take three hours.
"""

import os
import statistics
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from costlens.analysis.roofline import row_bounds
from costlens.bench import bounds
from costlens.bench.protocol import Protocol
from costlens.errors import CostlensError
from costlens.network.graph import Graph
from costlens.prediction import Table, predict
from costlens.prediction.kernels import kernels
from costlens.results.latency import LatencyReport
from costlens.results.prediction import Prediction
from costlens.sources._source import Asked, Model
from costlens.sources.find import models
from costlens.tasks import _kernels
from costlens.tasks._proof import prove
from costlens.tasks._tools import Tools
from costlens.tasks.profile import profile_models
from tests.cases.counted import FILES
from tests.perf._frame import progress, run, table

MOST_WEIGHTS = 200e6
PASSES = 3
GOALS = ("median error ≤ 3 %, ≥ 90 % within ±5 %, ≥ 99 % within ±10 %", "MAPE ≤ 4 %, ≥ 75 % ±5 %, ≥ 93 % ±10 %")


@dataclass(frozen=True)
class Case:
    """A network with what was predicted of it and what was measured, milliseconds."""

    name: str
    predicted: Prediction
    learned: Prediction
    measured: float
    copy: float
    profile: float | None
    macs: int
    roofline: float | None


def networks(limit: int) -> list[Model]:
    """Return specs in every kind, each graph once, spread evenly over their list where there are more."""
    found: dict[tuple[object, ...], Model] = {}
    for file in FILES:
        for model in models([file], Asked(("all",))):
            if model.graph and (model.count.totals.weight_bytes or 0) < MOST_WEIGHTS:
                found.setdefault((model.graph.inputs, model.graph.nodes), model)
    every = list(found.values())
    step = max(1.0, len(every) / limit)
    return [every[int(place * step)] for place in range(min(limit, len(every)))]


def undisturbed(latency: LatencyReport, label: str) -> float:
    """Return the median over processes of the median of the blocks' shortest calls, which is what is predicted."""
    (one,) = (model for model in latency.models if model.label == label)
    return statistics.median(statistics.median(min(block) for block in process) for process in one.samples_ms)


def texts(graph: Graph, block: int) -> set[str]:
    """Return the kernels of a graph."""
    return {one.operation.text for one in kernels(graph, block=block)}


def without_family(whole: Table, found: Sequence[Model], model: Model) -> Table:
    """Return a table without all kernels of a network's family: what a stranger's network would be predicted from."""
    block = whole.conditions.block
    family = [one.graph for one in found if one.count.name == model.count.name and one.graph]
    own = {text for graph in family for text in texts(graph, block)}
    return Table(whole.conditions, {text: times for text, times in whole.times.items() if text not in own})


def case(model: Model, whole: Table, found: Sequence[Model]) -> Case:
    """Predict, export, time and profile one network."""
    assert model.graph
    predicted = predict(model.graph, whole)
    learned = predict(model.graph, without_family(whole, found, model))
    proof = prove(model.graph, model.count)
    plan = Protocol(device="cpu", processes=6, looks=1, blocks=10, time_budget_s=30.0)
    tools = Tools()
    latency = tools.bench({"model": proof.path, "again": proof.path}, plan, "model", {}, {}, {})
    profiled = profile_models([replace(model, file=proof.path)], plan, tools, 2).times
    here = bounds.here()
    least = row_bounds(model.count, here.bounds[0]) if here else ()
    return Case(
        f"{model.count.name} {model.count.variant}",
        predicted,
        learned,
        undisturbed(latency, "model"),
        undisturbed(latency, "again"),
        profiled[0].sum_us / 1e3 if profiled else None,
        model.macs or 0,
        sum(one.time_us for one in least if one) / 1e3 if least and None not in least else None,
    )


def errors(cases: Sequence[Case], of: Callable[[Case], float | None]) -> list[float]:
    """Return predicted ÷ measured - 1 where both are known."""
    return [value / one.measured - 1 for one in cases if (value := of(one))]


def fitted(cases: Sequence[Case], of: Callable[[Case], float | None]) -> Callable[[Case], float | None]:
    """Return a figure times the one factor that fits all networks best: its median."""
    factors = [one.measured / value for one in cases if (value := of(one))]
    factor = statistics.median(factors) if factors else 0.0
    return lambda one: factor * value if (value := of(one)) else None


def line(name: str, found: Sequence[float]) -> list[str]:
    """Return a row of the summary."""
    if not found:
        return [name, "", "", "", ""]
    apart = [abs(one) for one in found]
    shares = [sum(one <= limit for one in apart) / len(apart) for limit in (0.05, 0.10)]
    return [name, f"{statistics.median(apart):.1%}", f"{statistics.mean(apart):.1%}", *(f"{one:.0%}" for one in shares)]


def measure(limit: int) -> tuple[list[str], bool]:
    """Return the page and whether a goal is missed."""
    found = networks(limit)
    cases, failed = [], []
    with tempfile.TemporaryDirectory() as folder:
        exports = os.environ.get("COSTLENS_CACHE")
        os.environ["COSTLENS_CACHE"] = folder
        together = _kernels.block()
        wanted = [one.operation for model in found if model.graph for one in kernels(model.graph, block=together)]
        whole, timed = _kernels.grown(None, wanted, 1, Tools(observe=_tell), passes=PASSES)
        if exports is None:
            del os.environ["COSTLENS_CACHE"]
        else:
            os.environ["COSTLENS_CACHE"] = exports
        for model in found:
            try:
                cases.append(case(model, whole, found))
            except CostlensError as error:
                failed.append(f"{model.count.name} {model.count.variant}: {error}")
                continue
            progress(row_of(cases[-1]))
    return page(cases, failed, len(timed.timed))


def _tell(stage: str, done: int, total: int, message: str) -> None:
    progress([stage, f"{done} of {total}", message])


def row_of(one: Case) -> list[str]:
    """Return the line of one network."""
    inside = one.predicted.low <= one.measured <= one.predicted.high
    return [
        one.name, f"{one.measured:.3f}", f"{one.predicted.milliseconds:.3f}",
        f"{one.predicted.milliseconds / one.measured - 1:+.1%}",
        f"[{one.predicted.low:.3f}, {one.predicted.high:.3f}]{'' if inside else ' !'}",
        f"{one.learned.milliseconds / one.measured - 1:+.1%}",
        "" if one.profile is None else f"{one.profile / one.measured - 1:+.1%}",
        f"{one.copy / one.measured - 1:+.1%}",
    ]  # fmt: skip


def page(cases: Sequence[Case], failed: Sequence[str], timed: int) -> tuple[list[str], bool]:
    """Write what was found."""
    measured = errors(cases, lambda one: one.predicted.milliseconds)
    covered = [one.predicted.low <= one.measured <= one.predicted.high for one in cases]
    learned_in = [one.learned.low <= one.measured <= one.learned.high for one in cases]
    rows = [
        line("by measured kernels", measured),
        line("by learned kernels, its family unknown", errors(cases, lambda one: one.learned.milliseconds)),
        line("the profile's own sum", errors(cases, lambda one: one.profile)),
        line("a copy, timed beside it (the floor)", errors(cases, lambda one: one.copy)),
        line("roofline × one factor", errors(cases, fitted(cases, lambda one: one.roofline))),
        line("MACs × one factor", errors(cases, fitted(cases, lambda one: float(one.macs)))),
    ]
    near = sum(abs(one) <= 0.05 for one in measured) / max(1, len(measured))
    far = sum(abs(one) <= 0.10 for one in measured) / max(1, len(measured))
    text = [
        f"{len(cases)} networks of {timed} distinct kernels, which were timed in bundles and in no network's own run.",
        f"Goals with measured kernels: {GOALS[0]}; without measuring: {GOALS[1]}.",
        "",
        *table(["predicted by", "median error", "mean error", "within ±5 %", "within ±10 %"], rows),
        "",
        f"The 95 % interval holds {sum(covered)} of {len(covered)} networks by measured kernels, and {sum(learned_in)} "
        "by learned ones.",
        "",
        *table(
            ["network", "measured ms", "predicted ms", "error", "interval", "learned", "profile", "copy"],
            [row_of(one) for one in sorted(cases, key=lambda one: one.name)],
        ),
        *([""] if failed else []),
        *(f"- not measured: {one}" for one in failed),
    ]
    return text, near < 0.80 or far < 0.95


if __name__ == "__main__":
    run("prediction", "Predicted and measured milliseconds", measure, runs=150)
