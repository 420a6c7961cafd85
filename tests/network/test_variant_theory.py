"""What the kinds' formulas predict, against what their parts cost."""

from math import prod
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costlens.network.count import lines
from costlens.network.variants import kind_names, overheads, rewrite, theory
from tests.cases.networks import graph, reads_all, reads_more, site

sides = st.integers(2, 5)


@settings(max_examples=200)
@given(
    st.tuples(st.integers(5, 12), st.integers(5, 12), st.integers(1, 9)),
    st.tuples(sides, sides), st.tuples(st.integers(1, 3), st.integers(1, 3)), st.integers(1, 9),
    st.lists(st.sampled_from(["same", "valid", 1, (2, 0)]), min_size=2, max_size=2),
)  # fmt: skip
def test_ratios_by_theory(
    shape: tuple[int, int, int], kernel: tuple[int, int], stride: tuple[int, int], filters: int, padding: list[Any]
) -> None:
    """Separable is 1/N + 1/K² always; factorized 1/K_h + N/(K_w·M) where no row is skipped, more elsewhere."""
    convolution = site("conv", filters=filters, kernel=kernel, stride=stride, padding=padding)
    net = graph(shape, convolution)
    standard = sum(line.cost.macs for line in lines(net))
    by_kind = {name: rewrite(net, name) for name in kind_names()}
    macs = {name: sum(line.cost.macs for line in lines(each.graph)) for name, each in by_kind.items()}
    (k_h, k_w), channels = kernel, shape[-1]
    assert macs["standard"] == standard
    assert theory(by_kind["separable"].graph) == pytest.approx(1 / filters + 1 / (k_h * k_w))
    assert macs["separable"] / standard == pytest.approx(theory(by_kind["separable"].graph))
    assert theory(by_kind["factorized"].graph) == pytest.approx(1 / k_h + filters / (k_w * channels))
    rows, columns, _ = net.shapes[net.outputs[0]]
    halves = k_w * channels * filters * shape[0] * columns, k_h * filters**2 * rows * columns
    assert macs["factorized"] == sum(halves)
    if rows == shape[0]:
        assert macs["factorized"] / standard == pytest.approx(theory(by_kind["factorized"].graph))
    spent = k_w * channels * filters * (shape[0] - rows) * columns
    assert overheads(by_kind["factorized"].graph) == (reads_more(spent) if spent > 0 else ())


@settings(max_examples=200)
@given(
    st.lists(st.integers(5, 12), min_size=1, max_size=3), st.integers(1, 3), st.integers(1, 3),
    sides, st.integers(1, 3), st.sampled_from(["same", "valid", 3]),
)  # fmt: skip
def test_ratios_by_theory_in_fours(
    sizes: list[int], inputs: int, outputs: int, side: int, stride: int, padding: Any
) -> None:
    """Grouped is 1/4 always; a bottleneck its formula where nothing is skipped or added, else its parts' sum."""
    m, n, area = 4 * inputs, 4 * outputs, side ** len(sizes)
    net = graph((*sizes, m), site("conv", filters=n, kernel=side, stride=stride, padding=padding))
    standard = sum(line.cost.macs for line in lines(net))
    grouped, bottleneck = rewrite(net, "grouped"), rewrite(net, "bottleneck")
    assert 4 * sum(line.cost.macs for line in lines(grouped.graph)) == standard
    assert theory(grouped.graph) == 1 / 4
    into, out = prod(sizes), prod(net.shapes[net.outputs[0]][:-1])
    macs = sum(line.cost.macs for line in lines(bottleneck.graph))
    assert macs == m * n // 4 * into + (area * n // 4 + n) * n // 4 * out
    predicted = 1 / (4 * area) + n / (16 * m) + n / (4 * area * m)
    assert theory(bottleneck.graph) == pytest.approx(predicted)
    assert macs == pytest.approx(predicted * standard + m * n // 4 * (into - out))
    assert overheads(bottleneck.graph) == (reads_all(m * n // 4 * (into - out)) if into > out else ())


@settings(max_examples=200)
@given(
    st.tuples(*[st.integers(5, 9)] * 3, st.integers(1, 5)), st.tuples(sides, sides, sides),
    st.tuples(*[st.integers(1, 2)] * 3), st.integers(1, 5),
    st.lists(st.sampled_from(["same", "valid", "causal", 1]), min_size=3, max_size=3),
)  # fmt: skip
def test_ratios_by_theory_over_volumes(
    shape: tuple[int, ...], kernel: tuple[int, ...], stride: tuple[int, ...], filters: int, padding: list[Any]
) -> None:
    """Separable is 1/N + 1/K³; (2+1)D is 1/K_d + N/(K_h·K_w·M) where no slice is skipped: space first, then time."""
    net = graph(shape, site("conv", filters=filters, kernel=kernel, stride=stride, padding=padding))
    standard = sum(line.cost.macs for line in lines(net))
    separable, factorized = (rewrite(net, name) for name in ("separable", "factorized"))
    (k_d, k_h, k_w), channels = kernel, shape[-1]
    depth, *image, _ = net.shapes[net.outputs[0]]
    assert sum(line.cost.macs for line in lines(separable.graph)) / standard == pytest.approx(theory(separable.graph))
    assert theory(separable.graph) == pytest.approx(1 / filters + 1 / (k_d * k_h * k_w))
    space, time = k_h * k_w * channels * filters * prod(image), k_d * filters**2 * depth * prod(image)
    assert sum(line.cost.macs for line in lines(factorized.graph)) == space * shape[0] + time
    assert theory(factorized.graph) == pytest.approx(1 / k_d + filters / (k_h * k_w * channels))
    assert theory(factorized.graph) * standard == pytest.approx(space * depth + time)
    spent = space * (shape[0] - depth)
    assert overheads(factorized.graph) == (reads_more(spent) if spent > 0 else ())


def test_theory_takes_what_is_left_alone_as_it_is() -> None:
    """Half the MACs are fixed, the other half becomes 1/4 + 1/9 of itself."""
    conv = {"filters": 4, "kernel": 3, "bias": False}
    net = graph((6, 6, 4), site("stem", fixed=True, **conv), site("conv", **conv))
    assert theory(rewrite(net, "separable").graph) == pytest.approx((1 + 1 / 4 + 1 / 9) / 2)
