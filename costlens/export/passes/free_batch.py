"""The batch that stood as a number while tracing becomes a free dimension."""

from __future__ import annotations

from typing import Any

from costlens.errors import ExportError
from costlens.export.passes._editor import integer_constants

BATCH = "batch"


def free_batch(model: Any, batch: int) -> None:
    """Replace ``batch`` and its multiples by a dynamic size.

    Precondition: ``batch`` is a prime that divides no other size. Postcondition: inputs and outputs lead with the
    dimension ``batch``, no constant holds the number, and no inferred shape is left to contradict it. ExportError
    where it stands in anything but the shape of a Reshape.
    """
    from onnx import numpy_helper

    graph = model.graph
    for value in (*graph.input, *graph.output):
        sizes = value.type.tensor_type.shape.dim
        if sizes and sizes[0].dim_value == batch:
            sizes[0].dim_param = BATCH
    del graph.value_info[:]
    shapes = {node.input[1] for node in graph.node if node.op_type == "Reshape"}
    for tensor, sizes in integer_constants(graph):
        holds = (sizes != 0) & (sizes % batch == 0)
        if not holds.any():
            continue
        if tensor.name not in shapes or holds.sum() != 1 or (sizes == -1).any():
            raise ExportError(
                f"{tensor.name}: the batch is part of a constant {sizes.tolist()}, which cannot be made dynamic"
            )
        freed = sizes.copy()
        freed[holds] = -1
        tensor.CopyFrom(numpy_helper.from_array(freed, tensor.name))
