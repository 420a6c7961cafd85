"""Small graphs of the layers that sequences are made with, each in the ways it is exported in."""

from typing import Any

from costlens.network.graph import Graph
from tests.cases.networks import graph, layer, norm_relu, site

PRODUCTS = {
    "product of a tensor with itself": graph(
        (5, 4), ("d", layer("dense", units=3)), ("p", layer("matmul", transpose_b=True, scale=0.5), "d", "d")
    ),
    "products, either side transposed, broadcast": graph(
        {"a": (3, 4, 5), "b": (1, 6, 4), "c": (1, 1)},
        ("x", layer("matmul", transpose_a=True, transpose_b=True), "a", "b"),
        ("y", layer("matmul", scale=2.0), "c", "c"),
        outputs=("x", "y"),
    ),
    "products by equations, with biases and without": graph(
        {"x": (5, 6), "y": (3, 4, 2), "z": (1, 1)},
        ("heads", layer("einsum_dense", equation="abc,cde->abde", output=(None, 2, 3), bias_axes="e"), "x"),
        ("joined", layer("einsum_dense", equation="abcd,cde->abe", output=(5, 7), bias_axes="be"), "heads"),
        ("places", layer("einsum_dense", equation="abc,bcd->adb", output=(4, None)), "x"),
        ("open", layer("einsum_dense", equation="...x,xy->...y", output=3, bias_axes="y"), "y"),
        ("norm", layer("batch_norm"), "open"),
        ("one", layer("einsum_dense", equation="abc,cd->abd", output=(1, 1), bias_axes="d"), "z"),
        outputs=("joined", "places", "norm", "one"),
    ),
}


def _in_every_way(kind: str, states: tuple[str, ...], **fields: Any) -> Graph:
    """Start from states, go both ways, return all steps and the last one, carry states on, be without biases."""
    return graph(
        {"x": (6, 5), **dict.fromkeys(states, (3,))},
        ("start", layer(kind, units=3, return_sequences=True, return_state=True, **fields), "x", *states),
        ("back", layer(kind, units=4, go_backwards=True, return_sequences=True, bias=False, **fields), "start"),
        ("end", layer(kind, units=4, go_backwards=True, inner="relu"), "start"),
        ("sum", layer(kind, units=4, bidirectional=True, merge="sum", return_sequences=True), "start"),
        ("one", layer(kind, units=1, bidirectional=True, merge="sum", bias=False, **fields), "start"),
        ("both", layer(kind, units=2, bidirectional=True, return_sequences=True, **fields), "sum"),
        ("ends", layer(kind, units=2, bidirectional=True), "both"),
        ("relu", layer("relu"), "both"),
        ("on", layer(kind, units=3, return_state=True, **fields), "both", *(f"start.{state}" for state in states)),
        outputs=("start", *(f"start.{state}" for state in states), "back", "end", "one", "ends", "relu",
                 *(f"on.{state}" for state in states)),
    )  # fmt: skip


RECURRENT = {
    "lstm in every way": _in_every_way("lstm", ("h", "c")),
    "gru in every way": _in_every_way("gru", ("h",)),
    "gru that resets before": _in_every_way("gru", ("h",), reset_after=False),
    "simple rnn in every way": _in_every_way("simple_rnn", ("h",)),
    "one step, one unit, one channel": graph(
        (1, 1),
        ("a", layer("lstm", units=1, return_sequences=True)),
        ("b", layer("gru", units=1, return_sequences=True)),
        ("c", layer("simple_rnn", units=1)),
    ),
    "between convolutions and a norm": graph(
        (9, 4),
        site("conv", filters=6, kernel=3, tail=norm_relu()),
        ("l", layer("lstm", units=5, bidirectional=True, return_sequences=True)),
        ("n", layer("batch_norm")),
        ("d", layer("dense", units=3)),
    ),
}

ATTENTION = {
    "attention in every way": graph(
        {"x": (6, 8), "m": (5, 3), "w": (3, 4, 8)},
        ("masked", layer("attention", heads=2, causal=True, position_bias="full"), "x"),
        ("cross", layer("attention", heads=4, kv_heads=2, bias=False, key_size=3, value_size=5, units=7), "x", "m"),
        ("bare", layer("attention", heads=4, kv_heads=1, causal=True, position_bias="relative", project=False), "x"),
        ("windows", layer("attention", heads=2, position_bias="relative", grid=(2, 2)), "w"),
        ("single", layer("attention", heads=1, key_size=1, value_size=1, position_bias="full"), "x", "m"),
        ("groups", layer("attention", heads=4, kv_heads=2), "w"),
        outputs=("masked", "cross", "bare", "windows", "single", "groups"),
    ),
    "attention with masks as inputs": graph(
        {"x": (6, 8), "m": (5, 3), "w": (3, 4, 8), "seen": (6, 6), "keys": (1, 5), "each": (3, 4, 1), "one": (1, 1)},
        ("own", layer("attention", heads=2, mask=True, causal=True, position_bias="full"), "x", "seen"),
        ("cross", layer("attention", heads=4, kv_heads=2, mask=True), "x", "m", "keys"),
        ("windows", layer("attention", heads=2, kv_heads=1, mask=True), "w", "each"),
        ("single", layer("attention", heads=1, mask=True), "x", "one"),
        outputs=("own", "cross", "windows", "single"),
    ),
    "a transformer with a class token": graph(
        (5, 6),
        ("token", layer("class_token", tokens=2)),
        ("place", layer("position_embedding")),
        ("norm", layer("layer_norm")),
        ("attention", layer("attention", heads=3)),
        ("add", layer("add"), "attention", "place"),
    ),
    "one place, one channel": graph((1, 1), ("place", layer("position_embedding")), ("token", layer("class_token"))),
    "one place": graph(
        (1, 2),
        ("place", layer("position_embedding")),
        ("attention", layer("attention", heads=1, position_bias="full")),
        ("token", layer("class_token")),
    ),
}

EMBEDDINGS = {
    "tokens of two tables, and beside numbers": graph(
        {"t": (12,), "u": (3, 4), "x": (12, 6)},
        ("a", layer("embedding", size=50, units=6), "t"),
        ("b", layer("embedding", size=9, units=6), "t"),
        ("one", layer("embedding", size=7, units=1), "u"),
        ("sum", layer("add"), "a", "b", "x"),
        ("last", layer("lstm", units=5)),
        outputs=("one", "last"),
    ),
}

SEQUENCES = {**PRODUCTS, **RECURRENT, **ATTENTION, **EMBEDDINGS}
