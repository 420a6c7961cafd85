"""The ``defaults`` and ``blocks`` of a spec: read once, before any layer."""

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

from costlens.spec import language, tree
from costlens.spec.parse import Defaults, Fields, Parameters, Parser, is_name, taken
from costlens.spec.problems import Problems
from costlens.spec.statements import Block, Call, Given, walk
from costlens.spec.tree import Entry

REQUIRED = "required"
_KNOWN = ("params", "layers")
Heads = dict[str, tuple[Entry, Parameters]]
"""Blocks by name: where each is written, and its parameters."""


def defaults(top: Fields, problems: Problems) -> Defaults:
    """Read ``defaults``: fields by kind of layer; those of ``conv`` go to every kind of convolution."""
    read: dict[str, Mapping[str, Given]] = {}
    for word, entry in problems.entries(top.get("defaults"), "defaults", "layer kinds with their fields").items():
        path = f"defaults.{tree.shorten(word)}"
        if word not in language.layer_words():
            otherwise = "; costlens kinds lists what there is"
            problems.unknown(entry, "defaults", word, language.layer_words(), otherwise, "layer")
            continue
        fields = problems.entries(entry, path, "fields")
        known = language.default_fields(word, fields)
        for name, item in fields.items():
            if name not in known:
                problems.unknown(item, path, name, known, f"; {word} takes {', '.join(known)}")
        read[word] = {name: Given(item.value, path, True) for name, item in fields.items() if name in known}
    return read


def heads(top: Fields, problems: Problems) -> Heads:
    """Read the parameters of every block, so that calls can be checked wherever they stand."""
    read: Heads = {}
    for name, entry in problems.entries(top.get("blocks"), "blocks", "names with their layers").items():
        path = f"blocks.{tree.shorten(name)}"
        taken = "a layer has this name; choose another" if name in language.words() else ""
        if is_name(name, entry, "blocks", problems, taken):
            fields = problems.entries(entry, path, "params and layers")
            given = problems.entries(fields.get("params"), f"{path}.params", "names with their defaults")
            read[name] = entry, _parameters(given, f"{path}.params", problems)
    return read


def _parameters(given: Fields, path: str, problems: Problems) -> Parameters:
    found = {}
    for name, entry in given.items():
        if not is_name(name, entry, path, problems, taken(name)):
            continue
        if tree.is_nothing(entry.value):
            problems.add(entry.value, path, f"{name}: no value given; write {REQUIRED}, or a default")
        else:
            found[name] = None if tree.word_of(entry.value) == REQUIRED else entry.value
    return found


def blocks(read: Heads, parser: Parser) -> dict[str, Block]:
    """Read the bodies of all blocks."""
    made: dict[str, Block] = {}
    for name, (entry, parameters) in read.items():
        path = f"blocks.{name}"
        if not isinstance(entry.value, tree.Mapping):
            continue
        fields = entry.value.entries
        for field, item in fields.items():
            if field not in _KNOWN:
                parser.problems.unknown(item, path, field, _KNOWN, f"; a block takes {', '.join(_KNOWN)}")
        if "layers" in fields:
            body = parser.body(fields["layers"].value, f"{path}.layers")
            made[name] = Block(name, tree.place_of(entry, path), parameters, body)
        else:
            parser.problems.add(entry, path, "layers: missing; a block needs them")
    return made


def refuse_circles(made: Mapping[str, Block], problems: Problems) -> None:
    """Raise SpecError where blocks call each other in a circle."""
    calls = {
        name: {call.kind: call for call in walk(block.body) if isinstance(call, Call)} for name, block in made.items()
    }
    try:
        TopologicalSorter({name: called.keys() & made.keys() for name, called in calls.items()}).prepare()
    except CycleError as error:
        circle = list(reversed(error.args[1]))
        at = calls[circle[0]][circle[1]].at
        chain = " → ".join(circle) if len(circle) <= 6 else f"{' → '.join(circle[:5])} → … → {circle[-1]}"  # noqa: PLR2004
        problems.stop(at, at.path, f"the block calls itself ({chain}); a block cannot hold itself")
