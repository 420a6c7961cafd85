"""A Keras model → the count of its layers, with the status of each figure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from math import prod
from typing import Any

from costlens.arithmetic.cost import FLOPS_PER_MAC, Contraction, Cost, formula, total
from costlens.readers.keras.flow import reads
from costlens.readers.keras.inputs import Inputs, Sizes, inputs, unsized
from costlens.readers.keras.layers import LayerRow, layer_rows
from costlens.readers.keras.sites import Sites
from costlens.readers.keras.tracing import trace
from costlens.results.counts import CountRow, ModelCount, Status, Totals
from costlens.results.names import blocks, common_name

_LISTED = 3


def read(
    model: Any, sizes: Sizes | None = None, *, name: str = "", batch: int = 1, depth: int | None = None
) -> ModelCount:
    """Count a Keras model for one call of it at inference, traced with static shapes: a row for each layer.

    ``sizes`` gives free axes of inputs their sizes, ``depth`` folds rows by name; ``name`` is the model's in messages.
    Shapes of rows leave the batch out.
    Parameters are Keras's own, MACs and FLOPs those of the operations of the graph. Operations that are not counted
    are named, and make the status ``partial``. UsageError where the model cannot be called.
    """
    called = name or model.name
    given = inputs(model, called, batch, sizes or {})
    traced = trace(model, called, given)
    weights = model.weights
    trainable = {id(weight) for weight in model.trainable_weights}
    learned = frozenset(number for number, weight in enumerate(weights) if id(weight) in trainable)
    numbers = [prod(weight.shape) for weight in weights]
    lines = [_line(row, numbers, learned) for row in layer_rows(traced, model)]
    sums = _sums(lines, numbers)
    runs = blocks(lines, depth, lambda line: line.row.name)
    row_of = {site: place for place, run in enumerate(runs) for line in run for site in line.row.sites}
    read_by = reads(traced.made, row_of, [_name(run) for run in runs], traced.inputs)
    rows = tuple(_row(run, sums, numbers, read) for run, read in zip(runs, read_by, strict=True))
    missing = _missing(lines, given.free)
    found: Status = "partial" if missing else "complete"
    flops_known = all(line.row.flops_known for line in lines)
    status: dict[str, Status] = {each.name: "unavailable" for each in fields(Totals)}
    status |= dict.fromkeys(("params", "trainable", "non_trainable"), "complete")
    status |= {"kernels": found, "macs": found, "flops": found if flops_known else "partial"}
    return ModelCount(
        name=model.name,
        batch=batch,
        inputs=given.sizes,
        totals=sums,
        status=status,
        uncounted=missing,
        rows=rows,
    )


def row_names(model: Any, name: str, given: Inputs) -> tuple[Sites, dict[int, str]]:
    """Return the sites of a model that is called with these inputs, and the name of the row that each counts for."""
    traced = trace(model, name, given)
    return traced.sites, {site: row.name for row in layer_rows(traced, model) for site in row.sites}


@dataclass(frozen=True, slots=True)
class _Line:
    """A row with its cost and its parameters; kernels: the numbers of the weights that it multiplies with."""

    row: LayerRow
    cost: Cost
    trainable: int
    non_trainable: int
    kernels: frozenset[int]


def _line(row: LayerRow, numbers: Sequence[int], learned: frozenset[int]) -> _Line:
    cost = row.cost
    trainable = sum(numbers[weight] for weight in row.weights if weight in learned)
    non_trainable = sum(numbers[weight] for weight in row.weights if weight not in learned)
    return _Line(row, cost, trainable, non_trainable, frozenset(w for step in row.steps for w in step.kernels))


def _sums(lines: Sequence[_Line], numbers: Sequence[int]) -> Totals:
    cost = total([line.cost for line in lines])
    trainable, fixed = sum(line.trainable for line in lines), sum(line.non_trainable for line in lines)
    kernels = {weight for line in lines for weight in line.kernels}
    return Totals(
        params=trainable + fixed,
        trainable=trainable,
        non_trainable=fixed,
        kernels=sum(numbers[weight] for weight in kernels),
        macs=cost.macs,
        flops=FLOPS_PER_MAC * cost.macs + cost.elementwise_flops,
    )


def _name(run: Sequence[_Line]) -> str:
    return common_name([line.row.name for line in run])


def _row(run: Sequence[_Line], totals: Totals, numbers: Sequence[int], read: tuple[str, ...]) -> CountRow:
    sums = _sums(run, numbers)
    first, alone = run[0].row, len(run) == 1
    layer, cost = first.site.layer, total([line.cost for line in run])
    geometry = _geometry(layer) if alone else {}
    multiplied = sums.macs if cost.contractions or not cost.uncounted else None  # what is not known is no zero
    given = tuple(shape for shape in map(_shown, first.site.inputs) if shape is not None)
    return CountRow(
        name=_name(run),
        kind=type(layer).__name__ if alone else f"{len(run)} layers",
        convolution=_kind(layer) if alone else "",
        input=next(iter(given), None),
        inputs=given,
        output=_shown(run[-1].row.site.output),
        params=sums.params,
        trainable=sums.trainable,
        non_trainable=sums.non_trainable,
        kernels=sums.kernels,
        macs=multiplied,
        flops=sums.flops if multiplied is not None and all(line.row.flops_known for line in run) else None,
        formula=formula(_together(cost.contractions)),
        params_share=_share(sums.params, totals.params),
        macs_share=None if multiplied is None else _share(multiplied, totals.macs),
        uncounted=tuple(dict.fromkeys(cost.uncounted)),
        reads=read,
        **geometry,
    )


def _share(part: int | None, whole: int | None) -> float | None:
    return part / whole if whole and part is not None else 0.0


def _shown(shape: tuple[int | None, ...] | None) -> tuple[int, ...] | None:
    """Return a shape without the batch; None where a size is not known."""
    sizes = None if shape is None else [size for size in shape[1:] if size is not None]
    return None if shape is None or sizes is None or len(sizes) != len(shape) - 1 else tuple(sizes)


def _together(contractions: tuple[Contraction, ...]) -> tuple[Contraction, ...]:
    """Return equal contractions, a layer's calls, as one at so many positions more."""
    times = Counter(contractions)
    return tuple(
        replace(one, positions=(number, *one.positions)) if number > 1 else one for one, number in times.items()
    )


