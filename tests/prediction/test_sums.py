"""What is predicted of kernels: sums, intervals, and where between warm and cold a network lies."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costlens.errors import UsageError
from costlens.network.graph import Node
from costlens.prediction import Conditions, Table, Times, predict, predict_kernels
from costlens.prediction.kernels import Placed, kernels
from costlens.prediction.sums import LEAST_US, estimate
from costlens.results.prediction import Prediction
from costlens.runtimes._operation import Operand, Operation, operation
from tests.cases.networks import graph, layer

HERE = Conditions("here", "this machine", call_us=5.0, cold=((1000, 0.0), (100_000, 1.0)))
NET = graph(
    (8, 8, 3), ("a", layer("conv", filters=16, kernel=3)), ("a.relu", layer("relu")),
    ("b", layer("depthwise", kernel=3)), ("p", layer("global_avg_pool")), ("d", layer("dense", units=4)),
)  # fmt: skip


def product(size: int) -> Operation:
    return operation("MatMul", [Operand((1, size)), Operand((size, size), stored=True)], [Operand((1, size))])


def measured(table: Table, warm: float = 10.0, cold: float = 20.0, spread: float = 0.0) -> Table:
    """Give every kernel of the network these times."""
    found = [one.operation for one in kernels(NET, block=table.conditions.block)]
    return table.grown({one.text: Times(warm, cold, spread) for one in found})


def test_a_kernel_in_the_cache_takes_its_warm_time_and_a_call_is_added() -> None:
    table = measured(Table(replace(HERE, cold=((10**9, 0.0), (10**10, 1.0)))))
    number = len(kernels(NET, block=8))
    found = predict(NET, table)
    assert found.milliseconds == pytest.approx((10 * number + 5) / 1e3)
    assert found.shares == {"measured": 1.0, "interpolated": 0.0, "modelled": 0.0}


def test_between_the_two_times_it_is_interpolated() -> None:
    table = measured(Table(HERE))
    found = predict(NET, table)
    assert 0 < found.cold < 1
    with_weights = [one.operation for one in kernels(NET, block=8) if one.operation.weight_bytes]
    one = estimate(with_weights[0], table, found.cold)
    assert one.microseconds == pytest.approx(10 + 10 * found.cold)
    assert one.basis == "interpolated"
    others = len(kernels(NET, block=8)) - len(with_weights)
    us = len(with_weights) * one.microseconds
    assert found.shares["interpolated"] == pytest.approx(us / (us + 10 * others))


def test_a_row_that_takes_next_to_nothing_has_an_interval() -> None:
    placed = [Placed("r", product(8))] * 900
    found = predict_kernels(placed, ["r"], Table(HERE, {product(8).text: Times(1e-4, 1e-4)}))
    (row,) = found.rows
    assert 0 < row.low < row.milliseconds < row.high < 25 * row.milliseconds


def test_near_a_kernel_that_has_no_such_time_takes_its_warm_one() -> None:
    table = Table(HERE, {product(8).text: Times(10.0, 20.0, near_us=6.0), product(9).text: Times(10.0, 20.0)})
    assert [estimate(product(size), table, -1.0).microseconds for size in (8, 9)] == [6.0, 10.0]
    assert [estimate(product(size), table, -0.5).microseconds for size in (8, 9)] == [8.0, 10.0]
    assert [estimate(product(size), table, -0.5).basis for size in (8, 9)] == ["interpolated", "measured"]


def test_a_kernel_takes_what_the_runtime_takes_from_one_to_the_next() -> None:
    table = Table(HERE, {product(8).text: Times(0.01, 4.0, near_us=0.0)})
    assert [estimate(product(8), table, cold).microseconds for cold in (-1.0, 0.0, 1.0)] == [LEAST_US, LEAST_US, 4.0]


def test_times_that_hardly_differ_are_measured_wherever_the_working_set_lies() -> None:
    assert predict(NET, measured(Table(HERE), 10.0, 10.2)).shares["measured"] == 1.0


def test_a_kernel_that_is_not_there_is_modelled_and_named() -> None:
    table = measured(Table(HERE))
    dense = next(one.operation for one in kernels(NET, block=8) if one.operation.op == "Gemm")
    found = predict(NET, Table(HERE, {text: times for text, times in table.times.items() if text != dense.text}))
    assert found.missing == ("Gemm",)
    (row,) = [row for row in found.rows if row.name == "d"]
    assert row.basis == "modelled"
    assert row.low < row.milliseconds < row.high


def test_a_row_whose_work_another_kernel_does_takes_no_time() -> None:
    net = graph((8, 8, 3), ("a", layer("conv", filters=16, kernel=3)), ("r", layer("relu")), ("d", layer("flatten")))
    (row,) = [row for row in predict(net, Table(HERE)).rows if row.name == "r"]
    assert (row.milliseconds, row.kernels) == (0.0, ())


def test_a_table_of_other_threads_is_refused() -> None:
    with pytest.raises(UsageError, match="expected a table of 2 threads, received one of 1"):
        predict(NET, Table(HERE), threads=2)


def test_a_prediction_survives_its_json() -> None:
    found = predict(NET, measured(Table(HERE)))
    from costlens.results.stored import to_json

    assert Prediction.from_json(to_json(found)) == found


operations = st.builds(
    lambda channels, filters, size, kernel: operation(
        "nchwc.Conv",
        [Operand((1, channels, size, size)), Operand((filters, channels, kernel, kernel), stored=True)],
        [Operand((1, filters, size, size))],
    ),
    st.sampled_from([8, 16, 64]), st.sampled_from([8, 32]), st.integers(1, 30), st.sampled_from([1, 3]),
)  # fmt: skip


drawn_kernels = st.tuples(st.sampled_from("abc"), operations, st.floats(1, 1e4), st.floats(1, 3), st.booleans())


@given(st.lists(drawn_kernels, min_size=1))
def test_rows_and_the_call_make_up_the_total_and_lie_in_its_interval(drawn: list[tuple]) -> None:
    table = Table(HERE, {one.text: Times(warm, warm * factor, 0.02) for _, one, warm, factor, known in drawn if known})
    found = predict_kernels([Placed(row, one) for row, one, *_ in drawn], "abc", table)
    assert found.milliseconds == pytest.approx(sum(row.milliseconds for row in found.rows) + found.call_ms)
    assert sum(found.shares.values()) == pytest.approx(1)
    assert 0 < found.low < found.milliseconds < found.high
    for row in found.rows:
        assert row.low <= row.milliseconds <= row.high


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_a_larger_working_set_is_no_warmer(one: int, other: int) -> None:
    small, large = sorted((one, other))
    assert 0 <= HERE.coldness(small) <= HERE.coldness(large) <= 1


def test_what_a_network_uses_are_its_weights_and_twice_its_largest_activations() -> None:
    small, large = product(8), product(32)
    found = predict_kernels([Placed("r", small), Placed("r", large)], ["r"], Table(HERE))
    assert found.working_set_bytes == 4 * (8 * 8 + 32 * 32) + 2 * 4 * (32 + 32)


def test_weights_that_kernels_share_are_in_the_caches_once() -> None:
    """A recurrent layer that was unrolled: twenty products with one matrix."""
    steps, weight_bytes = [Placed("r", product(32))] * 20, 4 * 32 * 32
    found = predict_kernels(steps, ["r"], Table(HERE), weight_bytes=weight_bytes)
    assert found.working_set_bytes == weight_bytes + 2 * 4 * (32 + 32)


def test_a_kernel_without_weights_is_never_out_of_the_cache() -> None:
    relu = operation("Relu", [Operand((1, 8))], [Operand((1, 8))])
    times = Times(10.0, 20.0, near_us=6.0)
    table = Table(HERE, {relu.text: times, product(8).text: times})
    found = {cold: [estimate(one, table, cold).microseconds for one in (relu, product(8))] for cold in (-1.0, 0.0, 1.0)}
    assert found == {-1.0: [6.0, 6.0], 0.0: [10.0, 10.0], 1.0: [10.0, 20.0]}


def test_weights_that_two_rows_use_are_in_the_working_set_once() -> None:
    square = layer("conv", filters=8, kernel=3)
    again = Node("b", square, ("a",), "b", weights="a")
    own, shared = (graph((8, 8, 8), ("a", square), last) for last in (("b", square), again))
    apart, once = (predict(net, Table(HERE)).working_set_bytes for net in (own, shared))
    assert apart - once == 4 * (9 * 8 * 8 + 8)
