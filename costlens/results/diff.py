"""What ``costlens diff`` found: specs of two sides, layer by layer, and the times of both where they were measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from costlens.errors import (
    BenchError,
    CostlensError,
    InconclusiveError,
    MachineTooNoisy,
    Problem,
    RegressionError,
    RuntimeUnavailable,
    SpecError,
    VerificationError,
)
from costlens.results.counts import Status
from costlens.results.latency import LatencyRatio, LatencyReport
from costlens.results.stored import Document

BASE, HEAD = "base", "head"
"""The labels of the two models that are timed side by side."""
TOTALS = (
    "params", "trainable", "kernels", "deployed_params", "macs", "flops", "weight_bytes", "traffic_bytes",
    "peak_activation_bytes", "weight_bytes_int8", "peak_activation_bytes_int8", "arena_bytes", "arena_bytes_int8",
    "flash_bytes",
)  # fmt: skip
"""The totals that are compared: numbers, MACs and FLOPs of one example, and bytes."""

_UNSURE = "repeat it on a quieter machine, give it a longer --time-budget, or let it pass with --allow-inconclusive"

Change = Literal["added", "removed", "changed", "renamed"]
Standing = Literal["changed", "same_cost", "added", "deleted", "broken", "base_broken"]
Contribution = Literal["macs", "params"]
"""The figure that a layer's part in the difference is of."""
ParamsOf = Literal["params", "deployed_params"]
"""The total that a layer's parameters are of."""
Outcome = Literal["faster", "slower", "equivalent", "inconclusive", "too_noisy", "failed"]


@dataclass(frozen=True, slots=True)
class TotalDelta:
    """A total on both sides, None where a side has none.

    relative: delta ÷ base. Where a status is not complete that side is a lower bound, and the delta is unsure.
    """

    figure: str
    base: int | None
    head: int | None
    delta: int | None
    relative: float | None
    base_status: Status | None
    head_status: Status | None

    @property
    def unknown(self) -> bool:
        """Whether neither side can have it."""
        return self.base_status == self.head_status == "unavailable"

    @property
    def sure(self) -> bool:
        """Whether both sides are complete."""
        return self.base_status == self.head_status == "complete"


