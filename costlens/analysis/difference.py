"""Two counts of a network → what differs: totals, layers with the fields that changed, knobs. Pure arithmetic."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from costlens.analysis.alignment import Fields, Pair, Rows, align, content
from costlens.arithmetic.shapes import times
from costlens.network.graph import Graph, Row
from costlens.results.counts import ModelCount, add
from costlens.results.diff import (
    TOTALS,
    Amount,
    Change,
    FieldChange,
    KnobChange,
    LayerChange,
    PeakPlace,
    TotalDelta,
)

Knobs = Mapping[str, int | float | str]

_IN_THE_ROW = {"kernel", "stride", "groups", "filters", "units"}
_AFTER = "norm and activation"
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
    return {row.name: dict(_said(row)) for row in graph.rows()}


def _said(row: Row) -> Iterator[tuple[str, str]]:
    for name, value in row.head.layer.values().items():
        if name not in _IN_THE_ROW:
            yield name, _text(value)
    after = []
    for node in row.nodes[1:]:
        own = ", ".join(f"{key} {_text(value)}" for key, value in node.layer.chosen().items())
        after.append(f"{node.layer.kind()} ({own})" if own else node.layer.kind())
    yield _AFTER, ", ".join(after)


def _text(value: Any) -> str:
    """Write a field's value; one that is the same on every axis once."""
    if isinstance(value, list | tuple) and value and all(item == value[0] for item in value):
        value = value[0]
    return value if isinstance(value, str) else json.dumps(value)


def totals(base: ModelCount | None, head: ModelCount | None) -> tuple[TotalDelta, ...]:
    """Compare every total; a side that is missing has none."""
    return tuple(_total(figure, base, head) for figure in TOTALS)


def _total(figure: str, base: ModelCount | None, head: ModelCount | None) -> TotalDelta:
    before: int | None = getattr(base.totals, figure) if base else None
    after: int | None = getattr(head.totals, figure) if head else None
    delta = None if before is None or after is None else after - before
    relative = delta / before if before and delta is not None else None
    known = (base.status[figure] if base else None, head.status[figure] if head else None)
    return TotalDelta(figure, before, after, delta, relative, *known)


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
    gone = [name for name in base if name not in head]
    old = _unique({name: base[name] for name in gone})
    new = _unique({name: value for name, value in head.items() if name not in base})
    found = []
    for name, value in head.items():
        if name in base:
            was = ""
        elif renamed and (match := old.get((type(value), value), "")) and (type(value), value) in new:
            gone.remove(match)
            was = match
        else:
            found.append(KnobChange(name, "", None, value))
            continue
        if was or base[name] != value:
            found.append(KnobChange(name, was, base[was or name], value))
    return (*found, *(KnobChange(name, "", base[name], None) for name in gone))


def _unique(knobs: Knobs) -> dict[tuple[type, int | float | str], str]:
    """Return names by value, of values that only one knob has; 1 and 1.0 are two."""
    values = [(type(value), value) for value in knobs.values()]
    return {(type(value), value): name for name, value in knobs.items() if values.count((type(value), value)) == 1}


def layers(base: Counted, head: Counted) -> Layers:
    """Compare two networks layer by layer, in the order of head."""
    known = base.fields is not None and head.fields is not None
    ours, theirs = (base.fields or {}, head.fields or {}) if known else ({}, {})
    found: list[LayerChange] = []
    unchanged = 0
    for place, pair in enumerate(align(base.count.rows, head.count.rows, ours, theirs)):
        equal = [content(row, ours) for row in pair.base] == [content(row, theirs) for row in pair.head]
        if equal and pair.base_name == pair.head_name:
            unchanged += len(pair.head)
        else:
            found.append(replace(_change(pair, ours, theirs, equal=equal), place=place))
    return Layers(_with_shares(found, base.count, head.count), unchanged)


