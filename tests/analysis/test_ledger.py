"""The ledger: it agrees only where every road does, and a disagreement names the row and the numbers."""

import dataclasses
import math
import re
from pathlib import Path
from typing import Any

import pytest

from costlens.analysis.ledger import ledger, verified
from costlens.errors import UsageError
from costlens.network.count import count
from costlens.network.graph import Graph
from costlens.results.counts import ModelCount
from costlens.results.facts import ExportFacts, KerasLayer, OutputAgreement, WeightAgreement
from costlens.results.stored import to_json
from costlens.results.verification import CrossCheck, Ledger
from tests.cases.file_counts import file_count
from tests.cases.networks import graph, layer, norm_relu, site


def network() -> Graph:
    return graph(
        (8, 6, 3),
        site("stem", filters=4, kernel=3, bias=False, tail=norm_relu()),
        site("half", filters=5, kernel=3, stride=2),
        ("gap", layer("global_avg_pool")),
        ("dense", layer("dense", units=7)),
        ("softmax", layer("softmax")),
    )


NET = network()
SPEC = count(NET)
VARIED = "4 random inputs; largest value 0.8, standard deviation 0.2, between inputs 0.1"
STEM_MACS, HALF_MACS = 3 * 3 * 3 * 4 * 8 * 6, 3 * 3 * 4 * 5 * 4 * 3

FACTS = ExportFacts(
    schema=ExportFacts.SCHEMA,
    model="net",
    seed=0,
    opset=18,
    file_bytes=1,
    file_sha256="",
    versions={},
    keras_trainable=108 + 8 + 185 + 42,
    keras_non_trainable=8,
    keras=(
        KerasLayer("stem", "stem", "Conv2D", (3, 3, 3, 4), (8, 6, 4), 108, 0, STEM_MACS),
        KerasLayer("stem.norm", "stem", "BatchNormalization", None, (8, 6, 4), 8, 8, 0),
        KerasLayer("stem.relu", "stem", "Activation", None, (8, 6, 4), 0, 0, 0),
        KerasLayer("half", "half", "Conv2D", (3, 3, 4, 5), (4, 3, 5), 185, 0, HALF_MACS),
        KerasLayer("dense", "dense", "Dense", (5, 7), (7,), 42, 0, 35),
    ),
    onnx=file_count(
        "net",
        [
            ("stem", "Conv", 112, STEM_MACS),
            ("stem/relu/Relu", "Relu", 0, 0),
            ("half", "Conv", 185, HALF_MACS),
            ("dense", "Gemm", 42, 35),
        ],
    ),
    weights=(WeightAgreement("stem", 112, 2e-7), WeightAgreement("half", 185, 0.0)),
    outputs=(OutputAgreement("softmax", 4, (7,), 0.8, 0.2, 0.1, 3e-7),),
)


def changed(value: Any, path: str, new: Any) -> Any:
    """Return a frozen value with one nested field changed: ``keras.0.macs``."""
    head, _, rest = path.partition(".")
    if isinstance(value, tuple):
        index = int(head)
        inner = changed(value[index], rest, new) if rest else new
        return (*value[:index], inner, *value[index + 1 :])
    return dataclasses.replace(value, **{head: changed(getattr(value, head), rest, new) if rest else new})


def failing(made: Ledger) -> dict[str, str]:
    return {entry.name: entry.note for entry in made.failures}


def test_equal_roads_agree() -> None:
    made = ledger(NET, SPEC, FACTS)
    assert (made.ok, made.failures, made.model, made.variant) == (True, (), "net", "as-written")
    by_name = {entry.name: entry for entry in made.entries}
    assert by_name["parameters"].roads == (("spec", 351), ("Keras", 351))
    assert by_name["deployed parameters"].roads == (("spec", 339), ("ONNX", 339))
    assert by_name["deployed parameters"].note == "BatchNorm's 16 numbers become 4; 5 rows, each equal"
    assert dict(by_name["MACs"].roads) == dict.fromkeys(("spec", "Keras", "ONNX"), STEM_MACS + HALF_MACS + 35)
    assert by_name["convolutions by name"].roads == (("spec rows", 2), ("ONNX nodes", 2))
    assert by_name["output softmax, Keras to ONNX"].note == VARIED


def test_a_ledger_without_entries_proves_nothing() -> None:
    assert not Ledger("net", "standard", ()).ok
    assert Ledger("net", "standard", (CrossCheck("x", (), True),)).ok


