"""How far predictions are from what is measured: networks predicted by a table of kernels and timed in the same hour.

Run alone on a quiet machine: ``python -m tests.perf.predict [NETWORKS]``. Bundles fill the table, and no network's run.
Each network is timed by the protocol of bench, after the others of its family; every third has a copy beside it, and is
profiled. A second prediction is made without measuring: by the kernels of other families and, where all networks are
timed, the bank. Networks and kernels wait while the machine is slow. 150 networks take an hour and a half once they are
exported; fewer need ``--page NAME``, so that the page of all of them stays. ``COSTLENS_PERF_KEPT`` keeps what was
measured, so that a run that ended goes on.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import mean, median

from costlens.analysis.roofline import row_bounds
from costlens.bench import bounds
from costlens.errors import CostlensError
from costlens.network.count import count
from costlens.network.graph import Graph
from costlens.network.variants import rewrite, sites
from costlens.prediction import Table, predict
from costlens.prediction.classes import class_of
from costlens.prediction.kernels import kernels
from costlens.prediction.model import Learned
from costlens.prediction.sums import estimate
from costlens.results.prediction import Prediction
from costlens.runtimes._operation import from_text
from costlens.sources._source import Asked, Model
from costlens.sources.find import models
from costlens.tasks import _kernels
from costlens.tasks._bank import bank
from tests.cases.counted import FILES
from tests.perf._frame import progress, run, table
from tests.perf._kept import MOST_PROCESSES, UNSTEADY, Condition, Kept, Taken, kept_here

NETWORKS = 150
"""Of fewer the bank is not timed, so that a part is known soon."""
MOST_WEIGHTS = 200e6
MIXED = ("yamnet", "mobilenet_v1", "resnet18", "ds_cnn_l", "speech_embedding")
MIXES = 2
MOST_CLASSES = 15
INSIDE, OUTSIDE = -0.9, 0.9
"""Up to here a network's data is near, and from here on out of the last cache, as predictions tell it."""
COPIED = 3
"""Of so many networks one has a copy timed beside it, and is profiled."""
GOALS = ("median error ≤ 3 %, ≥ 90 % within ±5 %, ≥ 99 % within ±10 %", "MAPE ≤ 4 %, ≥ 75 % ±5 %, ≥ 93 % ±10 %")


@dataclass(frozen=True)
class Case:
    """A network with what was predicted of it and what was measured."""

    model: Model
    condition: Condition
    predicted: Prediction
    learned: Prediction
    taken: Taken
    roofline: float | None

    @property
    def name(self) -> str:
        return f"{self.model.count.name} {self.model.count.variant}"

    @property
    def measured(self) -> float:
        """The quickest process: other work makes times longer, and predictions are of an undisturbed machine."""
        return min(self.taken.network)


def networks(limit: int) -> list[Model]:
    """Return specs in every kind, each graph once, in an order drawn once, so that fewer are a part of more."""
    found: dict[tuple[object, ...], Model] = {}
    for file in FILES:
        for model in models([file], Asked(("all",))):
            if model.graph and (model.count.totals.weight_bytes or 0) < MOST_WEIGHTS:
                found.setdefault((model.graph.inputs, model.graph.nodes), model)
    every = list(found.values())
    random.Random(0).shuffle(every)
    return every[:limit]


def mixes() -> Iterator[Model]:
    """Yield networks with a kind drawn for each convolution."""
    for name in MIXED:
        found = [model for model in models([f"specs/{name}.yaml"], Asked(("all",))) if model.graph]
        written = found[0]
        assert written.graph
        kinds = {model.count.variant for model in found} - {"as-written"}
        for number in range(MIXES):
            drawn = random.Random(f"{name} {number}")
            graph = rewrite(written.graph, {each: drawn.choice(sorted(kinds)) for each in sites(written.graph)}).graph
            counted = replace(count(graph, title=written.count.title), variant=f"mix{number + 1}")
            yield replace(written, graph=graph, count=counted)


def texts(graph: Graph, block: int, batch: int) -> set[str]:
    """Return the kernels of a graph."""
    return {one.operation.text for one in kernels(graph, block=block, batch=batch)}


def without_family(whole: Table, found: Sequence[Model], model: Model, batch: int) -> Table:
    """Return a table without all kernels of a network's family: what a stranger's network would be predicted from."""
    block = whole.conditions.block
    family = [one.graph for one in found if one.count.name == model.count.name and one.graph]
    own = {text for graph in family for text in texts(graph, block, batch)}
    return Table(whole.conditions, {text: times for text, times in whole.times.items() if text not in own})


