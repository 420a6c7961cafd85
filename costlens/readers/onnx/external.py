"""Weights that a file keeps in other files: where they are, and what all of them take on disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from costlens.readers.onnx.skim import skim


def size(path: Path) -> int | None:
    """Return the bytes of a file and of those that its external data is in; None where one of these is not there.

    Their places are relative to the file, and none may lie outside of its folder (onnx/onnx.proto, TensorProto).
    """
    import onnx

    model = onnx.ModelProto.FromString(skim(path))
    tensors = [*_of_graph(model.graph), *(tensor for function in model.functions for tensor in _of_nodes(function))]
    places = {
        entry.value
        for tensor in tensors
        if tensor.data_location == onnx.TensorProto.EXTERNAL
        for entry in tensor.external_data
        if entry.key == "location"
    }
    total = path.stat().st_size
    for place in sorted({str(PurePosixPath(place)) for place in places}):
        file = path.parent / place
        try:
            if PurePosixPath(place).is_absolute() or ".." in PurePosixPath(place).parts or not file.is_file():
                return None
            total += file.stat().st_size
        except (OSError, ValueError):  # a name that cannot be one
            return None
    return total


def _of_graph(graph: Any) -> Iterator[Any]:
    yield from graph.initializer
    yield from _of_sparse(graph.sparse_initializer)
    yield from _of_nodes(graph)


def _of_nodes(holder: Any) -> Iterator[Any]:
    for node in holder.node:
        for attribute in node.attribute:
            yield from (attribute.t, *attribute.tensors)
            yield from _of_sparse((attribute.sparse_tensor, *attribute.sparse_tensors))
            for graph in (attribute.g, *attribute.graphs):
                yield from _of_graph(graph)


def _of_sparse(tensors: Any) -> Iterator[Any]:
    for tensor in tensors:
        yield from (tensor.values, tensor.indices)
