"""Convolutions executed tap by tap on the padded input: every multiply is visited and counted.

Nothing here knows a formula: padding is found by trying, positions by sliding, MACs by counting. Axes are looped over
one by one, so the same code runs over time, over images and over volumes.
"""

from collections.abc import Iterator
from itertools import count as numbers
from itertools import product
from operator import ge
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from costlens.arithmetic.shapes import Shape
from costlens.errors import ShapeError
from costlens.network.layers import layer_kind
from costlens.network.variants import convolution_kind, kind_names

pytestmark = pytest.mark.many

EXAMPLES = settings(max_examples=150)


def zeros_needed(size: int, kernel: int, stride: int, dilation: int, pad: Any) -> int:
    """Return how many zeros an axis gets in all.

    ``same`` takes the fewest with a window at every stride-th cell, ``causal`` as many as let the first cell be the
    last that a window reads.
    """
    if pad == "causal":
        return next(n for n in numbers() if (kernel - 1) * dilation == n)
    if pad in ("same", "same_lower"):
        wanted = len(range(0, size, stride))
        return next(n for n in numbers() if len(list(starts(size + n, kernel, stride, dilation))) >= wanted)
    return 0 if pad == "valid" else 2 * pad if isinstance(pad, int) else sum(pad)


def starts(padded: int, kernel: int, stride: int, dilation: int) -> Iterator[int]:
    """Slide a window along one axis: yield where it starts, as long as its last tap is inside."""
    for start in numbers(0, stride):
        if start + (kernel - 1) * dilation >= padded:
            return
        yield start


