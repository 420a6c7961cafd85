"""Graph → Keras → ONNX: every layer kind is exported, found equal by every computation, and named by its rows."""

import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from costlens.analysis.ledger import ledger
from costlens.errors import ExportError
from costlens.export.passes._editor import MOVERS
from costlens.network.count import count
from costlens.network.graph import Graph
from costlens.results.facts import ExportFacts
from costlens.results.stored import to_json
from tests.cases.export_cases import CASES
from tests.cases.networks import graph, layer, mixed, norm_relu, site, speech_embedding, yamnet
from tests.places import ROOT

pytestmark = pytest.mark.tensorflow

SEED = 3


def proven(network: Graph, path: Path) -> ExportFacts:
    from costlens.export import export_and_prove

    return export_and_prove(network, path, seed=SEED)


@pytest.mark.parametrize("name", CASES)
def test_all_computations_agree(name: str, tmp_path: Path) -> None:
    network = CASES[name]
    facts = proven(network, tmp_path / "m.onnx")
    assert [(entry.name, entry.note) for entry in ledger(network, count(network), facts).failures] == []
    assert [output.shape for output in facts.outputs] == [network.shapes[name] for name in network.outputs]


@pytest.mark.parametrize(
    "title",
    ["everything at once", "paddings", "residual", "gate and concat", "slices", "broadcast along each axis", "dense",
     "names like TensorFlow's own", "squeeze-excite, written out", "conv read twice", "after a pool of one cell"],
)  # fmt: skip
def test_the_file_tells_what_the_spec_counts(title: str, tmp_path: Path) -> None:
    """Each contraction of the file moves and stores what its row does, and the peak of activations is the spec's.

    Other nodes move values of their own (an activation is part of a row, and a transposition is of the file alone), so
    the file's traffic is larger. Where the largest tensor is transposed or squeezed and excited, its peak is, too.
    """
    network = CASES[title]
    ours, file = count(network), proven(network, tmp_path / "m.onnx").onnx
    rows = {row.name: row for row in file.rows}
    shown = ("macs", "deployed_params", "weight_bytes", "traffic_bytes", "kernel", "stride", "groups")
    contracting = [row for row in ours.rows if row.macs]
    assert contracting
    for row in contracting:
        of_file = rows[row.name]
        assert [getattr(of_file, name) for name in shown] == [getattr(row, name) for name in shown], row.name
    assert file.totals.peak_activation_bytes == ours.totals.peak_activation_bytes
    assert (file.totals.traffic_bytes or 0) >= (ours.totals.traffic_bytes or 0)


def test_the_activations_between_stay_of_order_one_in_a_deep_net(tmp_path: Path) -> None:
    import numpy as np

    from costlens.export import build
    from costlens.export.weights import random_inputs

    tail = norm_relu()
    deep = graph((16, 16, 3), *(site(f"c{i}", filters=16, kernel=3, bias=False, tail=tail) for i in range(60)))
    model = build(deep, seed=SEED)
    made = np.asarray(model(random_inputs(model, 3, SEED + 1)[0]))
    assert 0.1 < np.sqrt(np.mean(made**2)) < 10
    (output,) = proven(deep, tmp_path / "deep.onnx").outputs
    assert output.largest_error < 3e-5 * output.scale
    assert output.spread > 0.01 * output.deviation


def test_each_node_begins_with_its_row_and_each_convolution_is_its_row(tmp_path: Path) -> None:
    import onnx

    network = yamnet()
    proven(network, tmp_path / "m.onnx")
    nodes = onnx.load(tmp_path / "m.onnx").graph.node
    rows = [row.name for row in network.rows()]
    assert [node.name for node in nodes if node.op_type == "Conv"] == rows[:27]
    assert [node.name for node in nodes if node.op_type == "Gemm"] == ["dense"]
    assert {node.name.split("/")[0] for node in nodes} == set(rows)
    assert len({node.name for node in nodes}) == len(nodes)
    assert {node.op_type for node in nodes} <= {"Conv", "Relu", "Gemm", "Reshape", "Transpose", "ReduceMean", "Sigmoid"}


def test_a_shuffle_between_convolutions_is_one_transpose(tmp_path: Path) -> None:
    import onnx

    sites = (site(name, kind="grouped", filters=8, kernel=3, tail=norm_relu()) for name in ("a", "b"))
    proven(graph((9, 8, 4), *sites), tmp_path / "m.onnx")
    nodes = [node.name for node in onnx.load(tmp_path / "m.onnx").graph.node]
    after = nodes[nodes.index("a.grouped") + 1 : nodes.index("b.grouped")]
    assert [name.rpartition("/")[2] for name in after] == ["Relu", "Reshape", "Transpose", "Reshape"]


@pytest.mark.parametrize("name", [name for name in CASES if name.startswith("pools of (")])
def test_a_pool_is_one_node(name: str, tmp_path: Path) -> None:
    """Padding beside dilation may be more than onnxruntime takes in a pool: then cells that never win stand before."""
    import onnx

    proven(CASES[name], tmp_path / "m.onnx")
    nodes = [node for node in onnx.load(tmp_path / "m.onnx").graph.node if node.name.startswith("p")]
    made = [node.op_type for node in nodes if node.op_type not in MOVERS]
    assert made in (["MaxPool"], ["AveragePool"]) or (made == ["Pad", "MaxPool"] and "dilated, same" in name)


