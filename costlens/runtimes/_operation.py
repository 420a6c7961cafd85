"""What a kernel is asked to do: an operator, its attributes and the tensors that it reads and makes; a plain value."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from typing import Any

Attribute = int | float | str | tuple[int, ...] | tuple[float, ...] | tuple[str, ...]
NCHWC = "nchwc."
"""What the name of an operator on channels in blocks begins with: ``nchwc.Conv``."""
UNKNOWN = "?."
"""What the name of an operator that nobody knows begins with: ``?.stft``."""
_BYTES = {"float32": 4, "float64": 8, "float16": 2, "int64": 8, "uint64": 8, "int32": 4, "uint32": 4}
_IMPLIED: Mapping[str, Any] = {
    "auto_pad": "NOTSET", "group": 1, "transA": 0, "transB": 0, "allowzero": 0, "ceil_mode": 0, "storage_order": 0,
    "count_include_pad": 0, "beta": 1.0, "keepdims": 1, "noop_with_empty_axes": 0, "channels_last": 0,
    "transBatchA": 0, "transBatchB": 0,
    "layout": 0, "input_forget": 0, "direction": "forward", "linear_before_reset": 0,
}  # fmt: skip
"""Attributes that say nothing with these values: without them equal work is equal."""
_SPANS = {"dilations": 1, "strides": 1, "pads": 0, "output_padding": 0}
_RECURRENT = frozenset({"LSTM", "GRU", "RNN"})
_OF_VALUES = frozenset({"Add", "Sub", "Mul", "Div", "Max", "Min"})
_OF_RESIZE = ("mode", "coordinate_transformation_mode", "nearest_mode")
"""The attributes of a resize that decide its work; the last one where it copies."""
MOST_VALUES = 64
"""Stored whole numbers above which an operation does not say which they are."""
VIEWS = frozenset({"Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity", "Dropout"})
"""Operators that return what they read in another shape; all of them are ``Reshape`` here."""


@dataclass(frozen=True, slots=True)
class Operand:
    """A tensor that a kernel reads or makes. ``values``: of a stored one of few whole numbers, which decide the work.

    ``stored``: it lies in the file, where a runtime may arrange it beforehand.
    """

    shape: tuple[int, ...]
    dtype: str = "float32"
    stored: bool = False
    values: tuple[int | float, ...] = ()

    @property
    def elements(self) -> int:
        """How many numbers it holds."""
        return prod(self.shape)

    @property
    def bytes(self) -> int:
        """Its size."""
        return self.elements * _BYTES.get(self.dtype, 1)


@dataclass(frozen=True)
class Operation:
    """One kernel's work. Two kernels of equal operations take equal time where memory holds their data alike.

    op: as ONNX names it; ``nchwc.`` before it for channels in blocks, ``microsoft.`` for onnxruntime's own operators.
    inputs: None for one that is left out. attributes: by name, without those that change nothing.
    """

    op: str
    inputs: tuple[Operand | None, ...]
    outputs: tuple[Operand, ...]
    attributes: tuple[tuple[str, Attribute], ...] = ()

    def __hash__(self) -> int:
        return hash(self.text)

    @cached_property
    def text(self) -> str:
        """One line that is equal for equal operations, and from which ``operation`` makes it again."""
        tensors = [[None if each is None else _written(each) for each in side] for side in (self.inputs, self.outputs)]
        return json.dumps([self.op, *tensors, dict(self.attributes)], separators=(",", ":"))

    @property
    def attribute(self) -> dict[str, Attribute]:
        """The attributes by name."""
        return dict(self.attributes)

    @property
    def read(self) -> list[Operand]:
        """The tensors that it reads."""
        return [each for each in self.inputs if each is not None]

    @property
    def is_known(self) -> bool:
        """Whether a runtime has such an operator: a layer whose operators are not known begins with a question mark."""
        return not self.op.startswith(UNKNOWN)

    @property
    def weight_bytes(self) -> int:
        """What of its inputs is stored."""
        return sum(each.bytes for each in self.read if each.stored)

    @property
    def activation_bytes(self) -> int:
        """What it reads that another kernel made, and what it makes."""
        return sum(each.bytes for each in (*self.read, *self.outputs) if not each.stored)

    @property
    def macs(self) -> int:
        """Multiplications of weights or of two tensors; 0 for operators that have none. Padding is counted."""
        bare = self.op.rpartition(".")[2].removeprefix("Fused")
        if bare in _RECURRENT and len(self.read) > 2:  # noqa: PLR2004  # a sequence, and the weights of it and of states
            steps, batch = self.read[0].shape[:2]
            return steps * batch * (self.read[1].elements + self.read[2].elements)
        if bare not in {"Conv", "ConvTranspose", "Gemm", "MatMul"} or len(self.read) < 2:  # noqa: PLR2004  # two factors
            return 0
        first, weights, made = self.read[0], self.read[1], self.outputs[0]
        if bare == "Conv":
            return made.elements * prod(weights.shape[1:])
        if bare == "ConvTranspose":
            return first.elements * prod(weights.shape[1:])
        inner = first.shape[0] if self.attribute.get("transA") else first.shape[-1]
        return made.elements * inner


def operation(
    op: str,
    inputs: Iterable[Operand | None],
    outputs: Iterable[Operand],
    attributes: Mapping[str, Any] | None = None,
) -> Operation:
    """Return an operation in the form in which equal work is equal.

    >>> x, w = Operand((1, 8, 4, 4)), Operand((16, 8, 1, 1), stored=True)
    >>> one = operation("Conv", [x, w], [Operand((1, 16, 4, 4))], {"strides": [1, 1], "auto_pad": b"NOTSET"})
    >>> one.attributes, one.macs
    ((), 2048)
    """
    given, made = [*inputs], tuple(outputs)
    if op in VIEWS:
        return Operation("Reshape", tuple(given[:1]), made[:1])
    if op == "Slice":  # which part it is makes no difference, but how far apart its values are
        return Operation("Slice", tuple(given[:1]), made[:1])
    if op == "Resize":  # how large what it makes is says how far apart its places are
        names = _OF_RESIZE if (attributes or {}).get("mode") in {b"nearest", "nearest"} else _OF_RESIZE[:2]
        given, attributes = given[:1], {name: value for name, value in (attributes or {}).items() if name in names}
    if op in _OF_VALUES:
        given = [_broadcast(each) for each in sorted(given, key=lambda each: each is not None and each.stored)]
    if op.startswith("Reduce") and given[1:]:
        given[1:] = [_from_start(given[0], given[1])]
    while given and given[-1] is None:
        given.pop()
    kept = {name: _plain(value) for name, value in (attributes or {}).items()}
    if op == "microsoft.FusedMatMul":  # a factor takes no time
        kept.pop("alpha", None)
    if op.endswith("Conv") or op.endswith("ConvTranspose"):
        kept.pop("kernel_shape", None)  # that of its weights
    return Operation(op, tuple(given), made, tuple(sorted((n, v) for n, v in kept.items() if not _is_implied(n, v))))


def working_set_bytes(operations: Sequence[Operation]) -> int:
    """Return what kernels use together: all weights, and the most that one of them reads and makes."""
    return sum(one.weight_bytes for one in operations) + _most_activation_bytes(operations)


def call_bytes(operations: Sequence[Operation], weight_bytes: int | None = None) -> int:
    """Return what goes through the caches from one call of a network to the next.

    That is its weights, and twice the most that a kernel reads and makes: what was let go stays there, too, until
    something else needs the place. ``weight_bytes``: of all weights, where several kernels read the same ones.
    """
    weights = sum(one.weight_bytes for one in operations) if weight_bytes is None else weight_bytes
    return weights + 2 * _most_activation_bytes(operations)


def _most_activation_bytes(operations: Sequence[Operation]) -> int:
    return max((one.activation_bytes for one in operations), default=0)


def _broadcast(operand: Operand | None) -> Operand | None:
    """Return a stored operand without its first axes of one."""
    if operand is None or not operand.stored:
        return operand
    shape = operand.shape
    while shape[:1] == (1,):
        shape = shape[1:]
    return replace(operand, shape=shape)


def _from_start(data: Operand | None, axes: Operand | None) -> Operand | None:
    """Return axes counted from the first one, in their order."""
    if data is None or axes is None or not axes.values:
        return axes
    return replace(axes, values=tuple(sorted(int(axis) % len(data.shape) for axis in axes.values)))


def from_text(text: str) -> Operation:
    """Return the operation of a line; ValueError for another one."""
    op, inputs, outputs, attributes = json.loads(text)
    sides = (tuple(None if each is None else _tensor(each) for each in side) for side in (inputs, outputs))
    given, made = sides
    named = tuple((name, tuple(value) if isinstance(value, list) else value) for name, value in attributes.items())
    return Operation(op, given, tuple(each for each in made if each is not None), named)


def _written(tensor: Operand) -> list[Any]:
    told: list[Any] = [list(tensor.shape)]
    if tensor.stored or tensor.dtype != "float32":
        told += [("=" if tensor.stored else "") + (tensor.dtype if tensor.dtype != "float32" else "")]
    return [*told, list(tensor.values)] if tensor.values else told


def _tensor(told: list[Any]) -> Operand:
    shape, word, values = [*told, "", []][:3] if len(told) == 1 else [*told, []][:3]
    return Operand(tuple(shape), word.removeprefix("=") or "float32", word.startswith("="), tuple(values))


def _plain(value: Any) -> Attribute:
    if isinstance(value, bytes):
        return value.decode()
    plain: Any = tuple(map(_plain, value)) if isinstance(value, list | tuple) else value
    return plain  # type: ignore[no-any-return]


def _is_implied(name: str, value: Attribute) -> bool:
    if name in _SPANS:
        return set(value) == {_SPANS[name]} if isinstance(value, tuple) else False
    return name in _IMPLIED and _IMPLIED[name] == value
