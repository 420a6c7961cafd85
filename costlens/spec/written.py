"""A graph → the text of a spec that reads as that graph: one statement for each row, repeated ones as blocks."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from costlens.network.graph import Graph, Row
from costlens.network.layers import Layer

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_TAKEN = frozenset({"true", "false", "null", "none", "yes", "no", "on", "off"})
Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """A statement: its name, its word, what it reads by the names of statements, and its further fields.

    sources: those parameters of a call that name what is read within.
    whole: whether it may be a part of a block, which one that shares weights may not.
    """

    name: str
    word: str
    reads: tuple[str, ...]
    fields: Fields
    sources: Mapping[str, str] = field(default_factory=dict)
    whole: bool = True

    def written(self, before: str) -> str:
        """Write it on one line; ``before`` is what it reads unless it says so."""
        given: Fields = {"name": self.name}
        if self.reads != (before,):
            given["from"] = self.reads[0] if len(self.reads) == 1 else self.reads
        return f"{self.word}: {value({**given, **self.sources, **self.fields})}"


@dataclass(frozen=True, slots=True)
class Block:
    """A block: its name, its parameters, which are all required, and its statements.

    A read of ``""`` is what the block is called on.
    """

    name: str
    params: tuple[str, ...]
    body: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Statements:
    """What a spec says: statements in order, those whose outputs it returns, and the blocks that they call."""

    body: tuple[Said, ...]
    outputs: tuple[str, ...]
    blocks: tuple[Block, ...] = field(default=())


def statements(graph: Graph) -> Statements:
    """Return one statement for each row of a graph, called as the row but for dots.

    A norm or an activation behind a layer that has no field for it is a statement of its own.
    """
    rows = tuple(part for row in graph.rows() for part in _written_apart(row))
    names = _names(rows)
    shared = {node.weights for node in graph.nodes if node.weights}
    outputs = tuple(_reference(each, names) for each in graph.outputs)
    return Statements(tuple(_said(row, names, shared) for row in rows), outputs)


def spec_text(graph: Graph, said: Statements, *, notes: Sequence[str] = ()) -> str:
    """Return the text of a spec of a graph that is said by these statements; notes: comments at its head."""
    inputs = dict(graph.inputs)
    lines = [*(f"# {note}" for note in notes), f"name: {graph.name}"]
    lines.append(f"input: {value(inputs['input'])}" if [*inputs] == ["input"] else f"inputs: {value(inputs)}")
    if said.blocks:
        lines.append("blocks:")
    for block in said.blocks:
        lines.append(f"  {block.name}:")
        if block.params:
            lines.append(f"    params: {value(dict.fromkeys(block.params, 'required'))}")
        lines += ["    layers:", *_lines(block.body, "", "      ")]
    first = next(iter(inputs)) if len(inputs) == 1 else "(none)"
    lines += ["layers:", *_lines(said.body, first, "  ")]
    if said.outputs != (said.body[-1].name,):
        lines.append(f"outputs: {value(said.outputs)}")
    return "\n".join([*lines, ""])


def _lines(body: Sequence[Said], before: str, indent: str) -> list[str]:
    lines = []
    for each in body:
        lines.append(f"{indent}- {each.written(before)}")
        before = each.name
    return lines


def _written_apart(row: Row) -> tuple[Row, ...]:
    """Return a row as the rows that its statements make."""
    if row.head.layer.folds_norm or len(row.nodes) == 1:
        return (row,)
    return tuple(Row(node.name, (node,)) for node in row.nodes)


def _names(rows: Sequence[Row]) -> dict[str, str]:
    """Return what statements call each tensor: the row that makes it, without dots."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for row in rows:
        plain = row.name.replace(".", "_")
        name, ordinal = plain, 1
        while name in taken:
            ordinal += 1
            name = f"{plain}_{ordinal}"
        taken.add(name)
        found |= {row.name: name, row.output: name}
    return found


def _said(row: Row, names: Mapping[str, str], shared: set[str]) -> Said:
    head = row.head
    reads = tuple(_reference(each, names) for each in head.inputs)
    name = names[row.name]
    if head.weights:
        return Said(name, "shared", reads, {"of": names[head.weights]}, whole=False)
    fields = _chosen(head.layer)
    activations = []
    for node in row.nodes[1:]:
        if node.layer.is_norm:
            fields["norm"] = _part(node.layer, "_norm")
        else:
            activations.append(_part(node.layer))
    if activations:
        fields["activation"] = activations[0] if len(activations) == 1 else activations
    return Said(name, head.layer.kind(), reads, fields, whole=head.name not in shared)


def _reference(tensor: str, names: Mapping[str, str]) -> str:
    """Return what a statement calls a tensor: a layer's further one is ``layer.part``."""
    if tensor in names:
        return names[tensor]
    owner, _, part = tensor.rpartition(".")
    return f"{names[owner]}.{part}" if owner in names else tensor


def _chosen(layer: Layer) -> Fields:
    fields = layer.chosen()
    if "output" in layer.fields() and fields.get("stride") == fields.get("kernel"):
        fields.pop("stride", None)  # a pool steps by its kernel
    return fields


def _part(layer: Layer, ending: str = "") -> Any:
    word, fields = layer.kind().removesuffix(ending), _chosen(layer)
    return {word: fields} if fields else word


def value(given: Any) -> str:
    """Write a value in YAML's flow style.

    >>> value({"name": "a", "filters": 8, "kernel": (1, 3), "bias": False})
    '{name: a, filters: 8, kernel: [1, 3], bias: false}'
    """
    match given:
        case None | bool() | int():
            return json.dumps(given)
        case float():
            return _number(given)
        case str():
            return given if _WORD.fullmatch(given) and given.lower() not in _TAKEN else json.dumps(given)
        case Mapping():
            return f"{{{', '.join(f'{key}: {value(each)}' for key, each in given.items())}}}"
    return f"[{', '.join(map(value, given))}]"


def _number(given: float) -> str:
    """Write a float so that it is read as the same: YAML takes a power of ten only behind a point.

    >>> _number(1e-05), _number(0.5), _number(2.0)
    ('1.0e-05', '0.5', '2.0')
    """
    text = repr(given)
    return text.replace("e", ".0e") if "e" in text and "." not in text else text
