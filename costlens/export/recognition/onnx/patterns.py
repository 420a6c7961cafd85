"""Layers that a file writes as several nodes, activations mostly: which nodes they are, so that each becomes one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import permutations
from math import isclose, sqrt
from typing import Any

from costlens.export.recognition.built import NoKindError
from costlens.export.recognition.onnx.numbers import Numbers
from costlens.readers.onnx.steps import Step
from costlens.readers.onnx.tensor import Tensor

_SIXTH = 1 / 6
_OTHERWISE = {"alpha": 0.2, "beta": 0.5}
"""What attributes of ``HardSigmoid`` are where they are left out."""


@dataclass(frozen=True, slots=True)
class Node:
    """One operator of a pattern: of one tensor and constants. attributes: those that a node must have, as numbers."""

    op: str
    of: Pattern
    constants: tuple[float, ...] = ()
    attributes: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Product:
    """A product in any order, of a constant too: ``Mul`` and ``Div`` by constants, one inside the other."""

    of: tuple[Pattern, ...]
    factor: float = 1.0


@dataclass(frozen=True, slots=True)
class Given:
    """The tensor that the activation is of; the same at each place."""


Pattern = Node | Product | Given
_X = Given()
_RELU6_OF_SHIFTED = Node("Clip", Node("Add", _X, (3.0,)), (0.0, 6.0))
PATTERNS: tuple[tuple[str, Pattern], ...] = (
    ("silu", Product((_X, Node("Sigmoid", _X)))),
    ("mish", Product((_X, Node("Tanh", Node("Softplus", _X))))),
    ("gelu", Product((_X, Node("Add", Node("Erf", Product((_X,), 1 / sqrt(2))), (1.0,))), 0.5)),
    ("hard_swish", Product((_X, _RELU6_OF_SHIFTED), _SIXTH)),
    ("hard_swish", Product((_X, Node("HardSigmoid", _X, attributes=(("alpha", _SIXTH), ("beta", 0.5)))))),
    ("hard_sigmoid", Product((_RELU6_OF_SHIFTED,), _SIXTH)),
)
"""Kinds and what PyTorch, Keras and their exporters write for them; a longer one before what is a part of it."""


@dataclass(frozen=True, slots=True)
class Said:
    """A layer in several nodes: its kind and fields, the tensor that it is of, and what its nodes make.

    channels_second: it is of the channels, which are behind the batch in the file.
    """

    kind: str
    of: str
    inside: frozenset[str]
    fields: Mapping[str, Any] = field(default_factory=dict)
    channels_second: bool = False


class _Search:
    """A file's steps, by what they make; finds patterns that end in a step."""

    def __init__(self, steps: Sequence[Step], readers: Mapping[str, Sequence[Step | None]], numbers: Numbers) -> None:
        self._made_by = {one.name: step for step in steps for one in step.outputs if one is not None}
        self._readers, self._numbers = readers, numbers

    def said(self, step: Step) -> Said | None:
        """Return the layer that several nodes are, of which a step is the last one; None where there is none."""
        if step.op == "Reshape":
            return self._shuffle(step)
        if step.op not in ("Mul", "Div") or step.outputs[0] is None:
            return None
        last = step.outputs[0].name
        for kind, pattern in PATTERNS:
            for given, inside in self._match(pattern, last, None):
                if self._is_closed(inside, last):
                    return Said(kind, given, inside)
        return None

    def _shuffle(self, step: Step) -> Said | None:
        """Return the shuffle of channels that a reshape ends: they are split, their two axes swapped, and joined."""
        swap = self._before(step, "Transpose")
        split = self._before(swap, "Reshape") if swap else None
        if swap is None or split is None or split.inputs[0] is None:
            return None
        whole, parts = (tuple(one.shape or ()) for one in (split.inputs[0], split.outputs[0]) if one is not None)
        rank = len(parts)
        shuffled = tuple(swap.attributes.get("perm", ())) == (0, 2, 1, *range(3, rank))
        if not shuffled or parts != (whole[0], parts[1], whole[1] // parts[1], *whole[2:]) or _shape(step) != whole:
            return None
        inside = frozenset(one.name for each in (step, swap, split) for one in each.outputs if one is not None)
        if not self._is_closed(inside, step.outputs[0].name if step.outputs[0] else ""):
            return None
        return Said("channel_shuffle", split.inputs[0].name, inside, {"groups": parts[1]}, channels_second=True)

    def _before(self, step: Step, op: str) -> Step | None:
        """Return the node whose output a node reads first, where it has this operator."""
        read = step.inputs[0] if step.inputs else None
        found = self._made_by.get(read.name) if read is not None else None
        return found if found is not None and found.op == op else None

    def _is_closed(self, inside: frozenset[str], last: str) -> bool:
        """Say whether only nodes of a pattern read what its nodes make, but for the last of them."""
        return all(self._is_read_within(name, inside) for name in inside - {last})

    def _is_read_within(self, name: str, inside: frozenset[str]) -> bool:
        """Say whether only nodes of the pattern read a tensor."""
        return all(
            step is not None and any(one is not None and one.name in inside for one in step.outputs)
            for step in self._readers.get(name, ())
        )

    def _match(self, pattern: Pattern, name: str, given: str | None) -> Iterator[tuple[str, frozenset[str]]]:
        """Yield the ways in which a tensor is a pattern: what it is of, and the tensors that its nodes make."""
        match pattern:
            case Given():
                if given in (None, name):
                    yield name, frozenset()
            case Node():
                yield from self._of_node(pattern, name, given)
            case Product():
                yield from self._of_product(pattern, name, given)

    def _of_node(self, pattern: Node, name: str, given: str | None) -> Iterator[tuple[str, frozenset[str]]]:
        step = self._made_by.get(name)
        if step is None or step.op != pattern.op or not _has(step, pattern.attributes):
            return
        tensors, constants = self._operands(step)
        if len(tensors) != 1 or not _equal(constants, pattern.constants):
            return
        for found, inside in self._match(pattern.of, tensors[0].name, given):
            yield found, inside | {name}

    def _of_product(self, pattern: Product, name: str, given: str | None) -> Iterator[tuple[str, frozenset[str]]]:
        for factor, parts, inside in self._factors(name, len(pattern.of)):
            if len(parts) != len(pattern.of) or not _equal([factor], [pattern.factor]):
                continue
            for order in permutations(parts):
                yield from self._all(pattern.of, order, given, inside)

    def _all(
        self, patterns: Sequence[Pattern], names: Sequence[str], given: str | None, inside: frozenset[str]
    ) -> Iterator[tuple[str, frozenset[str]]]:
        """Yield the ways in which tensors are patterns, each the one at its place."""
        if not patterns:
            if given is not None:
                yield given, inside
            return
        for found, more in self._match(patterns[0], names[0], given):
            yield from self._all(patterns[1:], names[1:], found, inside | more)

    def _factors(self, name: str, parts: int) -> Iterator[tuple[float, tuple[str, ...], frozenset[str]]]:
        """Yield a tensor as a product of a constant and so many tensors, with the tensors of the products inside."""
        step = self._made_by.get(name)
        tensors, constants = self._operands(step) if step is not None and step.op in ("Mul", "Div") else ([], [])
        inner = frozenset({name})
        if step is not None and len(tensors) == 1 and len(constants) == 1 and not (step.op == "Div" and _first(step)):
            number = constants[0] if step.op == "Mul" else 1 / constants[0] if constants[0] else 0.0
            yield number, (tensors[0].name,), inner
            for factor, names, inside in self._factors(tensors[0].name, parts):
                yield number * factor, names, inside | inner
        if step is not None and step.op == "Mul" and len(tensors) == 2 <= parts:  # noqa: PLR2004  # of two tensors
            for left in self._whole_or_factors(tensors[0].name, parts - 1):
                for right in self._whole_or_factors(tensors[1].name, parts - 1):
                    if len(left[1]) + len(right[1]) == parts:
                        yield left[0] * right[0], (*left[1], *right[1]), left[2] | right[2] | inner

    def _whole_or_factors(self, name: str, parts: int) -> Iterator[tuple[float, tuple[str, ...], frozenset[str]]]:
        yield 1.0, (name,), frozenset()
        yield from self._factors(name, parts)

    def _operands(self, step: Step) -> tuple[list[Tensor], list[float]]:
        """Return what a run decides of a node's operands, and the constants that are one number each."""
        tensors, constants = [], []
        for one in step.inputs:
            if one is None:
                continue
            number = self._number(one)
            if number is None:
                tensors.append(one)
            else:
                constants.append(number)
        if step.op == "Clip" and not constants:
            constants = [float(step.attributes[key]) for key in ("min", "max") if key in step.attributes]
        return tensors, constants

    def _number(self, tensor: Tensor) -> float | None:
        if not tensor.constant and tensor.value is None:
            return None
        if tensor.value is not None:
            return float(tensor.value[0]) if len(tensor.value) == 1 else None
        try:
            array = self._numbers.array(tensor.name)
        except NoKindError:
            return None
        return float(array.reshape(())) if array.size == 1 else None


def _has(step: Step, attributes: Iterable[tuple[str, float]]) -> bool:
    return all(isclose(step.attributes.get(name, _OTHERWISE[name]), value, rel_tol=1e-5) for name, value in attributes)


def _shape(step: Step) -> tuple[Any, ...]:
    """Return the shape of what a node makes; none where that is not known."""
    return tuple(step.outputs[0].shape or ()) if step.outputs[0] is not None else ()


def _first(step: Step) -> bool:
    """Say whether a node's first operand is a constant."""
    return step.inputs[0] is not None and (step.inputs[0].constant or step.inputs[0].value is not None)


def _equal(found: Sequence[float], expected: Sequence[float]) -> bool:
    return len(found) == len(expected) and all(
        isclose(one, other, rel_tol=1e-4, abs_tol=1e-12) for one, other in zip(found, expected, strict=True)
    )


def patterns(
    steps: Sequence[Step], readers: Mapping[str, Sequence[Step | None]], numbers: Numbers
) -> tuple[Mapping[str, Said], frozenset[str]]:
    """Return layers by the tensor that their last node makes, and the tensors inside them, which become nothing.

    The outermost node is asked first: what is a whole pattern by itself may be part of a longer one.
    """
    search = _Search(steps, readers, numbers)
    found: dict[str, Said] = {}
    taken: set[str] = set()
    for step in reversed(steps):
        if (said := search.said(step)) and not said.inside & taken and step.outputs[0] is not None:
            found[step.outputs[0].name] = said
            taken |= said.inside
    return found, frozenset(taken - found.keys())
