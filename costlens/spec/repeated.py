"""Statements that repeat → blocks: runs that the names of a network tell and that have one structure.

``conv2_block1_1_conv`` and ``conv2_block1_2_conv`` begin with ``conv2_block1``. Where the runs of several such
beginnings have the same words, the same ends of names and read each other alike, they are calls of one block, and the
fields in which they differ are its parameters. Calls are statements themselves, so blocks of blocks are found alike.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from costlens.network.layers import layer_kind, layer_names
from costlens.spec import language
from costlens.spec.written import Block, Fields, Said, Statements

_DIGITS_FIRST = re.compile(r"(\d+)_?(.*)")
_ALWAYS_EQUAL = ("norm", "activation")
"""Fields that hold layers: no parameter stands for them."""
_OVERHEAD = 3
"""The lines of a block beside its statements."""
_BETWEEN = 5
"""So far apart may two statements of a run be: those between them have names that somebody did not give."""


def with_blocks(said: Statements) -> Statements:
    """Return statements with blocks for what repeats; they expand to the same layers under other names."""
    deepest = max((each.name.count("_") for each in said.body), default=0)
    for length in range(deepest, 0, -1):
        said = _collapsed(said, length)
    return said


@dataclass(frozen=True, slots=True)
class _Run:
    """Statements in a row whose names begin alike.

    outside: what they read that they do not make, in order. ends: what they are called within.
    """

    name: str
    body: tuple[Said, ...]
    outside: tuple[str, ...] = field(default=())
    ends: tuple[str, ...] = field(default=())

    def local(self, read: str) -> Hashable:
        """Return a read as all runs of one structure have it: the place of what makes it."""
        if read in self.outside:
            return "outside", self.outside.index(read)
        owner, _, part = read.partition(".")
        return "inside", [each.name for each in self.body].index(owner), part

    @property
    def structure(self) -> Hashable:
        """What calls of one block have in common."""
        return tuple(
            (end, each.word, tuple(map(self.local, each.reads)), repr([each.fields.get(key) for key in _ALWAYS_EQUAL]))
            for end, each in zip(self.ends, self.body, strict=True)
        )


def _collapsed(said: Statements, length: int) -> Statements:
    """Make calls of the runs whose names have so many parts in common."""
    blocks = [*said.blocks]
    runs = {run.name: run for run in _runs(said, length)}
    alike: dict[Hashable, list[_Run]] = {}
    for run in runs.values():
        alike.setdefault(run.structure, []).append(run)
    calls: dict[str, Said] = {}
    for group in alike.values():
        many, lines = len(group), len(group[0].body)
        if many * lines <= many + lines + _OVERHEAD:
            continue
        block, made = _block(group, {each.name for each in blocks})
        blocks.append(block)
        calls |= made
    called = {each.name: run for run in runs.values() if run.name in calls for each in run.body}
    last = {run.body[-1].name: name for name, run in runs.items() if name in calls}
    found = []
    for each in said.body:
        within = called.get(each.name)
        if within is None or each is within.body[0]:
            found.append(_reading(each if within is None else calls[within.name], last))
    return Statements(tuple(found), tuple(last.get(each, each) for each in said.outputs), tuple(blocks))


def _reading(said: Said, last: Mapping[str, str]) -> Said:
    """Return a statement that reads calls in the place of their last statements."""
    reads = tuple(last.get(each, each) for each in said.reads)
    sources = {key: last.get(each, each) for key, each in said.sources.items()}
    return replace(said, reads=reads, sources=sources)


def _runs(said: Statements, length: int) -> Iterator[_Run]:
    """Yield the runs of two statements or more that can be a block: what others read of them is their last one."""
    body = said.body
    read_by: dict[str, set[int]] = {}
    for place, each in enumerate(body):
        for read in (*each.reads, *each.sources.values()):
            read_by.setdefault(read.partition(".")[0], set()).add(place)
    for read in said.outputs:
        read_by.setdefault(read.partition(".")[0], set()).add(len(body))
    begins = _beginnings(body, length)
    seen = Counter(key for key, _ in groupby(begins))
    names = {each.name for each in body}
    for name, members in groupby(enumerate(body), key=lambda one: begins[one[0]]):
        placed = list(members)
        run = [each for _, each in placed]
        inside = {place for place, _ in placed}
        closed = all(read_by.get(each.name, set()) <= inside for each in run[:-1])
        if not name or seen[name] > 1 or name in names or len(run) < 2 or not closed:  # noqa: PLR2004
            continue
        if not all(each.whole for each in run) or not read_by.get(run[-1].name, set()) - inside:
            continue
        made = {each.name for each in run}
        outside = [read for each in run for read in each.reads if read.partition(".")[0] not in made]
        if any("." in read for read in outside):  # no parameter names a further output
            continue
        ends = _ends(name, run)
        if all(ends) and len(set(ends)) == len(ends):
            yield _Run(name, tuple(run), tuple(dict.fromkeys(outside)), ends)


def _beginnings(body: Sequence[Said], length: int) -> list[str]:
    """Return the first parts of each name, nothing where it has no more; a few others between equal ones have these."""
    parts = [each.name.split("_") for each in body]
    found = ["_".join(each[:length]) if len(each) > length else "" for each in parts]
    for place in range(1, len(found)):
        before = found[place - 1]
        if before and found[place] != before and before in found[place + 1 : place + _BETWEEN]:
            found[place] = before
    return found


def _ends(name: str, run: Sequence[Said]) -> tuple[str, ...]:
    """Return what the statements of a run are called in a block; others between them are called by their words."""
    others: Counter[str] = Counter()
    found = []
    for each in run:
        if each.name.startswith(f"{name}_"):
            found.append(_end(each.name[len(name) + 1 :]))
        else:
            others[each.word] += 1
            found.append(f"{each.word}_{others[each.word]}")
    return tuple(found)


def _end(rest: str) -> str:
    """Return what a statement is called in a block: ``1_conv`` is ``conv1``.

    >>> _end("1_conv"), _end("depthwise"), _end("2")
    ('conv1', 'depthwise', 'x2')
    """
    found = _DIGITS_FIRST.fullmatch(rest)
    return f"{found[2] or 'x'}{found[1]}" if found else rest


def _block(group: Sequence[_Run], taken: set[str]) -> tuple[Block, dict[str, Said]]:
    """Return the block of runs of one structure, and its calls by the runs' names."""
    first = group[0]
    params: dict[str, tuple[Any, ...]] = {}
    sources = _sources(first)
    body = []
    for place, each in enumerate(first.body):
        fields: Fields = {}
        keys = dict.fromkeys(key for run in group for key in run.body[place].fields)
        for key in keys:
            values = tuple(run.body[place].fields.get(key, _default(each.word, key)) for run in group)
            same = all(one == values[0] and type(one) is type(values[0]) for one in values)
            if not same:
                fields[key] = _param(params, key, first.ends[place], values)
            elif key in each.fields:
                fields[key] = values[0]
        body.append(Said(first.ends[place], each.word, _reads(first, place, sources), fields))
    name = _block_name(first.name, taken)
    calls = {}
    for ordinal, run in enumerate(group):
        given = {key: values[ordinal] for key, values in params.items()}
        read = {key: run.outside[place] for place, key in sources.items()}
        calls[run.name] = Said(run.name, name, run.body[0].reads[:1], given, read, whole=not read)
    return Block(name, (*sources.values(), *params), tuple(body)), calls


