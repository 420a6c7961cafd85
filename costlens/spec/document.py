"""YAML text → a tree of values that know their position, read event by event so that no text can blow it up.

One document, YAML 1.2 scalars, no tags, no merge keys, no duplicate keys. Limits: 1 MiB of text, 50,000 lines, 25,000
values written, 200,000 values once aliases are expanded, 160 levels (statements have their own, smaller limit).
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass, field
from typing import Any

from costlens.spec.problems import Place, Problems
from costlens.spec.scalars import plain
from costlens.spec.tree import Entry, Line, Mapping, Scalar, Sequence, Tree, shorten

MAX_BYTES = 2**20
MAX_LINES = 50_000
MAX_WRITTEN = 25_000
MAX_EXPANDED = 200_000
MAX_LEVELS = 160

_TOO_DEEP = re.compile(rf"(?:[\[{{][ \n]*){{{MAX_LEVELS + 1}}}")  # the scanner would take its time over these
_HALF = re.compile("[\ud800-\udfff]")  # half a pair, which an escape can write and no file can hold
_NOT_YAML = "not valid YAML"
_SPEC = "a spec starts with name:, input: and layers:"
_BLOCKS = "a blocks file starts with blocks:"
_DEEPER = f"nested deeper than {MAX_LEVELS} levels; use blocks"
_OWN_WORDS = (
    ("'\\t'", "a tab cannot start a value or indent it; use spaces"),
    ("mapping values are not allowed", "a ':' here does not start a field; check the indentation, or quote the text"),
    ("could not find expected ':'", "this line is not 'key: value'; a ':' is missing, or the text needs quotes"),
    ("expected <block end>", "the indentation fits no line above it"),
    ("expected ',' or ']'", "the list is not closed; expected ',' or ']'"),
    ("expected ',' or '}'", "the mapping is not closed; expected ',' or '}'"),
    ("unexpected end of stream", "the text ends inside quotes"),
    ("found undefined alias", "this alias names no anchor before it"),
    ("cannot start any token", "this character cannot start a value; quote the text"),
)


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not been reached."""

    line: int
    column: int
    is_mapping: bool
    anchor: str | None
    size: int = 1
    items: list[Tree] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)
    key: Scalar | None = None

    def close(self) -> Tree:
        if self.is_mapping:
            return Mapping(self.line, self.column, self.entries)
        return Sequence(self.line, self.column, tuple(self.items))


def compose(text: str, problems: Problems, *, included: bool = False) -> Tree:
    """Read one YAML document; SpecError with what is wrong if it is not one.

    The lines of an included one know their file.
    """
    reader = _Reader(problems, included)
    if text.count("\n") > MAX_LINES:
        reader.stop(Place(MAX_LINES, 1, ""), f"more than {MAX_LINES:,} lines; use repeat and blocks")
    deep = _TOO_DEEP.search(text)
    if deep:
        reader.stop(_place(text, deep.end() - 1), _DEEPER)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _feed(reader, text)
    if reader.root is None:
        reader.stop(Place(1, 1, ""), "the file is empty; " + (_BLOCKS if included else _SPEC))
    problems.check()
    root: Tree = reader.root
    return root


def _feed(reader: _Reader, text: str) -> None:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError
    from ruamel.yaml.reader import ReaderError

    from costlens.errors import SpecError

    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            reader.take(event)
    except SpecError:
        raise
    except ReaderError as error:
        reader.stop(_place(text, error.position), f"unprintable character U+{error.character:04X}; remove it")
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = Place(mark.line + 1, mark.column + 1, "") if mark else Place(1, 1, "")
        reader.stop(at, _in_own_words(str(error.problem or error.context)))
    except (YAMLError, ValueError, TypeError, AttributeError, LookupError, AssertionError, RecursionError) as error:
        # the scanner raises all of these on texts no one writes on purpose
        reader.stop(Place(1, 1, ""), f"{_NOT_YAML}: {shorten(str(error))}")


def _in_own_words(problem: str) -> str:
    known = next((ours for theirs, ours in _OWN_WORDS if theirs in problem), None)
    return f"{_NOT_YAML}: {known or shorten(problem)}"


