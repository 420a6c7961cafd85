"""Which layers to change to keep budgets, and to what: ``costlens.advice/1``. Accuracy is not looked at."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from costlens.arithmetic import units
from costlens.errors import CostlensError, ExpectationError, InconclusiveError
from costlens.results.check import LimitVerdict
from costlens.results.counts import FIGURES, LeftAlone, in_bytes
from costlens.results.prediction import Basis
from costlens.results.stored import Document

Objective = Literal["moved_macs", "layers"]
"""What change is: the MACs, as written, of the layers that change, or their number."""
ROOM = 0.04
"""The part of a budget of time that a plan leaves free, as far as mixes allow: a plan may be so far off."""
OFF = 0.05
"""A plan that is further off is corrected by what was measured, even where the budget is kept."""
UNTRAINED = "Accuracy is not looked at: the network that results must be trained."


def in_unit(figure: str, value: float) -> str:
    """Write an amount of a figure with its unit; a number of things has none.

    >>> in_unit("weight_bytes", 1536), in_unit("latency_ms", 2.5), in_unit("macs", 1500.0)
    ('1.5 KiB', '2.5 ms', '1,500')
    """
    if in_bytes(figure):
        return units.bytes_(value)
    return units.milliseconds(value) if figure.endswith("_ms") else units.exact(round(value))


@dataclass(frozen=True, slots=True)
class Form:
    """What layers cost together in one kind, by figure."""

    kind: str
    figures: dict[str, float]


@dataclass(frozen=True, slots=True)
class AdvisedLayer:
    """Layers that are decided together, mostly one, and their forms, the one as written first; ``chosen``: its kind.

    No mix keeps the budgets where ``chosen`` is empty.
    """

    names: tuple[str, ...]
    forms: tuple[Form, ...]
    chosen: str = ""

    @property
    def label(self) -> str:
        """The first of its names, and how many more there are."""
        return self.names[0] if len(self.names) == 1 else f"{self.names[0]} + {len(self.names) - 1} more"

    @property
    def written(self) -> Form:
        """Its form as written."""
        return self.forms[0]

    @property
    def planned(self) -> Form:
        """The form that is chosen; as written where none is."""
        return next((form for form in self.forms if form.kind == self.chosen), self.forms[0])

    @property
    def changes(self) -> bool:
        """Whether it gets another kind."""
        return self.planned is not self.forms[0]

    def least(self, figure: str) -> Form:
        """Return the form that costs the least of a figure."""
        return min(self.forms, key=lambda form: form.figures[figure])


@dataclass(frozen=True, slots=True)
class AdvisedLimit:
    """A budget: ``wanted`` as it was given, its ``value``, and what the network costs of it.

    written: as written. planned: of the mix; None where there is none. bound: what no mix goes below. least: the same
    while the other budgets are kept; None where those alone cannot be. kept: of the layers that were to stay. rest: of
    all that has one form, those that stay among it.
    """

    figure: str
    wanted: str
    value: float
    written: float
    planned: float | None
    bound: float
    least: float | None
    kept: float
    rest: float

    @property
    def name(self) -> str:
        """The field of totals that it is of."""
        return FIGURES.get(self.figure, self.figure)

    @property
    def is_peak(self) -> bool:
        """Whether it is of what is alive at once, which does not add up."""
        return self.figure.startswith("peak_")

    @property
    def reachable(self) -> bool:
        """Whether some mix keeps it, whatever becomes of the other budgets."""
        return self.bound <= self.value


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The least of the curve's figure where at most ``share`` of the MACs that can be moved are, and that mix.

    Parameters and MACs are those of the whole network; None where they are not known of a model file.
    """

    share: float
    reached: float
    moved_macs: int
    layers: int
    params: int | None
    macs: int | None


@dataclass(frozen=True, slots=True)
class PlannedTime:
    """What the mix takes as predicted, in ms, with its 95 % interval, and where that comes from: shares by basis.

    level: the time of the network as written, measured ÷ predicted, which the plan is times; 1 where it was not timed.
    """

    milliseconds: float
    low: float
    high: float
    threads: int
    batch: int
    shares: dict[Basis, float]
    level: float = 1.0


