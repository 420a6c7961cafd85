"""A step of a run → the row of the count: what it stores, multiplies and moves."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from costlens.arithmetic.cost import FLOPS_PER_MAC, Cost, formula
from costlens.arithmetic.precision import FP32, INT8, WIDTHS, of_file
from costlens.arithmetic.sizes import AnySize
from costlens.readers.onnx.liveness import size_bytes
from costlens.readers.onnx.operators import Call, ContradictionError, NotCountedError
from costlens.readers.onnx.steps import Step
from costlens.readers.onnx.tensor import NAMES, Tensor
from costlens.results.counts import CountRow, alike


@dataclass(frozen=True, slots=True)
class StepFigures:
    """What a step costs, free axes included; None is not known. ``fields``: those of its row but its name and shares.

    stored: numbers that it is the first to use, held: their bytes, traffic: bytes that it moves at least.
    """

    stored: int
    held: int
    macs: AnySize | None
    flops: AnySize | None
    traffic: AnySize | None
    fields: Mapping[str, Any]


class Figures:
    """The figures of steps; those of equal nodes are worked out once."""

    def __init__(self) -> None:
        self._found: dict[Any, StepFigures] = {}

    def of(self, step: Step) -> StepFigures:
        """Return the figures of a step."""
        stored = held = 0
        for source in step.sources:
            stored += source.numbers
            held += source.size_bytes
        inputs = step.inputs
        read: tuple[Any, ...] = tuple([one is None or one.constant for one in inputs])
        if len({*inputs}) < len(inputs):  # a tensor that is read twice moves once
            read = (*read, *map(inputs.index, inputs))
        made = tuple([one is None for one in step.outputs])
        key = (id(step.known), step.times, read, made, stored, held, step.sources[0].dtype if stored else 0)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = _figures(step, stored, held)
        return found


def rows(
    names: Sequence[str],
    found: Sequence[StepFigures],
    live: Sequence[AnySize | None],
    reads: Sequence[tuple[str, ...]],
    macs: AnySize | None,
) -> tuple[CountRow, ...]:
    """Return the rows of steps by their names, the bytes alive meanwhile, what they read, and the model's MACs."""
    known: dict[int, Callable[[str, int | None, tuple[str, ...]], CountRow]] = {}
    made = []
    for name, figures, alive, read in zip(names, found, live, reads, strict=True):
        row = known.get(id(figures))
        if row is None:
            own = figures.macs
            share = own / macs if isinstance(own, int) and isinstance(macs, int) and macs else None
            row = known[id(figures)] = alike(CountRow(name, macs_share=share, **figures.fields))
        made.append(row(name, alive if type(alive) is int else None, read))
    return tuple(made)


def _figures(step: Step, stored: int, held: int) -> StepFigures:
    read = {one.name: one for one in step.inputs if one is not None and not one.constant}
    made = [one for one in step.outputs if one is not None]
    kernel, call = _kernel(step), step.attributes
    macs, cost = step.macs, step.cost
    flops = None if macs is None or cost is None else (FLOPS_PER_MAC * cost.macs + cost.elementwise_flops) * step.times
    moved = {id(one): one for one in (*read.values(), *made) if not one.constant}
    traffic = total([held, *map(size_bytes, moved.values())])
    dtypes = [*(one.dtype for one in step.sources), *(one.dtype for one in (*read.values(), *made))]
    fields = {
        "kind": step.op,
        "convolution": _convolution(step, kernel),
        "input": next((_fixed(one) for one in read.values()), None),
        "inputs": tuple(shape for one in read.values() if (shape := _fixed(one)) is not None),
        "output": _fixed(made[0]) if made else None,
        "kernel": kernel,
        "stride": None if kernel is None else tuple(call.get("strides") or (1,) * len(kernel)),
        "groups": _groups(step) if kernel and step.entry.role == "contraction" else None,
        "deployed_params": stored,
        "macs": number(macs),
        "flops": number(flops),
        "formula": formula(cost.contractions) if cost and cost.contractions else "",
        "weight_bytes": held,
        "weight_bytes_int8": _in_int8(stored, held, cost),
        "traffic_bytes": number(traffic),
        "intensity": flops / traffic if isinstance(flops, int) and isinstance(traffic, int) and traffic else None,
        "dtype": NAMES.get(dtypes[0], "") if dtypes else "",
        "uncounted": (step.uncounted,) if step.uncounted else (),
    }
    return StepFigures(stored, held, macs, flops, traffic, fields)


def _in_int8(stored: int, held: int, cost: Cost | None) -> int | None:
    """Return what the numbers of a node in fp32 take in int8; None where they are not in fp32."""
    if held != WIDTHS[FP32] * stored or cost is None:
        return None
    weights, scales = cost.weights, cost.scales
    return (
        of_file(weights, scales, stored).bytes(INT8) if isinstance(weights, int) and isinstance(scales, int) else None
    )


def total(sizes: Iterable[AnySize | None]) -> AnySize | None:
    """Return the sum; None where one of the sizes is not known."""
    found: AnySize = 0
    for size in sizes:
        if size is None:
            return None
        found = found + size
    return found


def number(size: AnySize | None) -> int | None:
    """Return a size where it is a number."""
    return size if isinstance(size, int) else None


def _fixed(tensor: Tensor) -> tuple[int, ...] | None:
    if tensor.shape is None or not all(isinstance(size, int) for size in tensor.shape):
        return None
    return tensor.shape


def _kernel(step: Step) -> tuple[int, ...] | None:
    if step.entry.kernel is None:
        return None
    try:
        found = step.entry.kernel(Call(step.op, step.inputs, step.attributes, 0))
    except (NotCountedError, ContradictionError):
        return None
    return tuple(found) if all(isinstance(size, int) for size in found) else None


def _groups(step: Step) -> int | None:
    """Return the groups of a convolution; None where a node that is not counted says nonsense."""
    found = int(step.attributes.get("group", 1))
    return found if found > 0 else None


def _convolution(step: Step, kernel: tuple[int, ...] | None) -> str:
    """Return which convolution a node is: depthwise, grouped, pointwise or standard."""
    if kernel is None or step.entry.role != "contraction":
        return ""
    groups = _groups(step) or 1
    first = step.inputs[0]
    channels = first.shape[1] if first is not None and first.shape and len(first.shape) > 1 else None
    if groups > 1:
        return "depthwise" if groups == channels else "grouped"
    return "pointwise" if prod(kernel) == 1 else "standard"
