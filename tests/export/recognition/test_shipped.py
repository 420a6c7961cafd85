"""Shipped specs → Keras → specs: the same graph, row by row, whichever layers Keras has no class for."""

from typing import Any

import pytest

from costlens.export import build
from costlens.export.recognition.built import Recognised
from costlens.export.recognition.keras import recognise
from costlens.network.count import count
from costlens.network.graph import Graph
from costlens.results.counts import ModelCount
from costlens.spec import shipped
from costlens.spec.loading import load, loads
from costlens.spec.written import spec_text, statements

pytestmark = [pytest.mark.many, pytest.mark.tensorflow]

SMALL = {
    "bc_resnet_1": "sub-spectral norms, means over axes",
    "cnn_speech_mnist": "convolutions",
    "dtln_core1": "states as inputs and outputs",
    "ecapa_tdnn": "parts of tensors, gates, statistics",
    "kwt_1": "attention, a class token, learned positions",
    "mobilenet_v3_small": "squeeze-and-excite",
    "rnnoise": "recurrent layers",
    "shufflenet_v2": "shuffled channels",
    "speech_embedding": "rows whose names begin with a digit, constants",
    "wavenet_small": "causal padding",
}


@pytest.mark.parametrize("name", SMALL)
def test_a_shipped_spec_is_recognised_in_its_keras_model(name: str) -> None:
    graph = load(shipped.FOLDER / f"{name}.yaml").graph
    found = recognise(build(graph), graph.name, [shape for _, shape in graph.inputs])
    assert isinstance(found, Recognised)
    assert seen(graph) == seen(found.graph)
    assert sum(weight.shape.num_elements() for held in found.weights.values() for weight in held) == (
        count(graph).totals.params
    )
    written = count(loads(spec_text(found.graph, statements(found.graph))).graph)
    assert figures(written) == figures(count(graph))


def seen(graph: Graph) -> tuple[Any, ...]:
    """Return what a graph says of a network, without how it was written."""
    nodes = [(node.name, node.layer, node.inputs, node.row, node.weights) for node in graph.nodes]
    return graph.inputs, graph.outputs, nodes


def figures(counted: ModelCount) -> tuple[int | None, ...]:
    """Return the totals that do not depend on which layers share a row."""
    totals = counted.totals
    return totals.params, totals.macs, totals.flops, totals.weight_bytes
