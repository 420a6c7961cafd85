"""The ``defaults`` and ``blocks`` of a spec: read once, before any layer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from graphlib import CycleError, TopologicalSorter

from costlens.spec import language, naming, tree
from costlens.spec.expressions import FUNCTIONS
from costlens.spec.header import Top, mapping
from costlens.spec.parse import Defaults, Parser
from costlens.spec.problems import Place, Problems, hint
from costlens.spec.statements import Block, Call, Given, walk
from costlens.spec.tree import Entry, Scalar, Tree

REQUIRED = "required"
_KNOWN = ("params", "layers")

Parameters = dict[str, Tree | None]


def defaults(top: Top, problems: Problems) -> Defaults:
    """Read ``defaults``: fields by kind of layer; those of ``conv`` go to every kind of convolution."""
    read: dict[str, Mapping[str, Given]] = {}
    for word, entry in mapping(top.get("defaults"), "defaults", "layer kinds with their fields", problems).items():
        path = f"defaults.{tree.shorten(word)}"
        if word not in language.layer_words():
            guess = hint(word, language.layer_words(), "; costlens kinds lists what there is")
            problems.add(entry, "defaults", f"{tree.shorten(word)}: unknown layer{guess}")
            continue
        fields = mapping(entry, path, "fields", problems)
        known = _fields_for(word, fields)
        for name, item in fields.items():
            if name not in known:
                guess = hint(name, known, f"; {word} takes {language.listed(known)}")
                problems.add(item, path, f"{tree.shorten(name)}: unknown field{guess}")
        read[word] = {name: Given(item.value, path, True) for name, item in fields.items() if name in known}
    return read


def _fields_for(word: str, wanted: Collection[str]) -> tuple[str, ...]:
    """Return the fields that defaults may set; all kinds of convolution are asked only where ``conv`` lacks one."""
    known = _fields_of(word)
    if word == language.CONVOLUTION and not set(wanted) <= set(known):
        others = (other for other in language.layer_words() if language.kind(other).takes_convolution_defaults)
        known = tuple(dict.fromkeys((*known, *(name for other in others for name in _fields_of(other)))))
    return known


def _fields_of(word: str) -> tuple[str, ...]:
    kind = language.kind(word)
    return tuple(name for name in (*kind.own_fields, *kind.added_fields) if name not in language.EVERY_STATEMENT)


def parameters(top: Top, problems: Problems) -> dict[str, tuple[Entry, Parameters]]:
    """Read the parameters of every block, so that calls can be checked wherever they stand."""
    read: dict[str, tuple[Entry, Parameters]] = {}
    for name, entry in mapping(top.get("blocks"), "blocks", "names with their layers", problems).items():
        path = f"blocks.{tree.shorten(name)}"
        if not naming.NAME.fullmatch(name):
            problems.add(entry, "blocks", f"{tree.shorten(name)}: {naming.EXPECTED}")
        elif name in language.words():
            problems.add(entry, "blocks", f"{name}: a layer has this name; choose another")
        else:
            fields = mapping(entry, path, "params and layers", problems)
            given = mapping(fields.get("params"), f"{path}.params", "names with their defaults", problems)
            read[name] = entry, _parameters(given, f"{path}.params", problems)
    return read


def _parameters(given: Mapping[str, Entry], path: str, problems: Problems) -> Parameters:
    found: Parameters = {}
    for name, entry in given.items():
        if not naming.NAME.fullmatch(name) or name in FUNCTIONS or name in language.EVERY_STATEMENT:
            taken = "the language has this name; choose another" if naming.NAME.fullmatch(name) else naming.EXPECTED
            problems.add(entry, path, f"{tree.shorten(name)}: {taken}")
        elif isinstance(entry.value, Scalar) and entry.value.value is None:
            problems.add(entry.value, path, f"{name}: no value given; write {REQUIRED}, or a default")
        else:
            is_required = isinstance(entry.value, Scalar) and entry.value.value == REQUIRED
            found[name] = None if is_required else entry.value
    return found


def blocks(read: Mapping[str, tuple[Entry, Parameters]], parser: Parser) -> dict[str, Block]:
    """Read the bodies of all blocks."""
    made: dict[str, Block] = {}
    for name, (entry, params) in read.items():
        path = f"blocks.{name}"
        if not isinstance(entry.value, tree.Mapping):
            continue
        fields = entry.value.entries
        for field, item in fields.items():
            if field not in _KNOWN:
                guess = hint(field, _KNOWN, f"; a block takes {language.listed(_KNOWN)}")
                parser.problems.add(item, path, f"{tree.shorten(field)}: unknown field{guess}")
        if "layers" not in fields:
            parser.problems.add(entry, path, "layers: missing; a block needs them")
            continue
        made[name] = Block(
            name, Place(entry.line, entry.column, path), params, parser.body(fields["layers"].value, f"{path}.layers")
        )
    return made


def refuse_circles(made: Mapping[str, Block], problems: Problems) -> bool:
    """Note blocks that call each other in a circle; say whether there are any."""
    calls = {
        name: {call.kind: call for call in walk(block.body) if isinstance(call, Call)} for name, block in made.items()
    }
    try:
        TopologicalSorter({name: called.keys() & made.keys() for name, called in calls.items()}).prepare()
    except CycleError as error:
        circle = list(reversed(error.args[1]))
        call = calls[circle[0]][circle[1]]
        chain = " → ".join(circle) if len(circle) <= 6 else f"{' → '.join(circle[:5])} → … → {circle[-1]}"  # noqa: PLR2004
        problems.add(call.at, call.at.path, f"the block calls itself ({chain}); a block cannot hold itself")
        return True
    return False
