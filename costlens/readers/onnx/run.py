"""The count of one run of an ONNX file: its graph tells what each node does, the run tells sizes and how often.

The file that ran is a copy whose nodes have names of their own (``n12|the name that a row has``), so that every step of
a walk over it finds its node in the run. A size that the walk knows by itself must be the one that the run had: two
roads to one number.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from costlens.arithmetic.cost import Contraction, Cost
from costlens.arithmetic.sizes import Size, UndecidedError
from costlens.errors import VerificationError
from costlens.readers.onnx import file
from costlens.readers.onnx.executed import Sized
from costlens.readers.onnx.operators import Call, ContradictionError, NotCountedError, Operator, Out
from costlens.readers.onnx.reader import counted
from costlens.readers.onnx.steps import Known, Step, Walk, WalkError
from costlens.readers.onnx.tensor import Shape, Tensor, Value
from costlens.readers.onnx.walk import Walker, cost_of
from costlens.results.counts import ModelCount

MARK = re.compile(r"n\d+\|")
"""How the name of a node begins in a copy."""
Group = tuple[Sized, Sized, int]
"""What a node read and wrote, types and sizes, and how often with these."""


def count_of_run(
    copy: Path,
    ran: Iterable[tuple[str, Sized, Sized, int]],
    shapes: Mapping[str, tuple[int, ...]],
    values: Mapping[str, Value],
    batch: int,
) -> ModelCount:
    """Count what ran: ``(name in the copy, types and sizes read, those written, how often)`` of each node.

    shapes: of the inputs; values: of those that hold few integers. VerificationError where a size that follows from
    these is another than that of the run, and where the graph contradicts itself by its count.
    """
    model = file.model(copy)
    try:
        walker = Walker(model, both=True)
        walked = walker.run(shapes, values)
    except WalkError as error:
        said = MARK.sub("", str(error))
        raise VerificationError(f"{said}: yet it ran; the count of this node is wrong, please report it") from None
    groups: dict[str, list[Group]] = {}
    for name, read, wrote, times in ran:
        mark = name.partition("|")[0] + "|"
        groups.setdefault(mark, []).append((read, wrote, times))
    settled = _Run(walker.opsets.get("", 1), groups).settle(walked)
    return counted(model, settled, shapes, batch, [])


class _Run:
    """Puts the sizes of a run in the place of those of a walk."""

    def __init__(self, opset: int, groups: Mapping[str, Sequence[Group]]) -> None:
        self._opset, self._groups = opset, groups
        self._made: dict[tuple[int, Shape], Tensor] = {}
        self._latest: dict[int, Tensor] = {}

    def settle(self, walked: Walk) -> Walk:
        """Return a walk with the sizes and the turns of the run; nodes that did not run keep what they store."""
        steps, seen = [], set[str]()
        for step in walked.steps:
            marks = MARK.findall(step.name)
            mark, name = marks[-1] if marks else "", MARK.sub("", step.name)
            groups = self._groups.get(mark, ())
            if groups and mark not in seen:
                steps.append(self._ran(replace(step, name=name), groups))
            elif step.sources:
                steps.append(Step(name, step.op, step.inputs, Known(Operator()), times=0, sources=step.sources))
            seen.add(mark)
        outputs = [one and self._latest.get(id(one), one) for one in walked.outputs]
        return Walk(steps, walked.inputs, outputs)

    def _ran(self, step: Step, groups: Sequence[Group]) -> Step:
        largest = max(groups, key=_values)
        inputs, outputs = self._sized(step.inputs, largest[0]), self._sized(step.outputs, largest[1])
        if len(groups) == 1:
            _compare(step, outputs)
        if step.entry.listed or (step.known.missing and step.entry.role != "contraction"):
            return replace(step, inputs=inputs, outputs=outputs, times=sum(times for _, _, times in groups))
        costs = []
        try:
            for read, wrote, times in groups:
                costs.append((self._cost(step, read, wrote), times))
        except (NotCountedError, ContradictionError, UndecidedError, IndexError, TypeError) as reason:
            cost, missing, turns = None, step.known.missing or str(reason), 1
        else:
            ((cost, turns),) = costs if len(costs) == 1 else ((_sum(costs), 1),)
            missing = ""
        if cost is not None and any(isinstance(one.macs, Size) for one in cost.contractions):
            cost, missing = None, step.known.missing or "its sizes are not in the profile of the run"
        if cost is None and step.entry.role != "contraction":
            cost, missing = Cost(), ""
        known = Known(step.entry, step.known.outs, step.attributes, cost, missing)
        return replace(step, inputs=inputs, outputs=outputs, known=known, times=turns)

    def _cost(self, step: Step, read: Sized, wrote: Sized) -> Cost:
        call = Call(step.op, self._sized(step.inputs, read), step.attributes, self._opset, len(step.outputs))
        call.outputs = [Out(0, None) if one is None else one.held for one in self._sized(step.outputs, wrote)]
        return cost_of(step.entry, call)

    def _sized(self, tensors: Sequence[Tensor | None], sized: Sized) -> list[Tensor | None]:
        """Return tensors with the sizes of the run; as they are where the run tells of others, sequences for one."""
        present = [one for one in tensors if one is not None]
        if len(present) != len(sized):
            return [*tensors]
        sizes = iter(sized)
        return [None if one is None else self._as(one, next(sizes)[1]) for one in tensors]

    def _as(self, tensor: Tensor, shape: tuple[int, ...]) -> Tensor:
        if tensor.shape == shape:
            return tensor
        key = (id(tensor), shape)
        found = self._made.get(key)
        if found is None:
            held = Out(tensor.dtype, shape)
            found = self._made[key] = Tensor(tensor.name, held, tensor.constant, tensor.sources, (tensor,))
        self._latest[id(tensor)] = found
        return found


def _values(group: Group) -> int:
    return sum(_product(shape) for sized in group[:2] for _, shape in sized)


def _product(shape: Iterable[int]) -> int:
    found = 1
    for size in shape:
        found *= size
    return found


def _compare(step: Step, outputs: Sequence[Tensor | None]) -> None:
    """Hold the sizes of a run to those that are known before it; VerificationError with the name of the node."""
    for ours, theirs in zip(step.outputs, outputs, strict=True):
        if ours is None or theirs is None or ours.shape is None or theirs.shape is None:
            continue
        pairs = [*zip(ours.shape, theirs.shape, strict=False)]
        if len(ours.shape) != len(theirs.shape) or any(isinstance(one, int) and one != two for one, two in pairs):
            raise VerificationError(
                f"{step.name}: {step.op} writes {ours.name} of shape ({_written(ours.shape)}) by its graph and "
                f"({_written(theirs.shape)}) in a run; the count of one of them is wrong, please report it"
            )


def _written(shape: Shape) -> str:
    return ", ".join(map(str, shape))


def _sum(costs: Iterable[tuple[Cost, int]]) -> Cost:
    """Return the cost of all runs of a node that had several sizes."""
    return sum((_times(cost, times) for cost, times in costs), Cost())


def _times(cost: Cost, times: int) -> Cost:
    contractions = tuple(Contraction(one.factors, (*one.positions, times), one.fixed) for one in cost.contractions)
    return Cost(contractions, elementwise_flops=cost.elementwise_flops * times)
