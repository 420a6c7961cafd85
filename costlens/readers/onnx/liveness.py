"""How many activation values are alive while each node of a graph runs."""

from collections.abc import Iterator, Mapping, Sequence, Set
from math import prod
from typing import Any

from costlens.readers.onnx.operators import Shape, operator
from costlens.results.counts import add


def live_values(graph: Any, nodes: Sequence[Any], constant: Set[str], shapes: Mapping[str, Shape]) -> list[int | None]:
    """Return, for each of the nodes, how many activation values are alive while it runs; the inputs included.

    A tensor lives from the node that writes it to the last node that reads it; the graph's outputs live to the end.
    An operator that works in place writes over its only input where that dies. None where a shape is not known.
    """
    sizes = {name: prod(shape) for name, shape in shapes.items()}
    last_read = {name: index for index, node in enumerate(nodes) for name in reads(node)}
    last_read |= {output.name: len(nodes) for output in graph.output}
    alive = {value.name for value in graph.input} - constant
    found = []
    for index, node in enumerate(nodes):
        dying = {name for name in alive if last_read.get(name, -1) <= index}
        made = {name for name in node.output if name}
        held = alive - dying if _in_place(node, constant, dying, sizes) else alive
        found.append(add(sizes.get(name) for name in held | made))
        alive = alive - dying | {name for name in made if last_read.get(name, -1) > index}
    return found


def reads(node: Any) -> Iterator[str]:
    """Yield the tensors that a node reads, those of the graphs within it included."""
    yield from (name for name in node.input if name)
    for attribute in node.attribute:
        for graph in (attribute.g, *attribute.graphs):
            for inner in graph.node:
                yield from reads(inner)


def _in_place(node: Any, constant: Set[str], dying: Set[str], sizes: Mapping[str, int]) -> bool:
    known = operator(node.domain, node.op_type)
    read = set(reads(node)) - constant
    if known is None or not known.in_place or len(read) != 1 or not read <= dying:
        return False
    return all(sizes.get(name) == sizes.get(read_) for name in node.output[:1] for read_ in read)
