"""How far predictions are where no kernel of a network was ever timed: by a bank of kernels of common sizes alone.

The networks are those of publications, as written, but U-Net, which takes minutes. Run alone on a quiet machine:
``python -m tests.perf.learned [NETWORKS]``. The bank takes half an hour, each network some seconds once it is
exported. ``COSTLENS_PERF_KEPT`` keeps what was measured, so that a run that ended goes on.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from costlens.errors import CostlensError
from costlens.prediction import Table, predict
from costlens.results.counts import AS_WRITTEN
from costlens.results.prediction import Prediction
from costlens.runtimes._operation import Operation
from costlens.sources._source import Model
from costlens.spec.loading import load
from costlens.tasks import _kernels
from costlens.tasks._bank import bank
from tests.perf._frame import progress, run, table
from tests.perf._kept import Condition, Kept, Taken, grown, kept_here
from tests.perf.predict import COPIED, SUMMED, classes, line, near, networks

WANTED = "mean error ≤ 4 %, ≥ 75 % within ±5 %, ≥ 93 % within ±10 %"
MOST_MACS = 10**11
MOST_MEAN, LEAST_5, LEAST_10 = 0.04, 0.75, 0.93


@dataclass(frozen=True)
class Case:
    """A network, what the bank tells of it, and what it took."""

    model: Model
    predicted: Prediction
    taken: Taken

    @property
    def measured(self) -> float:
        """The quickest process, in ms: predictions are of an undisturbed machine."""
        return min(self.taken.network)

    @property
    def error(self) -> float:
        return self.predicted.milliseconds / self.measured - 1


def published(limit: int) -> list[Model]:
    """Return networks of publications as written."""
    small = [model for model in networks(10**6) if (model.macs or 0) < MOST_MACS]
    written = [model for model in small if model.count.variant == AS_WRITTEN]
    return [model for model in written if load(str(model.word.path)).source.startswith("http")][:limit]


def banked(kept: Kept) -> tuple[Table, list[str]]:
    """Return a table of the bank alone, and the operators that the runtime refuses."""
    operations = bank(_kernels.block())
    refused: Sequence[tuple[Operation, str]] = ()
    with kept.tables():
        held = _kernels.known(1)
        if held is None or held.missing(operations):
            held, timed = grown(held, operations, 1)
            refused = timed.refused
    own = {one.text for one in operations}
    times = {text: each for text, each in held.times.items() if text in own}
    return Table(held.conditions, times), [f"{one.op}: {why}" for one, why in refused]


def measured(kept: Kept, told: Table, limit: int) -> tuple[list[Case], list[str]]:
    """Time networks and predict them; the second are those that could not be timed."""
    made, failed = [], []
    for number, model in enumerate(published(limit)):
        assert model.graph
        try:
            taken = kept.taken(model, Condition(), copied=number % COPIED == 0)
        except CostlensError as error:
            failed.append(f"{model.count.name}: {error}")
            continue
        made.append(Case(model, predict(model.graph, told), taken))
        progress(row_of(made[-1]))
    return made, failed


def row_of(one: Case) -> list[str]:
    inside = one.predicted.low <= one.measured <= one.predicted.high
    interval = f"[{one.predicted.low:.3f}, {one.predicted.high:.3f}]{'' if inside else ' !'}"
    return [
        one.model.count.name, f"{one.measured:.3f}", f"{one.predicted.milliseconds:.3f}", f"{one.error:+.1%}", interval,
    ]  # fmt: skip


def measure(limit: int) -> tuple[list[str], bool]:
    with kept_here() as kept:
        told, refused = banked(kept)
        made, failed = measured(kept, told, limit)
    by_class = classes(((one.taken, one.predicted.cold) for one in made), told)
    off = [one.error for one in made]
    inside = sum(one.predicted.low <= one.measured <= one.predicted.high for one in made)
    lines = [
        f"{len(made)} networks of publications as written. The table holds the bank alone: {len(told.times):,} kernels "
        "of drawn sizes. Measured is the quickest of at least five processes.",
        "Which forms the bank has was chosen by what they took; `learned_files.md` is of files by which nothing was "
        f"chosen. Wanted: {WANTED}.",
        "",
        *table(SUMMED, [line("by the bank", off)]),
        "",
        f"The 95 % interval holds {inside} of {len(made)}.",
        "",
        "Kernels in profiles of these networks, and what the bank says of them:",
        "",
        *table(["kernels", "of the time", "predicted ÷ profiled"], by_class),
        "",
        *table(
            ["network", "measured ms", "predicted ms", "error", "interval"],
            [row_of(one) for one in sorted(made, key=lambda one: one.model.count.name)],
        ),
    ]
    lines += [*([""] if failed or refused else []), *(f"- not measured: {one}" for one in (*failed, *refused))]
    mean = statistics.mean(abs(one) for one in off)
    return lines, mean > MOST_MEAN or near(off, 0.05) < LEAST_5 or near(off, 0.10) < LEAST_10


if __name__ == "__main__":
    run("learned", "Predicted by a bank of kernels alone, and measured", measure, runs=74)
