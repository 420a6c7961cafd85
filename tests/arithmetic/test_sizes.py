"""Sizes in free axes: formulas that agree with numbers for every value of the axes."""

from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costlens.arithmetic.sizes import Size, UndecidedError, axis, difference, smallest

TIME, WIDTH = axis("time"), axis("width")


@given(st.integers(1, 300), st.lists(st.tuples(st.sampled_from("+*/%"), st.integers(1, 9)), max_size=8))
def test_a_chain_of_operations_agrees_with_numbers(value: int, steps: list[tuple[str, int]]) -> None:
    symbolic, number = TIME, value
    for op, operand in steps:
        match op:
            case "+":
                symbolic, number = symbolic + operand - 4, number + operand - 4
            case "*":
                symbolic, number = symbolic * operand, number * operand
            case "/":
                symbolic, number = symbolic // operand, number // operand
            case _:
                symbolic, number = symbolic % operand, number % operand
    found = symbolic.at({"time": value}) if isinstance(symbolic, Size) else symbolic
    assert found == number
    low = smallest(symbolic)
    assert low is None or low <= number


@given(st.integers(1, 50), st.integers(1, 50), st.integers(-3, 3), st.integers(1, 5))
def test_what_is_multiplied_is_divided_out(time: int, width: int, plus: int, factor: int) -> None:
    one, other = TIME * factor + 3 + plus, WIDTH + 1
    assert (one * other) // other == one
    assert (one * other).at({"time": time, "width": width}) == (time * factor + 3 + plus) * (width + 1)
    assert (TIME * WIDTH * 64) // (TIME * 64) == WIDTH


def test_equal_sizes_have_one_form() -> None:
    halved = (TIME - 1) // 2 + 1
    assert ((halved - 1) // 2 + 1) == (TIME + 3) // 4
    assert (TIME + 4) // 2 == TIME // 2 + 2
    assert difference(TIME // 2 + 5, TIME // 2) == 5
    assert difference(TIME, WIDTH) is None
    assert prod([TIME, 0]) == 0


@pytest.mark.parametrize("size", [lambda: (TIME * WIDTH + 1) // WIDTH, lambda: 7 // TIME, lambda: TIME // 0])
def test_what_depends_on_a_value_is_undecided(size: object) -> None:
    with pytest.raises(UndecidedError):
        size()  # type: ignore[operator]


def test_a_formula_cannot_grow_without_end() -> None:
    with pytest.raises(UndecidedError, match="more than 200 terms"):
        prod(axis(f"a{index}") + 1 for index in range(10))


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (TIME * 1_228_800 + 64, "1,228,800·time + 64"),
        (TIME * TIME * 3 - TIME + 2, "3·time² − time + 2"),
        (-(TIME // 3), "−⌊time/3⌋"),
        ((TIME - 1) // 2 * WIDTH, "width·⌊(time + 1)/2⌋ − width"),
    ],
)
def test_a_size_is_written_as_a_formula(size: Size, text: str) -> None:
    assert str(size) == text
