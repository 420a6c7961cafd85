"""Convolutions in blocks take whole tiles: without what tiles cost beside it, what is left are the multiplications."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costlens.prediction import tiles
from costlens.prediction.tiles import tile_macs
from costlens.runtimes._operation import Operand, Operation, operation

SIZE, KERNEL, STRIDE = st.integers(1, 15), st.integers(1, 5), st.integers(1, 3)


def conv(
    size: tuple[int, int], filters: int, inputs: int, kernel: tuple[int, int], *, stride: tuple[int, int] = (1, 1),
    pad: tuple[int, int] = (0, 0), dilation: tuple[int, int] = (1, 1), group: int = 1,
) -> Operation:  # fmt: skip
    out = [
        max(0, (s + 2 * p - (k - 1) * d - 1) // t + 1)
        for s, k, t, p, d in zip(size, kernel, stride, pad, dilation, strict=True)
    ]
    read = Operand((2, inputs * group, *size))
    stored = Operand((filters, inputs, *kernel), stored=True)
    how = {"strides": stride, "pads": (*pad, *pad), "dilations": dilation, "group": group}
    return operation("nchwc.Conv", [read, stored], [Operand((2, filters, *out))], how)


def multiplied(one: Operation) -> int:
    """Count the places of the kernel that are inside, for each output, one by one."""
    size, made = one.read[0].shape[2:], one.outputs[0].shape
    filters, each, *kernel = one.read[1].shape
    how = {name: one.attribute.get(name, (otherwise,) * 4) for name, otherwise in
           (("strides", 1), ("pads", 0), ("dilations", 1))}  # fmt: skip
    found = 0
    for axis in (0, 1):
        inside = sum(
            0 <= place * how["strides"][axis] - how["pads"][axis] + step * how["dilations"][axis] < size[axis]  # type: ignore[index,operator]
            for place, step in product(range(made[2 + axis]), range(kernel[axis]))
        )
        found = inside if axis == 0 else found * inside
    return made[0] * found * filters * each


@given(st.tuples(SIZE, SIZE), st.tuples(KERNEL, KERNEL), st.tuples(STRIDE, STRIDE), st.tuples(STRIDE, STRIDE),
       st.tuples(st.integers(0, 4), st.integers(0, 4)), st.sampled_from([8, 16]), st.integers(1, 9))  # fmt: skip
def test_tiles_hold_each_multiplication_once(
    size: tuple[int, int], kernel: tuple[int, int], stride: tuple[int, int], dilation: tuple[int, int],
    pad: tuple[int, int], block: int, blocks: int,
) -> None:  # fmt: skip
    one = conv(size, blocks * block, 3, kernel, stride=stride, dilation=dilation, pad=pad)
    if 0 in one.outputs[0].shape:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiles, "_of_tile", lambda filters, outputs: filters * outputs)
        tiles._of_row.cache_clear()
        plain = tile_macs(one, block)
    tiles._of_row.cache_clear()
    assert plain == multiplied(one)
    found = tile_macs(one, block)
    assert found is not None
    assert found >= multiplied(one)


def test_groups_and_depthwise_ones_have_tiles_of_their_own() -> None:
    whole = conv((6, 6), 64, 16, (3, 3))
    grouped = conv((6, 6), 64, 16, (3, 3), group=2)
    depthwise = conv((6, 6), 64, 1, (3, 3), group=64)
    found = [tile_macs(one, 16) or 0.0 for one in (whole, grouped, depthwise)]
    assert found[0] < found[1]
    assert found[0] / 16 < found[2] < 3 * found[0] / 16


@pytest.mark.parametrize(("op", "shape"), [("Conv", (1, 16, 8, 8)), ("nchwc.MaxPool", (1, 16, 8, 8))])
def test_other_kernels_have_none(op: str, shape: tuple[int, ...]) -> None:
    weights = Operand((16, 16, 1, 1), stored=True)
    assert tile_macs(operation(op, [Operand(shape), weights], [Operand(shape)]), 16) is None


def test_recurrent_layers_multiply_in_each_step() -> None:
    given = [Operand((20, 1, 8)), Operand((1, 48, 8), stored=True), Operand((1, 48, 16), stored=True)]
    assert operation("GRU", given, [Operand((20, 1, 1, 16))]).macs == 20 * 48 * (8 + 16)
