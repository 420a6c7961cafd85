"""Predicted latency: milliseconds of each row and of a call, with an interval. ``costlens.prediction/1``."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from costlens.results.stored import Document

Basis = Literal["measured", "interpolated", "modelled"]
BASES: tuple[Basis, ...] = get_args(Basis)
"""Best first. measured: the kernel is in the table. interpolated: it is, between two of its times, or
by the one time of a profile. modelled: it is not, and other kernels of its class stand for it."""
CONFIDENCE = 0.95


def weakest(bases: Sequence[Basis]) -> Basis:
    """Return the weakest of several; measured where there is none, as of a row without a kernel.

    >>> weakest(["measured", "modelled", "interpolated"]), weakest([])
    ('modelled', 'measured')
    """
    return max(bases, key=BASES.index, default="measured")


@dataclass(frozen=True, slots=True)
class PredictedRow:
    """One row: its milliseconds a call with their interval, and the weakest basis of its kernels.

    kernels: the operators that are run for it, those that only change a layout among them; none where another row's
    kernel does its work. bound_ms: the least time by this machine's peak and bandwidth; None where it is not known.
    """

    name: str
    milliseconds: float
    low: float
    high: float
    basis: Basis
    kernels: tuple[str, ...] = ()
    bound_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Prediction(Document):
    """One model's latency on one machine, predicted by the kernels that would run.

    fingerprint: of the table that the times come from. milliseconds: the sum of the rows and the call itself, with the
    interval that is meant to hold with ``confidence``. shares: of that time, by basis. cold: where its working set is,
    in the core's own cache (-1), in the last one (0), out of it (1), or between two of these. missing: the operators of
    kernels that are not in the table. bound_ms: the sum of the rows' bounds; None where they are not known.
    """

    SCHEMA = "costlens.prediction/1"
    REMEDY = "predict the model again"

    name: str
    title: str
    variant: str
    also: tuple[str, ...]
    batch: int
    threads: int
    fingerprint: str
    milliseconds: float
    low: float
    high: float
    confidence: float
    call_ms: float
    cold: float
    working_set_bytes: int
    shares: dict[Basis, float]
    rows: tuple[PredictedRow, ...]
    missing: tuple[str, ...] = ()
    bound_ms: float | None = None
    note: str = ""

    @property
    def margin(self) -> float:
        """Half of the interval's width ÷ the time."""
        return (self.high - self.low) / 2 / self.milliseconds if self.milliseconds else 0.0

    def scaled(self, factor: float) -> "Prediction":
        """Return the prediction of a machine that takes so many times as long; bounds and the call itself stay."""
        rows = tuple(
            replace(row, milliseconds=factor * row.milliseconds, low=factor * row.low, high=factor * row.high)
            for row in self.rows
        )
        return replace(
            self, milliseconds=factor * self.milliseconds, low=factor * self.low, high=factor * self.high, rows=rows
        )
