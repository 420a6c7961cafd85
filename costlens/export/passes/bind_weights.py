"""Weights that were inputs while tracing become initialisers."""

from __future__ import annotations

from typing import Any


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
