"""Points: all of a space, a sample, a file of them; and what is refused before anything is counted."""

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costlens.analysis.pareto import undominated
from costlens.errors import UsageError
from costlens.results.counts import Totals
from costlens.tasks.exploration.constraint import constraint
from costlens.tasks.exploration.listed import read_points
from costlens.tasks.exploration.space import Axis, axis, kind_axis, space

AXES = [Axis("a", ("1", "2", "3")), Axis("b", ("x", "y")), Axis("kind:*", ("standard", "separable"))]


def test_all_points_once_the_last_axis_fastest() -> None:
    assert [*space(AXES).points] == [*itertools.product(*(one.values for one in AXES))]


@pytest.mark.parametrize("sampler", ["sobol", "lhs"])
@pytest.mark.parametrize("wanted", [1, 5, 11])
def test_a_sample_is_of_different_points_and_the_seed_decides_it(sampler: str, wanted: int) -> None:
    first, again, other = (space(AXES, wanted, seed=seed, sampler=sampler) for seed in (3, 3, 4))
    assert len({*first.points}) == len(first.points) == wanted
    assert [*first.points] == [*again.points]
    assert first.described == again.described != other.described


def test_a_sample_as_large_as_the_space_is_the_space() -> None:
    assert [*space(AXES, 100).points] == [*space(AXES).points]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a=0.25:1.0:0.05", tuple(f"{5 * n / 100:g}" for n in range(5, 21))),
        ("a=1:4", ("1", "2", "3", "4")),
        ("a=0:1:0.3", ("0", "0.3", "0.6", "0.9")),
        ("a=8,1:3:2,8", ("8", "1", "3")),
        ("a=[1,2],[3,4]", ("[1,2]", "[3,4]")),
        ("a=true,false", ("true", "false")),
    ],
)
def test_values(text: str, values: tuple[str, ...]) -> None:
    assert axis(text).values == values


@pytest.mark.parametrize(
    ("read", "text", "message"),
    [
        (axis, "alpha", "--set alpha: expected NAME=VALUES"),
        (axis, "a=1,,2", "a value is missing between two commas"),
        (axis, "a=1:0:1", "expected FIRST:LAST:STEP with a step above 0"),
        (axis, "a=0:1:0", "expected FIRST:LAST:STEP with a step above 0"),
        (axis, "a=x:y", "expected FIRST:LAST:STEP with a step above 0"),
        (axis, "a=0:1:0.0000001", "10,000,001 values; take at most 100,000"),
        (kind_axis, "*", "--kind *: expected GLOB=KIND"),
        (kind_axis, "*=seperable", 'unknown kind of convolution (did you mean "separable"?)'),
    ],
)
def test_what_is_no_axis(read: object, text: str, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        read(text)  # type: ignore[operator]
    assert message in str(raised.value)


def test_a_space_of_too_many_points_needs_a_sample() -> None:
    axes = [Axis(name, tuple(map(str, range(1000)))) for name in "abcd"]
    with pytest.raises(UsageError, match="1,000 × 1,000 × 1,000 × 1,000 = 1,000,000,000,000 points"):
        space(axes)
    assert len(space(axes, 64).points) == 64


@given(st.lists(st.tuples(*[st.integers(0, 6)] * 3), max_size=40))
def test_the_front_is_what_comparing_all_with_all_says(costs: list[tuple[int, ...]]) -> None:
    def beaten(one: tuple[int, ...]) -> bool:
        return any(other != one and all(a <= b for a, b in zip(other, one, strict=True)) for other in costs)

    assert undominated(costs) == [not beaten(one) for one in costs]


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("macs < 300M", True),
        ("macs < 299.9M", False),
        ("weight_bytes_int8 <= 512KiB and alpha == 0.5", True),
        ("weight_bytes_int8 < 524_288 and alpha == 0.5", False),
        ("params / 2 < 1k or alpha > 0.4", True),
        ("macs < 3e8 + 1", True),
    ],
)
def test_constraints(text: str, holds: bool) -> None:
    totals = Totals(macs=299_999_999, params=4000, weight_bytes_int8=524_288)
    assert constraint(text, {"alpha": 1.0}).holds(totals, {"alpha": "0.5"}) is holds


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mac < 3", 'unknown name "mac" (did you mean "macs"?)'),
        ("macs", "says neither yes nor no"),
        ("macs < 3KB", "KB may be 1,000 or 1,024 bytes"),
        ("macs < 3B", "B may be bytes or billions"),
        ("macs <", "not an expression"),
        ("", "--where ''"),
    ],
)
def test_what_is_no_constraint(text: str, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        constraint(text, {"alpha": 1.0})
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no points"),
        ("alpha\n", "holds no points"),
        ("alpha,alpha\n1,2\n", "a column is there twice"),
        ("alpha,kind:\n1,standard\n", "expected kind:GLOB"),
        ("alpha,beta\n1\n", "row 2: 1 values for 2 columns"),
    ],
)
def test_what_is_no_file_of_points(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "points.csv").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as raised:
        read_points(tmp_path / "points.csv")
    assert message in str(raised.value)
