"""An arena plan: no two tensors in use at once share a byte, and a tight one takes little more than an exact plan."""

from collections.abc import Sequence

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from costlens.arithmetic.arena import ALIGNMENT, Arena, Tensor, plan, rounded, size

MOST = 1.25
"""How much more than an exact plan a tight plan may take."""
MOST_BY_SIZE = 2
"""The same of the plan that the runtime makes, by size alone."""


def tensor(name: str, size: int, first: int, last: int, over: str = "") -> Tensor:
    return Tensor(name, size, first, last, over)


PLANNED = {
    "nothing": ([], {}, 0, 0),
    "one": ([tensor("a", 5, 0, 0)], {"a": 0}, 16, 16),
    "of equal ones the last lies lowest": (
        [tensor("a", 64, 0, 1), tensor("b", 64, 1, 2)], {"a": 64, "b": 0}, 128, 128),
    "a chain takes turns": (
        [tensor("a", 64, 0, 1), tensor("b", 32, 1, 2), tensor("c", 64, 2, 3)], {"a": 0, "b": 64, "c": 0}, 96, 96),
    "a small one fills a gap": (
        [tensor("a", 96, 0, 1), tensor("b", 64, 1, 3), tensor("c", 16, 3, 4), tensor("d", 96, 3, 3)],
        {"a": 0, "b": 96, "c": 160, "d": 0}, 176, 176),
    "a gap that is too small stays": (
        [tensor("a", 48, 0, 0), tensor("b", 32, 0, 2), tensor("c", 64, 1, 1), tensor("d", 16, 1, 2)],
        {"a": 0, "b": 64, "c": 0, "d": 96}, 112, 112),
}  # fmt: skip
"""Tensors, their offsets, the size of the plan and its lower bound."""


@pytest.mark.parametrize("title", PLANNED)
def test_a_plan(title: str) -> None:
    tensors, offsets, taken, peak = PLANNED[title]
    found = plan(tensors)
    assert {place.tensor.name: place.offset for place in found.places} == offsets
    assert (found.bytes, found.peak) == (taken, peak)
    assert size([one.bytes for one in tensors], [t.first for t in tensors], [t.last for t in tensors]) == taken


def test_a_plan_by_size_can_be_larger_than_its_bound_and_a_tight_one_is_not() -> None:
    """Both ends of the chain lie at the bottom, so one of those between must lie above the other and an end."""
    chain = [tensor("a", 48, 0, 1), tensor("b", 32, 1, 2), tensor("c", 32, 2, 3), tensor("d", 48, 3, 4)]
    found = plan(chain)
    assert (found.peak, exact(chain), found.bytes) == (80, 80, 112)
    assert plan(chain, tight=True).bytes == 80


def test_what_works_in_place_takes_the_place_of_what_dies() -> None:
    chain = [tensor("a", 64, 0, 1), tensor("b", 64, 1, 2, "a"), tensor("c", 64, 2, 3, "b")]
    assert plan(chain).bytes == 128
    shared = plan(chain, in_place=True)
    assert shared.bytes == shared.peak == 64
    assert {place.offset for place in shared.places} == {0}
    still_read = [tensor("a", 64, 0, 2), tensor("b", 64, 1, 2, "a")]
    assert plan(still_read, in_place=True).bytes == 128


@st.composite
def lives(draw: st.DrawFn, most: int = 40) -> list[Tensor]:
    """Draw tensors with lives of a few steps, some over others."""
    found: list[Tensor] = []
    for index in range(draw(st.integers(1, most))):
        first = draw(st.integers(0, 12))
        dying = [one.name for one in found if one.last == first]
        over = draw(st.sampled_from(dying)) if dying and draw(st.booleans()) else ""
        found.append(tensor(f"t{index}", draw(st.integers(0, 400)), first, first + draw(st.integers(0, 5)), over))
    return found


def owners(tensors: Sequence[Tensor]) -> dict[str, str]:
    """Return the tensor in whose memory each lies."""
    found: dict[str, str] = {}
    for one in tensors:
        found[one.name] = found.get(one.over, one.name) if one.over else one.name
    return found


def require_apart(found: Arena, in_one_place: dict[str, str]) -> None:
    """Compare all pairs of tensors that are in use in one step."""
    for place in found.places:
        assert place.offset % ALIGNMENT == 0
        assert place.size >= place.tensor.bytes
        assert place.offset + place.size <= found.bytes
        for other in found.places:
            one, two = place.tensor, other.tensor
            if one.name >= two.name or in_one_place[one.name] == in_one_place[two.name]:
                continue
            at_once = one.first <= two.last and two.first <= one.last
            apart = place.offset + place.size <= other.offset or other.offset + other.size <= place.offset
            assert apart or not at_once or not place.size or not other.size


@settings(max_examples=150, deadline=None)
@given(lives())
def test_no_two_tensors_that_are_in_use_at_once_overlap(tensors: list[Tensor]) -> None:
    own = plan(tensors)
    require_apart(own, {one.name: one.name for one in tensors})
    by_step = [
        sum(rounded(one.bytes) for one in tensors if one.first <= step <= one.last)
        for step in range(max(one.last for one in tensors) + 1)
    ]
    assert own.peak == max(by_step) == by_step[own.busiest]
    assert own.bytes >= own.peak
    shared = plan(tensors, in_place=True)
    assert shared.bytes >= shared.peak
    require_apart(shared, owners(tensors))


def exact(tensors: Sequence[Tensor]) -> int:
    """Return the size of the smallest plan, by branch and bound over the order in which tensors are put down.

    In some order each tensor of a smallest plan lies at the lowest offset that is free for it, which no earlier one of
    the same height or lower changes: tensors are put down from the bottom up.
    """
    whole = [(rounded(one.bytes), one.first, one.last) for one in tensors if one.bytes]
    least = plan(tensors).peak
    best = plan(tensors).bytes

    def put(left: tuple[int, ...], placed: tuple[tuple[int, int, int, int], ...], lowest: int, top: int) -> None:
        nonlocal best
        if top >= best or best == least:
            return
        if not left:
            best = top
            return
        for index in left:
            size, first, last = whole[index]
            met = sorted(
                (begin, end) for begin, end, from_, until in placed if from_ <= last and first <= until and end > lowest
            )
            offset = lowest
            for begin, end in met:
                if begin - offset >= size:
                    break
                offset = max(offset, end)
            rest = tuple(other for other in left if other != index)
            put(rest, (*placed, (offset, offset + size, first, last)), offset, max(top, offset + size))

    put(tuple(range(len(whole))), (), 0, 0)
    return best


@st.composite
def graphs(draw: st.DrawFn) -> list[Tensor]:
    """Draw the tensors of a small network: each operator reads the one before it, and sometimes an earlier one."""
    number = draw(st.integers(2, 6))
    last = {index: index + 1 for index in range(number)}
    for index in range(2, number):
        if draw(st.booleans()):
            last[draw(st.integers(0, index - 2))] = index
    sizes = [16 * draw(st.integers(1, 12)) for _ in range(number)]
    return [tensor(f"t{index}", sizes[index], index, last[index]) for index in range(number)]


@settings(max_examples=120, deadline=None)
@given(graphs())
def test_it_takes_little_more_than_an_exact_plan(tensors: list[Tensor]) -> None:
    smallest = exact(tensors)
    own, tight = plan(tensors), plan(tensors, tight=True)
    assert own.peak <= smallest <= tight.bytes <= own.bytes <= MOST_BY_SIZE * smallest
    assert tight.bytes <= MOST * smallest
    require_apart(tight, {one.name: one.name for one in tensors})