def _sources(run: _Run) -> dict[int, str]:
    """Return the parameters that name what a block reads beside what it is called on, by their places outside."""
    counted = Counter(read for each in run.body for read in each.reads)
    head = run.body[0].reads
    found = [
        place
        for place, read in enumerate(run.outside)
        if not (head[0] == read and len(head) == 1 and counted[read] == 1)
    ]
    return {place: "source" if len(found) == 1 else f"source{ordinal}" for ordinal, place in enumerate(found, 1)}


def _reads(run: _Run, place: int, sources: Mapping[int, str]) -> tuple[str, ...]:
    """Return what a statement of a block reads: ``""`` is what the block is called on."""
    each = run.body[place]
    if place == 0 and len(each.reads) == 1:
        return ("",)
    found = []
    for read in each.reads:
        if read in run.outside:
            found.append(sources[run.outside.index(read)])
        else:
            owner, dot, part = read.partition(".")
            found.append(f"{run.ends[[one.name for one in run.body].index(owner)]}{dot}{part}")
    return tuple(found)


def _default(word: str, key: str) -> Any:
    """Return what a field of a layer is where it is not given."""
    fields = layer_kind(word).fields() if word in layer_names() else {}
    return fields[key].default if key in fields else None


def _param(params: dict[str, tuple[Any, ...]], key: str, end: str, values: tuple[Any, ...]) -> str:
    """Return the parameter that has these values in the calls: one that there is, or a new one."""
    for name, known in params.items():
        if known == values and name.endswith(key):
            return name
    name = key if key not in params else f"{end}_{key}"
    params[name] = values
    return name


def _block_name(run: str, taken: set[str]) -> str:
    """Return what the block of a run and others is called: as the run, without numbers.

    >>> _block_name("conv2_block1", set()), _block_name("conv_1", set())
    ('conv_block', 'conv_block')
    """
    parts = [re.sub(r"\d+[a-z]?$", "", part) for part in run.split("_")]
    name = "_".join(part for part in parts if part) or "block"
    if name in language.words() or not name[0].isalpha():
        name = f"{name}_block"
    found, ordinal = name, 1
    while found in taken:
        ordinal += 1
        found = f"{name}_{ordinal}"
    return found
