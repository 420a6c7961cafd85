"""Graph → Keras model: one Keras layer for each node, under the node's name."""

from collections.abc import Container, Sequence
from contextlib import nullcontext
from typing import Any

from costlens import frameworks
from costlens.errors import ExportError, first_line
from costlens.export.made import note
from costlens.export.sharing import Sharing
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
        inputs = {
            name: keras.Input(shape, name=name, dtype="int32" if name in graph.integers else None)
            for name, shape in graph.inputs
        }
        tensors = dict(inputs)
        sharing = Sharing(k) if any(node.weights for node in graph.nodes) else None
        for place, node in enumerate(graph.nodes):
            read = [tensors[name] for name in node.inputs]
            made = listed(_apply(sharing.tools(node) if sharing else k, node, read))
            note(node, place, read, made)
            tensors |= zip((node.name, *graph.further.get(node.name, ())), made, strict=True)
        outputs = [tensors[name] for name in graph.outputs]
        model = keras.Model(
            unlisted(list(inputs.values())), unlisted(outputs), name=graph.name.replace("/", "_") or "model"
        )
        if seed is not None:
            randomise(model, seed)
    return model


def _apply(k: Any, node: Node, tensors: list[Any]) -> Any:
    try:
        return node.layer.to_keras(k, node.name, *tensors)
    except ExportError:
        raise
    except Exception as error:  # Keras raises what it likes; whatever it is, it does not name the node
        reason = first_line(error)
        raise ExportError(
            f"{node.name}: Keras cannot build this {node.layer.kind()}: {reason}; `costlens count` still counts it"
        ) from error


def unlisted(tensors: Sequence[Any]) -> Any:
    """Return a single tensor as itself: Keras takes and returns one without a list."""
    return tensors[0] if len(tensors) == 1 else list(tensors)


def listed(made: Any) -> list[Any]:
    """Return the tensors that a Keras layer returned, one or several."""
    return list(made) if isinstance(made, list | tuple) else [made]


def node_of(layer: str, nodes: Container[str]) -> str | None:
    """Return the graph's node that a Keras layer was made for: it has its name, or its name and ``-what``.

    >>> node_of("se-excite", ["se"]), node_of("input", ["se"])
    ('se', None)
    """
    owner = layer if layer in nodes else layer.rpartition("-")[0]
    return owner if owner in nodes else None