def _change(pair: Pair, ours: Fields, theirs: Fields, *, equal: bool) -> LayerChange:
    word: Change = "added" if not pair.base else "removed" if not pair.head else "renamed" if equal else "changed"
    both = word == "changed"
    return LayerChange(
        change=word,
        name=pair.head_name or pair.base_name,
        was=pair.base_name if pair.head_name not in ("", pair.base_name) else "",
        base_rows=tuple(row.name for row in pair.base),
        head_rows=tuple(row.name for row in pair.head),
        fields=tuple(_fields(pair, ours, theirs)) if both else tuple(_what(pair)) if word != "renamed" else (),
        params=_amount(pair, lambda rows: add(row.params for row in rows)),
        macs=_amount(pair, lambda rows: add(row.macs for row in rows)),
        live_bytes=_amount(pair, _most_alive),
        params_share=None,
        macs_share=None,
        partial=any(row.uncounted for row in (*pair.base, *pair.head)),
    )


def _most_alive(rows: Rows) -> int | None:
    alive = [row.live_bytes for row in rows if row.live_bytes is not None]
    return max(alive, default=0) if len(alive) == len(rows) else None


def _amount(pair: Pair, of: Callable[[Rows], int | None]) -> Amount:
    base, head = of(pair.base), of(pair.head)
    return Amount(base, head, None if base is None or head is None else head - base)


def _with_shares(changes: Sequence[LayerChange], base: ModelCount, head: ModelCount) -> tuple[LayerChange, ...]:
    """Add each change's part in the difference of the totals; of a difference that is not sure nobody knows it."""
    params, macs = (_total(figure, base, head) for figure in ("params", "macs"))
    return tuple(
        replace(
            change,
            params_share=_part(change.params, params),
            macs_share=_part(change.macs, macs),
        )
        for change in changes
    )


def _part(amount: Amount, total: TotalDelta) -> float | None:
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


def _what(pair: Pair) -> Iterator[FieldChange]:
    """Say what is new or gone."""
    rows = pair.base or pair.head
    each = [f"{row.kind} {times(row.kernel)}" if row.kernel else row.kind for row in rows]
    told = {
        "layers": _listed(each) if len(rows) <= _FEW else f"{len(rows)} rows",
        "output": times(rows[-1].output or ()),
    }
    for name, text in told.items():
        yield FieldChange(name, text if pair.base else "", text if pair.head else "")


def _described(rows: Rows, others: Rows) -> Iterator[tuple[str, str]]:
    """Describe rows as one layer: several kernels as a sum, several strides as their product."""
    if max(len(rows), len(others)) > _FEW:
        yield "layers", f"{len(rows)} rows"
    else:
        yield "kind", _kind(rows, others)
        yield "kernel", _listed([times(row.kernel) for row in rows if row.kernel])
        yield "stride", _stride(rows)
        yield "groups", _listed([str(row.groups) for row in rows if row.groups is not None])
    yield "input", _listed([times(shape) for shape in rows[0].inputs])
    yield "output", times(rows[-1].output or ())
    yield "section", _listed(list(dict.fromkeys(row.section for row in rows)))
    yield "not counted", "; ".join(why for row in rows for why in row.uncounted)


def _kind(rows: Rows, others: Rows) -> str:
    """Name the kind of convolution where that is what differs, else the kinds of the layers."""
    one, other = ({row.convolution for row in some} for some in (rows, others))
    if len(one) == len(other) == 1 and one != other and "" not in one | other:
        return next(iter(one))
    return _listed([row.kind for row in rows])


def _stride(rows: Rows) -> str:
    strides = [row.stride for row in rows if row.stride]
    if not strides or len({len(stride) for stride in strides}) > 1:
        return _listed([times(stride) for stride in strides])
    product = list(strides[0])
    for stride in strides[1:]:
        product = [one * other for one, other in zip(product, stride, strict=True)]
    return times(product)


def _listed(texts: list[str]) -> str:
    return " + ".join(texts)
