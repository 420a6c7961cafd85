"""Counts of an ONNX file: one row for each of its nodes that computes something."""

from __future__ import annotations

from dataclasses import dataclass

from costlens.results.counts import ShapeTuple, Status


@dataclass(frozen=True, slots=True)
class OnnxRow:
    """One node: its first input's and output's shape (batch included, as in the file), parameters and MACs.

    ``kernel`` is the spatial kernel of a convolution or pool. None stands for what the file does not say; why stands
    in ``uncounted`` of the file.
    """

    name: str
    op: str
    kernel: ShapeTuple | None
    input: ShapeTuple | None
    output: ShapeTuple | None
    params: int
    macs: int | None


@dataclass(frozen=True, slots=True)
class OnnxCount:
    """All counts of an ONNX file for one run of it; ``batch`` is that of its inputs, 1 where that is free.

    ``params`` counts every stored weight once: shapes, axes, bounds and other structure are none. With status
    ``partial`` the totals are lower bounds, and ``uncounted`` lists each node that was not counted, and why.
    """

    name: str
    opset: int
    batch: int
    rows: tuple[OnnxRow, ...]
    params: int
    macs: int
    status: Status
    uncounted: tuple[str, ...]