@dataclass(frozen=True, slots=True)
class Proof:
    """A mix that was built, verified and timed beside the network as written: planned beside measured, in ms.

    planned, low, high: as planned, with the interval of that. written_ms: of the network as written, in the same
    processes. ratio: of the mix to that, with its interval. verdict: of the budget, by the interval of the median.
    """

    kinds: dict[str, str]
    planned_ms: float
    low_ms: float
    high_ms: float
    written_ms: float
    measured_ms: float
    interval_ms: tuple[float, float]
    ratio: tuple[float, float, float]
    verdict: LimitVerdict
    reason: str
    processes: int
    cpu: str

    @property
    def off(self) -> float:
        """How far the plan was from what was measured, as a fraction of that."""
        return self.planned_ms / self.measured_ms - 1


@dataclass(frozen=True, slots=True)
class Advice(Document):
    """The mix of kinds that keeps the budgets at the least change.

    variant: what is changed, ``as-written`` mostly. kinds: the kind of each layer that changes; None where no mix keeps
    the budgets. gap: how much more than the least the change may be, as a fraction; 0 where it is proven to be the
    least. layers: those that have several forms; one_form: the others, with the reason. stays: what was to be kept.
    movable_macs: the MACs, as written, of the layers that have several forms. curve_of: the figure of the curve.
    """

    SCHEMA = "costlens.advice/1"
    REMEDY = "ask for the advice again"

    name: str
    title: str
    variant: str
    objective: Objective
    limits: tuple[AdvisedLimit, ...]
    kinds: dict[str, str] | None
    gap: float
    layers: tuple[AdvisedLayer, ...]
    one_form: tuple[LeftAlone, ...]
    stays: tuple[str, ...]
    written: dict[str, float]
    planned: dict[str, float]
    movable_macs: int
    moved_macs: int
    curve_of: str
    curve: tuple[CurvePoint, ...]
    notes: tuple[str, ...] = ()
    planned_time: PlannedTime | None = None
    proofs: tuple[Proof, ...] = ()

    @property
    def changed(self) -> int:
        """The number of layers that change."""
        return len(self.kinds or {})

    @property
    def failures(self) -> list[CostlensError]:
        """What the command ends with."""
        if self.kinds is None:
            return [ExpectationError(self.obstacle)]
        last = self.proofs[-1] if self.proofs else None
        if last is None or last.verdict == "kept":
            return []
        said = f"{self.name}: {units.milliseconds(last.measured_ms)} {units.interval_ms(*last.interval_ms)} measured"
        if last.verdict == "missed":
            return [ExpectationError(f"{said}, over the budget; a stricter budget plans with more room")]
        return [InconclusiveError(f"{said}: {last.reason}")]

    @property
    def obstacle(self) -> str:
        """Why no mix keeps the budgets, in a sentence."""
        beyond = [limit for limit in self.limits if not limit.reachable]
        if beyond:
            said = (f"{one.figure}={one.wanted}: no mix goes below {in_unit(one.figure, one.bound)}" for one in beyond)
            return f"{self.name}: {'; '.join(said)}"
        if len(self.limits) == 1:
            return f"{self.name}: {self.limits[0].figure}: mixes that were planned to keep it take longer as a whole"
        names = " and ".join(f"{one.figure}={one.wanted}" for one in self.limits)
        return f"{self.name}: each budget can be kept, but not {names} together"


def params_each(advice: Advice, point: CurvePoint) -> float | None:
    """Return the parameters that a unit saved of the curve's figure costs; None where nothing is saved."""
    saved, written = advice.written[advice.curve_of] - point.reached, advice.written.get("params")
    return None if written is None or point.params is None or saved <= 0 else (written - point.params) / saved


def shown_figures(limits: Mapping[str, object]) -> tuple[str, ...]:
    """Return the figures that a layer's forms are shown with: those that are limited, MACs and parameters."""
    return tuple(dict.fromkeys((*limits, "macs", "params")))