def case(model: Model, whole: Table, stranger: Table, condition: Condition, taken: Taken) -> Case:
    """Predict a network that was measured, by all kernels and by those of other families."""
    assert model.graph
    here = bounds.here()
    least = row_bounds(model.count, here.bounds[0]) if here else ()
    return Case(
        model,
        condition,
        predict(model.graph, whole, condition.threads, condition.batch),
        predict(model.graph, stranger, condition.threads, condition.batch),
        taken,
        sum(one.time_us for one in least if one) / 1e3 if least and None not in least else None,
    )


def cases(kept: Kept, found: Sequence[Model], condition: Condition, whole: Table) -> tuple[list[Case], list[str]]:
    """Measure and predict networks; the second are those that could not be."""
    made, failed = [], []
    strangers: dict[str, Table] = {}
    for number, model in enumerate(found):
        try:
            taken = kept.taken(model, condition, copied=number % COPIED == 0)
            of = model.count.name
            if of not in strangers:
                strangers[of] = without_family(whole, found, model, condition.batch)
            made.append(case(model, whole, strangers[of], condition, taken))
        except CostlensError as error:
            failed.append(f"{model.count.name} {model.count.variant}, {condition}: {error}")
            continue
        progress(row_of(made[-1]))
    return made, failed


def errors(made: Sequence[Case], of: Callable[[Case], float | None]) -> list[float]:
    """Return predicted ÷ measured - 1 where both are known."""
    return [value / one.measured - 1 for one in made if (value := of(one))]


def fitted(made: Sequence[Case], of: Callable[[Case], float | None]) -> Callable[[Case], float | None]:
    """Return a figure times the one factor that fits all networks best: its median."""
    factor = median([one.measured / value for one in made if (value := of(one))] or [0.0])
    return lambda one: factor * (of(one) or 0.0) or None


def ratios(made: Sequence[Case], of: Callable[[Case], float]) -> dict[str, float]:
    """Return told ÷ measured - 1 of the ratio of each network to the first of its family, by its name."""
    first: dict[str, Case] = {}
    found = {}
    for one in made:
        base = first.setdefault(one.model.count.name, one)
        if base is not one:
            found[one.name] = of(one) / of(base) * base.measured / one.measured - 1
    return found


def place(cold: float) -> str:
    """Say where a network's data lies from one call to the next."""
    return "near the core" if cold <= INSIDE else "in memory" if cold >= OUTSIDE else "in the last cache"


def places(cold: Iterable[tuple[str, str, float]]) -> dict[str, str]:
    """Return by network where it lies and where the first form of it does; given are name, form, and how far out."""
    first: dict[str, str] = {}
    found = {}
    for name, variant, out in cold:
        where = place(out)
        there = first.setdefault(name, where)
        found[f"{name} {variant}"] = f"both {where}" if where == there else "in two of these places"
    return found


def by_place(off: Mapping[str, float], where: Mapping[str, str]) -> list[list[str]]:
    """Return rows of the summary for ratios, by where their networks lie."""
    found: dict[str, list[float]] = {}
    for name, each in off.items():
        found.setdefault(where[name], []).append(each)
    return [line(f"ratios, {label}", found[label]) for label in sorted(found)]


def classes(made: Iterable[tuple[Taken, float]], whole: Table) -> list[list[str]]:
    """Return by class of kernels how much of the profiles it is, and what is predicted of it ÷ what profiles say.

    With each network stands where its working set is.
    """
    profiled: dict[str, float] = {}
    predicted: dict[str, float] = {}
    learned = Learned(whole)
    for taken, cold in made:
        for text, microseconds in taken.kernels.items():
            operation = from_text(text)
            kind = class_of(operation)
            us = estimate(operation, whole, cold, learned).microseconds
            profiled[kind] = profiled.get(kind, 0.0) + sum(microseconds)
            predicted[kind] = predicted.get(kind, 0.0) + us * len(microseconds)
    total = sum(profiled.values())
    largest = sorted(profiled, key=lambda kind: -profiled[kind])[:MOST_CLASSES]
    return [[kind, f"{profiled[kind] / total:.1%}", f"{predicted[kind] / profiled[kind] - 1:+.1%}"] for kind in largest]


def near(found: Sequence[float], limit: float) -> float:
    """Return the share of errors within a limit."""
    return sum(abs(one) <= limit for one in found) / max(1, len(found))


def line(name: str, found: Sequence[float]) -> list[str]:
    """Return a row of the summary."""
    if not found:
        return [name, "0", *[""] * 5]
    apart = [abs(one) for one in found]
    shares = [f"{near(found, limit):.0%}" for limit in (0.03, 0.05, 0.10)]
    return [name, str(len(found)), f"{median(apart):.1%}", f"{mean(apart):.1%}", *shares]


