"""A graph → the text of a spec that reads as that graph: one statement for each row."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from costlens.network.graph import Graph, Row
from costlens.network.layers import Layer

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_TAKEN = frozenset({"true", "false", "null", "none", "yes", "no", "on", "off"})
Fields = dict[str, Any]


def spec_text(graph: Graph, *, notes: Sequence[str] = ()) -> str:
    """Return the text of a spec of a graph; its rows are called as the graph's, but for dots.

    notes: comments at its head.
    """
    rows = tuple(graph.rows())
    names = flat_names(rows)
    inputs = dict(graph.inputs)
    lines = [*(f"# {note}" for note in notes), f"name: {graph.name}"]
    if [*inputs] == ["input"]:
        lines.append(f"input: {value(inputs['input'])}")
    else:
        lines.append(f"inputs: {value(inputs)}")
    lines.append("layers:")
    before = next(iter(inputs)) if len(inputs) == 1 else ""
    for row in rows:
        word, fields = statement(row, names, before)
        lines.append(f"  - {written(word, fields)}")
        before = row.output
    if graph.outputs != (before,):
        lines.append(f"outputs: {value([names[each] for each in graph.outputs])}")
    return "\n".join([*lines, ""])


def flat_names(rows: Sequence[Row]) -> dict[str, str]:
    """Return what statements call each tensor: the row that makes it, without dots."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for row in rows:
        name, ordinal = row.name.replace(".", "_"), 1
        while name in taken:
            ordinal += 1
            name = f"{row.name.replace('.', '_')}_{ordinal}"
        taken.add(name)
        found |= {row.name: name, row.output: name}
    return found


def statement(row: Row, names: Mapping[str, str], before: str) -> tuple[str, Fields]:
    """Return the word of a row's statement and its fields; ``before`` is the tensor that it reads unless it says so."""
    head = row.head
    reads = [_reference(each, names) for each in head.inputs]
    fields: Fields = {"name": names[row.name]}
    if head.inputs != (before,):
        fields["from"] = reads[0] if len(reads) == 1 else reads
    if head.weights:
        return "shared", {**fields, "of": names[head.weights]}
    fields |= _chosen(head.layer)
    activations = []
    for node in row.nodes[1:]:
        if node.layer.is_norm:
            fields["norm"] = _part(node.layer, "_norm")
        else:
            activations.append(_part(node.layer))
    if activations:
        fields["activation"] = activations[0] if len(activations) == 1 else activations
    return head.layer.kind(), fields


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


def written(word: str, fields: Mapping[str, Any]) -> str:
    """Write a statement on one line.

    >>> written("conv", {"name": "a", "filters": 8, "kernel": (1, 3)}), written("relu", {})
    ('conv: {name: a, filters: 8, kernel: [1, 3]}', 'relu')
    """
    return f"{word}: {value(fields)}" if fields else word


def value(given: Any) -> str:
    """Write a value in YAML's flow style."""
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
