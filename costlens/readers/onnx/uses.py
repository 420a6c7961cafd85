"""What operators take operands for that no run chooses freely: an index into a table, a length, a size, an axis.

https://onnx.ai/onnx/operators/ and https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md
"""

from collections.abc import Callable, Mapping, Sequence
from math import prod

from costlens.readers.onnx.steps import Step
from costlens.readers.onnx.tensor import INTEGERS, Tensor

Bound = Callable[[Step, int], int | None]
"""The size of the table that an operand indexes; None where it does not index one, or its size is not known."""
Wanted = Callable[[Step, int], Sequence[float] | None]
"""The numbers that fit an operand, all of them or one for all; None where any do."""


def table(step: Step, place: int) -> int | None:
    """Return how many entries an operand indexes, where it is an index: it may be 0 to one less."""
    found = INDICES.get(step.op, {}).get(place)
    size = found(step, place) if found else None
    return size if isinstance(size, int) and size > 0 else None


def fitting(step: Step, place: int) -> tuple[float, ...] | None:
    """Return the numbers that an operand has to be, where it is a length, a size, a bound or an axis."""
    found = NUMBERS.get(step.op, {}).get(place)
    wanted = found(step, place) if found else None
    if wanted is None or not all(isinstance(one, (int, float)) for one in wanted):
        return None
    return tuple(wanted)


def alone(step: Step, place: int) -> bool:
    """Say whether an operand is a length that an operator asks nothing of: turns, or of what is made from nothing."""
    return (step.op, place) in (("Loop", 0), ("Range", 1), ("ConstantOfShape", 0))


def sizes(step: Step, place: int) -> tuple[int, ...] | None:
    """Return the shape of an operand, where all of its sizes are numbers."""
    tensor: Tensor | None = step.inputs[place] if place < len(step.inputs) else None
    shape = tensor.shape if tensor is not None else None
    return shape if shape is not None and all(isinstance(size, int) for size in shape) else None


def _ints(step: Step, place: int) -> list[int] | None:
    tensor = step.inputs[place] if place < len(step.inputs) else None
    known = tensor.value if tensor is not None else None
    return None if known is None or not all(isinstance(one, int) for one in known) else [int(one) for one in known]


def _count(step: Step, place: int) -> int:
    return prod(sizes(step, place) or ())


def _along(of: int, name: str = "axis", default: int = 0) -> Bound:
    """Return the size of an axis of an operand, which an attribute names."""

    def bound(step: Step, place: int) -> int | None:
        shape, axis = sizes(step, of), step.attributes.get(name, default)
        return shape[axis] if shape and isinstance(axis, int) and -len(shape) <= axis < len(shape) else None

    return bound


def _coordinates(of: int) -> Bound:
    """Return the smallest axis of those that the coordinates of an operand index."""

    def bound(step: Step, place: int) -> int | None:
        shape, where = sizes(step, of), sizes(step, place)
        first = step.attributes.get("batch_dims", 0)
        indexed = shape[first : first + where[-1]] if shape and where else ()
        return min(indexed, default=None)

    return bound


def _rows(of: int) -> Bound:
    """Return how many rows an operand has."""
    return _along(of, "", 0)


def _positions(step: Step, place: int) -> int | None:
    """Return the rows of the cosines: RotaryEmbedding has its positions second or fourth."""
    given = step.inputs[place]
    return _rows(2 if place == 1 else 1)(step, place) if given is not None and given.dtype in INTEGERS else None


def _depth(step: Step, place: int) -> int | None:
    known = _ints(step, 1)
    return known[0] if known else None


def _written(step: Step, place: int) -> int | None:
    shape = step.outputs[0].shape if step.outputs and step.outputs[0] is not None else None
    return prod(shape) if shape and all(isinstance(size, int) for size in shape) else None


def _room(step: Step, place: int) -> int | None:
    """Return how many places there are to begin writing at, for what is written to fit."""
    whole, new = _along(0, "axis", -2)(step, place), _along(1, "axis", -2)(step, place)
    return None if whole is None or new is None else whole - new + 1


INDICES: Mapping[str, Mapping[int, Bound]] = {
    "Gather": {1: _along(0)},
    "GatherElements": {1: _along(0)},
    "GatherND": {1: _coordinates(0)},
    "GatherBlockQuantized": {1: _along(0, "gather_axis")},
    "Scatter": {1: _along(0)},
    "ScatterElements": {1: _along(0)},
    "ScatterND": {1: _coordinates(0)},
    "TensorScatter": {2: _room},
    "ArrayFeatureExtractor": {1: _along(0, "", -1)},
    "OneHot": {0: _depth},
    "EmbedLayerNormalization": {0: _rows(2), 1: _rows(4), 8: _rows(3)},
    "RotaryEmbedding": {1: _positions, 3: _positions},
    "NegativeLogLikelihoodLoss": {1: _along(0, "", 1)},
    "SoftmaxCrossEntropyLoss": {1: _along(0, "", 1)},
    "RoiAlign": {2: _rows(0)},
    "MaxUnpool": {1: _written},
}


def _all(number: float) -> Wanted:
    return lambda step, place: (number,)


def _axis_size(of: int, name: str = "axis", default: int = -1) -> Wanted:
    bound = _along(of, name, default)

    def wanted(step: Step, place: int) -> Sequence[float] | None:
        size = bound(step, place)
        return None if size is None else (size,)

    return wanted


def _own_sizes(step: Step, place: int) -> Sequence[int] | None:
    """Return the shape of what is resized or reshaped, for as many axes as are asked for; 1 for those in front."""
    shape, many = sizes(step, 0), _count(step, place)
    if shape is None:
        return None
    axes = step.attributes.get("axes")
    own = [shape[axis] for axis in axes] if axes else list(shape)
    if step.op == "Reshape" and many < len(own):
        return [prod(own[: len(own) - many + 1]), *own[len(own) - many + 1 :]] if many else ()
    return [*[1] * (many - len(own)), *own[max(0, len(own) - many) :]]


