"""Shipped specs → Keras → specs: the same rows with the same figures."""

import pytest

from costlens.export import build
from costlens.export.recognition.built import Recognised
from costlens.export.recognition.keras import recognise
from costlens.network.count import count
from costlens.spec import shipped
from costlens.spec.loading import load

pytestmark = [pytest.mark.many, pytest.mark.tensorflow]

SMALL = ("cnn_speech_mnist", "depthwise_only", "ds_cnn_l", "ds_cnn_m", "ds_cnn_s", "dtln_core1", "dtln_core2")


@pytest.mark.parametrize("name", SMALL)
def test_a_shipped_spec_is_recognised_in_its_keras_model(name: str) -> None:
    graph = load(shipped.FOLDER / f"{name}.yaml").graph
    found = recognise(build(graph), name, [shape for _, shape in graph.inputs])
    assert isinstance(found, Recognised)
    ours, theirs = count(graph), count(found.graph)
    figures = [{row.name: (row.params, row.macs, row.output) for row in each.rows} for each in (ours, theirs)]
    assert figures[0] == figures[1]
    assert (ours.totals.params, ours.totals.macs) == (theirs.totals.params, theirs.totals.macs)