_OUTPUT = "output softmax, Keras to ONNX"
_FLAT = (
    "the output hardly varies, so its agreement proves nothing: "
    "largest value {}, standard deviation {}, between inputs {}"
)
_TOTALS = "every row agrees, the totals do not"
FALSE: dict[str, tuple[str, Any, dict[str, str]]] = {
    # title: what is changed, to what, the entries that fail with their notes
    "a wrong count of MACs": ("spec.rows.0.macs", STEM_MACS + 1, {
        "MACs": f"stem: spec {STEM_MACS + 1:,}, Keras {STEM_MACS:,}, ONNX {STEM_MACS:,}"}),
    "a wrong count of weights": ("spec.rows.1.trainable", 186, {
        "trainable parameters": "half: spec 186, Keras 185", "parameters": ""}),
    "a wrong count of statistics": ("spec.rows.0.non_trainable", 4, {
        "non-trainable parameters": "stem: spec 4, Keras 8", "parameters": ""}),
    "a norm that was not folded": ("facts.onnx.rows.0.deployed_params", 116, {
        "deployed parameters": "stem: spec 112, ONNX 116"}),
    "a file that stores more than its rows": ("facts.onnx.totals.deployed_params", 340, {
        "deployed parameters": _TOTALS}),
    "a model with more weights than its layers": ("facts.keras_trainable", 344, {
        "trainable parameters": _TOTALS, "parameters": ""}),
    "another stride in Keras": ("facts.keras.3.macs", 4 * HALF_MACS, {
        "MACs": f"half: spec {HALF_MACS:,}, Keras {4 * HALF_MACS:,}, ONNX {HALF_MACS:,}"}),
    "a convolution of another name": ("facts.onnx.rows.0.name", "Conv__154", {
        "deployed parameters": "stem: spec 112, ONNX 0; Conv__154: spec 0, ONNX 112",
        "MACs": f"stem: spec {STEM_MACS:,}, Keras {STEM_MACS:,}, ONNX 0; "
        f"Conv__154: spec 0, Keras 0, ONNX {STEM_MACS:,}",
        "convolutions by name": "no node for: stem; no row for: Conv__154"}),
    "an operator nobody knows": (
        "facts.onnx",
        dataclasses.replace(FACTS.onnx, status={"macs": "partial"}, uncounted=("x: operator Foo is not known",)),
        {"MACs": "the file was not counted whole: x: operator Foo is not known"}),
    "a wrong weight": ("facts.weights.0.largest_error", 2e-5, {
        "weights, Keras to ONNX": "stem: off by 2e-05 of its largest"}),
    "a weight that is not a number": ("facts.weights.1.largest_error", math.nan, {
        "weights, Keras to ONNX": "half: off by nan of its largest"}),
    "an output that differs": ("facts.outputs.0.largest_error", 8.1e-5, {_OUTPUT: VARIED}),
    "an output that is not a number": ("facts.outputs.0.largest_error", math.nan, {_OUTPUT: VARIED}),
    "a constant output": ("facts.outputs.0.deviation", 0.0, {_OUTPUT: _FLAT.format(0.8, 0, 0.1)}),
    "an output that ignores its input": ("facts.outputs.0.spread", 1e-5, {_OUTPUT: _FLAT.format(0.8, 0.2, 1e-05)}),
    "an output of zeros": ("facts.outputs.0", OutputAgreement("softmax", 4, (7,), 0.0, 0.0, 0.0, 0.0), {
        _OUTPUT: _FLAT.format(0, 0, 0)}),
}  # fmt: skip


@pytest.mark.parametrize("title", FALSE)
def test_a_false_number_fails_and_is_named(title: str) -> None:
    path, new, expected = FALSE[title]
    root, _, rest = path.partition(".")
    spec: ModelCount = changed(SPEC, rest, new) if root == "spec" else SPEC
    facts: ExportFacts = changed(FACTS, rest, new) if root == "facts" else FACTS
    assert failing(ledger(NET, spec, facts)) == expected


def test_a_dropped_row_fails() -> None:
    rows = [("stem", "Conv", 112, STEM_MACS), ("stem/relu/Relu", "Relu", 0, 0), ("dense", "Gemm", 42, 35)]
    dropped = file_count("net", rows)
    made = failing(ledger(NET, SPEC, dataclasses.replace(FACTS, onnx=dropped)))
    assert made["convolutions by name"] == "no node for: half"
    assert made["deployed parameters"] == "half: spec 185, ONNX 0"
    assert made["MACs"] == f"half: spec {HALF_MACS:,}, Keras {HALF_MACS:,}, ONNX 0"


@pytest.mark.parametrize(
    ("path", "new", "output", "weight"),
    [
        ("seed", 0, 3.7e-7, 2e-7),
        ("outputs.0.largest_error", math.inf, "inf", 2e-7),
        ("outputs.0.scale", 0.0, "inf", 2e-7),
        ("weights.0.largest_error", math.nan, 3.7e-7, "nan"),
        ("weights", (), 3.7e-7, 0.0),
    ],
)
def test_a_line_sums_a_ledger_up(path: str, new: Any, output: float | str, weight: float | str) -> None:
    facts = changed(FACTS, path, new)
    made = ledger(NET, SPEC, facts)
    line = verified(count(network()), facts, made)
    assert (line.params, line.deployed_params, line.macs) == (351, 339, STEM_MACS + HALF_MACS + 35)
    assert (line.output_difference, line.weight_difference) == (output, weight)
    assert (line.verdict == "agrees", line.problem == "") == (made.ok, made.ok)


