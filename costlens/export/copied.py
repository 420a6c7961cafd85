"""A Keras model and one that is built from a graph: the same weights, the same inputs, and what both make of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from costlens import frameworks
from costlens.errors import ExportError
from costlens.export.keras_model import build, listed, unlisted
from costlens.export.proof import agreement
from costlens.export.weights import random_inputs
from costlens.network.graph import Graph
from costlens.results.facts import OutputAgreement

_EXAMPLES = 2
_OTHER_SEED = 7


def compared_as_copied(
    model: Any, graph: Graph, weights: Mapping[str, Sequence[Any]], *, seed: int
) -> dict[bool, tuple[OutputAgreement, ...]]:
    """Run a Keras model and its graph with random weights (True) and with its own (False); return how outputs agree.

    weights: the model's variables that a Keras layer of the graph holds, by that layer's name. Random ones are those of
    the graph's model, so that activations are of order one; the model has its own again afterwards.
    ExportError where a weight has no place.
    """
    tf = frameworks.tensorflow()
    built = build(graph, seed=seed)
    pairs = _pairs(built, weights)
    inputs = random_inputs(built, _EXAMPLES, seed + _OTHER_SEED)
    own = [theirs.numpy() for theirs, _ in pairs]
    found: dict[bool, tuple[OutputAgreement, ...]] = {}
    with frameworks.silence(), tf.device("/CPU:0"):
        try:
            for theirs, ours in pairs:
                theirs.assign(tf.reshape(ours, theirs.shape))
            found[True] = _compared(model, built, graph, inputs)
        finally:
            for (theirs, _), values in zip(pairs, own, strict=True):
                theirs.assign(values)
        for (_, ours), values in zip(pairs, own, strict=True):
            ours.assign(values.reshape(ours.shape))
        found[False] = _compared(model, built, graph, inputs)
    return found


def _pairs(built: Any, weights: Mapping[str, Sequence[Any]]) -> list[tuple[Any, Any]]:
    """Return the variables of a model beside those of the one that was built, each of which has one."""
    pairs: list[tuple[Any, Any]] = []
    held = {layer.name: list(layer.weights) for layer in built.layers if layer.weights}
    for name, theirs in weights.items():
        ours = held.pop(name, [])
        sizes = [[int(_size(each)) for each in both] for both in (theirs, ours)]
        if sizes[0] != sizes[1]:
            raise ExportError(f"{name}: the model's weights have {sizes[0]} numbers, those of the spec {sizes[1]}")
        pairs += zip(theirs, ours, strict=True)
    shared = [name for name, each in held.items() if not all(any(w is ours for _, ours in pairs) for w in each)]
    if shared:
        raise ExportError(f"{shared[0]}: the spec has weights that the model has not")
    return pairs


def _size(weight: Any) -> int:
    size = 1
    for axis in weight.shape:
        size *= axis
    return size


def _compared(model: Any, built: Any, graph: Graph, inputs: Sequence[Any]) -> tuple[OutputAgreement, ...]:
    """Run both on the same inputs."""
    import numpy as np

    nest = frameworks.tensorflow().nest
    theirs = nest.flatten(model(nest.pack_sequence_as(model.input, list(inputs)), training=False))
    ours = listed(built(unlisted(inputs), training=False))
    both = ([np.asarray(each, np.float64) for each in made] for made in (theirs, ours))
    return tuple(agreement(*each) for each in zip(graph.outputs, *both, strict=True))
