"""Any TensorFlow Lite file → the count of its operators, with the status of each figure."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from math import prod
from pathlib import Path

from costlens.arithmetic import arena
from costlens.arithmetic.cost import FLOPS_PER_MAC, formula
from costlens.arithmetic.precision import FP32, INT8, WIDTHS, of_file
from costlens.errors import UsageError
from costlens.readers.reads import reads
from costlens.readers.tflite import batch as batches
from costlens.readers.tflite import schema
from costlens.readers.tflite.file import opened
from costlens.readers.tflite.liveness import live_bytes, tensors
from costlens.readers.tflite.operators import ContradictionError, NotCountedError
from costlens.readers.tflite.operators.elementwise import ACTIVATION_FLOPS
from costlens.readers.tflite.steps import Step, Walk, WalkError, noted
from costlens.readers.tflite.walk import name_of, walk
from costlens.results.counts import CountRow, ModelCount, Status, Totals, add
from costlens.results.names import numbered

_ZEROS = "{:,} of its parameters are biases of zeros, which converters add to operators without a bias"
_STORED = frozenset({"deployed_params", "weight_bytes", "weight_bytes_int8"})
"""What is stored is known, whatever an operator does with it."""
_MOVED = frozenset({"traffic_bytes", "peak_activation_bytes", "arena_bytes", "arena_bytes_int8"})


def read(
    path: Path,
    sizes: Mapping[str, int] | None = None,
    shapes: Mapping[str, Sequence[int]] | None = None,
    batch: int = 1,
) -> ModelCount:
    """Count a TensorFlow Lite file for one run of it, without reading its weights: a row for each operator.

    ``sizes`` of axes by input and place (``x:1``), ``shapes`` of inputs; ``batch`` is the size of axes that have none
    and are known to be the batch (:mod:`.batch`). An operator is named by its first output. UsageError where the file
    is not a TensorFlow Lite model or contradicts itself.
    """
    with opened(path) as model:
        try:
            inputs = batches.inputs_of(model, sizes or {}, shapes or {})
            examples, walked, notes = batches.batch_of(model, inputs, batch)
        except WalkError as error:
            raise UsageError(f"{path}: {error}") from None
        zeros = [_ZEROS.format(walked.zeros)] if walked.zeros else []
        known = {one.name: one.shape for one in walked.inputs if one.shape is not None}
        counted = _counted(model.subgraphs[0].name, walked, examples, (*notes, *walked.notes, *zeros))
        return replace(counted, inputs=inputs.sizes | known)


def plan_of(
    path: Path,
    sizes: Mapping[str, int] | None = None,
    shapes: Mapping[str, Sequence[int]] | None = None,
    batch: int = 1,
) -> tuple[list[str], list[arena.Tensor], list[str]]:
    """Return the rows that a file runs in order, the tensors that it holds meanwhile, and the row that makes each.

    Arguments as of :func:`read`. UsageError where the size of a tensor is not known.
    """
    with opened(path) as model:
        try:
            inputs = batches.inputs_of(model, sizes or {}, shapes or {})
            _, walked, _ = batches.batch_of(model, inputs, batch)
        except WalkError as error:
            raise UsageError(f"{path}: {error}") from None
        held = tensors(walked)
        if held is None:
            raise UsageError("the size of a tensor is not known; give the sizes of the inputs")
        steps = numbered([step.name for step in walked.steps])
        given = len(walked.inputs)
        return steps, held, ["" if place < given else steps[one.first] for place, one in enumerate(held)]


def read_executed(path: Path, ran: Mapping[int, Sequence[int]]) -> tuple[ModelCount, int]:
    """Count a file for a run of it, whose tensors had these shapes by place; no rule tells the network's shapes.

    Return also how many of the MACs are in sub-graphs, whose shapes are told by rules. UsageError where an operator
    cannot have run with these shapes.
    """
    with opened(path) as model:
        shapes = {place: tuple(shape) for place, shape in ran.items()}
        graph = model.subgraphs[0]
        try:
            given = [
                replace(noted(graph.tensors[place]), shape=shapes.get(place)) for place in graph.inputs if place >= 0
            ]
            walked = walk(model, given, shapes)
        except WalkError as error:
            raise UsageError(f"{path}: {error}") from None
        own = {name_of(graph, each) for each in graph.operators}
        inner = sum(step.macs for step in walked.steps if step.name not in own)
        return _counted(graph.name, walked, 1, tuple(walked.notes)), inner


def sizes_to_give(path: Path) -> tuple[str, ...] | None:
    """Return the inputs of a file and their axes by place, which can be given sizes; None where it cannot be read."""
    try:
        with opened(path) as model:
            return batches.sizes_to_give(model)
    except UsageError:
        return None


def _counted(name: str, walked: Walk, batch: int, notes: Sequence[str]) -> ModelCount:
    steps, total = walked.steps, walked.macs
    names = numbered([step.name for step in steps])
    live = live_bytes(walked)
    read = reads(
        {name: (each.call.inputs, each.outputs) for name, each in zip(names, steps, strict=True)}, walked.inputs
    )
    rows = tuple(_row(*each, total) for each in zip(names, steps, live, read, strict=True))
    totals = Totals(
        deployed_params=add(row.deployed_params for row in rows),
        macs=total,
        flops=sum(row.flops or 0 for row in rows),
        weight_bytes=add(row.weight_bytes for row in rows),
        traffic_bytes=add(row.traffic_bytes for row in rows),
        peak_activation_bytes=None if None in live else max((size for size in live if size is not None), default=0),
        weight_bytes_int8=add(row.weight_bytes_int8 for row in rows),
        **_arenas(walked),
    )
    if totals.traffic_bytes:
        totals = replace(totals, intensity=(totals.flops or 0) / totals.traffic_bytes)
    missing = any(row.uncounted for row in rows)
    return ModelCount(
        name=name,
        batch=batch,
        totals=totals,
        status={each.name: _status(each.name, totals, missing) for each in fields(Totals)},
        uncounted=tuple(f"{row.name}: {why}" for row in rows for why in row.uncounted),
        notes=tuple(notes),
        rows=rows,
    )


def _arenas(walked: Walk) -> dict[str, int]:
    """Return the size of a plan of the tensors; of a file in fp32 also what the plan is in int8."""
    held = tensors(walked)
    if held is None:
        return {}
    found = {"arena_bytes": arena.plan(held).bytes}
    if all(one.dtype == "float32" for step in walked.steps for one in step.outputs):
        narrow = [one._replace(bytes=one.bytes // WIDTHS[FP32]) for one in held]
        found["arena_bytes_int8"] = arena.plan(narrow).bytes
    return found


def _status(name: str, totals: Totals, missing: bool) -> Status:
    if getattr(totals, name) is None:
        return "unavailable"
    return "partial" if missing and name not in _STORED | _MOVED else "complete"


def _row(name: str, step: Step, live: int | None, found: tuple[str, ...], total: int) -> CountRow:
    call, cost, macs = step.call, step.cost, step.macs
    read = {id(one): one for one in call.inputs if one is not None and not one.constant}
    held = sum(stored.size_bytes for stored in step.stored)
    flops = None if cost is None else _flops(step)
    traffic = add([held, *(one.size_bytes for one in (*read.values(), *step.outputs))])
    kernel, groups = _kernel(step)
    return CountRow(
        name=name,
        kind=step.op,
        convolution=_convolution(step, kernel, groups),
        input=next((one.shape for one in read.values()), None),
        inputs=tuple(one.shape for one in read.values() if one.shape is not None),
        output=step.outputs[0].shape if step.outputs else None,
        kernel=kernel,
        stride=_stride(step, kernel),
        groups=groups,
        deployed_params=sum(stored.count for stored in step.stored),
        macs=None if cost is None else macs,
        flops=flops,
        formula=formula(cost.contractions) if cost and cost.contractions else "",
        weight_bytes=held,
        weight_bytes_int8=_in_int8(step),
        traffic_bytes=traffic,
        live_bytes=live,
        intensity=flops / traffic if flops is not None and traffic else None,
        macs_share=macs / total if total and cost is not None else None,
        dtype=_dtype(step),
        uncounted=(step.missing,) if step.missing else (),
        reads=found,
    )


def _in_int8(step: Step) -> int | None:
    """Return what the numbers of an operator in fp32 take in int8; None where they are not in fp32."""
    numbers, held = sum(one.count for one in step.stored), sum(one.size_bytes for one in step.stored)
    if held != WIDTHS[FP32] * numbers or step.cost is None:
        return None
    return of_file(step.cost.weights, step.cost.scales, numbers).bytes(INT8)


def _dtype(step: Step) -> str:
    """Return the type of the first constant that a step weighs, else of what it reads, else of what it makes."""
    tensors = [one for one in step.call.inputs if one is not None]
    constants = [one for one in tensors if one.constant and any(numbers in one.stored for numbers in step.stored)]
    return next((one.dtype for one in (*constants, *(t for t in tensors if not t.constant), *step.outputs)), "").lower()


def _flops(step: Step) -> int | None:
    """Return two per multiply-accumulate; per value one for a bias, those of the operator and of its activation."""
    if step.cost is None:
        return None
    bias = step.entry.bias is not None and step.call.has(step.entry.bias)
    fused = int(step.call.options.get("fused_activation_function", 0))
    activation = schema.ACTIVATIONS[fused] if 0 <= fused < len(schema.ACTIVATIONS) else ""
    each = step.entry.flops + bias + ACTIVATION_FLOPS[activation]
    shape = step.call.outputs[0] if step.call.outputs else ()
    if shape is None:
        return None
    return (FLOPS_PER_MAC * step.cost.macs + step.cost.elementwise_flops + each * prod(shape)) * step.times


def _kernel(step: Step) -> tuple[tuple[int, ...] | None, int | None]:
    """Return the kernel of a window, and the groups of a convolution."""
    if step.entry.kernel is None:
        return None, None
    try:
        return step.entry.kernel(step.call), step.entry.groups(step.call) if step.entry.groups else None
    except (NotCountedError, ContradictionError):
        return None, None


def _convolution(step: Step, kernel: tuple[int, ...] | None, groups: int | None) -> str:
    """Return which convolution an operator is: depthwise, grouped, pointwise or standard."""
    if kernel is None or groups is None:
        return ""
    if step.op == "DEPTHWISE_CONV_2D":
        return "depthwise"
    if groups > 1:
        return "grouped"
    return "pointwise" if prod(kernel) == 1 else "standard"


def _stride(step: Step, kernel: tuple[int, ...] | None) -> tuple[int, ...] | None:
    if kernel is None:
        return None
    return tuple(step.call.options[f"stride_{axis}"] for axis in "dhw"[-len(kernel) :])
