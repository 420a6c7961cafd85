"""The roofline's arithmetic: the least time of work, of a row, of a network; what a cache holds; which taps count."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costlens.analysis.roofline import _taps, bound, cached_bytes, least_time, row_bounds
from costlens.arithmetic.shapes import explicit_pad, window_output
from costlens.errors import UsageError
from costlens.results.bounds import Bounds
from tests.cases.counted import counts, load
from tests.places import ROOT

ROOFS = Bounds("f", 100.0, 10e9, 1, "fp32", "2025-01-31T12:00Z", 1_000_000, 40e9, 0.5)


@pytest.mark.parametrize(
    ("macs", "traffic", "cached", "time_us", "limited_by"),
    [
        (100_000_000, 0, 0, 1000.0, "compute"),
        (0, 10_000, 0, 1.0, "memory"),
        (0, 10_000, 10_000, 0.25, "memory"),
        (0, 10_000, 5_000, 0.625, "memory"),
        (100_000, 10_000, 0, 1.0, "memory"),  # on the ridge
        (100_001, 10_000, 0, 1.00001, "compute"),
        (100_000, 10_000, 10_000, 1.0, "compute"),
        (0, 0, 0, 0.0, "memory"),
    ],
)
def test_the_least_time_of_work(macs: int, traffic: int, cached: int, time_us: float, limited_by: str) -> None:
    found = bound(macs, traffic, ROOFS, cached_bytes=cached)
    assert (found.time_us, found.limited_by) == (pytest.approx(time_us), limited_by)


@given(st.integers(0, 10**12), st.integers(0, 10**10), st.floats(0.1, 1e5), st.floats(1e8, 1e13))
def test_no_roof_is_exceeded_and_one_is_reached(macs: int, traffic: int, peak: float, bandwidth: float) -> None:
    machine = Bounds("f", peak, bandwidth, 1, "fp32", "")
    found = bound(macs, traffic, machine)
    compute, memory = macs / (peak * 1e3), traffic / bandwidth * 1e6
    assert found.time_us == pytest.approx(max(compute, memory))
    if traffic and macs / traffic != pytest.approx(machine.ridge_macs_per_byte):
        assert (found.limited_by == "compute") == (macs / traffic > machine.ridge_macs_per_byte)


@pytest.mark.parametrize("value", [0.0, -1.0, float("inf"), float("nan")])
@pytest.mark.parametrize("name", ["peak_gmacs_per_s", "bandwidth_bytes_per_s"])
def test_a_machine_that_can_do_nothing_is_refused(name: str, value: float) -> None:
    with pytest.raises(UsageError, match=f"bounds: {name} must be above 0"):
        replace(ROOFS, **{name: value})


def test_the_least_time_of_a_network_is_the_sum_of_its_rows() -> None:
    spec = load(ROOT / "specs/separable_example.yaml")
    (model,) = counts(spec)
    depthwise, pointwise = model.rows
    assert (depthwise.macs, pointwise.macs) == (4_800, 49_152)
    # All 4·(75 + 192 + 192) and 4·(768 + 192 + 16,384) bytes fit the cache: 40 bytes a nanosecond.
    assert (depthwise.traffic_bytes, pointwise.traffic_bytes) == (1_836, 69_376)
    first, second = row_bounds(model, ROOFS)
    # Of the 40 taps of an axis 34 meet the input: 4,800 · 0.85² = 3,468 MACs are computed.
    assert (first.time_us, first.limited_by) == (pytest.approx(0.0459), "memory")
    assert (second.time_us, second.limited_by) == (pytest.approx(1.7344), "memory")
    least = least_time(model, 0.01, ROOFS, model.variant)
    assert (least.least_ms, least.limited_by) == (pytest.approx(0.0017803), "memory")
    assert least.times_least == pytest.approx(0.01 / 0.0017803)
    uncached = least_time(model, 0.01, replace(ROOFS, cache_bytes=0), "uncached")
    assert uncached.least_ms == pytest.approx((0.1836 + 6.9376) / 1e3)


@given(st.integers(1, 12), st.integers(1, 6), st.integers(1, 3), st.sampled_from(["same", "valid"]))
def test_taps_that_meet_the_input_are_found_by_trying_them_all(size: int, kernel: int, stride: int, word: str) -> None:
    if word == "valid" and kernel > size:
        return
    out = window_output(size, kernel, stride, 1, word, "conv")
    before, _ = explicit_pad(size, kernel, stride, 1, word)
    met = sum(0 <= at * stride - before + tap < size for at in range(out) for tap in range(kernel))
    assert _taps(size, kernel, stride, out) == met


@pytest.mark.parametrize(
    ("footprint", "cache", "held"),
    [(1_000, 1_000, "all"), (70_000, 69_000, "activations"), (70_000, 60_000, "nothing")],
)
def test_what_a_cache_may_hold_of_a_row(footprint: int, cache: int, held: str) -> None:
    (model,) = counts(load(ROOT / "specs/separable_example.yaml"))
    row = model.rows[1]
    expected = {"all": row.traffic_bytes, "activations": row.traffic_bytes - 4 * 768, "nothing": 0}
    assert cached_bytes(row, footprint, replace(ROOFS, cache_bytes=cache)) == expected[held]
