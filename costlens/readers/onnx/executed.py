"""The multiply-accumulates of a run, from the sizes that each node read and wrote in it."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from costlens.arithmetic.sizes import Size, UndecidedError
from costlens.readers.onnx import file
from costlens.readers.onnx.attributes import attributes
from costlens.readers.onnx.operators import Call, ContradictionError, NotCountedError, operator
from costlens.readers.onnx.tensor import NAMES, Out, Tensor

Sized = Sequence[tuple[str, tuple[int, ...]]]
_CODES = {name: code for code, name in NAMES.items()} | {"float": 1, "double": 11}


def executed_macs(path: Path, ran: Iterable[tuple[str, Sized, Sized, int]]) -> tuple[int, tuple[str, ...]]:
    """Return the MACs of nodes that ran, and the operators of those whose are not known.

    ran: a node's name in the file at ``path``, the types and sizes of what it read and wrote, and how often.
    """
    model = file.model(path)
    versions = {one.domain: one.version for one in model.opset_import}
    nodes = {node.name: node for node in _nodes(model.graph)}
    macs, unknown = 0, dict[str, None]()
    for name, read, wrote, times in ran:
        node = nodes[name]
        entry = operator(node.domain, node.op_type)
        if entry is None or entry.role != "contraction":
            continue
        inputs, outputs = _placed(node.input, read), _placed(node.output, wrote)
        call = Call(node.op_type, inputs, attributes(node, {}), versions.get(node.domain, 1), len(node.output))
        call.outputs = [Out(0, None) if one is None else Out(one.dtype, one.shape) for one in outputs]
        try:
            found = entry.cost(call).macs * times
        except (NotCountedError, ContradictionError, UndecidedError, IndexError, TypeError):
            unknown[node.op_type] = None
            continue
        if isinstance(found, Size):
            unknown[node.op_type] = None
        else:
            macs += found
    return macs, tuple(unknown)


def _placed(names: Sequence[str], sized: Sized) -> list[Tensor | None]:
    """Return tensors of these sizes in the places of a node's names; those left out have no size."""
    left = iter(sized)
    found: list[Tensor | None] = []
    for name in names:
        kind, shape = next(left, ("", None)) if name else ("", None)
        found.append(Tensor(name, Out(_CODES.get(kind, 0), shape)) if name and shape is not None else None)
    return found


def _nodes(graph: Any) -> Iterator[Any]:
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            for inner in (attribute.g, *attribute.graphs):
                yield from _nodes(inner)