def test_the_file_keeps_names_channels_last_and_a_free_batch(tmp_path: Path) -> None:
    import onnx

    network = mixed()
    proven(network, tmp_path / "m.onnx")
    stored = onnx.load(tmp_path / "m.onnx")
    onnx.checker.check_model(stored, full_check=True)
    sizes = {
        value.name: tuple(size.dim_value or size.dim_param for size in value.type.tensor_type.shape.dim)
        for value in (*stored.graph.input, *stored.graph.output)
    }
    expected = [*network.inputs, *((name, network.shapes[name]) for name in network.outputs)]
    assert sizes == {name: ("batch", *shape) for name, shape in expected}
    assert [(opset.domain, opset.version) for opset in stored.opset_import] == [("", 18)]


@pytest.mark.parametrize("batch", [1, 5])
def test_any_batch_runs(batch: int, tmp_path: Path) -> None:
    import numpy as np

    from costlens.export.proof import run_file

    proven(mixed(), tmp_path / "m.onnx")
    feeds = {name: np.ones((batch, *shape), np.float32) for name, shape in mixed().inputs}
    first, second = run_file(tmp_path / "m.onnx", ["sum", "both"], feeds)
    assert (first.shape, second.shape) == ((batch, 5, 5, 12), (batch, 6))


def test_facts_survive_json(tmp_path: Path) -> None:
    facts = proven(mixed(), tmp_path / "m.onnx")
    assert ExportFacts.from_json(to_json(facts)) == facts


ELSEWHERE = """
from pathlib import Path
from sys import argv
from costlens.bench.memory import peak_resident_bytes
from costlens.export import export_and_prove
from tests.cases.networks import mixed, vgg
print(export_and_prove({network}, Path(argv[1]), seed=3).file_sha256, peak_resident_bytes())
"""


def exported_elsewhere(network: str, path: Path) -> tuple[str, int]:
    """Export in another process, which says nothing else; return the file's digest and how much memory that took."""
    command = [sys.executable, "-c", ELSEWHERE.format(network=network), str(path)]
    run = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert run.stderr == ""
    digest, peak = run.stdout.split()
    return digest, int(peak)


def test_another_process_writes_the_same_bytes_and_another_seed_writes_others(tmp_path: Path) -> None:
    from costlens.export import export_and_prove

    first = proven(mixed(), tmp_path / "m.onnx").file_sha256
    assert exported_elsewhere("mixed()", tmp_path / "again.onnx")[0] == first
    assert export_and_prove(mixed(), tmp_path / "n.onnx", seed=SEED + 1).file_sha256 != first


def test_vgg16_exports_in_under_8_gb(tmp_path: Path) -> None:
    assert exported_elsewhere('vgg("D")', tmp_path / "vgg.onnx")[1] < 8e9


def test_a_layer_keras_refuses_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from costlens.export import build
    from costlens.network.layers.relu import Relu

    def refuse(*_: object) -> None:
        raise ValueError("no such thing\nmore")

    monkeypatch.setattr(Relu, "to_keras", refuse)
    with pytest.raises(ExportError, match=r"^c\.relu: Keras cannot build this relu: no such thing;"):
        build(graph((6, 5, 4), ("c", layer("conv", filters=6, kernel=3)), ("c.relu", layer("relu"))))


def test_a_model_too_large_for_a_file_is_refused_before_it_is_built(tmp_path: Path) -> None:
    large = graph((40_000,), ("d", layer("dense", units=20_000)))
    with pytest.raises(ExportError, match=r"800,020,000 parameters are 3\.2 GB, an ONNX file holds 2 GB"):
        proven(large, tmp_path / "m.onnx")


def test_a_failed_export_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "m.onnx"
    target.write_bytes(b"whole")
    twice = graph((4,), ("d", layer("dense", units=3)), outputs=("d", "input"))
    with pytest.raises(ExportError, match="output input is an input"):
        proven(twice, target)
    assert (target.read_bytes(), list(tmp_path.iterdir())) == (b"whole", [target])


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ExportError, match=r"file/m\.onnx: cannot be written: .*choose another place"):
        proven(mixed(), tmp_path / "file" / "m.onnx")


def test_a_disk_that_fills_up_is_no_broken_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import onnx
    from onnx import helper

    from costlens.export.passes.constants import fold_constants

    x, y = (helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1]) for name in "xy")
    unknown = helper.make_graph([helper.make_node("NoSuchOperator", ["x"], ["y"])], "g", [x], [y])

    def made() -> onnx.ModelProto:
        return helper.make_model(unknown, ir_version=10, opset_imports=[helper.make_opsetid("", 18)])

    with pytest.raises(ExportError, match=r"onnxruntime cannot load the traced model: .*NoSuchOperator"):
        fold_constants(made(), tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=10))
    with pytest.raises(OSError, match="No space left on device"):
        fold_constants(made(), tmp_path)


def test_a_keras_model_without_a_seed_has_the_nodes_names() -> None:
    from costlens.export import build

    network = speech_embedding()
    model = build(network)
    names = {layer.name for layer in model.layers}
    assert {node.name for node in network.nodes} <= names
    assert (model.input.name, model.output_shape) == ("input", (None, 1, 1, 96))


def test_the_users_keras_settings_do_not_matter(tmp_path: Path) -> None:
    import keras

    before = proven(mixed(), tmp_path / "m.onnx")
    keras.config.set_dtype_policy("mixed_float16")
    keras.config.set_image_data_format("channels_first")
    try:
        after = proven(mixed(), tmp_path / "n.onnx")
        assert keras.config.dtype_policy().name == "mixed_float16"
        assert keras.config.image_data_format() == "channels_first"
    finally:
        keras.config.set_dtype_policy("float32")
        keras.config.set_image_data_format("channels_last")
    assert before.file_sha256 == after.file_sha256
