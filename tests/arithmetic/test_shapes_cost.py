"""Properties of the arithmetic underneath: windows, costs, formulas and figures."""

import re
from collections.abc import Callable
from math import prod

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from costlens.arithmetic import units
from costlens.arithmetic.cost import Contraction, Cost, convolution, dense, depthwise, formula, total
from costlens.arithmetic.figures import Figure, FigureError
from costlens.arithmetic.shapes import (
    effective_kernel,
    elements,
    explicit_pad,
    per_axis,
    show,
    spatial,
    times,
    window_output,
)
from costlens.errors import ShapeError

sizes = st.integers(1, 60)
kernels = st.integers(1, 9)
strides = st.integers(1, 5)
dilations = st.integers(1, 4)
pads = st.one_of(st.integers(0, 6), st.tuples(st.integers(0, 6), st.integers(0, 6)))


@given(sizes, kernels, strides, dilations)
def test_same_keeps_one_window_for_each_stride(size: int, kernel: int, stride: int, dilation: int) -> None:
    assert window_output(size, kernel, stride, dilation, "same", "conv") == len(range(0, size, stride))


@given(sizes, kernels, strides, dilations)
def test_same_is_the_fewest_zeros_and_the_odd_one_behind(size: int, kernel: int, stride: int, dilation: int) -> None:
    before, after = explicit_pad(size, kernel, stride, dilation, "same")
    wanted = window_output(size, kernel, stride, dilation, "same", "conv")
    assert window_output(size, kernel, stride, dilation, (before, after), "conv") == wanted
    assert after - before in (0, 1)
    if after:
        padded = size + before + after - 1
        reach = effective_kernel(kernel, dilation)
        assert len(range(0, padded - reach + 1, stride)) < wanted


@given(sizes, kernels, strides, dilations, pads)
def test_a_window_fits_as_often_as_it_can_be_placed(
    size: int, kernel: int, stride: int, dilation: int, pad: int | tuple[int, int]
) -> None:
    padded = size + (2 * pad if isinstance(pad, int) else sum(pad))
    places = len([start for start in range(0, padded, stride) if start + (kernel - 1) * dilation < padded])
    if places:
        assert window_output(size, kernel, stride, dilation, pad, "conv") == places
    else:
        with pytest.raises(ShapeError, match=f"kernel {kernel}.* is larger than its padded input {padded}"):
            window_output(size, kernel, stride, dilation, pad, "conv")


@given(sizes, kernels, strides, dilations)
def test_valid_is_no_zero(size: int, kernel: int, stride: int, dilation: int) -> None:
    assume(effective_kernel(kernel, dilation) <= size)
    valid, none = (window_output(size, kernel, stride, dilation, pad, "conv") for pad in ("valid", 0))  # type: ignore[arg-type]
    assert valid == none
    assert explicit_pad(size, kernel, stride, dilation, "valid") == (0, 0)


def test_per_axis_repeats_or_checks() -> None:
    assert per_axis("same", 2, "padding") == ("same", "same")
    assert per_axis(3, 1, "kernel") == (3,)
    assert per_axis([3, 5], 2, "kernel") == (3, 5)
    assert per_axis([(1, 0), "same"], 2, "padding") == ((1, 0), "same")
    with pytest.raises(ShapeError, match=r"stride: expected 1 value\(s\) for an input with 1 spatial axis, received"):
        per_axis([1, 2], 1, "stride")


@pytest.mark.parametrize("shape", [(), (4,), (1, 2, 3, 4, 5)])
def test_only_sequences_images_and_volumes_have_spatial_axes(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match=r"conv takes \(T, C\), \(H, W, C\) or \(D, H, W, C\)"):
        spatial(shape, "conv")


def test_shapes_as_text() -> None:
    assert spatial((5, 3), "conv") == (5,)
    assert elements((6, 5, 3)) == 90
    assert show((6, 5, 3)) == "(6, 5, 3)"
    assert show((6,)) == "(6,)"
    assert times((6, 5, 3)) == "6×5×3"


small = st.integers(1, 12)
contractions = st.builds(
    Contraction,
    st.lists(small, min_size=1, max_size=4).map(tuple),
    st.lists(st.integers(1, 3), max_size=2).map(tuple),
    st.booleans(),
)
costs = st.builds(
    Cost,
    st.lists(contractions, max_size=3).map(tuple),
    bias=st.integers(0, 99),
    affine=st.integers(0, 99),
    statistics=st.integers(0, 99),
    elementwise_flops=st.integers(0, 9999),
    uncounted=st.lists(st.sampled_from(["loop", "custom"]), max_size=2).map(tuple),
)


