"""Two counts of a network → what differs: totals, layers with the fields that changed, knobs. Pure arithmetic."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import prod
from typing import Any

from costlens.analysis.alignment import Fields, Pair, Rows, align, content
from costlens.arithmetic.shapes import times, written
from costlens.network.graph import Graph, Row
from costlens.results.counts import ModelCount, add, known
from costlens.results.diff import (
    TOTALS,
    Amount,
    Change,
    FieldChange,
    KnobChange,
    LayerChange,
    ParamsOf,
    PeakPlace,
    TotalDelta,
)

Knobs = Mapping[str, int | float | str]

_IN_THE_ROW = {"kernel", "stride", "groups", "filters", "units"}
_HELD: tuple[ParamsOf, ...] = ("params", "deployed_params")
_AFTER = "norm and activation"
_PLUS = " + "
_FEW = 4
"""As many rows are told one by one."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A network as it was counted, one example at a time; ``fields`` of its layers where its graph is known."""

    count: ModelCount
    knobs: Knobs = field(default_factory=dict)
    fields: Fields | None = None


@dataclass(frozen=True, slots=True)
class Layers:
    """The layers that differ, and how many rows of head are as in base."""

    changes: tuple[LayerChange, ...]
    unchanged: int


def fields_of(graph: Graph) -> Fields:
    """Return what each row's layers say beyond the row's own geometry: padding, dilation, bias, what comes after."""
    return {row.name: _fields_of(row) for row in graph.rows()}


def _fields_of(row: Row) -> dict[str, str]:
    own = {name: value_as_text(value) for name, value in row.head.layer.values().items() if name not in _IN_THE_ROW}
    after = []
    for node in row.nodes[1:]:
        given = ", ".join(f"{name} {value_as_text(value)}" for name, value in node.layer.chosen().items())
        after.append(f"{node.layer.kind()} ({given})" if given else node.layer.kind())
    weights = {"weights of": row.head.weights} if row.head.weights else {}
    return {**own, **weights, _AFTER: ", ".join(after)}


def value_as_text(value: Any) -> str:
    """Write a field's value; one that is the same on every axis once."""
    if isinstance(value, list | tuple) and value and all(item == value[0] for item in value):
        value = value[0]
    return value if isinstance(value, str) else json.dumps(value)


def totals(base: ModelCount | None, head: ModelCount | None) -> tuple[TotalDelta, ...]:
    """Compare every total; a side that is missing has none."""
    return tuple(_total(figure, base, head) for figure in TOTALS)


def _total(figure: str, base: ModelCount | None, head: ModelCount | None) -> TotalDelta:
    before, after = (getattr(one.totals, figure) if one else None for one in (base, head))
    delta = None if before is None or after is None else after - before
    relative = delta / before if before and delta is not None else None
    statuses = (one.status.get(figure, "unavailable") if one else None for one in (base, head))
    return TotalDelta(figure, before, after, delta, relative, *statuses)


def params_of(base: ModelCount, head: ModelCount) -> ParamsOf:
    """Return which parameters layers are compared by: all where both counts have them, else those that are deployed.

    BatchNorm is folded in a model file already: only what is deployed is known of one.
    """
    known_of = {figure: None not in (getattr(base.totals, figure), getattr(head.totals, figure)) for figure in _HELD}
    return "deployed_params" if known_of["deployed_params"] and not known_of["params"] else "params"


def peak_at(base: ModelCount | None, head: ModelCount | None) -> PeakPlace:
    """Return the rows that run when most is alive, the first of several."""
    return PeakPlace(
        *(max(one.rows, key=lambda row: row.live_bytes or 0).name if one and one.rows else "" for one in (base, head))
    )


def knob_changes(base: Knobs, head: Knobs, *, renamed: bool = True) -> tuple[KnobChange, ...]:
    """Compare knobs by name; of those that only one side has, two of one value are one with another name.

    Only where no other of them has that value, and ``renamed``: in two networks that are known to differ, nobody
    knows what a new knob does.

    >>> [(one.was, one.name, one.base, one.head) for one in knob_changes({"a": 1, "n": 2}, {"b": 1, "n": 3})]
    [('a', 'b', 1, 1), ('', 'n', 2, 3)]
    """
    gone = {name: value for name, value in base.items() if name not in head}
    was: dict[str, str] = {}
    if renamed:
        old, new = _unique(gone), _unique({name: value for name, value in head.items() if name not in base})
        was = {new[value]: old[value] for value in new.keys() & old.keys()}
    found = [
        KnobChange(name, was.get(name, ""), base.get(was.get(name, name)), value)
        for name, value in head.items()
        if name not in base or base[name] != value
    ]
    return (*found, *(KnobChange(name, "", base[name], None) for name in gone if name not in was.values()))


def _unique(knobs: Knobs) -> dict[tuple[type, int | float | str], str]:
    """Return names by value, of values that only one knob has; 1 and 1.0 are two."""
    values = [(type(value), value) for value in knobs.values()]
    return {(type(value), value): name for name, value in knobs.items() if values.count((type(value), value)) == 1}


