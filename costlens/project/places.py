"""Where the keys of a TOML table are written, which ``tomllib`` does not tell."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

Keys = tuple[str, ...]
Places = dict[Keys, tuple[int, int]]


def places(text: str, table: Keys) -> Places:
    r"""Return the 1-based line and column of each key of a table, by the path of keys that leads to it.

    The lines from the table's header on are read again and again, each time with one more: the line that brings a key
    is the key's. A table without a header of its own has no places.

    >>> places('[a]\nx = 1\n[b.c]\ny = {z = 2}\n', ("b", "c"))
    {('b', 'c', 'y'): (4, 1), ('b', 'c', 'y', 'z'): (4, 6)}
    """
    lines = text.splitlines()
    header = re.compile(r"^\s*\[\s*" + r"\s*\.\s*".join(map(_key, table)) + r"\s*[.\]]")
    wanted = set(_paths(_read(text), table))
    headers = [index for index, line in enumerate(lines) if header.match(line)]  # or lines of a text that look like one
    found = max((_from(first, lines, table, wanted) for first in headers), key=len, default={})
    return {path: place for path, place in found.items() if path in wanted}


def _from(first: int, lines: list[str], table: Keys, wanted: set[Keys]) -> Places:
    found: Places = {}
    begun = first
    for end in range(first + 1, len(lines) + 1):
        known = _read("\n".join(lines[first:end]))
        if known is None:
            continue
        fresh = [path for path in _paths(known, table) if path not in found]
        found |= dict(_in_lines(fresh, lines, begun, end))
        begun = end
        if wanted <= found.keys():
            break
    return found


def _read(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _paths(document: Any, table: Keys) -> Iterator[Keys]:
    for key in table:
        document = document.get(key) if isinstance(document, Mapping) else None
    return _below(document, table)


def _below(value: Any, path: Keys) -> Iterator[Keys]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield (*path, key)
            yield from _below(item, (*path, key))


def _in_lines(paths: list[Keys], lines: list[str], begun: int, end: int) -> Iterator[tuple[Keys, tuple[int, int]]]:
    """Find keys in the lines of one statement, each behind the one before it."""
    at, column = begun, 0
    for path in paths:
        written = re.compile(rf"(?<![\w-]){_key(path[-1])}\s*[=.\]]")
        for number in range(at, end):
            match = written.search(lines[number], column if number == at else 0)
            if match:
                at, column = number, match.start() + 1
                break
        yield path, (at + 1, max(1, column))


def _key(word: str) -> str:
    """Return a pattern of a key, quoted or not."""
    return rf"""(?:"{re.escape(word)}"|'{re.escape(word)}'|{re.escape(word)})"""
