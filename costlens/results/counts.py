"""Counts of one variant of one network: rows, sections and totals. The contract ``costlens.count/1`` writes them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

SCHEMA = "costlens.count/1"
AS_WRITTEN = "as-written"
"""The variant that is the spec itself."""
FIGURES = {
    "params": "params",
    "trainable": "trainable",
    "kernels": "kernels",
    "deployed": "deployed_params",
    "macs": "macs",
}
"""What a published figure can count, and the field of a row and of totals that holds it."""

Status = Literal["complete", "partial", "unavailable"]
ShapeTuple = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CountRow:
    """One line of the table: a layer with its norm and activations, or at a smaller depth a block of such lines.

    Parameters as numbers, MACs and FLOPs per batch, sizes in bytes. ``live_bytes`` are the activations alive while
    the row runs; ``formula`` is the arithmetic of its kernels and the positions each is used at.
    """

    name: str
    kind: str
    convolution: str
    section: str
    input: ShapeTuple
    inputs: tuple[ShapeTuple, ...]
    output: ShapeTuple
    kernel: ShapeTuple | None
    stride: ShapeTuple | None
    groups: int | None
    params: int
    trainable: int
    non_trainable: int
    kernels: int
    deployed_params: int
    macs: int
    flops: int
    formula: str
    weight_bytes: int
    traffic_bytes: int
    live_bytes: int
    intensity: float
    params_share: float
    macs_share: float
    uncounted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over rows; ``peak_activation_bytes`` is the largest live sum, ``intensity`` FLOPs ÷ traffic bytes."""

    params: int
    trainable: int
    non_trainable: int
    kernels: int
    deployed_params: int
    macs: int
    flops: int
    weight_bytes: int
    traffic_bytes: int
    peak_activation_bytes: int
    intensity: float


@dataclass(frozen=True, slots=True)
class SectionTotals:
    """The subtotal of one named section of the spec."""

    name: str
    params: int
    trainable: int
    kernels: int
    macs: int


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A convolution that a rewrite left as it is, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class ModelCount:
    """All counts of one variant.

    ``also`` names the variants whose graph is the same. ``macs_to_standard`` is measured (this ÷ the standard
    variant), ``macs_to_standard_theory`` what the kinds' formulas predict; None where no standard was counted.
    """

    name: str
    title: str
    variant: str
    also: tuple[str, ...]
    batch: int
    totals: Totals
    status: dict[str, Status]
    uncounted: tuple[str, ...]
    sections: tuple[SectionTotals, ...]
    left_alone: tuple[LeftAlone, ...]
    notes: tuple[str, ...]
    params_to_standard: float | None
    macs_to_standard: float | None
    macs_to_standard_theory: float | None
    rows: tuple[CountRow, ...]

    def to_pandas(self) -> Any:
        """Return the rows as a ``pandas.DataFrame``, one column per field (imports pandas)."""
        from pandas import DataFrame

        return DataFrame([asdict(row) for row in self.rows])


def counts_document(models: list[ModelCount]) -> dict[str, Any]:
    """Return the versioned JSON document of counts: ``{"schema": "costlens.count/1", "models": […]}``."""
    return {"schema": SCHEMA, "models": [asdict(model) for model in models]}
