"""Counts as the reader of ONNX files returns them, made of what a ledger reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from costlens.results.counts import CountRow, ModelCount, Totals, add

_NOTHING = {
    "convolution": "", "section": "", "input": None, "inputs": (), "output": None, "kernel": None, "stride": None,
    "groups": None, "params": None, "trainable": None, "non_trainable": None, "kernels": None, "flops": None,
    "formula": "", "weight_bytes": None, "traffic_bytes": None, "live_bytes": None, "intensity": None,
    "params_share": None, "macs_share": None,
}  # fmt: skip


def file_count(name: str, rows: Sequence[tuple[str, str, int, int]]) -> ModelCount:
    """Return a complete count of nodes, each given as (name, operator, deployed parameters, MACs)."""
    made = tuple(
        CountRow(name=row, kind=kind, deployed_params=deployed, macs=macs, **_NOTHING)  # type: ignore[arg-type]
        for row, kind, deployed, macs in rows
    )
    known = {"deployed_params": add(row.deployed_params for row in made), "macs": add(row.macs for row in made)}
    figures = [figure.name for figure in fields(Totals)]
    return ModelCount(
        name=name, title="", variant="", also=(), batch=1, totals=Totals(**{one: known.get(one) for one in figures}),
        status={one: "complete" if one in known else "unavailable" for one in figures}, uncounted=(), sections=(),
        left_alone=(), notes=(), params_to_standard=None, macs_to_standard=None, macs_to_standard_theory=None,
        rows=made,
    )  # fmt: skip
