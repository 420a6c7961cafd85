"""What a convolution over channels in blocks takes, in multiplications: those of whole tiles, without padding.

onnxruntime makes the outputs of a row in tiles of six where a block has 16 channels, of three where it has 8, each for
up to four blocks of filters; the rest of a row in smaller tiles, and outputs that read padding one by one. So a width
of 7 or 13 takes longer than its multiplications tell. Where padding is, nothing is multiplied.

Source: onnxruntime 1.31, core/mlas/lib/x86_64/SconvKernelAvx512F.S and SconvKernelFma3.S.
"""

from collections.abc import Iterator
from functools import lru_cache
from math import prod

from costlens.runtimes._operation import NCHWC, Operation

_FILTERS = 4
"""The most blocks of filters of a tile."""
_OUTPUTS = {16: (6, 3, 2, 1), 8: (3, 2, 1)}
_LATENCY = 4.0
"""A sum waits for the one before it: so many multiplications could be done meanwhile."""
_BESIDE = 1.0
"""What a tile takes beside its multiplications, in multiplications of each of its steps."""


def tile_macs(operation: Operation, block: int) -> float | None:
    """Return the multiplications that fit the time of a convolution in blocks; None of any other kernel.

    >>> from costlens.runtimes._operation import Operand, operation
    >>> def conv(width):
    ...     shapes = Operand((1, 16, 1, width)), Operand((64, 16, 1, 1), stored=True)
    ...     return operation("nchwc.Conv", shapes, [Operand((1, 64, 1, width))])
    >>> [tile_macs(conv(width), 16) for width in (6, 7, 12)]
    [6400.0, 7680.0, 12800.0]
    """
    if not (operation.op.startswith(NCHWC) and operation.op.endswith("Conv") and block in _OUTPUTS):
        return None
    read, weights, made = operation.read[0], operation.read[1], operation.outputs[0]
    if len(made.shape) != 4:  # noqa: PLR2004  # batch, channels, height, width
        return None
    filters, inputs, high, wide = weights.shape
    attribute = operation.attribute
    strides, dilations = _pair(attribute.get("strides"), 1), _pair(attribute.get("dilations"), 1)
    pads = _pair(attribute.get("pads"), 0)
    groups = attribute.get("group", 1)
    assert isinstance(groups, int)  # noqa: S101  # as ONNX has it
    if inputs == 1 and filters == groups:
        several = [1] * -(-filters // block)
    else:
        blocks = -(-filters // groups // block)
        several = ([_FILTERS] * (blocks // _FILTERS) + [blocks % _FILTERS]) * groups
    height, width = made.shape[2:]
    steps = block * inputs * made.shape[0]
    if high == wide == 1 and not any(pads):
        rows, length = (1, height * width) if prod(strides) == 1 else (height, width)
        return steps * rows * sum(_of_row(count, length, block) for count in several if count)
    inside, edges = _places(height, high, strides[0], pads[0], dilations[0], read.shape[2])
    rows = inside * high + sum(edges)
    inside, edges = _places(width, wide, strides[1], pads[1], dilations[1], read.shape[3])
    each = (wide * _of_row(count, inside, block) + sum(edges) * _of_tile(count, 1) for count in several if count)
    return steps * rows * sum(each)


@lru_cache(maxsize=4096)
def _of_row(filters: int, outputs: int, block: int) -> float:
    return sum(number * _of_tile(filters, size) for size, number in _tiles(outputs, block))


def _tiles(outputs: int, block: int) -> Iterator[tuple[int, int]]:
    for size in _OUTPUTS[block]:
        yield size, outputs // size
        outputs %= size


def _of_tile(filters: int, outputs: int) -> float:
    """Return what each step of a tile takes: multiplications, half as many reads, or what one waits for another."""
    return max(filters * outputs, (filters + outputs) / 2, _LATENCY) + _BESIDE


def _places(outputs: int, kernel: int, stride: int, pad: int, dilation: int, size: int) -> tuple[int, list[int]]:
    """Return how many outputs read no padding, and of each other one how many places of the kernel are inside."""
    span = (kernel - 1) * dilation
    first = min(outputs, -(-pad // stride))
    last = min(outputs, max(first, (size - 1 - span + pad) // stride + 1))
    outside = [*range(first), *range(last, outputs)]
    starts = (place * stride - pad for place in outside)
    return last - first, [sum(0 <= start + step * dilation < size for step in range(kernel)) for start in starts]


def _pair(given: object, otherwise: int) -> tuple[int, int]:
    """Return what an attribute says of the beginnings of both axes."""
    return (int(given[0]), int(given[1])) if isinstance(given, tuple) else (otherwise, otherwise)
