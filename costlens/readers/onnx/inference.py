"""A file's shapes: the batch set to one, other free sizes as given, and ONNX's own shape inference for the rest."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from costlens.errors import UsageError
from costlens.readers.onnx import skim
from costlens.readers.onnx.operators import Shape


@dataclass(frozen=True, slots=True)
class Inferred:
    """A model without its weights' values, and the shape of each tensor, as far as it is known.

    ``free`` are the dimensions without a size, ``complaint`` is ONNX's message about a shape that it cannot infer.
    """

    model: Any
    shapes: Mapping[str, Shape]
    batch: int
    free: tuple[str, ...]
    complaint: str


def infer(path: Path, sizes: Mapping[str, int]) -> Inferred:
    """Read a file and infer its shapes; ``sizes`` gives values to free dimensions by name.

    UsageError where the file is not an ONNX model.
    """
    model = skim.model(path)
    if not model.graph.node:
        raise UsageError(f"{path}: holds no ONNX graph, or an empty one")
    if model.functions:
        from onnx.inliner import inline_local_functions

        model = inline_local_functions(model)
    batch, free = _bind(model.graph, sizes)
    inferred, complaint = _infer(model)
    return Inferred(inferred, _shapes(inferred.graph), batch, free, complaint)


def _infer(model: Any) -> tuple[Any, str]:
    """Return the model with the shapes that can be inferred, and ONNX's message where one cannot."""
    from onnx.shape_inference import InferenceError, infer_shapes

    inferred = model
    try:
        inferred = infer_shapes(model, data_prop=True)
        shapes = _shapes(inferred.graph)
        if not all(name in shapes for node in inferred.graph.node for name in node.output):
            infer_shapes(model, strict_mode=True, data_prop=True)  # the lenient mode gives no reasons
    except (InferenceError, RuntimeError, ValueError) as error:
        return inferred, (str(error).strip() or type(error).__name__).splitlines()[-1].strip()
    return inferred, ""


def _bind(graph: Any, sizes: Mapping[str, int]) -> tuple[int, tuple[str, ...]]:
    """Set the free sizes of the inputs in place; return the batch, at least 1, and the names of those still free."""
    constants = {tensor.name for tensor in graph.initializer}
    inputs = [value for value in graph.input if value.name not in constants]
    known = dict(sizes)
    leading = [value.type.tensor_type.shape.dim[0] for value in inputs if value.type.tensor_type.shape.dim]
    fixed = {size.dim_value for size in leading if size.HasField("dim_value")}
    for size in leading:
        if not size.HasField("dim_value"):
            known.setdefault(size.dim_param, 1)
            size.dim_value = known[size.dim_param]
    for value in (*inputs, *graph.output, *graph.value_info):
        for size in value.type.tensor_type.shape.dim:
            if size.dim_param and size.dim_param in known:
                size.dim_value = known[size.dim_param]
    free = {
        size.dim_param or "unnamed"
        for value in inputs
        for size in value.type.tensor_type.shape.dim
        if not size.HasField("dim_value")
    }
    return (fixed.pop() if len(fixed) == 1 else 1) or 1, tuple(sorted(free))


def _shapes(graph: Any) -> dict[str, Shape]:
    shapes = {tensor.name: tuple(tensor.dims) for tensor in graph.initializer}
    for value in (*graph.input, *graph.value_info, *graph.output):
        kind = value.type.tensor_type
        if kind.HasField("shape") and all(size.HasField("dim_value") for size in kind.shape.dim):
            shapes.setdefault(value.name, tuple(size.dim_value for size in kind.shape.dim))
    return shapes
