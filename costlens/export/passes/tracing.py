"""What stood for something else while tracing: weights that were inputs, and a batch that was a number."""

from collections.abc import Iterable
from typing import Any

from costlens.errors import ExportError
from costlens.export.passes._editor import Editor

BATCH = "batch"


def bind_weights(model: Any, weights: dict[str, Any]) -> None:
    """Give each weight input its values.

    Precondition: ``weights`` maps names of graph inputs to arrays. Postcondition: the inputs that remain are the
    network's own; every weight that is read is an initialiser.
    """
    import numpy as np
    from onnx import helper

    graph = model.graph
    read = {name for node in graph.node for name in node.input}
    inputs = [value for value in graph.input if value.name not in weights]
    for value in graph.input:
        if value.name in weights and value.name in read:
            array = np.asarray(weights[value.name])
            kind = helper.np_dtype_to_tensor_dtype(array.dtype)
            tensor = graph.initializer.add(name=value.name, data_type=kind, dims=array.shape)
            tensor.raw_data = array.tobytes()
    del graph.input[:]
    graph.input.extend(inputs)


def free_batch(model: Any, batch: int, inputs: Iterable[str]) -> None:
    """Replace ``batch`` and its multiples by a dynamic size, wherever a tensor made from ``inputs`` is reshaped.

    Precondition: ``batch`` is a prime that divides no other size. Postcondition: inputs and outputs lead with the
    dimension ``batch``, and no inferred shape is left to contradict it. ExportError where a shape cannot be freed.
    """
    graph = model.graph
    for value in (*graph.input, *graph.output):
        sizes = value.type.tensor_type.shape.dim
        if sizes and sizes[0].dim_value == batch:
            sizes[0].dim_param = BATCH
    del graph.value_info[:]
    editor = Editor(graph)
    data = set(inputs)
    for node in editor.nodes:
        if data.isdisjoint(node.input):
            continue
        data.update(node.output)
        if node.op_type == "Reshape" and node.input[1] in editor.constants:
            shape = editor.array(node.input[1])
            if (shape % batch == 0).any():
                editor.set_input(node, 1, _freed(shape, batch, node.name))


def _freed(shape: Any, batch: int, name: str) -> Any:
    """Return a shape whose batch is worked out (-1), or copied (0) where another size already is.

    >>> import numpy as np
    >>> _freed(np.array([74, 5]), 37, "x"), _freed(np.array([37, -1, 5]), 37, "x")
    (array([-1,  5]), array([ 0, -1,  5]))
    """
    holds = (shape != 0) & (shape % batch == 0)
    freed = shape.copy()
    if holds.sum() == 1 and not (shape == -1).any():
        freed[holds] = -1
    elif holds.sum() == 1 and shape[0] == batch:
        freed[0] = 0
    elif holds.any():
        raise ExportError(f"{name}: the shape {shape.tolist()} cannot be made free of its batch {batch}")
    return freed