def layers(base: Counted, head: Counted) -> Layers:
    """Compare two networks layer by layer, in the order of head."""
    ours, theirs = ({}, {}) if base.fields is None or head.fields is None else (base.fields, head.fields)
    held = params_of(base.count, head.count)
    params, macs = (_total(figure, base.count, head.count) for figure in (held, "macs"))
    found: list[LayerChange] = []
    unchanged = 0
    for place, pair in enumerate(align(base.count.rows, head.count.rows, ours, theirs)):
        equal = [content(row, ours) for row in pair.base] == [content(row, theirs) for row in pair.head]
        if equal and pair.base_name == pair.head_name:
            unchanged += len(pair.head)
            continue
        change = _change(pair, ours, theirs, held, equal=equal)
        params_share, macs_share = _share(change.params, params), _share(change.macs, macs)
        found.append(replace(change, place=place, params_share=params_share, macs_share=macs_share))
    return Layers(tuple(found), unchanged)


def _change(pair: Pair, ours: Fields, theirs: Fields, held: ParamsOf, *, equal: bool) -> LayerChange:
    word: Change = "added" if not pair.base else "removed" if not pair.head else "renamed" if equal else "changed"
    fields = () if word == "renamed" else _fields(pair, ours, theirs) if word == "changed" else _layers_of(pair)
    return LayerChange(
        change=word,
        name=pair.head_name or pair.base_name,
        was=pair.base_name if pair.head_name not in ("", pair.base_name) else "",
        base_rows=tuple(row.name for row in pair.base),
        head_rows=tuple(row.name for row in pair.head),
        fields=tuple(fields),
        params=_amount(pair, held),
        macs=_amount(pair, "macs"),
        live_bytes=_amount(pair, "live_bytes", _largest),
        params_share=None,
        macs_share=None,
        partial=any(row.uncounted for row in (*pair.base, *pair.head)),
    )


def _amount(pair: Pair, figure: str, of: Callable[[list[int | None]], int | None] = add) -> Amount:
    base, head = (of([getattr(row, figure) for row in rows]) for rows in (pair.base, pair.head))
    return Amount(base, head, None if base is None or head is None else head - base)


def _largest(figures: list[int | None]) -> int | None:
    return None if None in figures else max(map(known, figures), default=0)


def _share(amount: Amount, total: TotalDelta) -> float | None:
    """Return a change's part in the difference of the totals; of a difference that is not sure nobody knows it."""
    return amount.delta / total.delta if total.sure and total.delta and amount.delta is not None else None


def _fields(pair: Pair, ours: Fields, theirs: Fields) -> Iterator[FieldChange]:
    """Yield the fields that differ; where nothing else does, the figures that do."""
    before, after = dict(_described(pair.base, pair.head)), dict(_described(pair.head, pair.base))
    names = list(before)
    if len(pair.base) == len(pair.head) == 1:
        before |= ours.get(pair.base[0].name, {})
        after |= theirs.get(pair.head[0].name, {})
        names += [*sorted((before.keys() | after.keys()).difference(names, {_AFTER})), _AFTER]
    names = [name for name in names if before.get(name, "") != after.get(name, "")]
    yield from (FieldChange(name, before.get(name, ""), after.get(name, "")) for name in names)
    if not names:
        for name in ("trainable", "kernels", "deployed_params", "flops", "traffic_bytes"):
            base, head = (add(getattr(row, name) for row in rows) for rows in (pair.base, pair.head))
            if base != head and base is not None and head is not None:
                yield FieldChange(name, f"{base:,}", f"{head:,}")


def _layers_of(pair: Pair) -> Iterator[FieldChange]:
    """Say what is new or gone."""
    rows = pair.base or pair.head
    each = [f"{row.kind} {times(row.kernel)}" if row.kernel else row.kind for row in rows]
    layers = _PLUS.join(each) if len(rows) <= _FEW else f"{len(rows)} rows"
    for name, text in (("layers", layers), ("output", written(rows[-1].output))):
        yield FieldChange(name, text if pair.base else "", text if pair.head else "")


def _described(rows: Rows, others: Rows) -> Iterator[tuple[str, str]]:
    """Describe rows as one layer: several kernels as a sum, several strides as their product."""
    if max(len(rows), len(others)) > _FEW:
        yield "layers", f"{len(rows)} rows"
    else:
        yield "kind", _kind(rows, others)
        yield "kernel", _PLUS.join(times(row.kernel) for row in rows if row.kernel)
        yield "stride", _stride(rows)
        yield "groups", _PLUS.join(str(row.groups) for row in rows if row.groups is not None)
    yield "input", _PLUS.join(map(written, rows[0].inputs))
    yield "output", written(rows[-1].output)
    yield "section", _PLUS.join(dict.fromkeys(row.section for row in rows))
    yield "not counted", "; ".join(why for row in rows for why in row.uncounted)


def _kind(rows: Rows, others: Rows) -> str:
    """Name the kind of convolution where that is what differs, else the kinds of the layers."""
    one, other = ({row.convolution for row in some} for some in (rows, others))
    if len(one) == len(other) == 1 and one != other and "" not in one | other:
        return next(iter(one))
    return _PLUS.join(row.kind for row in rows)


def _stride(rows: Rows) -> str:
    strides = [row.stride for row in rows if row.stride]
    if len(set(map(len, strides))) > 1:
        return _PLUS.join(map(times, strides))
    return times([prod(steps) for steps in zip(*strides, strict=True)])