def convolve(shape: Shape, fields: dict[str, Any], *, depthwise: bool) -> tuple[int, Shape]:
    """Run a convolution over ones and return the multiplies it makes and the shape of its output."""
    rank, channels = len(shape) - 1, shape[-1]
    axes = [(fields[name] if isinstance(fields[name], (list, tuple)) else [fields[name]] * rank)
            for name in ("kernel", "stride", "dilation", "padding")]  # fmt: skip
    if fields["padding"] == "causal":
        axes[3] = ["causal", "same", "same"][:rank]
    padded = [n + zeros_needed(n, *axis) for n, *axis in zip(shape[:-1], *axes, strict=True)]
    windows = [list(starts(n, k, s, d)) for n, k, s, d in zip(padded, *axes[:3], strict=True)]
    taps = [range(0, k * d, d) for k, d in zip(axes[0], axes[2], strict=True)]
    if depthwise:
        reads = {channel * fields["multiplier"] + i: [channel] for channel in range(channels)
                 for i in range(fields["multiplier"])}  # fmt: skip
    else:
        share_in, share_out = channels // fields["groups"], fields["filters"] // fields["groups"]
        reads = {out: range(out // share_out * share_in, (out // share_out + 1) * share_in)
                 for out in range(fields["filters"])}  # fmt: skip
    multiplies = 0
    for position in product(*windows):
        for sources in reads.values():
            for tap in product(*taps):
                assert all(p + t < n for p, t, n in zip(position, tap, padded, strict=True))
                for _ in sources:
                    multiplies += 1
    return multiplies, (*map(len, windows), len(reads))


def scatter(shape: Shape, fields: dict[str, Any]) -> tuple[int, set[tuple[int, ...]]]:
    """Run a transposed convolution: return its multiplies and the cells it writes, before any is cut away."""
    rank, groups = len(shape) - 1, fields["groups"]
    kernel, stride, dilation = ((fields[name] if isinstance(fields[name], list) else [fields[name]] * rank)
                                for name in ("kernel", "stride", "dilation"))  # fmt: skip
    share_in, share_out = shape[-1] // groups, fields["filters"] // groups
    multiplies, written = 0, set()
    for *position, channel in product(*map(range, shape)):
        group = channel // share_in
        for tap in product(*map(range, kernel)):
            for filter_ in range(group * share_out, (group + 1) * share_out):
                cell = (p * s + t * d for p, s, t, d in zip(position, stride, tap, dilation, strict=True))
                written.add((*cell, filter_))
                multiplies += 1
    return multiplies, written


@st.composite
def windows(draw: st.DrawFn, *, depthwise: bool) -> tuple[Shape, dict[str, Any]]:
    """Draw an input shape and the fields of a convolution, valid ones mostly."""
    rank = draw(st.sampled_from([1, 2, 2, 3]))
    groups = 1 if depthwise else draw(st.sampled_from([1, 1, 2, 3]))
    shape = (*draw(st.tuples(*[st.integers(1, 7 if rank < 3 else 5)] * rank)), groups * draw(st.integers(1, 3)))

    def per_axis(values: st.SearchStrategy[Any]) -> Any:
        return draw(st.one_of(values, st.lists(values, min_size=rank, max_size=rank)))

    pad = st.one_of(st.sampled_from(["same", "valid", "causal", "same_lower"]), st.integers(0, 3))
    pads = st.one_of(pad, st.tuples(st.integers(0, 3), st.integers(0, 3)))
    fields: dict[str, Any] = {
        "kernel": per_axis(st.integers(1, 4 if rank < 3 else 3)),
        "stride": per_axis(st.integers(1, 3)),
        "dilation": draw(st.sampled_from([1, 1, 2])) if draw(st.booleans()) else per_axis(st.integers(1, 3)),
        "padding": draw(st.one_of(pad, st.lists(pads, min_size=rank, max_size=rank))),
    }
    own = {"multiplier": draw(st.integers(1, 3))} if depthwise else {
        "groups": groups, "filters": groups * draw(st.integers(1, 3))}  # fmt: skip
    return shape, {**fields, **own}


def agrees_with_brute_force(kind: str, shape: Shape, fields: dict[str, Any]) -> None:
    layer = layer_kind(kind)(bias=False, **fields)
    macs, output = convolve(shape, fields, depthwise=kind == "depthwise")
    if 0 in output:
        with pytest.raises(ShapeError, match="larger than its padded input"):
            layer.output_shape(shape)
        return
    assert layer.output_shape(shape) == output
    assert layer.cost(shape).macs == macs
    assert layer.cost(shape).flops == 2 * macs


@EXAMPLES
@given(windows(depthwise=False))
def test_convolution(case: tuple[Shape, dict[str, Any]]) -> None:
    agrees_with_brute_force("conv", *case)


@EXAMPLES
@given(windows(depthwise=True))
def test_depthwise(case: tuple[Shape, dict[str, Any]]) -> None:
    agrees_with_brute_force("depthwise", *case)


@EXAMPLES
@given(windows(depthwise=False), st.sampled_from(kind_names()), st.integers(1, 2))
def test_every_kind_of_convolution(case: tuple[Shape, dict[str, Any]], kind: str, times: int) -> None:
    """Run the parts of a kind one behind the other; what leaves the last has the shape of the convolution itself."""
    shape, fields = case
    shape, fields = (*shape[:-1], 4 * times), {**fields, "filters": 4 * times, "groups": 1}
    if 0 in convolve(shape, fields, depthwise=False)[1]:
        return
    written = layer_kind("conv")(bias=False, **fields)
    made = convolution_kind(kind)
    assume(not made.refusal(written, shape))
    behind = shape
    for _, part in made.parts(written, shape):
        cost = part.cost(behind)
        if part.geometry(behind).kernel:
            macs, output = convolve(behind, part.values(), depthwise=part.kind() == "depthwise")
            assert (cost.macs, part.output_shape(behind)) == (macs, output)
        else:
            assert (cost.macs, cost.params) == (0, 0)
        behind = part.output_shape(behind)
    assert behind == written.output_shape(shape)


@EXAMPLES
@given(st.lists(st.integers(1, 5), min_size=1, max_size=3), st.data())
def test_transposed_convolution(sizes: list[int], data: st.DataObject) -> None:
    """What is written is counted; which cells of it are kept is what each padding says."""
    rank, groups = len(sizes), data.draw(st.sampled_from([1, 1, 2, 3]))

    def drawn(least: int, most: int) -> list[int]:
        return data.draw(st.lists(st.integers(least, most), min_size=rank, max_size=rank))

    stride, dilation = drawn(1, 3), drawn(1, 2)
    fields: dict[str, Any] = {
        "kernel": drawn(1, 3), "stride": stride, "dilation": dilation, "groups": groups,
        "filters": groups * data.draw(st.integers(1, 2)),
    }  # fmt: skip
    shape = (*sizes, groups * data.draw(st.integers(1, 2)))
    macs, written = scatter(shape, fields)
    reach = [1 + max(cell[axis] for cell in written) for axis in range(rank)]
    grid = [n * s for n, s in zip(sizes, stride, strict=True)]
    cut, axes = drawn(0, 2), zip(stride, dilation, strict=True)
    most = [min(max(s, d), s + off) - 1 for off, (s, d) in zip(cut, axes, strict=True)]
    more = list(map(min, drawn(0, 2), most))
    kept = {
        "same": grid,
        "same_lower": grid,
        # valid keeps all that is written and the gap behind the last kernel; the others keep a cell for each stride
        "valid": list(map(max, reach, grid)),
        "cells": [n - 2 * off + added for n, off, added in zip(reach, cut, more, strict=True)],
    }
    padding = data.draw(st.sampled_from(list(kept)))
    given_ = {"padding": cut, "output_padding": more} if padding == "cells" else {"padding": padding}
    layer = layer_kind("conv_transpose")(bias=False, **fields, **given_)
    assume(all(map(ge, kept[padding], sizes)))
    assert layer.output_shape(shape) == (*kept[padding], fields["filters"])
    assert layer.cost(shape).macs == macs
    assert layer.cost(shape).flops == 2 * macs


@EXAMPLES
@given(st.lists(st.integers(1, 5), min_size=1, max_size=3), st.integers(1, 6))
def test_dense(shape: list[int], units: int) -> None:
    multiplies = 0
    outputs = set()
    for position in product(*map(range, shape[:-1])):
        for unit in range(units):
            outputs.add((*position, unit))
            for _ in range(shape[-1]):
                multiplies += 1
    layer = layer_kind("dense")(units=units)
    output = layer.output_shape(tuple(shape))
    cost = layer.cost(tuple(shape))
    assert set(product(*map(range, output))) == outputs
    assert cost.macs == multiplies
    assert cost.flops == 2 * multiplies + len(outputs)


@EXAMPLES
@given(st.lists(st.integers(1, 4), min_size=3, max_size=3), st.lists(st.integers(1, 3), max_size=2), st.data())
def test_product_of_two_tensors(sizes: list[int], leading: list[int], data: st.DataObject) -> None:
    """Multiply entry by entry; an axis of 1 is read again for each of the other side's."""
    m, k, n = sizes
    turn_a, turn_b = data.draw(st.booleans()), data.draw(st.booleans())
    sides = [data.draw(st.sampled_from(["both", "a", "b"])) for _ in leading]
    before_a, before_b = ([1 if side not in ("both", own) else size for side, size in zip(sides, leading, strict=True)]
                          for own in "ab")  # fmt: skip
    first = (*before_a, *((k, m) if turn_a else (m, k)))
    second = (*before_b, *((n, k) if turn_b else (k, n)))
    multiplies, written = 0, set()
    for *place, row, column in product(*map(range, (*leading, m, n))):
        written.add((*place, row, column))
        for inner in range(k):
            for shape, cell in ((first, (inner, row) if turn_a else (row, inner)),
                                (second, (column, inner) if turn_b else (inner, column))):  # fmt: skip
                at = (*(0 if size == 1 else p for p, size in zip(place, shape, strict=False)), *cell)
                assert all(index < size for index, size in zip(at, shape, strict=True))
            multiplies += 1
    layer = layer_kind("matmul")(transpose_a=turn_a, transpose_b=turn_b)
    cost = layer.cost(first, second)
    assert set(product(*map(range, layer.output_shape(first, second)))) == written
    assert (cost.macs, cost.flops, cost.params) == (multiplies, 2 * multiplies, 0)


@EXAMPLES
@given(st.permutations("bcdef"), st.lists(st.integers(1, 3), min_size=5, max_size=5), st.booleans(), st.data())
def test_products_by_an_equation(letters: list[str], sizes: list[int], named: bool, data: st.DataObject) -> None:
    """Each letter is of two terms or three; each combination of all places takes one multiply."""
    size = dict(zip(letters, sizes, strict=True))
    summed, kept, new, *more = letters
    terms = {"read": [summed, kept], "weights": [summed, new], "made": [kept, new]}
    for letter in more:
        for term in data.draw(st.sampled_from([*(set(terms) - {one} for one in terms), set(terms)])):
            terms[term].append(letter)
    read, weights, made = (data.draw(st.permutations(term)) for term in terms.values())
    axes = data.draw(st.lists(st.sampled_from(made), unique=True))
    multiplies, stored, written = 0, set(), set()
    for places in product(*(range(size[letter]) for letter in letters)):
        at = dict(zip(letters, places, strict=True))
        stored.add(tuple(at[letter] for letter in weights))
        written.add(tuple(at[letter] for letter in made))
        multiplies += 1
    biases = {tuple(cell[made.index(letter)] for letter in axes) for cell in written} if axes else set()
    batch = "a" if named else "..."
    layer = layer_kind("einsum_dense")(
        equation=f"{batch}{''.join(read)},{''.join(weights)}->{batch}{''.join(made)}",
        output=[size[letter] if letter not in read or data.draw(st.booleans()) else None for letter in made],
        bias_axes="".join(axes) or None,
    )
    shape = tuple(size[letter] for letter in read)
    cost = layer.cost(shape)
    assert set(product(*map(range, layer.output_shape(shape)))) == written
    assert (cost.macs, cost.params) == (multiplies, len(stored) + len(biases))
    assert cost.flops == 2 * multiplies + len(written) * bool(axes)


GATES = {"lstm": "ifco", "gru": "zrh", "simple_rnn": "h"}


@EXAMPLES
@given(st.sampled_from(sorted(GATES)), st.tuples(*[st.integers(1, 4)] * 3), st.booleans(), st.booleans())
def test_recurrent_layers(kind: str, sizes: tuple[int, int, int], both: bool, sequences: bool) -> None:
    """Walk over the steps of each direction: each gate of each unit reads all channels, then the whole state."""
    steps, channels, units = sizes
    multiplies, weights = 0, set()
    for direction in range(1 + both):
        for _ in range(steps):
            for gate, unit in product(GATES[kind], range(units)):
                for source in (*((0, channel) for channel in range(channels)), *((1, other) for other in range(units))):
                    weights.add((direction, gate, unit, source))
                    multiplies += 1
    layer = layer_kind(kind)(units=units, bidirectional=both, return_sequences=sequences, bias=False)
    cost = layer.cost((steps, channels))
    assert (cost.macs, cost.params) == (multiplies, len(weights))
    assert layer.output_shape((steps, channels)) == (*([steps] if sequences else []), (1 + both) * units)


@EXAMPLES
@given(st.tuples(*[st.integers(1, 4)] * 8), st.booleans(), st.booleans())
def test_attention(sizes: tuple[int, ...], project: bool, causal: bool) -> None:
    """Make queries, keys and values head by head, multiply each query with each key, weigh each value, and project."""
    queries, keys, channels, memory, groups, of_group, key, value = sizes
    keys = queries if causal else keys
    heads, units = groups * of_group, 3 if project else groups * of_group * value
    multiplies, weights = 0, set()

    def made(what: str, positions: int, many: int, size: int, read: int) -> None:
        nonlocal multiplies
        for _ in range(positions):
            for weight in product(range(many), range(size), range(read)):
                weights.add((what, *weight))
                multiplies += 1

    made("query", queries, heads, key, channels)
    made("key", keys, groups, key, memory)
    made("value", keys, groups, value, memory)
    for _head, _query, _key in product(range(heads), range(queries), range(keys)):
        multiplies += key  # the score
        multiplies += value  # its share of the sum
    made("output", queries, 1, units, heads * value) if project else None
    layer = layer_kind("attention")(
        heads=heads, kv_heads=groups, key_size=key, value_size=value, bias=False, causal=causal, project=project,
        units=units if project else None,
    )  # fmt: skip
    shapes = (queries, channels), (keys, memory)
    cost = layer.cost(*shapes)
    assert (cost.macs, cost.params) == (multiplies, len(weights))
    assert layer.output_shape(*shapes) == (queries, units)


@EXAMPLES
@given(windows(depthwise=True), st.sampled_from(["max_pool", "avg_pool"]))
def test_pools_visit_every_cell_of_each_window(case: tuple[Shape, dict[str, Any]], kind: str) -> None:
    """A window of n cells takes n - 1 comparisons or additions; dilation and multiplier do not apply."""
    shape, fields = case
    assume(fields["dilation"] == 1)
    fields["multiplier"] = 1
    layer = layer_kind(kind)(**{name: fields[name] for name in ("kernel", "stride", "padding")})
    visits, output = convolve(shape, fields, depthwise=True)
    pads = fields["padding"] if isinstance(fields["padding"], list) else [fields["padding"]] * (len(shape) - 1)
    kernel = layer.window(shape).kernel
    widest = [0 if isinstance(pad, str) else pad if isinstance(pad, int) else max(pad) for pad in pads]
    if 0 in output or any(zeros >= cells for zeros, cells in zip(widest, kernel, strict=True)):
        with pytest.raises(ShapeError, match=r"larger than its padded input|a window of padding alone"):
            layer.output_shape(shape)
        return
    windows_seen = len(list(product(*map(range, output))))
    assert layer.output_shape(shape) == output
    assert layer.cost(shape).flops == visits - windows_seen