def _geometry(layer: Any) -> dict[str, Any]:
    """Return the kernel, the stride and the groups that a layer says it has."""
    kernel = getattr(layer, "kernel_size", None) or getattr(layer, "pool_size", None)
    if not isinstance(kernel, tuple):
        return {}
    stride = getattr(layer, "strides", None)
    groups = getattr(layer, "groups", None)
    return {
        "kernel": kernel,
        "stride": tuple(stride) if isinstance(stride, list | tuple) else None,
        "groups": groups if isinstance(groups, int) else None,
    }


def _kind(layer: Any) -> str:
    """Return the kind of a convolution, by what its layer says of itself; nothing for other layers."""
    name, kernel = type(layer).__name__, getattr(layer, "kernel_size", None)
    if "Conv" not in name or "LSTM" in name or not isinstance(kernel, tuple):
        return ""
    for word, kind in (("Separable", "separable"), ("Depthwise", "depthwise"), ("Transpose", "transposed")):
        if word in name:
            return kind
    if getattr(layer, "groups", 1) > 1:
        return "grouped"
    return "pointwise" if prod(kernel) == 1 else "standard"


def _missing(lines: Sequence[_Line], free: Sequence[str]) -> tuple[str, ...]:
    """Return what was not counted: each reason once, after the names of the rows that it holds for."""
    rows: dict[str, list[str]] = {}
    for line in lines:
        for reason in dict.fromkeys(line.cost.uncounted):
            rows.setdefault(reason, []).append(line.row.name)
    said = [f"{_names(names)}: {reason}" for reason, names in rows.items()]
    if free and said:
        said.append(unsized(free))
    return tuple(said)


def _names(names: Sequence[str]) -> str:
    more = len(names) - _LISTED
    return f"{', '.join(names[:_LISTED])} and {more} more" if more > 0 else ", ".join(names)
