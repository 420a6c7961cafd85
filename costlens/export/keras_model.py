"""Graph → Keras model: one Keras layer for each node, under the node's name."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from costlens.errors import ExportError, first_line
from costlens.export import frameworks
from costlens.export.toolkit import toolkit
from costlens.export.weights import randomise
from costlens.network.graph import Graph, Node


def build(graph: Graph, *, seed: int | None = None) -> Any:
    """Return the ``keras.Model`` of a graph: channels last, batch free, inputs and layers named as in the graph.

    With a seed the weights and the norms' statistics are random such that activations stay of order one, and the
    model is on the CPU; with None they are Keras's own initial ones. ExportError names a layer Keras refuses.
    """
    keras, k = frameworks.keras(), toolkit()
    place = frameworks.tensorflow().device("/CPU:0") if seed is not None else nullcontext()
    with frameworks.keras_settings(), frameworks.silence(), place:
        inputs = {name: keras.Input(shape, name=name) for name, shape in graph.inputs}
        tensors = dict(inputs)
        for node in graph.nodes:
            tensors[node.name] = _apply(k, node, [tensors[name] for name in node.inputs])
        outputs = [tensors[name] for name in graph.outputs]
        model = keras.Model(_alone(list(inputs.values())), _alone(outputs), name=_model_name(graph.name))
        if seed is not None:
            randomise(model, seed)
    return model


def _apply(k: Any, node: Node, tensors: list[Any]) -> Any:
    try:
        return node.layer.to_keras(k, node.name, *tensors)
    except Exception as error:  # Keras raises what it likes; whatever it is, it does not name the node
        reason = first_line(error)
        raise ExportError(
            f"{node.name}: Keras cannot build this {node.layer.kind()}: {reason}; `costlens count` still counts it"
        ) from error


def _alone(tensors: list[Any]) -> Any:
    """Return a single tensor as itself, so that a model with one input is called without a list."""
    return tensors[0] if len(tensors) == 1 else tensors


def _model_name(name: str) -> str:
    return name.replace("/", "_") or "model"
