"""Nodes and tensors get the graph's names, so that a measured kernel finds the row it belongs to."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from costlens.errors import ExportError
from costlens.export.keras_model import node_of
from costlens.export.recurrent_check import RECURRENT
from costlens.network.graph import Graph
from costlens.readers.onnx.operators import convolutions, named

_SLOTS = ("", "weight", "bias")
"""What the inputs of a contraction are."""
_SLOTS_OF_STEPS = ("", "weight", "recurrent_weight", "bias")
"""What those of a recurrent operator are."""


def name_nodes(model: Any, graph: Graph, layer_of: Callable[[str], str | None]) -> None:
    """Name every node ``row`` (the contraction the row is there for) or ``row/[part/]Op``.

    ``layer_of`` returns the Keras layer by an ONNX node's present name. Postcondition: node names are unique and the
    part before the first ``/`` is a row; the convolutions of the file and the convolution rows of the graph are in
    bijection by name, else ExportError lists the others.
    """
    placed = _placed(model, graph, layer_of)
    heads = {(row.name, row.head.name) for row in graph.rows()}
    contractions = Counter(place for node, place in placed if _contracts(node))
    used: Counter[str] = Counter()
    for node, (row, part) in placed:
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


def _placed(model: Any, graph: Graph, layer_of: Callable[[str], str | None]) -> list[tuple[Any, tuple[str, str]]]:
    """Return each ONNX node with (row, Keras layer); one that lost its name belongs to the row it reads from."""
    row_of = {node.name: node.row for node in graph.nodes}
    made_in: dict[str, tuple[str, str]] = {}
    found = []
    place = graph.nodes[0].row, graph.nodes[0].name
    for node in model.graph.node:
        layer = layer_of(node.name)
        owner = node_of(layer, row_of) if layer else None
        if layer and owner:
            place = row_of[owner], layer
        else:
            place = next((made_in[name] for name in node.input if name in made_in), place)
        made_in.update(dict.fromkeys(node.output, place))
        found.append((node, place))
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


def name_tensors(model: Any, ends: dict[str, str]) -> None:
    """Name each tensor after the node that makes it and each constant after the one that first reads it.

    ``ends`` maps the present names of the graph's inputs and outputs to the final ones.
    """
    graph = model.graph
    final = dict(ends)
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
        slots = () if not _contracts(node) else _SLOTS_OF_STEPS if node.op_type in RECURRENT else _SLOTS
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
