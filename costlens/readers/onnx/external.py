"""Weights that a file keeps in other files: where they are, and what all of them take on disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from costlens.readers.onnx import skim

_EXTERNAL = 1  # TensorProto.DataLocation


def size(path: Path) -> int | None:
    """Return the bytes of a file and of the files of its external data; None where one of these is missing.

    Their places are relative to the file. None may lie outside of its folder (onnx/onnx.proto, TensorProto), links
    followed: onnxruntime refuses such a file.
    """
    model = skim.model(path)
    tensors = [*_of_graph(model.graph), *(tensor for function in model.functions for tensor in _of_nodes(function))]
    places: set[str] = {
        entry.value
        for tensor in tensors
        if tensor.data_location == _EXTERNAL
        for entry in tensor.external_data
        if entry.key == "location"
    }
    folder = path.parent.resolve()
    try:
        files = {(folder / place).resolve() for place in places}
        if any(".." in Path(place).parts or Path(place).is_absolute() for place in places):
            return None
        if not all(file.is_file() and file.is_relative_to(folder) for file in files):
            return None
        return sum(file.stat().st_size for file in (path, *files))
    except (OSError, ValueError):  # a name that cannot be one
        return None


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
