"""The speech embedding in steps of 80 ms: each vector is that of the whole network on the last 76 frames."""

from itertools import pairwise
from typing import Any

import pytest

from costlens.network.graph import Graph
from tests.cases.counted import load
from tests.places import SPECS

STEPS = 12
CONTEXTS = ("stem_context", *(f"context{i}" for i in range(1, 10)), "last_context")


def graphs() -> tuple[Graph, Graph]:
    whole, step = (load(SPECS / f"speech_embedding{name}.yaml").graph for name in ("", "_streaming"))
    return whole, step


def test_each_context_comes_back_with_its_own_shape() -> None:
    _, step = graphs()
    inputs = dict(step.inputs)
    assert list(inputs) == ["frames", *CONTEXTS]
    assert [step.shapes[name] for name in step.outputs] == [(1, 1, 96), *(inputs[name] for name in CONTEXTS)]


def test_a_context_is_what_a_valid_convolution_has_read_last() -> None:
    """Eleven convolutions are valid along time; each has two rows of context, for its kernel of three."""
    whole, step = graphs()
    valid = [
        whole.input_shapes(node)[0]
        for node in whole.nodes
        if node.layer.geometry(*whole.input_shapes(node)).kernel in ((3, 1), (3, 3))
    ]
    inputs = dict(step.inputs)
    assert [(2, *shape[1:]) for shape in valid] == [inputs[name] for name in CONTEXTS]


@pytest.mark.tensorflow
def test_the_stream_gives_what_the_whole_network_gives() -> None:
    import numpy as np

    from costlens.export import build

    whole, step = graphs()
    model, stepper = build(whole, seed=3), build(step, seed=4)
    for theirs, ours in zip(_with_weights(stepper, step), _with_weights(model, whole), strict=True):
        theirs.set_weights(ours.get_weights())
    frames = np.random.default_rng(5).normal(size=(1, 8 * STEPS, 32, 1)).astype("float32")
    state: list[Any] = [np.zeros((1, *shape), "float32") for _, shape in step.inputs[1:]]
    vectors = []
    for index in range(STEPS):
        outputs = stepper([frames[:, 8 * index : 8 * index + 8], *state])
        vector, *state = (np.asarray(output) for output in outputs)
        vectors.append(vector)
    for index in range(9, STEPS):
        last = 8 * index + 8
        true = np.asarray(model(frames[:, last - 76 : last]))
        assert np.abs(vectors[index] - true).max() <= 1e-5 * np.abs(true).max()
    assert all(np.abs(a - b).max() > 1e-3 * np.abs(a).max() for a, b in pairwise(vectors))


def _with_weights(model: Any, graph: Graph) -> list[Any]:
    layers = {layer.name: layer for layer in model.layers if layer.weights}
    return [layers[node.name] for node in graph.nodes if node.name in layers]