@given(costs, costs, costs)
def test_costs_add(a: Cost, b: Cost, c: Cost) -> None:
    assert (a + b) + c == a + (b + c) == total([a, b, c])
    assert a + Cost() == a == Cost() + a
    for figure in ("kernels", "trainable", "non_trainable", "params", "macs", "flops"):
        assert getattr(a + b, figure) == getattr(a, figure) + getattr(b, figure)
    assert (a + b).uncounted == a.uncounted + b.uncounted


@given(costs)
def test_what_a_cost_is_made_of(cost: Cost) -> None:
    assert cost.kernels == sum(prod(c.factors) for c in cost.contractions if not c.fixed)
    assert cost.macs == sum(prod(c.factors) * prod(c.positions) for c in cost.contractions)
    assert cost.trainable == cost.kernels + cost.bias + cost.affine
    fixed = sum(prod(c.factors) for c in cost.contractions if c.fixed)
    assert cost.non_trainable == cost.statistics + fixed
    assert cost.params == cost.trainable + cost.non_trainable
    assert cost.flops == 2 * cost.macs + cost.elementwise_flops


def test_the_sum_of_nothing() -> None:
    assert total([]) == Cost()
    assert Cost().params == Cost().macs == Cost().flops == 0
    assert formula(()) == ""


ONE_SUM = re.compile(r"(?P<terms>[\d·+ ]+) = (?P<sum>[\d,]+)(?P<fixed> fixed)?(?:, × (?P<positions>[\d·]+))?$")


def product_of(written: str) -> int:
    return prod(map(int, written.split("·")))


@given(st.lists(contractions, min_size=1, max_size=4))
def test_the_numbers_of_a_formula_multiply_to_the_count(parts: list[Contraction]) -> None:
    kernels = fixed = macs = 0
    for sum_ in formula(tuple(parts)).split("; "):
        match = ONE_SUM.match(sum_)
        assert match, sum_
        terms = sum(product_of(term) for term in match["terms"].split(" + "))
        assert terms == int(match["sum"].replace(",", ""))
        fixed += terms if match["fixed"] else 0
        kernels += 0 if match["fixed"] else terms
        macs += terms * (product_of(match["positions"]) if match["positions"] else 1)
    cost = Cost(tuple(parts))
    assert (kernels, fixed, macs) == (cost.kernels, cost.non_trainable, cost.macs)


def test_contractions_of_one_shape_of_output_share_a_sum() -> None:
    halves = depthwise((3, 3), 64, (24, 16)), convolution((1, 1), 64, 128, (24, 16)), dense(128, 10)
    assert formula(halves) == "3·3·64 + 64·128 = 8,768, × 24·16; 128·10 = 1,280"


FIGURES: list[tuple[str | int | float, float, float]] = [
    ("4.2M", 4_200_000, 100_000),
    ("569M", 569_000_000, 1_000_000),
    ("330k", 330_000, 1000),
    ("330 K", 330_000, 1000),
    ("11.3B", 11_300_000_000, 100_000_000),
    ("7.61G", 7_610_000_000, 10_000_000),
    ("1T", 10**12, 10**12),
    ("3,751,369", 3_751_369, 1),
    ("3_751_369", 3_751_369, 1),
    (" 55 ", 55, 1),
    (3_751_369, 3_751_369, 1),
    (4.25, 4.25, 0.01),
]


@pytest.mark.parametrize(("text", "value", "unit"), FIGURES)
def test_a_figure_and_one_unit_of_its_last_digit(text: str | float, value: float, unit: float) -> None:
    figure = Figure.parse(text)
    assert (figure.value, figure.unit) == (value, unit)


