"""YAMNet and the speech embedding, layer by layer: each node against Keras's count of the authors' model."""

from collections.abc import Iterator

import pytest

from costlens.network.count import count
from costlens.network.graph import Graph, Node
from tests.cases.counted import load
from tests.cases.truth_tables import TrueLayer, layers
from tests.places import SPECS

TYPES = {
    "conv": "Conv2D",
    "depthwise": "DepthwiseConv2D",
    "batch_norm": "BatchNormalization",
    "relu": "ReLU",
    "max_pool": "MaxPooling2D",
    "global_avg_pool": "GlobalAveragePooling2D",
    "dense": "Dense",
    "sigmoid": "Activation",
    "maximum": "Lambda",
}
"""What a layer kind is called in the tables."""
UNSEEN: dict[str, tuple[dict[str, str], set[str]]] = {
    # network: rows that are no node of the spec, with the reason; nodes that are no row
    "yamnet": ({"input_1": "the spec's input", "reshape": "the spec's input has its channel"}, set()),
    "speech_embedding": (
        {"input_1": "the spec's input", "zero_padding2d": "padding of the stem"},
        {"stem_relu", "leaky_relu1", *(f"pair{i}.{half}.leaky_relu" for i in range(1, 10) for half in ("1x3", "3x1"))},
    ),
}


def kernel(graph: Graph, node: Node) -> str:
    """Write a node's kernel as the tables do: ``3x3x32x64``, a pool's ``2x2``, a dense layer's ``1024x521``."""
    (shape,) = graph.input_shapes(node)
    out = graph.shapes[node.name]
    sizes = node.layer.geometry(shape).kernel or ()
    ends = {"conv": (shape[-1], out[-1]), "depthwise": (shape[-1], 1), "dense": (shape[-1], out[-1])}
    return "x".join(map(str, (*sizes, *ends.get(node.layer.kind(), ()))))


def pairs(network: str) -> Iterator[tuple[Graph, Node, TrueLayer]]:
    graph = load(SPECS / f"{network}.yaml").graph
    no_node, no_row = UNSEEN[network]
    nodes = [node for node in graph.nodes if node.name not in no_row]
    rows = [row for row in layers(network) if row.name not in no_node]
    for node, row in zip(nodes, rows, strict=True):
        yield graph, node, row


@pytest.mark.parametrize("network", UNSEEN)
def test_each_row_is_a_node(network: str) -> None:
    for graph, node, row in pairs(network):
        cost = node.layer.cost(*graph.input_shapes(node))
        ours = (graph.shapes[node.name], cost.trainable, cost.non_trainable, cost.macs)
        assert ours == (row.output, row.trainable, row.non_trainable, row.macs), f"{node.name}, {row.name}"
        assert kernel(graph, node) == row.kernel, f"{node.name}, {row.name}"
        assert row.type == TYPES[node.layer.kind()], f"{node.name}, {row.name}"


@pytest.mark.parametrize(("network", "nodes"), [("yamnet", 84), ("speech_embedding", 63)])
def test_what_is_in_one_list_only_costs_nothing(network: str, nodes: int) -> None:
    graph = load(SPECS / f"{network}.yaml").graph
    no_node, no_row = UNSEEN[network]
    known = {row.name: row for row in layers(network)}
    assert [(known[name].trainable, known[name].non_trainable, known[name].macs) for name in no_node] == [(0, 0, 0)] * 2
    alone = [node for node in graph.nodes if node.name in no_row]
    assert len(alone) == len(no_row)
    assert {node.layer.cost(*graph.input_shapes(node)).macs for node in alone} <= {0}
    assert {node.layer.kind() for node in alone} <= {"relu", "leaky_relu"}
    assert len([*pairs(network)]) == nodes


def macs_on(frames: int) -> tuple[int, int]:
    """Return the MACs on more frames, and those of 8 more: a layer has a row for every frame, or every 2, 4 or 8."""
    whole = step = 0
    every = 1
    for row in layers("speech_embedding"):
        every *= 2 if row.kernel == "2x2" else 1
        if row.macs:
            each = row.macs // row.output[0]
            whole += each * (row.output[0] + (frames - 76) // every)
            step += each * 8 // every
    return whole, step


def test_the_rows_say_what_more_frames_and_one_step_cost() -> None:
    def macs(name: str, **settings: object) -> int:
        return count(load(SPECS / f"{name}.yaml", settings).graph).totals.macs

    for frames in (76, 84, 196):
        assert macs("speech_embedding", frames=frames) == macs_on(frames)[0]
    assert macs("speech_embedding_streaming") == macs_on(76)[1] == 5_612_544
    assert macs("keyword_spotter") == macs_on(196)[0] + 664_704
