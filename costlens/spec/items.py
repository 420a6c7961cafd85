"""Lists as expressions see them: ``widths[i]``, ``len(widths)``, ``i in strided``."""

from collections.abc import Iterator
from dataclasses import dataclass

from costlens.spec import tree

Element = tree.Value | tree.Sequence | tree.Mapping
"""What an element of a list is."""


@dataclass(frozen=True, slots=True)
class Items:
    """A list whose elements are read by position."""

    of: tree.Sequence

    def __len__(self) -> int:
        """Return the number of elements."""
        return len(self.of.items)

    def __iter__(self) -> Iterator[object]:
        """Yield each element as expressions see it."""
        return map(opened, self.of.items)

    def at(self, position: int) -> object:
        """Return an element, counted from 0 or back from -1; IndexError where there is none."""
        return opened(self.of.items[position])


def opened(value: object) -> object:
    """Return a value as expressions see it: the value of a scalar, the items of a list."""
    if isinstance(value, tree.Scalar):
        return value.value
    return Items(value) if isinstance(value, tree.Sequence) else value


def closed(value: object) -> Element:
    """Return what an expression's result stands for in a document."""
    found: Element = value.of if isinstance(value, Items) else value  # type: ignore[assignment]  # what was opened
    return found
