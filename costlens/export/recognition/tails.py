"""Layers that a spec writes as one: a convolution with its padding, its norm and its activations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from costlens.arithmetic.shapes import Shape
from costlens.errors import ShapeError
from costlens.export.recognition.built import Builder, Recognised
from costlens.network.graph import Graph, Node
from costlens.network.layers import Layer

_PADDED = ("conv", "depthwise")


def with_tails(name: str, built: Builder, outputs: Sequence[str], *, by_name: bool = True) -> Recognised:
    """Return a model's graph by rows: a norm and activations have the row of the layer that they alone read.

    Where a layer has the name of another with ``.norm`` behind it, the model says itself what belongs together, unless
    such a name means something else (``by_name`` False). Nodes whose rows it says are left as they are.
    """
    tied = {node.weights for node in built.nodes if node.weights} | {n.name for n in built.nodes if n.weights}
    nodes = list(_padded(built, outputs, tied))
    read = Counter([*(each for node in nodes for each in node.inputs), *outputs])
    readers = {each: node for node in nodes for each in node.inputs if read[each] == 1}
    names = {node.name for node in nodes}
    is_said = by_name and any(each.rpartition(".")[0] in names for each in names)
    renamed: dict[str, str] = {}
    done: set[str] = set()
    made: list[Node] = []
    for node in nodes:
        if node.name in done:
            continue
        inputs = tuple(renamed.get(each, each) for each in node.inputs)
        run = [replace(node, inputs=inputs, row=built.rows.get(node.name, node.row))]
        suffixes: list[str] = []
        last = node.name
        while node.layer.folds_norm and node.name not in tied | built.rows.keys() and last not in outputs:
            after = readers.get(last)
            suffix = _suffix(after, suffixes) if after and after.name not in tied else ""
            if not after or not suffix or (is_said and after.name != f"{node.name}.{suffix}"):
                break
            suffixes.append(suffix)
            renamed[after.name] = f"{node.name}.{suffix}"
            run.append(Node(renamed[after.name], after.layer, (run[-1].name,), node.name))
            done.add(after.name)
            last = after.name
        made += run
    last_names = tuple(dict.fromkeys(renamed.get(each, each) for each in outputs))
    weights = {renamed.get(each, each): held for each, held in built.weights.items()}
    given = tuple((each, built.shapes[each]) for each in built.inputs)
    return Recognised(Graph(name, given, tuple(made), last_names), weights)


def _suffix(node: Node, before: Sequence[str]) -> str:
    """Return what a node is called as a part of the row before it; nothing for one that is a row of its own."""
    kind = node.layer.kind()
    if len(node.inputs) != 1 or node.layer.vanishes:
        return ""
    if node.layer.is_norm:
        return "norm" if kind.endswith("_norm") and not before else ""
    if not node.layer.is_activation:
        return ""
    ordinal = 1
    while (suffix := kind if ordinal == 1 else f"{kind}{ordinal}") in before:
        ordinal += 1
    return suffix


def _padded(built: Builder, outputs: Sequence[str], tied: set[str]) -> Iterator[Node]:
    """Yield the nodes; zeros that a convolution alone reads are its padding, where it has none itself."""
    read = Counter([*(name for node in built.nodes for name in node.inputs), *outputs])
    readers = {name: node for node in built.nodes for name in node.inputs}
    pads: dict[str, tuple[Node, Layer]] = {}
    for node in built.nodes:
        reader = readers.get(node.name)
        layer = None
        if reader and read[node.name] == 1 and reader.name not in tied | built.rows.keys():
            layer = _with_padding(node.layer, reader.layer, built.shapes[node.inputs[0]])
        if reader and layer:
            pads[reader.name] = node, layer
        elif node.name in pads:
            pad, own = pads[node.name]
            yield replace(node, layer=own, inputs=pad.inputs)
        else:
            yield node


def _with_padding(pad: Layer, layer: Layer, shape: Shape) -> Layer | None:
    """Return a convolution that pads itself, or None where the two are no such pair."""
    if pad.kind() != "pad" or layer.kind() not in _PADDED:
        return None
    fields, own = pad.values(), layer.values()
    if fields["mode"] != "constant" or fields["value"] or own["padding"] != "valid":
        return None
    amount = fields["amount"]
    axes = (amount,) * (len(shape) - 1) if isinstance(amount, int) else amount
    padding = amount if isinstance(amount, int) else tuple(axes)
    try:
        padded = layer.changed(padding=padding)
        return padded if padded.output_shape(shape) == layer.output_shape(pad.output_shape(shape)) else None
    except ShapeError:
        return None
