"""Layers with the same weights: one set of them in Keras and in the file, verified row by row as any other."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from costlens.analysis.ledger import ledger
from costlens.network.count import count, counted_variants
from costlens.network.variants import kind_names
from costlens.spec.loading import loads
from tests.cases.shared_weights import CASES, RETINANET

pytestmark = pytest.mark.tensorflow


@pytest.mark.parametrize("title", CASES)
def test_all_computations_agree(title: str, tmp_path: Path) -> None:
    from costlens.export import export_and_prove

    graph = loads(CASES[title].text).graph
    facts = export_and_prove(graph, tmp_path / "m.onnx", seed=3)
    assert [(entry.name, entry.note) for entry in ledger(graph, count(graph), facts).failures] == []
    assert facts.onnx.totals.deployed_params == CASES[title].deployed


def test_every_variant_agrees(tmp_path: Path) -> None:
    from costlens.export import export_and_prove

    for graph, counted in counted_variants(loads(RETINANET).graph, kind_names()):
        facts = export_and_prove(graph, tmp_path / "m.onnx", seed=3)
        assert [(entry.name, entry.note) for entry in ledger(graph, counted, facts).failures] == [], counted.variant


def test_a_weight_that_many_nodes_read_is_in_the_file_once(tmp_path: Path) -> None:
    import onnx

    from costlens.export import export_and_prove

    path = tmp_path / "m.onnx"
    export_and_prove(loads(RETINANET).graph, path, seed=3)
    graph = onnx.load(path).graph
    read = Counter(node.input[1] for node in graph.node if node.op_type == "Conv")
    assert sorted(read.values()) == [1, 1, 1, 1, *[3] * 6]
    assert len({tensor.raw_data for tensor in graph.initializer}) == len(graph.initializer)


def test_keras_holds_one_layer_and_keeps_it_when_it_is_saved(tmp_path: Path) -> None:
    import numpy as np

    from costlens import frameworks
    from costlens.export import build

    model = build(loads(RETINANET).graph, seed=0)
    model.save(tmp_path / "m.keras")
    again = frameworks.keras().models.load_model(tmp_path / "m.keras")
    assert model.count_params() == again.count_params() == CASES["heads over three levels, as in RetinaNet"].params
    for one in (model, again):
        assert one.get_layer("class5.predict").shares is one.get_layer("class3.predict")
    given = np.random.default_rng(0).random((2, 32, 32, 3), np.float32)
    for ours, theirs in zip(model(given), again(given), strict=True):
        assert np.array_equal(ours, theirs)
    kernel: Any = again.get_layer("class3.predict").kernel
    kernel.assign(kernel * 2)
    assert not np.allclose(model(given)[0], again(given)[0])


def test_training_changes_all_runs_of_a_layer() -> None:
    """The gradient of a shared kernel is the sum over its runs: written out by hand for two towers of one number."""
    import numpy as np

    from costlens import frameworks
    from costlens.export import build

    text = (
        "name: two\ninputs: {x: [1], y: [1]}\nlayers:\n- dense: {name: a, from: x, units: 1, bias: false}\n"
        "- dense: {name: b, from: y, shared: a}\n- add: {from: [a, b]}\n"
    )
    model, tf = build(loads(text).graph, seed=0), frameworks.tensorflow()
    with tf.GradientTape() as tape:
        made = model([np.float32([[2.0]]), np.float32([[5.0]])])
    (gradient,) = tape.gradient(made, model.trainable_variables)
    assert float(gradient[0, 0]) == 2.0 + 5.0


def test_a_keras_reader_counts_what_was_built_once(tmp_path: Path) -> None:
    from costlens import load
    from costlens.export import build

    build(loads(RETINANET).graph, seed=0).save(tmp_path / "m.keras")
    read = load(str(tmp_path / "m.keras")).count()
    ours = count(loads(RETINANET).graph)
    assert (read.totals.params, read.totals.macs) == (ours.totals.params, ours.totals.macs)


def test_litert_runs_the_same_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its file is compared with the export's outputs when it is made; it holds each set of weights once, too."""
    from costlens.export.conversions import model_file
    from costlens.readers.tflite import read
    from tests.cases.exported import exported

    monkeypatch.setenv("COSTLENS_CACHE", str(tmp_path / "cache"))
    spec = tmp_path / "heads.yaml"
    spec.write_text(RETINANET)
    counted, ours = read(model_file(exported(spec), "litert")), count(loads(RETINANET).graph).totals
    assert (counted.totals.macs, counted.status["macs"]) == (ours.macs, "complete")
    assert counted.totals.deployed_params == ours.deployed_params
