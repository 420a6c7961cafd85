"""Which rows and inputs each step of a run reads, by the tensors between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from costlens.results.names import inputs_beside


class Tensor(Protocol):
    """A tensor; ``made_of`` is what it is within or outside of a graph that a step holds."""

    @property
    def name(self) -> str:
        """Its name in its graph."""

    @property
    def made_of(self) -> tuple[Any, ...]:
        """The tensors that it is."""


Tensors = Sequence[Tensor | None]
Found = TypeVar("Found")


def reads(steps: Mapping[str, tuple[Tensors, Tensors]], inputs: Iterable[Tensor]) -> list[tuple[str, ...]]:
    """Return the names of the steps and of the network's inputs that each step reads; constants have no maker.

    steps: the tensors that each reads and makes, by its name.
    """
    given = [*inputs]
    called = inputs_beside(steps, (one.name for one in given))
    makers = {id(one): called[one.name] for one in given}
    for name, (_, made) in steps.items():
        for one in made:
            if one is not None:
                makers[id(one)] = name
                for other in one.made_of:
                    makers[id(other)] = name
    return [_makers(read, makers) for read, _ in steps.values()]


def _makers(tensors: Tensors, makers: Mapping[int, str]) -> tuple[str, ...]:
    """Return the makers of tensors, each once."""
    found: dict[str, None] = {}
    for one in tensors:
        if one is None:
            continue
        name = makers.get(id(one))
        if name is not None:
            found[name] = None
        elif one.made_of:
            found |= dict.fromkeys(followed(one, makers))
    return tuple(found)


def followed(tensor: Tensor, known: Mapping[int, Found]) -> Iterator[Found]:
    """Yield what is known, by their ids, of the tensors that one is within or outside of other graphs."""
    left, seen = [tensor], set[int]()
    while left:
        one = left.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if id(one) in known:
            yield known[id(one)]
        else:
            left += reversed(one.made_of)