FIGURES = {
    "30k": 30_000, "30 K": 30_000, "1.5M": 1_500_000, "300M": 300_000_000, "2.1G": 2_100_000_000, "1.1B": 1_100_000_000,
    "1e6": 1_000_000, "5.69e8": 569_000_000, "3,751,369": 3_751_369, "3_751_369": 3_751_369,
}  # fmt: skip
SIZES = {
    "512KiB": 2**19, "512 kiB": 2**19, "1MB": 10**6, "1 MiB": 2**20, "1.5kB": 1500, "2GiB": 2**31, "88.3KiB": 90419.2,
    "300B": 300, "300": 300, "1e6": 10**6, "14M": 14 * 10**6,
}  # fmt: skip
UNSURE = {
    "30m": "; write 30M for millions", "1.2bn": "; write 1.2G for billions", "4.2 million": "; write 4.2M for millions",
    "300 MFLOPs": "; write 300M, without FLOPs", "0.32 GMac": "; write 0.32G, without Mac",
    "4.2M params": "; write 4.2M, without params", "14MB": "; write 14M, without B",
    "6,8M": " (a decimal point, no comma; thousands as in 3,751,369)",
}  # fmt: skip
UNSURE_SIZES = {
    "512KB": "; KB may be 1,000 or 1,024 bytes: write 512kB or 512KiB",
    "512K": "; K may be 1,000 or 1,024 bytes: write 512kB or 512KiB",
    "4Mb": "; Mb may be bits: write 4MB or 4MiB",
    "4 mb": "; mb may be bits: write 4MB or 4MiB",
    "20kb": "; kb may be bits: write 20kB or 20KiB", "1,5MB": " (a decimal point, no comma; thousands as in 3,751,369)",
}  # fmt: skip


def test_figures_and_sizes_are_read_as_people_write_them() -> None:
    assert {text: Figure.parse(text).value for text in FIGURES} == FIGURES
    assert {text: Figure.parse_bytes(text).value for text in SIZES} == SIZES


@pytest.mark.parametrize(("read", "table"), [(Figure.parse, UNSURE), (Figure.parse_bytes, UNSURE_SIZES)])
def test_what_may_mean_two_things_is_refused(read: Callable[[str], Figure], table: dict[str, str]) -> None:
    for text, remedy in table.items():
        with pytest.raises(FigureError) as caught:
            read(text)
        assert str(caught.value).endswith(f"{remedy}, received {text!r}")


@pytest.mark.parametrize("text", ["", "M", "4.2Q", "-4M", "4.M", ".5M", "4..2M", "nan", "inf", "1e", True])
def test_what_is_no_figure(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected a figure such as 4\.2M, 569M or 3751369, received"):
        Figure.parse(text)


@given(st.integers(0, 10**12), st.sampled_from([("k", 10**3), ("M", 10**6), ("G", 10**9)]), st.integers(0, 3))
def test_a_figure_holds_what_was_rounded_or_cut_to_it(ours: int, suffix: tuple[str, int], decimals: int) -> None:
    letter, scale = suffix
    unit = scale // 10**decimals
    for digits in (ours // unit, round(ours / unit)):
        figure = Figure.parse(f"{digits / 10**decimals:.{decimals}f}{letter}")
        assert figure.unit == unit
        assert figure.holds(ours)
        assert not figure.holds(ours + int(2 * unit) + 1)


@given(st.integers(0, 10**15), st.integers(0, 10**15))
def test_a_whole_number_holds_itself_only(published: int, ours: int) -> None:
    assert [Figure.parse(published).holds(published + step) for step in (-1, 0, 1)] == [False, True, False]
    assert Figure.parse(f"{published:,}").holds(ours) == (published == ours)


@pytest.mark.parametrize(("value", "written"), [
    (0, "0"), (7, "7"), (999, "999"), (999.4, "999"), (999.6, "1k"), (1000, "1k"), (1234, "1.23k"), (99_949, "99.9k"),
    (999_499, "999k"), (999_600, "1M"), (4_253_864, "4.25M"), (15_470_264_320, "15.5G"), (2.5e12, "2.5T"),
])  # fmt: skip
def test_short(value: float, written: str) -> None:
    assert units.short(value) == written


@pytest.mark.parametrize(("value", "written"), [
    (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (2**20, "1.0 MiB"), (15 * 2**28, "3.8 GiB"),
])  # fmt: skip
def test_bytes(value: int, written: str) -> None:
    assert units.bytes_(value) == written


@pytest.mark.parametrize(("value", "written"), [
    (0.0, "0.000×"), (0.0099, "0.010×"), (0.11685, "0.117×"), (0.9996, "1.00×"), (1, "1.00×"), (9.996, "10.0×"),
    (22.776, "22.8×"), (99.96, "100×"), (1234.5, "1234×"),
])  # fmt: skip
def test_ratio(value: float, written: str) -> None:
    assert units.ratio(value) == written


@pytest.mark.parametrize(("share", "written"), [(0, "0.0%"), (0.1234, "12.3%"), (1, "100.0%")])
def test_percent(share: float, written: str) -> None:
    assert units.percent(share) == written
