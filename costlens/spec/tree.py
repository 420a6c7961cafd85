"""A document as plain values that know where they stand: 1-based lines and columns."""

from __future__ import annotations

import re
from typing import NamedTuple

Value = str | int | float | bool | None

_WORDS: dict[str, Value] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **{sign + word: float(f"{sign}inf") for sign in ("", "+", "-") for word in (".inf", ".Inf", ".INF")},
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_INTEGER = re.compile(r"[-+]?[0-9]{1,300}")
_BASED = re.compile(r"0o[0-7]{1,300}|0x[0-9a-fA-F]{1,300}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]{1,300}|[0-9]{1,300}(?:\.[0-9]{0,300})?)(?:[eE][-+]?[0-9]{1,9})?")
_SHOWN = 60


def plain(text: str) -> Value:
    """Return the value of an unquoted scalar as YAML 1.2 has it (core schema, section 10.3).

    >>> plain("12"), plain("1e-4"), plain("yes"), plain("0x10"), plain("~"), plain("true"), plain("012")
    (12, 0.0001, 'yes', 16, None, True, 12)
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return int(text, 0) if _BASED.fullmatch(text) else text


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


class Place(NamedTuple):
    """A place without a value, such as a statement's, and its path of document keys."""

    line: int
    column: int
    path: str


Tree = Scalar | Sequence | Mapping
Position = Tree | Entry | Place


def place_of(at: Position, path: str) -> Place:
    """Return where something is written, under the path that leads to it."""
    return Place(at.line, at.column, path)


def word_of(tree: Tree | None) -> str:
    """Return the text of a value that is one, and an empty one for any other value."""
    return tree.value if isinstance(tree, Scalar) and isinstance(tree.value, str) else ""


def is_nothing(tree: Tree | None) -> bool:
    """Say whether no value is given."""
    return tree is None or (isinstance(tree, Scalar) and tree.value is None)


def items_of(tree: Tree) -> tuple[Tree, ...]:
    """Return the items of a list; any other value stands for a list of one."""
    return tree.items if isinstance(tree, Sequence) else (tree,)


def show(tree: Tree | None) -> str:
    """Write a value for a message, shortened.

    >>> show(Sequence(1, 1, (Scalar(1, 2, 3, "3"), Scalar(1, 5, "same", "same"))))
    '[3, "same"]'
    """
    if tree is None:
        return "nothing"
    if isinstance(tree, Scalar):
        text = f'"{tree.text}"' if isinstance(tree.value, str) else tree.text or "nothing"
    elif isinstance(tree, Sequence):
        text = f"[{', '.join(map(show, tree.items[:8]))}{', …' if len(tree.items) > 8 else ''}]"  # noqa: PLR2004  # eight say enough
    else:
        text = f"a mapping of {', '.join(list(tree.entries)[:8])}" if tree.entries else "an empty mapping"
    return shorten(text)


def written(value: Value | Tree) -> str:
    """Write a value on one line as YAML, and as ``--set`` takes it.

    >>> written(Sequence(1, 1, (Scalar(1, 2, 64, "64"), Scalar(1, 6, True, "yes")))), written("same"), written(False)
    ('[64,true]', 'same', 'false')
    """
    if isinstance(value, Scalar):
        value = value.value
    if isinstance(value, Sequence):
        return f"[{','.join(map(written, value.items))}]"
    if isinstance(value, Mapping):
        return f"{{{','.join(f'{name}: {written(entry.value)}' for name, entry in value.entries.items())}}}"
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


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
