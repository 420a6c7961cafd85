"""Any ONNX file → the count of its nodes, with the status of each figure."""

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from costlens.arithmetic.sizes import AnySize, Size, axis
from costlens.errors import UsageError
from costlens.readers.onnx import axes, file
from costlens.readers.onnx.axes import Axes, is_linear, proportional
from costlens.readers.onnx.conditions import conditions, only_sizes, shown
from costlens.readers.onnx.liveness import live_bytes
from costlens.readers.onnx.rows import Figures, StepFigures, number, rows, total
from costlens.readers.onnx.steps import Walk, WalkError
from costlens.readers.onnx.tensor import NAMES, Shape, Value
from costlens.readers.onnx.walk import inputs_of, walk
from costlens.readers.reads import reads
from costlens.results.counts import ModelCount, Status, Totals, add
from costlens.results.names import numbered

_EXAMPLES = "examples"


def read(
    path: Path,
    sizes: Mapping[str, int] | None = None,
    shapes: Mapping[str, Sequence[int]] | None = None,
    batch: int = 1,
    *,
    ones: bool = False,
    values: Mapping[str, Value] | None = None,
) -> ModelCount:
    """Count an ONNX file for one run of it, without reading its weights: a row for each node that computes something.

    ``sizes`` of free axes by name, or by place (``x:1``); ``shapes`` of inputs; ``batch`` is the size of a free axis
    that is known to be the batch (:mod:`.axes`). Other free axes stay free, and totals are formulas in them. The second
    node of a name is ``name #2``. ``ones``: tensors of one number are parameters wherever they have an axis, as in
    files whose bounds and epsilons have none. ``values``: of inputs that hold few integers. UsageError where the file
    is not an ONNX model or contradicts itself.
    """
    model = file.model(path)
    if not model.graph.node and not model.graph.output:
        raise UsageError(f"{path}: holds no ONNX graph, or an empty one")
    try:
        with _without_collection():
            return count(model, sizes or {}, shapes or {}, batch, ones=ones, values=values)
    except (WalkError, UsageError) as error:
        raise UsageError(f"{path}: {error}") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: cannot be read as an ONNX file: {error}") from None
    except RecursionError:
        raise UsageError(f"{path}: its graphs are nested too deep") from None


@contextmanager
def _without_collection() -> Iterator[None]:
    """Look for no garbage meanwhile: a count makes many objects and no cycles, and looking took half its time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def sizes_to_give(path: Path) -> tuple[str, ...] | None:
    """Return what of a file's inputs can be given a size: free axes and inputs; None where it cannot be read."""
    try:
        return axes.sizes_to_give(inputs_of(file.model(path).graph))
    except (UsageError, UnicodeDecodeError):
        return None


def signature(path: Path) -> list[tuple[str, str, tuple[int | str, ...] | None]]:
    """Return a file's inputs: name, type as NumPy calls it, sizes, free ones by their names; None where not known."""
    found = inputs_of(file.model(path).graph)
    shapes = axes.axes(found, {}, {}).shapes
    return [
        (
            one.name,
            NAMES.get(one.type.tensor.elem_type, ""),
            None if one.name not in shapes else tuple(_size(size) for size in shapes[one.name]),
        )
        for one in found
    ]


def count(
    model: Any,
    sizes: Mapping[str, int],
    shapes: Mapping[str, Sequence[int]],
    batch: int = 1,
    *,
    ones: bool = False,
    values: Mapping[str, Value] | None = None,
) -> ModelCount:
    """Count a parsed model; WalkError where it contradicts itself, UsageError for a size that it has not."""
    found = axes.axes(inputs_of(model.graph), sizes, shapes)
    bound, notes, examples = found.shapes, list[str](), None
    if found.named is not None and _is_named(model, found):
        bound, examples = _with(bound, (found.named,), batch), batch
        notes.append(f"batch = {found.named}, by its name")
    walked = walk(model, bound, values, ones=ones)
    while only := only_sizes(walked):
        for name, size in only.items():
            bound = _with(bound, (name,), size)
            notes.append(f"{name} = {size:,}: no other size fits")
        walked = walk(model, bound, values, ones=ones)
    found = replace(found, shapes=bound, perhaps=_free(bound, found.perhaps))
    if _may_be_batch(model, found, walked):
        bound, examples = _with(bound, found.perhaps, batch), batch
        walked = walk(model, bound, values, ones=ones)
        names = " = ".join(found.perhaps)
        notes.append(f"batch = {names}: the first axis of every input, and MACs are proportional to it")
    if examples is None:
        examples = _batch_of(model, bound)
    return counted(model, walked, bound, examples, [*notes, *walked.notes, *conditions(walked)])


def _free(shapes: Mapping[str, Shape], names: Sequence[str]) -> tuple[str, ...]:
    """Return those of some axes that are free in the inputs' shapes."""
    free = {name for shape in shapes.values() for size in shape if isinstance(size, Size) for name in size.axes}
    return tuple(name for name in names if name in free)


