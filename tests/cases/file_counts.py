"""Counts as the reader of ONNX files returns them, made of what a ledger reads."""

from collections.abc import Sequence
from dataclasses import fields

from costlens.results.counts import CountRow, ModelCount, Status, Totals, add


def file_count(name: str, rows: Sequence[tuple[str, str, int, int]]) -> ModelCount:
    """Return a complete count of nodes, each given as (name, operator, deployed parameters, MACs)."""
    made = tuple(CountRow(row, kind, deployed_params=deployed, macs=macs) for row, kind, deployed, macs in rows)
    known = {"deployed_params": add(row.deployed_params for row in made), "macs": add(row.macs for row in made)}
    status: dict[str, Status] = {one.name: "complete" if one.name in known else "unavailable" for one in fields(Totals)}
    return ModelCount(name=name, batch=1, totals=Totals(**known), status=status, uncounted=(), rows=made)
