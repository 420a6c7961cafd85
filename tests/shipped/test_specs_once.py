"""No network's body is written twice: what two specs share stands in a file of blocks.

The *body* of a file is what says what a network is: what stands under its defaults, blocks, layers and sections,
without comments and blank lines. A *run* is six of its lines in a row. Two places with the same run, or with runs of
one shape, are a copy. The shape of a line is its text with the words of the language kept and all that an author
chooses replaced by ``@``: names, parameters, numbers, arithmetic, indentation. Any two lists of calls, and the first
lines of any two blocks, look alike: a run's shape counts where three of its lines or more hold layers, and it has
three different lines or more.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import pytest

from costlens.spec import language
from tests.places import SPECS

RUN = 6
LEAST = 3
BODY = ("defaults", "blocks", "layers", "sections")
_COMMENT = re.compile(r"(^|\s)#.*$")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_PART = re.compile(r"((?:- )*)([^{}\[\],:]+)(:?)")
_NAMED = re.compile(r"\b(name: )\w+")
_LIST = re.compile(r"\[@(,@)*\]")


class Line(NamedTuple):
    """A line of a body: where it stands, and its text without indentation and comment."""

    file: str
    number: int
    text: str


def _fields() -> frozenset[str]:
    kinds = [language.kind(word) for word in language.layer_words()]
    own = {name for kind in kinds for name in kind.fields}
    structures = {name for names in language.STRUCTURES.values() for name in names}
    return frozenset((*language.words(), *own, *structures, *BODY, "params", *language.NORMS.words()))


KEYS = _fields()
"""What may stand before a colon."""
VALUES = frozenset((*language.words(), *language.NORMS.words(), "none", "same", "valid", "true", "false", "required"))
"""What may stand elsewhere."""


def shape(text: str) -> str:
    """Write a line as its shape.

    >>> shape("- conv: {name: reduce, filters: 4 * (filters + 1), kernel: [1, k], activation: none}")
    '- conv:{name:@,filters:@,kernel:@,activation:none}'
    >>> shape("- stage: {filters: 64}") == shape("- part: {filters: 7 * n if n > 1 else 2}")
    True
    >>> shape("- stage: {filters: 64}") == shape("- stage: {filters: 64, stride: 2}")
    False
    """

    def normal(part: re.Match[str]) -> str:
        dashes, word, colon = part[1], part[2].strip(), part[3]
        kept = word if not word or word in (KEYS if colon else VALUES) else "@"
        return f"{dashes}{kept}{colon}"

    normalised = _PART.sub(normal, _NAMED.sub(r"\1@", _QUOTED.sub("@", text)))
    while (shorter := _LIST.sub("@", normalised)) != normalised:
        normalised = shorter
    return normalised


def body(file: str, text: str) -> Iterator[Line]:
    """Yield the lines of a file's body."""
    within = False
    for number, line in enumerate(text.splitlines(), 1):
        bare = _COMMENT.sub("", line).rstrip()
        if bare and not bare.startswith(" "):
            key, _, rest = bare.partition(":")
            within = key in BODY
            bare = rest
        if bare and within:
            yield Line(file, number, bare.strip())


def copies(files: Mapping[str, str]) -> list[str]:
    """Return each pair of places that hold the same run, as ``a.yaml:14 = b.yaml:9``."""
    places: dict[tuple[str, ...], list[tuple[str, int, int]]] = defaultdict(list)
    for file, text in files.items():
        lines = list(body(file, text))
        for start in range(len(lines) - RUN + 1):
            run = lines[start : start + RUN]
            shapes = tuple(shape(line.text) for line in run)
            place = file, start, run[0].number
            places[tuple(line.text for line in run)].append(place)
            filled = [text for text in shapes if not text.endswith(":") and not text.startswith("params:")]
            if len(set(shapes)) >= LEAST and len(filled) >= LEAST:
                places[("shape", *shapes)].append(place)
    found = set()
    for (file, start, line), *others in places.values():
        found |= {
            f"{file}:{line} = {other}:{other_line}"
            for other, other_start, other_line in others
            if other != file or other_start - start >= RUN
        }
    return sorted(found)


def test_no_two_specs_hold_the_same_body() -> None:
    files = {str(path.relative_to(SPECS)): path.read_text(encoding="utf-8") for path in sorted(SPECS.rglob("*.yaml"))}
    assert len(files) > 30
    assert copies(files) == []


RESIDUAL = """\
blocks:
  unit:
    params: {filters: required}
    layers:
      - residual:
          body:
            - conv: {name: reduce, filters: filters, kernel: 1}
            - conv: {name: spatial, filters: filters, kernel: 3}   # in the middle
            - conv: {name: expand, filters: 4 * filters, kernel: 1, activation: none}
"""
RENAMED = """\
name: renamed
layers:
  - repeat:
      times: 2
      layers:

      - residual:
          body:
            - conv: {name: a, filters: width // 2, kernel: 1}
            # as above
            - conv: {name: b, filters: 7 * (width + 1), kernel: [5, 3]}
            - conv: {name: c, filters: width if width > 3 else 4, kernel: 1, activation: none}
"""
CALLS = "layers:\n" + "".join(f"  - stage: {{filters: {n}}}\n  - max_pool: {n}\n" for n in range(1, 5))
START = """\
blocks:
  b:
    params: {n: required}
    layers:
      - branches:
          paths:
            - [{dense: {units: n}}]
            - [relu]
"""
HEADER = """\
# yaml-language-server: $schema=schema.json
name: x
title: t
source: s
knobs: {a: 1}
input: [3]
outputs: [b, c]
layers:
  - relu
expect:
  params: 1
  macs: 1
  source: s
"""

# title, files, what is found
CASES: list[tuple[str, dict[str, str], list[str]]] = [
    ("a body in two files", {"a": RESIDUAL, "b": f"name: b\n{RESIDUAL}"}, ["a:2 = b:3", "a:3 = b:4", "a:4 = b:5"]),
    ("a body with other names, numbers and indentation", {"a": RESIDUAL, "b": RENAMED}, ["a:4 = b:5"]),
    ("a body twice in one file", {"a": RESIDUAL + RESIDUAL.replace("unit", "other").removeprefix("blocks:\n")},
     ["a:3 = a:11", "a:4 = a:12"]),
    ("a body of five lines", {name: "\n".join(RESIDUAL.splitlines()[:6]) for name in "ab"}, []),
    ("two lists of calls", {"a": CALLS, "b": CALLS.replace("filters: ", "filters: 1")}, []),
    ("one list of calls in two files", {"a": CALLS, "b": CALLS}, ["a:2 = b:2", "a:3 = b:3", "a:4 = b:4"]),
    ("two blocks that start alike", {"a": START, "b": START.replace("s: n", "s: 3").replace("relu", "elu")}, []),
    ("one header in two files", {"a": HEADER, "b": HEADER}, []),
]  # fmt: skip


@pytest.mark.parametrize(("files", "found"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_copies_are_found(files: dict[str, str], found: list[str]) -> None:
    assert copies(files) == found


def test_a_copy_of_any_shipped_body_is_found_whatever_its_numbers() -> None:
    found = []
    for path in sorted(SPECS.rglob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        if len([*body("spec", text)]) >= 9:
            found.append(bool(copies({"spec": text, "copy": re.sub(r"\b\d+\b", "7", text)})))
    assert len(found) > 20
    assert all(found)
