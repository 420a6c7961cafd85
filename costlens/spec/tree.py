"""A document as plain values that know where they stand: 1-based lines and columns."""

from __future__ import annotations

from typing import NamedTuple

from costlens.spec.scalars import Value


class Line(int):
    """A 1-based line number of an included file; a plain one is a line of the spec itself."""

    file: str

    def __new__(cls, number: int, file: str) -> Line:
        """Make the line of a number and a file."""
        made = super().__new__(cls, number)
        made.file = file
        return made


def where(line: int) -> str:
    """Write a line number, with its file where that was included.

    >>> where(14), where(Line(14, "specs/resnet.blocks.yaml"))
    ('line 14', 'specs/resnet.blocks.yaml:14')
    """
    return f"{line.file}:{line}" if isinstance(line, Line) else f"line {line}"


class Scalar(NamedTuple):
    """One word or number; ``text`` is as written."""

    line: int
    column: int
    value: Value
    text: str


class Sequence(NamedTuple):
    """A list."""

    line: int
    column: int
    items: tuple[Tree, ...]


class Mapping(NamedTuple):
    """Keys with their values, in document order."""

    line: int
    column: int
    entries: dict[str, Entry]


class Entry(NamedTuple):
    """One value of a mapping; line and column are the key's."""

    line: int
    column: int
    value: Tree


Tree = Scalar | Sequence | Mapping
Position = Scalar | Sequence | Mapping | Entry

_SHOWN = 60


def show(tree: Tree) -> str:
    """Write a value for a message, shortened.

    >>> show(Sequence(1, 1, (Scalar(1, 2, 3, "3"), Scalar(1, 5, "same", "same"))))
    '[3, "same"]'
    """
    if isinstance(tree, Scalar):
        text = f'"{tree.text}"' if isinstance(tree.value, str) else tree.text or "nothing"
    elif isinstance(tree, Sequence):
        text = f"[{', '.join(map(show, tree.items[:8]))}{', …' if len(tree.items) > 8 else ''}]"  # noqa: PLR2004  # eight say enough
    else:
        text = f"a mapping of {', '.join(list(tree.entries)[:8])}" if tree.entries else "an empty mapping"
    return shorten(text)


def length(tree: Tree) -> int:
    """Return the number of items of a list or a mapping; 1 for a scalar."""
    if isinstance(tree, Sequence):
        return len(tree.items)
    return len(tree.entries) if isinstance(tree, Mapping) else 1


def shorten(text: str) -> str:
    """Cut a long text for a message; line breaks become blanks."""
    text = " ".join(text[: 4 * _SHOWN].split())
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def what(tree: Tree) -> str:
    """Say what sort of value it is: ``a list``, ``a mapping``, ``nothing`` or the word itself."""
    if isinstance(tree, Sequence):
        return "a list"
    if isinstance(tree, Mapping):
        return "a mapping"
    return show(tree)
