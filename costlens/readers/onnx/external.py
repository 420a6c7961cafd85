"""Weights that a file keeps in other files: where they are, and what all of them take on disk."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from costlens.readers.onnx import file

_EXTERNAL = 1  # TensorProto.DataLocation


def size(path: Path) -> int | None:
    """Return the bytes of a file and of the files of its external data; None where one of these is missing."""
    found = parts(path)
    try:
        return None if found is None else sum(one.stat().st_size for one in found)
    except OSError:
        return None


def parts(path: Path) -> tuple[Path, ...] | None:
    """Return a file and the files of its external data, each once; None where one of these is missing.

    Their places are relative to the file. None may lie outside of its folder (onnx/onnx.proto, TensorProto), links
    followed: onnxruntime refuses such a file.
    """
    model = file.model(path)
    places: set[str] = {
        entry.value
        for holder in (model.graph, *model.functions)
        for tensor in _tensors(holder)
        if tensor.data_location == _EXTERNAL
        for entry in tensor.external_data
        if entry.key == "location"
    }
    folder = path.parent.resolve()
    try:
        found = {(folder / place).resolve() for place in places}
        if any(".." in Path(place).parts or Path(place).is_absolute() for place in places):
            return None
        if not all(one.is_file() and one.is_relative_to(folder) for one in found):
            return None
        return (path, *sorted(found))
    except (OSError, ValueError):  # a name that cannot be one
        return None


def _tensors(holder: Any) -> Iterator[Any]:
    """Yield the tensors of a graph or a function, those of the graphs within it included."""
    yield from getattr(holder, "initializer", ())
    sparse = [*getattr(holder, "sparse_initializer", ())]
    for node in holder.node:
        for attribute in node.attribute:
            yield from (attribute.t, *attribute.tensors)
            sparse += (attribute.sparse_tensor, *attribute.sparse_tensors)
            for graph in (attribute.g, *attribute.graphs):
                yield from _tensors(graph)
    for tensor in sparse:
        yield from (tensor.values, tensor.indices)