def _ends(step: Step, place: int) -> Sequence[int] | None:
    shape, many = sizes(step, 0), _count(step, place)
    axes = _ints(step, 3) or list(range(many))
    return None if shape is None or max(axes, default=0) >= len(shape) else [shape[axis] for axis in axes[:many]]


def _first_axes(step: Step, place: int) -> Sequence[int]:
    return range(_count(step, place))


def _last_axes(step: Step, place: int) -> Sequence[int] | None:
    shape, many = sizes(step, 0), _count(step, place)
    return None if shape is None else range(max(0, len(shape) - many), len(shape))


def _ones(step: Step, place: int) -> Sequence[int] | None:
    """Return the axes of size 1."""
    shape = sizes(step, 0)
    return None if shape is None else [axis for axis, size in enumerate(shape) if size == 1][: _count(step, place)]


def _parts(step: Step, place: int) -> Sequence[int] | None:
    """Return the sizes of even parts of an axis; where one number is asked for, that of half of it."""
    size, shape, many = _along(0)(step, place), sizes(step, place), _count(step, place)
    if size is None or not many:
        return None
    if shape == ():
        return (max(1, size // 2),)
    return [size // many + (index < size % many) for index in range(many)]


def _steps_of(step: Step, place: int) -> Sequence[float] | None:
    """Return how many steps a recurrent layer takes: the first axis of its input, the second with a batch first."""
    return _axis_size(0, "", 1 if step.attributes.get("layout") else 0)(step, place)


def _past_and_new(step: Step, place: int) -> Sequence[int] | None:
    """Return the length of all keys, of earlier steps too; GroupQueryAttention's own lengths are one less."""
    query, past = sizes(step, 0), sizes(step, 3)
    if query is None or len(query) < 2:  # noqa: PLR2004
        return None
    whole = query[1] + (past[2] if past and len(past) > 2 else 0)  # noqa: PLR2004
    return (whole - 1,) if place == 5 else (whole,)  # noqa: PLR2004  # seqlens_k


def _divisor(step: Step, place: int) -> Sequence[int] | None:
    """Return 1 where integers are divided, of which none may be 0."""
    given = step.inputs[place]
    return (1,) if given is not None and given.dtype in INTEGERS else None


def _grid(step: Step, place: int) -> Sequence[int] | None:
    """Return the sizes of images, as many as there are transforms."""
    batch = _rows(0)(step, place)
    return None if batch is None else [batch, *[4] * (_count(step, place) - 1)]


def _unpooled(step: Step, place: int) -> Sequence[int] | None:
    """Return the sizes before a pool whose windows do not overlap."""
    shape, kernel = sizes(step, 0), step.attributes.get("kernel_shape") or ()
    return None if shape is None else [*shape[:2], *(size * by for size, by in zip(shape[2:], kernel, strict=False))]


_REDUCTIONS = ("Sum", "Mean", "Max", "Min", "Prod", "L1", "L2", "LogSum", "LogSumExp", "SumSquare")

NUMBERS: Mapping[str, Mapping[int, Wanted]] = {
    **{name: {0: _all(16)} for name in ("HannWindow", "HammingWindow", "BlackmanWindow")},
    **{f"Reduce{name}": {1: _last_axes} for name in _REDUCTIONS},
    **{name: {4: _steps_of} for name in ("LSTM", "GRU", "RNN", "DynamicQuantizeLSTM")},
    "Slice": {1: _all(0), 2: _ends, 3: _first_axes, 4: _all(1)},
    "TopK": {1: _axis_size(0)},
    "Range": {0: _all(0), 2: _all(1)},
    "Expand": {1: _own_sizes},
    "Reshape": {1: _own_sizes},
    "Tile": {1: _all(1)},
    "Pad": {1: _all(0), 3: _first_axes},
    "CenterCropPad": {1: _own_sizes},
    "Resize": {2: _all(1.0), 3: _own_sizes},
    "Upsample": {1: _all(1.0)},
    "Squeeze": {1: _ones},
    "Unsqueeze": {1: _first_axes},
    "Split": {1: _parts},
    "SplitToSequence": {1: _parts},
    "CumSum": {1: _all(0)},
    "CumProd": {1: _all(0)},
    "Div": {1: _divisor},
    "Mod": {1: _divisor},
    "AffineGrid": {1: _grid},
    "MaxUnpool": {2: _unpooled},
    "Trilu": {1: _all(0)},
    "ReverseSequence": {1: _axis_size(0, "time_axis", 0)},
    "DFT": {1: _axis_size(0, "axis", 1), 2: _all(1)},
    "STFT": {1: _all(1), 3: lambda step, place: (size[0],) if (size := sizes(step, 2)) else None},
    "MelWeightMatrix": {0: _all(8), 1: _all(16), 2: _all(8192), 3: _all(0.0), 4: _all(4096.0)},
    "Dropout": {1: _all(0.5), 2: _all(False)},
    "Loop": {1: _all(True)},
    "SequenceAt": {1: _all(0)},
    "SequenceErase": {1: _all(0)},
    "SequenceInsert": {2: _all(0)},
    "NonMaxSuppression": {2: _axis_size(0, "", 1), 3: _all(0.5), 4: _all(0.0)},
    "Attention": {6: _axis_size(1, "", -2)},
    "GroupQueryAttention": {5: _past_and_new, 6: _past_and_new},
    "Bernoulli": {0: _all(0.5)},
}