def _is_named(model: Any, found: Axes) -> bool:
    """Say whether the axis that is called a batch is one: with a mere letter for a name, MACs may not outgrow it."""
    name = found.named or ""
    try:
        return not axes.is_letter(name) or is_linear(walk(model, found.shapes).macs, name)
    except WalkError:
        return True


def _with(shapes: Mapping[str, Shape], names: Sequence[str], size: AnySize) -> dict[str, Shape]:
    """Return the inputs' shapes with a size for some of their axes."""
    given = dict.fromkeys(names, size)
    return {
        key: tuple(each.at(given) if isinstance(each, Size) else each for each in shape)
        for key, shape in shapes.items()
    }


def _may_be_batch(model: Any, found: Axes, walked: Walk) -> bool:
    """Say whether the first axes of all inputs hold examples, as one axis if they have several names."""
    if len(found.perhaps) > 1:
        try:
            walked = walk(model, _with(found.shapes, found.perhaps, axis(found.perhaps[0])))
        except WalkError:
            return False
    return bool(found.perhaps) and _is_batch(walked, found.perhaps[0]) is not False


def _batch_of(model: Any, bound: Mapping[str, Sequence[AnySize]]) -> int:
    """Return the batch of a run: the first size of all inputs, where it arrives as a batch; else 1."""
    firsts = {shape[0] for shape in bound.values() if shape}
    first = firsts.pop() if len(firsts) == 1 else 1
    if not isinstance(first, int) or first == 1:
        return 1
    try:
        again = walk(model, {key: (axis(_EXAMPLES), *shape[1:]) if shape else () for key, shape in bound.items()})
    except WalkError:
        return 1
    return first if _is_batch(again, _EXAMPLES) else 1


def _is_batch(walked: Walk, name: str) -> bool | None:
    """Say whether an axis holds examples: None where no operator tells.

    The MACs are proportional to it, and every convolution, recurrent layer and attention has it where its batch is.
    """
    unknown = any(step.uncounted and not step.entry.listed for step in walked.steps)
    if unknown or proportional(walked.macs, name) is None:
        return False
    told = None
    for step in walked.steps:
        first = step.inputs[0] if step.inputs else None
        if step.entry.batch is None or first is None or first.constant or not first.shape:
            continue
        having = [index for index, size in enumerate(first.shape) if isinstance(size, Size) and name in size.axes]
        if having and having != [step.entry.batch(step.attributes)]:
            return False
        told = True if having else told
    return told


def counted(
    model: Any, walked: Walk, bound: Mapping[str, Sequence[AnySize]], batch: int, notes: Sequence[str]
) -> ModelCount:
    """Return the count of what a walk found, of inputs of these shapes."""
    figures = Figures()
    found, live = [figures.of(step) for step in walked.steps], live_bytes(walked)
    sums = _totals(found, live)
    names = numbered([step.name for step in walked.steps])
    steps = {name: (step.inputs, step.outputs) for name, step in zip(names, walked.steps, strict=True)}
    made = rows(names, found, live, reads(steps, walked.inputs), sums["macs"])
    missing = any(row.uncounted for row in made)
    totals = Totals(
        **{name: number(size) for name, size in sums.items()},
        weight_bytes_int8=add(row.weight_bytes_int8 for row in made),
    )
    if totals.flops is not None and totals.traffic_bytes:
        totals = replace(totals, intensity=totals.flops / totals.traffic_bytes)
    return ModelCount(
        name=model.graph.name,
        batch=batch,
        inputs={name: tuple(map(_size, shape)) for name, shape in bound.items()},
        totals=totals,
        formulas={name: shown(size, walked) for name, size in sums.items() if isinstance(size, Size)},
        status={each.name: _status(each.name, totals, missing) for each in fields(Totals)},
        uncounted=tuple(f"{row.name}: {why}" for row in made for why in row.uncounted),
        notes=tuple(notes),
        rows=made,
    )


def _size(size: AnySize) -> int | str:
    return size if isinstance(size, int) else str(size)


def _status(name: str, totals: Totals, missing: bool) -> Status:
    """Return the status of a total. What is stored is known even where a node is not counted."""
    partly = missing and name in ("macs", "flops", "intensity")
    if getattr(totals, name) is None:
        return "unavailable"
    return "partial" if partly else "complete"


def _totals(found: Sequence[StepFigures], live: Sequence[AnySize | None]) -> dict[str, AnySize | None]:
    """Sum steps up. MACs and FLOPs are a lower bound where a step has none."""
    known = [size for size in live if isinstance(size, int)]
    return {
        "deployed_params": sum(each.stored for each in found),
        "macs": total(each.macs for each in found if each.macs is not None),
        "flops": total(each.flops for each in found if each.flops is not None),
        "weight_bytes": sum(each.held for each in found),
        "traffic_bytes": total(each.traffic for each in found),
        "peak_activation_bytes": max(known, default=0) if len(known) == len(live) else None,
    }