@dataclass(frozen=True, slots=True)
class Amount:
    """A figure of a layer on both sides; 0 where the layer is not there, None where the figure is not known."""

    base: int | None
    head: int | None
    delta: int | None


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that differs, as text; empty where a side has none."""

    field: str
    base: str
    head: str


@dataclass(frozen=True, slots=True)
class LayerChange:
    """A layer or a block that differs; ``was`` is its name in base where that is another.

    base_rows, head_rows: the rows it consists of. fields: what differs; of a layer on one side only, what it is.
    live_bytes: the most that is alive while one of its rows runs; these do not add up. shares: its part in the
    difference of the totals, which may be negative or above 1; None where these are equal, or not sure. partial:
    something in it could not be counted. place: which of the layers of both sides it is, in the order of head.
    """

    change: Change
    name: str
    was: str
    base_rows: tuple[str, ...]
    head_rows: tuple[str, ...]
    fields: tuple[FieldChange, ...]
    params: Amount
    macs: Amount
    live_bytes: Amount
    params_share: float | None
    macs_share: float | None
    partial: bool
    place: int = 0


@dataclass(frozen=True, slots=True)
class KnobChange:
    """A knob that is set otherwise, is new or gone (None), or has another name: ``was``."""

    name: str
    was: str
    base: int | float | str | None
    head: int | float | str | None


@dataclass(frozen=True, slots=True)
class PeakPlace:
    """The rows that run when most is alive."""

    base: str
    head: str


@dataclass(frozen=True, slots=True)
class SpecDiff:
    """One spec on both sides.

    path: in head, or in base where it was deleted; ``was`` its path in base where that is another. standing: same_cost
    is another text with the same figures in every row, broken one that head cannot be read of, base_broken the same of
    base: head is then shown alone. same_graph: layer for layer equal, so there is nothing to time. problems,
    base_problem: what could not be read. uncounted: what the figures of a side lack. unchanged_rows: rows of head that
    are as in base. params_of: which parameters those of layers are. outcome: what the measurement says, None where none
    was made; where it was asked for, untimed says why none was needed, failed what went wrong, unavailable whether that
    is something that is not installed, disagreement which counts of a number differ.
    """

    path: str
    was: str
    name: str
    standing: Standing
    same_graph: bool = False
    totals: tuple[TotalDelta, ...] = ()
    peak_at: PeakPlace | None = None
    knobs: tuple[KnobChange, ...] = ()
    changes: tuple[LayerChange, ...] = ()
    unchanged_rows: int = 0
    base_uncounted: tuple[str, ...] = ()
    head_uncounted: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    base_problem: str = ""
    latency: LatencyReport | None = None
    outcome: Outcome | None = None
    untimed: str = ""
    params_of: ParamsOf = "params"
    failed: str = ""
    unavailable: bool = False
    disagreement: str = ""

    @property
    def ratio(self) -> LatencyRatio | None:
        """Head's time over base's, where both were measured."""
        found = self.latency.ratios if self.latency else ()
        return next((ratio for ratio in found if (ratio.label, ratio.baseline) == (HEAD, BASE)), None)

    def measured(self, latency: LatencyReport) -> SpecDiff:
        """Return the same with the times of both sides."""
        timed = replace(self, latency=latency)
        if timed.ratio is None:
            return replace(timed, outcome="failed")
        verdict = timed.ratio.verdict if timed.ratio.settled else "inconclusive"
        return replace(timed, outcome="too_noisy" if latency.too_noisy else verdict)

    def failure(self, *, lenient: bool) -> CostlensError | None:
        """Return what this spec makes a job fail with, if anything; ``lenient`` lets pass what gave no answer."""
        if self.standing == "broken":
            return SpecError(self.problems)
        if self.failed:
            kind = RuntimeUnavailable if self.unavailable else BenchError
            return kind(f"{self.path}: not timed: {self.failed}")
        if self.disagreement:
            return VerificationError(f"{self.path}: {self.disagreement}")
        return self._judged(self.latency, lenient) if self.latency else None

    def _judged(self, latency: LatencyReport, lenient: bool) -> CostlensError | None:
        """Return what the measurement makes a job fail with."""
        ratio = self.ratio
        if self.outcome == "failed":
            reasons = "; ".join(f"{one.label}: {one.reason}" for one in latency.failed)
            return BenchError(f"{self.path}: not timed: {reasons}")
        if ratio is None:
            return None
        if self.outcome == "slower":
            interval = f"{ratio.ratio:.3f} [{ratio.low:.3f}, {ratio.high:.3f}]"
            allowed = f"{100 * latency.protocol.threshold:g} %"
            return RegressionError(f"{self.path}: slower: {interval} of base's time, threshold {allowed}")
        if self.outcome == "too_noisy" and not lenient:
            return MachineTooNoisy(
                f"{self.path}: machine too noisy: a copy of base timed as another network; {_UNSURE}"
            )
        if self.outcome == "inconclusive" and not lenient:
            return InconclusiveError(f"{self.path}: inconclusive: {ratio.reason}; {_UNSURE}")
        return None

    @property
    def counted_alike(self) -> bool:
        """Whether nothing that is counted differs, though what is not counted may."""
        layers = any(change.params.delta or change.macs.delta or change.live_bytes.delta for change in self.changes)
        differs = layers or any(total.delta for total in self.totals)
        return (
            self.standing == "changed" and not differs and not all(total.sure or total.unknown for total in self.totals)
        )

    def total(self, figure: str) -> TotalDelta | None:
        """Return one total, if there are any."""
        return next((total for total in self.totals if total.figure == figure), None)


@dataclass(frozen=True, slots=True)
class End:
    """What was compared, as it was named, and the commit that it was read from; empty for files as they are."""

    name: str
    commit: str = ""


@dataclass(frozen=True, slots=True)
class Diff(Document):
    """All specs that differ, by path.

    exit_code: how the command ends. unchanged: specs that are the same on both sides, with all they include.
    unreadable: paths of those that can be read on neither side, so that nobody knows. why: layers are ordered by
    their part in the difference of this figure. lenient: a measurement without an answer fails nothing. notes: what a
    reader must know.
    """

    SCHEMA = "costlens.diff/1"
    REMEDY = "make it again"

    base: End
    head: End
    specs: tuple[SpecDiff, ...]
    exit_code: int = 0
    unchanged: int = 0
    unreadable: tuple[str, ...] = ()
    why: Contribution | None = None
    lenient: bool = False
    notes: tuple[str, ...] = ()

    @property
    def failures(self) -> list[CostlensError]:
        """What makes a job fail."""
        found = [spec.failure(lenient=self.lenient) for spec in self.specs]
        return [failure for failure in found if failure]


def by_contribution(changes: Sequence[LayerChange], figure: Contribution) -> tuple[LayerChange, ...]:
    """Sort changes by what they contributed to the difference of a figure, the largest first whatever its sign."""
    other = "params" if figure == "macs" else "macs"
    return tuple(
        sorted(changes, key=lambda c: (-abs(getattr(c, figure).delta or 0), -abs(getattr(c, other).delta or 0)))
    )
