"""Attention against Keras's own layers with the same weights, and its masks and biases against NumPy."""

from typing import Any

import pytest

from tests.cases.networks import graph, layer

pytestmark = pytest.mark.tensorflow

PARTS = ("query", "key", "value", "")
"""The layers that hold weights: three projections, and the output under the layer's own name."""


def made(fields: dict[str, Any], shapes: dict[str, Any]) -> tuple[Any, list[Any], list[Any]]:
    """Return a model of one attention layer, its inputs and its weights in the order of Keras's own layers."""
    import numpy as np

    from costlens.export import build

    model = build(graph(shapes, ("att", layer("attention", **fields), *shapes)), seed=5)
    random = np.random.default_rng(6)
    inputs = [random.standard_normal((3, *shape)).astype(np.float32) for shape in shapes.values()]
    parts = [model.get_layer(f"att-{part}" if part else "att") for part in PARTS]
    return model, inputs, [np.asarray(weight) for part in parts for weight in part.weights]


@pytest.mark.parametrize("fields", [{}, {"bias": False}, {"value_size": 3, "units": 7}, {"causal": True}], ids=str)
def test_it_is_the_multi_head_attention_of_keras(fields: dict[str, Any]) -> None:
    import numpy as np

    from costlens import frameworks

    model, (x,), weights = made({"heads": 2, "key_size": 4, **fields}, {"x": (5, 6)})
    theirs = frameworks.keras().layers.MultiHeadAttention(
        2, 4, value_dim=fields.get("value_size"), use_bias=fields.get("bias", True), output_shape=fields.get("units")
    )
    theirs(x, x)
    assert sum(weight.size for weight in weights) == theirs.count_params() == model.count_params()
    theirs.set_weights([given.reshape(held.shape) for given, held in zip(weights, theirs.weights, strict=True)])
    expected = np.asarray(theirs(x, x, use_causal_mask=fields.get("causal", False)))
    assert np.abs(np.asarray(model(x)) - expected).max() < 1e-5


def test_it_reads_a_memory_as_that_of_keras_does() -> None:
    import numpy as np

    from costlens import frameworks

    model, (x, memory), weights = made({"heads": 3, "key_size": 2}, {"x": (5, 6), "m": (4, 8)})
    theirs = frameworks.keras().layers.MultiHeadAttention(3, 2)
    theirs(x, memory)
    theirs.set_weights([given.reshape(held.shape) for given, held in zip(weights, theirs.weights, strict=True)])
    assert np.abs(np.asarray(model([x, memory])) - np.asarray(theirs(x, memory))).max() < 1e-5


@pytest.mark.parametrize("memory", [{}, {"m": (4, 8)}])
@pytest.mark.parametrize("rows", [1, 5])
def test_it_reads_a_mask_as_that_of_keras_does(memory: dict[str, Any], rows: int) -> None:
    import numpy as np

    from costlens import frameworks

    shapes = {"x": (5, 6), **memory, "mask": (rows, 4 if memory else 5)}
    model, (x, *others, drawn), weights = made({"heads": 2, "key_size": 3, "mask": True}, shapes)
    mask = (drawn > 0).astype(np.float32)
    mask[..., 0] = 1  # each query reads a key
    assert 0 < mask.mean() < 1
    theirs = frameworks.keras().layers.MultiHeadAttention(2, 3)
    read = [x, others[0] if others else x]
    theirs(*read)
    theirs.set_weights([given.reshape(held.shape) for given, held in zip(weights, theirs.weights, strict=True)])
    expected = np.asarray(theirs(*read, attention_mask=mask))
    assert np.abs(np.asarray(model([x, *others, mask])) - expected).max() < 1e-5


@pytest.mark.parametrize("groups", [1, 2])
def test_it_is_the_grouped_query_attention_of_keras(groups: int) -> None:
    import numpy as np

    from costlens import frameworks

    model, (x,), weights = made({"heads": 4, "kv_heads": groups, "key_size": 3}, {"x": (5, 6)})
    theirs = frameworks.keras().layers.GroupQueryAttention(3, 4, groups)
    theirs(x, x)
    assert theirs.count_params() == model.count_params()
    theirs.set_weights([given.reshape(held.shape) for given, held in zip(weights, theirs.weights, strict=True)])
    assert np.abs(np.asarray(model(x)) - np.asarray(theirs(x, x))).max() < 1e-5


@pytest.mark.parametrize(("bias", "grid"), [("full", None), ("relative", (2, 3)), ("relative", None)])
def test_a_number_is_added_to_each_score(bias: str, grid: Any) -> None:
    """Each query and key have one of their own, or one by how far apart they are along each axis of the grid."""
    import numpy as np

    model, (x,), weights = made({"heads": 1, "position_bias": bias, "grid": grid}, {"x": (6, 4)})
    places = list(np.ndindex(*(grid or (6,))))
    table = np.asarray(model.get_layer("att-position").added)
    spans = [2 * size - 1 for size in grid or (6,)]
    added = np.empty((6, 6))
    for query, key in np.ndindex(6, 6):
        apart = [q - k + (span - 1) // 2 for q, k, span in zip(places[query], places[key], spans, strict=True)]
        added[query, key] = table[0, query, key] if bias == "full" else table[np.ravel_multi_index(apart, spans), 0]
    (q, k, v), (kernel, shift) = ([x @ weights[i] + weights[i + 1] for i in (0, 2, 4)]), weights[6:]
    scores = np.exp(q @ k.transpose(0, 2, 1) / 2 + added)
    expected = (scores / scores.sum(-1, keepdims=True)) @ v @ kernel + shift
    assert np.abs(np.asarray(model(x)) - expected).max() < 1e-5


def test_an_embedding_is_the_rows_of_its_table() -> None:
    import numpy as np

    from costlens.export import build
    from costlens.export.weights import random_inputs

    model = build(graph((5,), ("e", layer("embedding", size=7, units=3))), seed=5)
    (tokens,) = random_inputs(model, 40, 6)
    assert (tokens.dtype, tokens.min(), tokens.max()) == (np.int32, 0, 6)
    assert (np.asarray(model(tokens)) == np.asarray(model.weights[0])[tokens]).all()


def test_tokens_stand_in_front() -> None:
    import numpy as np

    from costlens.export import build

    model = build(graph((5, 6), ("t", layer("class_token", tokens=2)), ("p", layer("position_embedding"))), seed=5)
    x = np.random.default_rng(6).standard_normal((3, 5, 6)).astype(np.float32)
    token, added = (np.asarray(weight) for weight in model.weights)
    expected = np.concatenate([np.stack([token] * 3), x], axis=1) + added
    assert np.abs(np.asarray(model(x)) - expected).max() < 1e-6
