"""YAML text → a tree of values that know their position, read event by event so that no text can blow it up.

One document, YAML 1.2 scalars, no tags, no merge keys, no duplicate keys. Limits: 1 MiB of text, 50,000 lines, 25,000
values written, 200,000 values once aliases are expanded, 160 levels (statements have their own, smaller limit).
"""

import re
import warnings
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NoReturn

from costlens.spec.problems import START, Problems
from costlens.spec.tree import Entry, Line, Mapping, Place, Position, Scalar, Sequence, Tree, plain, shorten

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
    ("scanning a tag", "a '!' starts a tag; a condition is turned round by not: not use_se"),
    ("scanning an alias", "a '*' has a meaning of its own in YAML; a text that begins with it needs quotes"),
    ("found undefined alias", "this alias names no anchor before it"),
    ("cannot start any token", "this character cannot start a value; quote the text"),
)


@lru_cache(maxsize=64)  # several specs include the same blocks; one spec is read again with other knobs
def compose(text: str, file: str, *, included: bool = False) -> Tree:
    """Read one YAML document, the text of a file; SpecError with what is wrong if it is not one.

    The lines of an included one know their file.
    """
    problems = Problems(file)
    if text.count("\n") > MAX_LINES:
        problems.stop(Place(MAX_LINES, 1, ""), "", f"more than {MAX_LINES:,} lines; use repeat and blocks")
    if deep := _TOO_DEEP.search(text):
        problems.stop(_place(text, deep.end() - 1), "", _DEEPER)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        root = _read(text, problems, included)
    if root is None:
        problems.stop(START, "", "the file is empty; " + (_BLOCKS if included else _SPEC))
    problems.check()
    return root


def _read(text: str, problems: Problems, included: bool) -> Tree | None:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError
    from ruamel.yaml.reader import ReaderError

    from costlens.errors import SpecError

    reader = _Reader(YAML(typ="safe", pure=True).parse(text), problems, included)
    try:
        return reader.document()
    except SpecError:
        raise
    except ReaderError as error:
        reader.stop(_place(text, error.position), f"unprintable character U+{error.character:04X}; remove it")
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = Place(mark.line + 1, mark.column + 1, "") if mark else START
        problem = str(error.problem or error.context)
        known = next((ours for theirs, ours in _OWN_WORDS if theirs in f"{error.context}: {problem}"), None)
        if problem.startswith("expected ','"):
            known = _unquoted(text, error.problem_mark.index) or known
        problems.stop(at, "", f"{_NOT_YAML}: {known or shorten(problem)}")
    except (YAMLError, ValueError, TypeError, AttributeError, LookupError, AssertionError, RecursionError) as error:
        # the scanner raises all of these on texts no one writes on purpose
        problems.stop(START, "", f"{_NOT_YAML}: {shorten(str(error))}")


def _unquoted(text: str, at: int) -> str:
    """Say what to write where a bracket, a brace or a colon ended a text within braces; nothing where none did."""
    before = re.split(r"[{,\n]|\[ |: ", text[:at])[-1].lstrip()
    if not before or text[at : at + 1] not in ("[", "{", ":"):
        return ""
    if text[at] == ":":
        return "a choice is written 16 if depth > 1 else 32" if "?" in before else ""
    if before.endswith("$"):
        name = text[at + 1 :].partition("}")[0]
        return f"the value of a name is written as the name alone: {shorten(name)}"
    if before[-1].isspace() or before[-1] in "\"'":
        return ""
    behind = re.match(r"\[[^\]\n]*\](?:[^,}\]:\n]|:(?! ))*", text[at:])
    whole = before + behind[0].rstrip() if behind else ""
    return f'brackets within braces need quotes: "{shorten(whole)}"' if whole else ""