def measure(limit: int) -> tuple[list[str], bool]:
    """Return the page and whether a goal is missed."""
    found = sorted([*networks(limit), *mixes()], key=lambda model: (model.count.name, model.count.variant))
    with kept_here() as kept:
        whole = kept.table(found, Condition(), bank(_kernels.block()) if limit >= NETWORKS else ())
        made, failed = cases(kept, found, Condition(), whole)
        by_class = classes(((one.taken, one.predicted.cold) for one in made), whole)
        return page(made, by_class, failed)


def row_of(one: Case) -> list[str]:
    """Return the line of one network."""
    inside = one.predicted.low <= one.measured <= one.predicted.high
    profile = one.taken.profile
    return [
        one.name, f"{one.measured:.3f}", f"{one.predicted.milliseconds:.3f}",
        f"{one.predicted.milliseconds / one.measured - 1:+.1%}",
        f"[{one.predicted.low:.3f}, {one.predicted.high:.3f}]{'' if inside else ' !'}",
        f"{one.learned.milliseconds / one.measured - 1:+.1%}",
        "" if profile is None else f"{profile / one.measured - 1:+.1%}",
        f"{min(one.taken.copy) / one.measured - 1:+.1%}" if one.taken.copy else "",
        f"{median(one.taken.network) / one.measured - 1:+.1%}",
    ]  # fmt: skip


SUMMED = ("predicted by", "of", "median error", "mean error", "within ±3 %", "±5 %", "±10 %")
HEADERS = ("network", "measured ms", "predicted ms", "error", "interval", "learned", "profile", "copy", "its median")


def page(made: Sequence[Case], by_class: Sequence[Sequence[str]], failed: Sequence[str]) -> tuple[list[str], bool]:
    """Write what was found."""
    found = errors(made, lambda one: one.predicted.milliseconds)
    covered = [one.predicted.low <= one.measured <= one.predicted.high for one in made]
    written = [one for one in made if one.model.count.variant == "as-written"]
    of_forms = ratios(made, lambda one: one.predicted.milliseconds)
    cold = [(one.model.count.name, one.model.count.variant, one.predicted.cold) for one in made]
    far_off = ", ".join(f"{name} {off:+.0%}" for name, off in of_forms.items() if abs(off) > 0.05)
    learned_in = [one.learned.low <= one.measured <= one.learned.high for one in made]
    rows = [
        line("by measured kernels", found),
        line("without its family's kernels", errors(made, lambda one: one.learned.milliseconds)),
        line("so, networks as written", errors(written, lambda one: one.learned.milliseconds)),
        line("ratios between forms of one network", [*of_forms.values()]),
        *by_place(of_forms, places(cold)),
        line("ratios of their median processes", [*ratios(made, lambda one: median(one.taken.network)).values()]),
        line("the profile's own sum", errors(made, lambda one: one.taken.profile)),
        line("a copy, timed beside it (the floor)", errors(made, lambda one: min(one.taken.copy, default=None))),
        line("its median process", errors(made, lambda one: median(one.taken.network))),
        line("roofline × one factor", errors(made, fitted(made, lambda one: one.roofline))),
        line("MACs × one factor", errors(made, fitted(made, lambda one: float(one.model.macs or 0)))),
    ]
    text = [
        f"{len(made)} networks, predicted by kernels that were timed in bundles and in no network's own run. "
        "Measured is the quickest of five processes, since predictions are of an undisturbed machine; where the middle "
        f"one takes {UNSTEADY:.0%} longer than that, of up to {MOST_PROCESSES}.",
        "Kernels and networks were timed while the machine was about as quick as it was at its best "
        "(`costlens/bench/pace.py`).",
        "At which sizes a working set leaves a cache, what a kernel takes at least, that the largest activations count "
        "twice and that kernels without weights are never out of it was chosen by the same networks on other days.",
        f"Goals with measured kernels: {GOALS[0]}; without measuring: {GOALS[1]}; ratios ≥ 95 % within ±3 %.",
        "",
        *table(SUMMED, rows),
        "",
        f"The 95 % interval holds {sum(covered)} of {len(covered)} by measured kernels, {sum(learned_in)} by learned.",
        f"Ratios that are more than 5 % off: {far_off or 'none'}.",
        "",
        "Kernels in profiles of these networks, and what the table says of them:",
        "",
        *table(["kernels", "of the time", "predicted ÷ profiled"], by_class),
        "",
        *table(HEADERS, [row_of(one) for one in sorted(made, key=lambda one: one.name)]),
    ]
    text += [*([""] if failed else []), *(f"- not measured: {one}" for one in failed)]
    return text, near(found, 0.05) < 0.80 or near(found, 0.10) < 0.95


if __name__ == "__main__":
    run("prediction", "Predicted and measured milliseconds", measure, runs=NETWORKS)
