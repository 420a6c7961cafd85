"""Shape arithmetic: channels last, without the batch: ``(D, H, W, C)``, ``(H, W, C)``, ``(T, C)`` or ``(C,)``."""

from collections.abc import Sequence
from math import prod
from typing import Annotated, Literal, NamedTuple, TypeVar

from costlens.errors import ShapeError


class Limits(NamedTuple):
    """What a number, or the length of a list, may be: from ``ge``, above ``gt``, below ``lt``; None is no limit."""

    ge: float | None = None
    gt: float | None = None
    lt: float | None = None
    min_length: int = 0
    max_length: int = 0

    def hold(self, value: float) -> bool:
        """Say whether a number is within the limits."""
        return not (
            (self.ge is not None and value < self.ge)
            or (self.gt is not None and value <= self.gt)
            or (self.lt is not None and value >= self.lt)
        )


Shape = tuple[int, ...]
Size = Annotated[int, Limits(ge=1)]
Before = Annotated[int, Limits(ge=0)]
EachAxis = Limits(min_length=1, max_length=3)
PerAxis = Size | Annotated[tuple[Size, ...], EachAxis]
PadWord = Literal["same", "valid", "causal", "same_lower"]
Pad = PadWord | Before | tuple[Before, Before]
"""How one axis is padded: ``n`` on both sides, ``[before, after]``, or a word.

``same`` keeps one position for each stride and puts the odd cell after, ``same_lower`` puts it before. ``causal`` puts
all of ``(K - 1)·dilation`` before, so that no output reads a later input. ``valid`` adds none.
"""
Padding = PadWord | Before | Annotated[tuple[Pad, ...], EachAxis]

_T = TypeVar("_T")


def spatial(shape: Shape, what: str) -> Shape:
    """Return the spatial axes of ``(T, C)``, ``(H, W, C)`` or ``(D, H, W, C)``; ShapeError for other ranks."""
    if len(shape) not in (2, 3, 4):
        raise ShapeError(
            f"{what} takes (T, C), (H, W, C) or (D, H, W, C), received {show(shape)}; "
            "add a reshape or a flatten before it"
        )
    return shape[:-1]


def per_axis(value: _T | Sequence[_T], rank: int, what: str) -> tuple[_T, ...]:
    """Repeat one value for each of ``rank`` axes, or check that there is one value per axis.

    >>> per_axis(3, 2, "kernel"), per_axis((1, 3), 2, "kernel")
    ((3, 3), (1, 3))
    """
    if isinstance(value, str) or not isinstance(value, Sequence):
        return (value,) * rank
    if len(value) != rank:
        axes = "1 spatial axis" if rank == 1 else f"{rank} spatial axes"
        raise ShapeError(f"{what}: expected {rank} value(s) for an input with {axes}, received {list(value)}")
    return tuple(value)


def pads_per_axis(padding: Pad | Sequence[Pad], rank: int) -> tuple[Pad, ...]:
    """Return the padding of each axis: ``causal`` alone means the first one, and ``same`` for the others.

    >>> pads_per_axis("causal", 2), pads_per_axis(1, 2), pads_per_axis(["valid", (2, 0)], 2)
    (('causal', 'same'), (1, 1), ('valid', (2, 0)))
    """
    causal: tuple[Pad, ...] = ("causal", "same", "same")
    return causal[:rank] if padding == "causal" else per_axis(padding, rank, "padding")


def effective_kernel(kernel: int, dilation: int) -> int:
    """Return the reach of a dilated kernel: ``(K - 1)·d + 1``."""
    return (kernel - 1) * dilation + 1


def explicit_pad(size: int, kernel: int, stride: int, dilation: int, pad: Pad) -> tuple[int, int]:
    """Return the zeros before and after one axis.

    >>> explicit_pad(224, 3, 2, 1, "same"), explicit_pad(7, 3, 1, 1, 2), explicit_pad(7, 3, 1, 2, "causal")
    ((0, 1), (2, 2), (4, 0))
    """
    reach = effective_kernel(kernel, dilation)
    if pad == "same" or pad == "same_lower":  # noqa: PLR1714  # mypy narrows these
        needed = max((-(-size // stride) - 1) * stride + reach - size, 0)
        less, more = needed // 2, needed - needed // 2
        return (less, more) if pad == "same" else (more, less)
    if pad == "causal":
        return reach - 1, 0
    if pad == "valid":
        return 0, 0
    return (pad, pad) if isinstance(pad, int) else pad


def window_output(
    size: int, kernel: int, stride: int, dilation: int, pad: Pad, what: str, *, ceil: bool = False
) -> int:
    """Return the number of positions of a sliding window along one axis.

    ``⌊(size + pads − ((K − 1)·d + 1)) / stride⌋ + 1``; ShapeError when the kernel is larger than its padded input.
    With ``ceil`` it is rounded up, and then without a last window that would begin in the padding at the end, as
    PyTorch and onnxruntime do (https://pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html).

    >>> window_output(224, 3, 2, 1, "same", "conv"), window_output(76, 3, 1, 1, "valid", "conv")
    (112, 74)
    >>> window_output(7, 2, 2, 1, "valid", "pool"), window_output(7, 2, 2, 1, "valid", "pool", ceil=True)
    (3, 4)
    """
    if pad in ("same", "same_lower"):
        return -(-size // stride)
    before, after = explicit_pad(size, kernel, stride, dilation, pad)
    reach, padded = effective_kernel(kernel, dilation), size + before + after
    if reach > padded:
        dilated = f" (dilated by {dilation}: {reach})" if dilation > 1 else ""
        raise ShapeError(
            f"{what}: kernel {kernel}{dilated} is larger than its padded input {padded}; "
            "use padding: same, a smaller kernel, or pool less before it"
        )
    positions = (padded - reach) // stride + 1
    return positions + (ceil and positions * stride < min(padded - reach + stride, size + before))


def elements(shape: Shape) -> int:
    """Return the number of values in a tensor of this shape."""
    return prod(shape)


def show(shape: Sequence[int]) -> str:
    """Write a shape.

    >>> show((96, 64, 1)), show((521,))
    ('(96, 64, 1)', '(521,)')
    """
    return f"({shape[0]},)" if len(shape) == 1 else f"({', '.join(map(str, shape))})"


def times(shape: Sequence[int]) -> str:
    """Write sizes joined by a multiplication sign.

    >>> times((96, 64, 1))
    '96×64×1'
    """
    return "×".join(map(str, shape))


def written(shape: Sequence[int] | None) -> str:
    """Write a tensor's shape; nothing for one that is not known.

    >>> written((96, 64, 1)), written(()), written(None)
    ('96×64×1', 'scalar', '')
    """
    return "" if shape is None else times(shape) or "scalar"