class _Reader:
    """Builds the tree from the events of the parser."""

    def __init__(self, events: Iterator[Any], problems: Problems, included: bool) -> None:
        self.events = events
        self.problems = problems
        self.included = included
        self.path: list[str | int] = []
        self.opened: list[str | None] = []
        """The anchors of the lists and mappings whose end has not been reached."""
        self.anchored: dict[str, tuple[Tree, int]] = {}
        self.written = 0

    def document(self) -> Tree | None:
        """Return the only document, None where there is none."""
        root = None
        for event in self.events:
            if type(event).__name__ == "DocumentStartEvent":
                if root is not None:
                    self.stop(_at(event), "a second document; one file holds one spec")
                root, _ = self._value(next(self.events))
        return root

    def stop(self, at: Position, message: str) -> NoReturn:
        self.problems.stop(at, self._path(), message)

    def _value(self, event: Any) -> tuple[Tree, int]:
        """Read the value that an event begins; return it with its size once aliases are expanded."""
        name = type(event).__name__
        if name == "AliasEvent":
            self._check_alias(event)
            self._count(event)
            return self.anchored[event.anchor]
        self._count(event)
        if name == "ScalarEvent":
            read: tuple[Tree, int] = self._scalar(event), 1
        else:
            self._check_depth(event)
            self.opened.append(event.anchor)
            read = self._mapping(event) if name == "MappingStartEvent" else self._sequence(event)
            self.opened.pop()
        if event.anchor is not None:
            self.anchored[event.anchor] = read
        return read

    def _sequence(self, start: Any) -> tuple[Tree, int]:
        items: list[Tree] = []
        size = 1
        while type(event := next(self.events)).__name__ != "SequenceEndEvent":
            self.path.append(len(items))
            item, more = self._value(event)
            size = self._sum(size, more, item)
            self.path.pop()
            items.append(item)
        return Sequence(self._line(start.start_mark), start.start_mark.column + 1, tuple(items)), size

    def _mapping(self, start: Any) -> tuple[Tree, int]:
        entries: dict[str, Entry] = {}
        size = 1
        while type(event := next(self.events)).__name__ != "MappingEndEvent":
            key = self._key(event, entries)
            self.path.append(key.text)
            value, more = self._value(next(self.events))
            size = self._sum(size, more, value)
            self.path.pop()
            entries.setdefault(key.text, Entry(key.line, key.column, value))
        return Mapping(self._line(start.start_mark), start.start_mark.column + 1, entries), size

    def _key(self, event: Any, entries: dict[str, Entry]) -> Scalar:
        name = type(event).__name__
        if name == "AliasEvent":
            self._check_alias(event)
            self.stop(_at(event), "an alias cannot be a key; expected a word")
        self._count(event)
        if name != "ScalarEvent":
            self._check_depth(event)
            self.stop(_at(event), "a list or mapping cannot be a key; expected a word")
        key = self._scalar(event)
        if key.text == "<<":
            self.problems.add(key, self._path(), "merge keys (<<) are not supported; use defaults: or a block")
        elif not isinstance(key.value, str):
            a_list = "; a list stands in brackets: [1, 2]" if self.path and isinstance(key.value, int | float) else ""
            self.problems.add(key, self._path(), f"{shorten(key.text) or 'nothing'}: expected a word as key{a_list}")
        elif key.text in entries:
            first = entries[key.text].line
            self.problems.add(key, self._path(), f"{shorten(key.text)}: written twice, first in line {first}; keep one")
        return key

    def _scalar(self, event: Any) -> Scalar:
        mark, text = event.start_mark, event.value
        if half := _HALF.search(text):
            self.stop(_at(event), f"unprintable character U+{ord(half[0]):04X}; remove it")
        return Scalar(self._line(mark), mark.column + 1, text if event.style else plain(text), text)

    def _check_alias(self, event: Any) -> None:
        if event.anchor in self.opened:
            self.stop(_at(event), f"*{shorten(event.anchor)} contains itself; an alias cannot be recursive")
        if event.anchor not in self.anchored:
            self.stop(
                _at(event),
                f"*{shorten(event.anchor)}: no anchor of that name before it; a text that begins with * needs quotes",
            )

    def _check_depth(self, event: Any) -> None:
        if len(self.opened) >= MAX_LEVELS:
            self.problems.stop(_at(event), "", _DEEPER)

    def _count(self, event: Any) -> None:
        self.written += 1
        if self.written > MAX_WRITTEN:
            self.stop(_at(event), f"holds more than {MAX_WRITTEN:,} values; use repeat and blocks")
        tag = getattr(event, "tag", None)
        if tag is not None:
            shown = shorten(tag.replace("tag:yaml.org,2002:", "!!"))
            self.problems.add(_at(event), self._path(), f"{shown}: tags are not supported; write a plain value")

    def _sum(self, size: int, more: int, value: Tree) -> int:
        if size + more > MAX_EXPANDED:
            self.stop(value, f"expands to more than {MAX_EXPANDED:,} values through aliases; use repeat and blocks")
        return size + more

    def _line(self, mark: Any) -> int:
        number: int = mark.line + 1
        return Line(number, self.problems.file) if self.included else number

    def _path(self) -> str:
        steps = (f"[{step}]" if isinstance(step, int) else f".{shorten(step)}" for step in self.path)
        return "".join(steps).lstrip(".")


def _place(text: str, index: int) -> Place:
    return Place(text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index), "")


def _at(event: Any) -> Place:
    return Place(event.start_mark.line + 1, event.start_mark.column + 1, "")
