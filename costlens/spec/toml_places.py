"""Where the keys of a TOML table are written, which ``tomllib`` does not report."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

Keys = tuple[str, ...]
Places = dict[Keys, tuple[int, int]]

_TOKEN = re.compile(
    r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}'
    r"|'''(?:[^']|'{1,2}(?!'))*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
    r"|#[^\n]*"
    r"|(?P<opens>[\[{])|(?P<closes>[\]}])|(?P<ends>\n)",
    re.DOTALL,
)
"""Tokens that decide where a statement ends: at the end of a line outside texts, comments and brackets."""


def places(text: str, table: Keys) -> Places:
    r"""Return the 1-based line and column of each key of a table, by the path of keys that leads to it.

    The text is TOML; each of its statements that may bring such a key is read by itself.

    >>> places('[a]\nx = 1\n[b.c]\ny = {z = 2}\n', ("b", "c"))
    {('b', 'c', 'y'): (4, 1), ('b', 'c', 'y', 'z'): (4, 6)}
    """
    found: Places = {}
    here: Keys = ()
    for first, statement in _statements(text):
        header = statement.lstrip().startswith("[")
        if not header and here[: len(table)] != table[: len(here)]:
            continue
        paths = list(_below(tomllib.loads(statement), () if header else here))
        if header:
            here = paths[-1]
        fresh = [path for path in paths if path[: len(table)] == table and len(path) > len(table) and path not in found]
        found |= dict(_in_lines(fresh, statement.split("\n"), first))
    return found


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Split TOML into its headers and assignments, each with the number of the line that it begins in."""
    first = line = 1
    start = depth = 0
    text = text.replace("\r\n", "\n") + "\n"
    for token in _TOKEN.finditer(text):
        depth += bool(token["opens"]) - bool(token["closes"])
        line += token[0].count("\n")
        if token["ends"] and depth == 0:
            yield first, text[start : token.start()]
            first, start = line, token.end()


def _below(value: Any, path: Keys) -> Iterator[Keys]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield (*path, key)
            yield from _below(item, (*path, key))


def _in_lines(paths: list[Keys], lines: list[str], first: int) -> Iterator[tuple[Keys, tuple[int, int]]]:
    """Find keys in the lines of one statement, each after the previous one."""
    at = column = 0
    for path in paths:
        key = re.escape(path[-1])
        written = re.compile(rf"""(?<![\w-])(?:"{key}"|'{key}'|{key})\s*[=.\]]""")
        for number in range(at, len(lines)):
            match = written.search(lines[number], column if number == at else 0)
            if match:
                at, column = number, match.start() + 1
                break
        yield path, (first + at, max(1, column))
