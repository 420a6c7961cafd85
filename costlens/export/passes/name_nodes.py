"""Nodes and tensors get the graph's names, so that a measured kernel finds the row it belongs to."""

from __future__ import annotations

from collections import Counter
from typing import Any

from costlens.errors import ExportError
from costlens.export.passes._editor import Editor
from costlens.export.scopes import Scopes
from costlens.network.graph import Graph
from costlens.readers.onnx.operators import convolutions, named

_SLOTS = ("", "weight", "bias")
"""What the inputs of a contraction are."""


def name_nodes(model: Any, graph: Graph, scopes: Scopes) -> None:
    """Name every node ``row`` (the contraction the row is there for) or ``row/[part/]Op``.

    Postcondition: node names are unique and the part before the first ``/`` is a row; the convolutions of the file
    and the convolution rows of the graph are in bijection by name, else ExportError lists the others.
    """
    editor = Editor(model.graph)
    rows = _rows(editor, graph, scopes)
    heads = {(row.name, row.head.name) for row in graph.rows()}
    contractions = Counter(place for node, place in zip(editor.nodes, rows, strict=True) if _contracts(node))
    used: Counter[str] = Counter()
    for node, (row, part) in zip(editor.nodes, rows, strict=True):
        if _contracts(node) and (row, part) in heads and contractions[row, part] == 1:
            name = row
        else:
            inner = part.removeprefix(row).strip(".-")
            name = "/".join(filter(None, (row, inner, node.op_type)))
        used[name] += 1
        node.name = name if used[name] == 1 else f"{name}_{used[name]}"
    _check_bijection(model, graph)


def _contracts(node: Any) -> bool:
    return node.op_type in named("contraction")


def _rows(editor: Editor, graph: Graph, scopes: Scopes) -> list[tuple[str, str]]:
    """Return (row, Keras layer) of each ONNX node; one that lost its name belongs to the row it reads from."""
    row_of = {node.name: node.row for node in graph.nodes}
    made_in: dict[str, tuple[str, str]] = {}
    found: list[tuple[str, str]] = []
    place = graph.nodes[0].row, graph.nodes[0].name
    for node in editor.nodes:
        layer = scopes.layer(node.name)
        owner = scopes.node(layer) if layer else None
        if layer and owner:
            place = row_of[owner], layer
        else:
            place = next((made_in[name] for name in node.input if name in made_in), place)
        made_in.update(dict.fromkeys(node.output, place))
        found.append(place)
    return found


def _check_bijection(model: Any, graph: Graph) -> None:
    ours = {row.name for row in graph.rows() if row.head.layer.convolves}
    theirs = Counter(node.name for node in model.graph.node if node.op_type in convolutions())
    missing, extra = sorted(ours - set(theirs)), sorted(set(theirs) - ours)
    if missing or extra:
        raise ExportError(
            f"{graph.name}: convolution rows and the ONNX file's convolutions are not one to one: "
            f"without a node {', '.join(missing) or 'none'}; without a row {', '.join(extra) or 'none'}"
        )


def name_tensors(model: Any, inputs: dict[str, str], outputs: dict[str, str]) -> None:
    """Name each tensor after the node that makes it and each constant after the one that first reads it.

    ``inputs`` and ``outputs`` map the present names of the graph's own tensors to the final ones.
    """
    graph = model.graph
    final = {**inputs, **outputs}
    taken = set(final.values())
    constants = {tensor.name for tensor in graph.initializer}

    def give(old: str, wanted: str) -> None:
        name, copies = wanted, 1
        while name in taken:
            copies += 1
            name = f"{wanted}_{copies}"
        final[old] = name
        taken.add(name)

    for node in graph.node:
        slots = _SLOTS if _contracts(node) else ()
        for index, name in enumerate(node.input):
            if name in constants and name not in final:
                slot = slots[index] if index < len(slots) else f"constant{index}"
                give(name, f"{node.name}.{slot}")
        for index, name in enumerate(node.output):
            if name and name not in final:
                give(name, f"{node.name}:{index}")
    for node in graph.node:
        node.input[:] = [final.get(name, name) for name in node.input]
        node.output[:] = [final.get(name, name) for name in node.output]
    for value in (*graph.initializer, *graph.input, *graph.output):
        value.name = final.get(value.name, value.name)