def test_facts_survive_json_whatever_they_say() -> None:
    wrong = changed(changed(FACTS, "weights.0.largest_error", math.inf), "outputs.0.largest_error", math.inf)
    assert ExportFacts.from_json(to_json(wrong)) == wrong


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "facts: schema: Field required; export the model again"),
        (to_json(FACTS).replace("costlens.facts/3", "costlens.facts/0"), "facts: expected schema costlens.facts/3"),
        ("{", "facts: : Invalid JSON"),
    ],
)
def test_other_facts_are_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        ExportFacts.from_json(text)


def test_many_differences_are_cut_short() -> None:
    rows = tuple(dataclasses.replace(SPEC.rows[0], name=f"r{i}", trainable=i + 1) for i in range(9))
    made = ledger(NET, dataclasses.replace(SPEC, rows=rows), FACTS)
    (note,) = [entry.note for entry in made.entries if entry.name == "trainable parameters"]
    assert note.startswith("r0: spec 1, Keras 0; ")
    assert note.endswith("; and 7 more")


@pytest.mark.tensorflow
class TestWithTheRealFile:
    """The same with a real export: the file is changed after it was written."""

    @pytest.fixture(scope="class")
    @staticmethod
    def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
        from costlens.export import build
        from costlens.export.onnx_file import write

        model, path = build(network(), seed=1), tmp_path_factory.mktemp("file") / "m.onnx"
        write(model, network(), path)
        return model, path

    @staticmethod
    def verdict(exported: tuple[Any, Any], tmp_path: Path, change: Any) -> Ledger:
        import onnx

        from costlens.export.proof import prove

        model, path = exported
        stored = onnx.load(path)
        change(stored.graph)
        onnx.save(stored, tmp_path / "changed.onnx")
        return ledger(NET, SPEC, prove(model, network(), tmp_path / "changed.onnx", 1))

    def test_unchanged_agrees(self, exported: tuple[Any, Any], tmp_path: Path) -> None:
        assert self.verdict(exported, tmp_path, lambda stored: None).ok

    @pytest.mark.parametrize("name", ["stem.weight", "stem.bias", "half.weight", "dense.weight", "dense.bias"])
    def test_one_wrong_weight_fails(self, name: str, exported: tuple[Any, Any], tmp_path: Path) -> None:
        from onnx import numpy_helper

        def change(stored: Any) -> None:
            (tensor,) = [tensor for tensor in stored.initializer if tensor.name == name]
            values = numpy_helper.to_array(tensor).copy()
            values.flat[-1] *= 1.01
            tensor.CopyFrom(numpy_helper.from_array(values, name))

        found = failing(self.verdict(exported, tmp_path, change))
        assert found["weights, Keras to ONNX"].startswith(f"{name.partition('.')[0]}: off by ")

    def test_a_wrong_sign_fails_by_the_outputs_too(self, exported: tuple[Any, Any], tmp_path: Path) -> None:
        from onnx import numpy_helper

        def change(stored: Any) -> None:
            (tensor,) = [tensor for tensor in stored.initializer if tensor.name == "half.weight"]
            tensor.CopyFrom(numpy_helper.from_array(-numpy_helper.to_array(tensor), tensor.name))

        assert "output softmax, Keras to ONNX" in failing(self.verdict(exported, tmp_path, change))

    def test_a_dropped_activation_fails(self, exported: tuple[Any, Any], tmp_path: Path) -> None:
        def change(stored: Any) -> None:
            (relu,) = [node for node in stored.node if node.op_type == "Relu"]
            relu.op_type = "Identity"

        assert list(failing(self.verdict(exported, tmp_path, change))) == ["output softmax, Keras to ONNX"]

    def test_a_dropped_convolution_fails(self, exported: tuple[Any, Any], tmp_path: Path) -> None:
        import numpy as np
        from onnx import numpy_helper

        def change(stored: Any) -> None:
            (node,) = [node for node in stored.node if node.name == "half"]
            node.op_type = "MaxPool"
            del node.input[1:]
            kept = [a for a in node.attribute if a.name in ("kernel_shape", "strides", "pads")]
            del node.attribute[:]
            node.attribute.extend(kept)
            (dense,) = [tensor for tensor in stored.initializer if tensor.name == "dense.weight"]
            dense.CopyFrom(numpy_helper.from_array(np.ones((4, 7), np.float32), dense.name))

        found = failing(self.verdict(exported, tmp_path, change))
        assert found["convolutions by name"] == "no node for: half"
        assert found["MACs"].startswith("half: ")
