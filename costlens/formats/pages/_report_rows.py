"""The layers of a report: what each costs and, where it was measured, how long it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from costlens.formats.pages import count, layer_times
from costlens.results.counts import CountRow
from costlens.results.page import Fold, Records, Table

if TYPE_CHECKING:
    from costlens.results.columns import Column
    from costlens.results.counts import ModelCount
    from costlens.results.layer_times import LayerTime, LayerTimes
    from costlens.results.report import Report

_COUNTED = ("name", "kernel", "output", "params", "macs", "macs_share")
_TIMED = ("microseconds", "share", "bound_by")
_RECORDED: dict[str, Callable[[LayerTime], Any]] = {
    "microseconds": lambda time: time.microseconds if time.kernels else None,
    "time_share": lambda time: time.share if time.kernels else None,
    "gmacs_per_s": lambda time: time.gmacs_per_s,
    "bound_by": lambda time: time.bound_by,
    "of_bound": lambda time: time.of_bound,
    "kernels_run": layer_times.kernels,
    "fused": lambda time: time.fused,
}
"""What a line for machines has of a time, after what it has of a count."""


@dataclass(frozen=True, slots=True)
class _Layer:
    """A row of a count with its time, if that was measured; kernels that belong to no row have a name alone."""

    count: CountRow
    time: LayerTime | None


def _layers(report: Report, model: ModelCount) -> Iterator[_Layer]:
    times = times_of(report, model)
    timed = {line.row: line for line in times.rows} if times else {}
    yield from (_Layer(row, timed.get(row.name)) for row in model.rows)
    if times:
        lines = (line for line in (times.layout, times.other) if line.kernels)
        yield from (_Layer(CountRow(line.row, "", dtype=""), line) for line in lines)


def times_of(report: Report, model: ModelCount) -> LayerTimes | None:
    """Return the time per layer of a variant, None where it was not measured."""
    return next((each for each in report.layer_times if each.variant == model.variant), None)


def folded(report: Report, model: ModelCount) -> Fold:
    """Return the layers of a variant in the few columns that say where its cost and its time are."""
    columns = [*_of("count", count.ROW_COLUMNS, _COUNTED), *_of("time", layer_times.COLUMNS, _TIMED)]
    layers = [*_layers(report, model)]
    table = Table(columns, layers, sums=[_sum(model, times_of(report, model))])
    return Fold(f"{count.names(model) or model.name}: {len(model.rows)} rows", (table,))


def _sum(model: ModelCount, times: LayerTimes | None) -> dict[str, str]:
    figures = {"params": model.totals.params, "macs": model.totals.macs}
    sums = {name: f"{figure:,}" for name, figure in figures.items() if figure is not None}
    if times:
        sums["microseconds"] = layer_times.microseconds(sum(line.microseconds for line in times.lines))
    return {"name": "Σ", **sums}


def _of(part: str, columns: Sequence[Column[Any]], names: Sequence[str]) -> list[Column[Any]]:
    """Return the named columns of a part of a layer."""

    def reading(column: Column[Any]) -> Callable[[_Layer], Any]:
        return lambda layer: None if getattr(layer, part) is None else column.raw(getattr(layer, part))

    by_name = {column.name: column for column in columns}
    return [replace(by_name[name], value=reading(by_name[name])) for name in names]


def records(report: Report) -> Records:
    """Return a line a layer of every variant: its count, then its time."""
    rows = [
        (*count.record(model, layer.count), *(layer.time and read(layer.time) for read in _RECORDED.values()))
        for model in report.counts
        for layer in _layers(report, model)
    ]
    return Records((*count.RECORDED, *_RECORDED), rows)