class _Reader:
    """Takes parser events and builds the tree with an explicit stack."""

    def __init__(self, problems: Problems, included: bool) -> None:
        self.problems = problems
        self.included = included
        self.root: Any = None
        self.stack: list[_Open] = []
        self.anchored: dict[str, tuple[Tree, int]] = {}
        self.written = 0
        self.documents = 0

    def take(self, event: Any) -> None:
        name = type(event).__name__
        if name == "ScalarEvent":
            self._scalar(event)
        elif name == "MappingStartEvent" or name == "SequenceStartEvent":  # noqa: PLR1714  # the hot path
            self._open(event, name == "MappingStartEvent")
        elif name == "MappingEndEvent" or name == "SequenceEndEvent":  # noqa: PLR1714
            done = self.stack.pop()
            self._place(done.close(), done.size, done.anchor)
        elif name == "AliasEvent":
            self._alias(event)
        elif name == "DocumentStartEvent":
            self.documents += 1
            if self.documents > 1:
                self.stop(_at(event), "a second document; one file holds one spec")

    def stop(self, at: Place, message: str) -> None:
        self.problems.add(at, "" if message.startswith(_NOT_YAML) else self._path(), message)
        raise self.problems.error()

    def _scalar(self, event: Any) -> None:
        mark, text = event.start_mark, event.value
        self._count(event)
        if half := _HALF.search(text):
            self.stop(_at(event), f"unprintable character U+{ord(half[0]):04X}; remove it")
        value = plain(text) if event.style is None or event.style == "" else text
        scalar = Scalar(self._line(mark), mark.column + 1, value, text)
        top = self.stack[-1] if self.stack else None
        if top is not None and top.is_mapping and top.key is None:
            self._key(top, scalar)
        else:
            self._place(scalar, 1, event.anchor)

    def _key(self, top: _Open, key: Scalar) -> None:
        if key.text == "<<":
            self.problems.add(key, self._path(), "merge keys (<<) are not supported; use defaults: or a block")
        elif not isinstance(key.value, str):
            self.problems.add(key, self._path(), f"{shorten(key.text) or 'nothing'}: expected a word as key")
        elif key.text in top.entries:
            first = top.entries[key.text].line
            self.problems.add(key, self._path(), f"{shorten(key.text)}: written twice, first in line {first}; keep one")
        top.key = key

    def _open(self, event: Any, is_mapping: bool) -> None:
        self._count(event)
        if len(self.stack) >= MAX_LEVELS:
            self.problems.add(_at(event), "", _DEEPER)
            raise self.problems.error()
        if self._awaits_key():
            self.stop(_at(event), "a list or mapping cannot be a key; expected a word")
        mark = event.start_mark
        self.stack.append(_Open(self._line(mark), mark.column + 1, is_mapping, event.anchor))

    def _alias(self, event: Any) -> None:
        if any(opened.anchor == event.anchor for opened in self.stack):
            self.stop(_at(event), f"*{shorten(event.anchor)} contains itself; an alias cannot be recursive")
        if event.anchor not in self.anchored:
            self.stop(_at(event), f"*{shorten(event.anchor)}: no anchor of that name before it")
        if self._awaits_key():
            self.stop(_at(event), "an alias cannot be a key; expected a word")
        self._count(event)
        self._place(*self.anchored[event.anchor], None)

    def _place(self, tree: Tree, size: int, anchor: str | None) -> None:
        if anchor is not None:
            self.anchored[anchor] = tree, size
        if not self.stack:
            self.root = tree
            return
        top = self.stack[-1]
        top.size += size
        if top.size > MAX_EXPANDED:
            at = Place(tree.line, tree.column, "")
            self.stop(at, f"expands to more than {MAX_EXPANDED:,} values through aliases; use repeat and blocks")
        if top.is_mapping:
            key = top.key or Scalar(tree.line, tree.column, "", "")
            top.entries.setdefault(key.text, Entry(key.line, key.column, tree))
            top.key = None
        else:
            top.items.append(tree)

    def _awaits_key(self) -> bool:
        return bool(self.stack) and self.stack[-1].is_mapping and self.stack[-1].key is None

    def _count(self, event: Any) -> None:
        self.written += 1
        if self.written > MAX_WRITTEN:
            self.stop(_at(event), f"holds more than {MAX_WRITTEN:,} values; use repeat and blocks")
        tag = getattr(event, "tag", None)
        if tag is not None:
            shown = shorten(tag.replace("tag:yaml.org,2002:", "!!"))
            self.problems.add(_at(event), self._path(), f"{shown}: tags are not supported; write a plain value")

    def _line(self, mark: Any) -> int:
        number: int = mark.line + 1
        return Line(number, self.problems.file) if self.included else number

    def _path(self) -> str:
        path = ""
        for opened in self.stack:
            if opened.is_mapping:
                path += f".{shorten(opened.key.text)}" if opened.key else ""
            else:
                path += f"[{len(opened.items)}]"
        return path.lstrip(".")


def _place(text: str, index: int) -> Place:
    return Place(text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index), "")


def _at(event: Any) -> Place:
    return Place(event.start_mark.line + 1, event.start_mark.column + 1, "")
