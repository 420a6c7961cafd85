"""A new kind is one file: a toy one, written into the room of a fresh process, is known everywhere."""

import csv
import json

import pytest

from tests.cases.onnx_cases import node, save
from tests.fakes.toy_rooms import Toys, toys

pytestmark = pytest.mark.process


HALVES = '''
"""Halves: two groups."""

from costlens.arithmetic.cost import Quotient
from costlens.network.variants._kind import ConvolutionKind


class Halves(ConvolutionKind):
    """Conv K_h×K_w M → N in two groups: K_h·K_w·M·N/2 weights."""

    formula = "1/2 of it"

    def refusal(self, layer, shape):
        odd = layer.filters % 2 or shape[-1] % 2
        return super().refusal(layer, shape) or ("odd channels" if odd else None)

    def parts(self, layer, shape):
        return (("both", layer.changed(groups=2)),)

    def terms(self, layer, shape):
        return (Quotient(below=(2,)),)
'''
CUBE = '''
"""Cube: the third power."""

from costlens.network.fields import field
from costlens.network.layers._elementwise import Elementwise


class Cube(Elementwise):
    """Cube, scale·x³: ``(...) -> (...)``; 3 FLOPs an element."""

    flops_per_element = 3
    shorthand = "scale"

    scale: float = field(default=1.0, gt=0, description="a factor")

    def to_keras(self, k, name, tensor, *more):
        scale = self.scale
        return k.layers.Lambda(lambda x: scale * x * x * x, name=name)(tensor)
'''
CUBES = """
name: cubes
input: [4, 4, 2]
layers:
- cube
- cube: 2
- conv: {filters: 2, kernel: 3, activation: [relu, {cube: 0.5}]}
"""
SPEC = """
name: toy
input: [8, 8, 4]
defaults: {conv: {bias: false, norm: batch}}
layers:
- conv: {name: a, filters: 6, kernel: 3}
- halves: {name: b, filters: 4, kernel: 3, activation: relu}
- conv: {name: c, filters: 5, kernel: 3}
"""
OPERATOR = '''
"""Blend: a matrix product."""

from costlens.arithmetic.cost import Cost, dense
from costlens.readers.onnx.operators._operator import Operator, Out


def _infer(call):
    return (Out(call.input(0).dtype, (call.shape(0)[0], call.shape(1)[1])),)


def _cost(call):
    return Cost((dense(*call.shape(1)),))


OPERATORS = {"Blend": Operator(_infer, _cost, (1,), role="contraction")}
'''
RUNTIME = '''
"""A runtime that sleeps."""

import time

from costlens.runtimes import Fingerprint, Runtime
from costlens.runtimes._runtime import ProcessorSession


class Session(ProcessorSession):
    def run(self):
        time.sleep(0.001)


class Sleeper(Runtime):
    library = "time"
    packages = ("numpy",)

    def load(self, path, options):
        return Session(Fingerprint(self.name(), "1", "", "cpu", ("none",), "{}", options.threads, "none"))

    def predict(self, path, inputs):
        return []
'''
CONVERSION = '''
"""A copy of the exported file."""

from costlens.export.conversions._conversion import Written


class Copy(Written):
    file = "copy.onnx"

    def write(self, source, folder, batch):
        (folder / self.file).write_bytes(source.onnx.read_bytes())
'''
LITE_OPERATOR = '''
"""Sort: a comparison for each value."""

from costlens.readers.tflite.operators._operator import Operator


OPERATORS = {"STABLEHLO_SORT": Operator(flops=1)}
'''
KERAS_OPERATOR = '''
"""QR by Householder reflections: a toy's figure."""

from costlens.arithmetic.cost import Contraction, Cost
from costlens.readers.keras.operators._operator import Operator

OPERATORS = {"Qr": Operator(lambda call: Cost((Contraction(call.output()[-2:]),)), contracts=True)}
'''
ASKED_OF_A_KERAS_OPERATOR = """
from costlens import frameworks
from costlens.readers.keras import read

keras = frameworks.keras()
given = keras.Input((4, 4))
counted = read(keras.Model(given, keras.ops.qr(given)[0]))
print([(row.name, row.macs) for row in counted.rows], counted.status["macs"])
"""
ASKED_OF_A_LITE_OPERATOR = """
from pathlib import Path
from sys import argv
from costlens.readers.tflite import read
from tests.cases.tflite_files import Op, T, net, x

path = net(Path(argv[1]) / "sort.tflite", [x(1, 8), T("y", (1, 8))], Op("STABLEHLO_SORT", ["x"], ["y"]))
counted = read(path)
print([(row.kind, row.output, row.flops) for row in counted.rows], counted.status["flops"])
"""
ASKED_OF_AN_OPERATOR = """
from pathlib import Path
from sys import argv
import onnx
from costlens.bench.attribution.join import assign
from costlens.export.conversions.onnxruntime_int8 import int8_share
from costlens.export.passes.name_nodes import name_tensors
from costlens.readers.onnx import read
from costlens.runtimes._profile import GraphNode, Kernel
from tests.cases.onnx_cases import node, save, weight

nodes = [node("Relu", ["x"], ["a"], name="r"), node("Blend", ["a", "w"], ["y"], name="b", domain="com.microsoft")]
path = save(Path(argv[1]) / "blend.onnx", nodes, {"x": [1, 8]}, [weight("w", 8, 5)])
counted = read(path)
print([(row.kind, row.deployed_params, row.macs) for row in counted.rows], counted.status["macs"])
graph = (GraphNode("r", "Relu", ("x",), ("a",)), GraphNode("b", "Blend", ("a", "w"), ("y",)))
fused = (GraphNode("f", "FusedBlend", ("x", "w"), ("y",)),)
print(assign([Kernel("f", "FusedBlend")], fused, graph, ("r", "b"))[0].row)
model = onnx.load(path)
print(int8_share(model))
name_tensors(model, {"x": "x", "y": "y"})
print([tensor.name for tensor in model.graph.initializer])
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Toys:
    return toys(tmp_path_factory.mktemp("toys"), {
        "costlens.network.variants/halves.py": HALVES,
        "costlens.network.layers/cube.py": CUBE,
        "costlens.readers.onnx.operators/blend.py": OPERATOR,
        "costlens.readers.keras.operators/qr.py": KERAS_OPERATOR,
        "costlens.readers.tflite.operators/sort.py": LITE_OPERATOR,
        "costlens.runtimes/sleeper.py": RUNTIME,
        "costlens.export.conversions/sleeper_fp32.py": CONVERSION,
        "costlens.export.conversions/onnxruntime_toy.py": CONVERSION,
        "cubes.yaml": CUBES,
        "toy.yaml": SPEC,
    })  # fmt: skip


def test_it_is_listed_with_its_formula(house: Toys) -> None:
    assert "halves" in house.costlens("kinds")
    assert "MACs ÷ standard: 1/2 of it" in house.costlens("kinds", "halves")
    assert '"$ref": "#/definitions/halves"' in house.costlens("schema")
    assert "halves" in house.costlens("count", "--help")


def test_it_is_a_word_of_specs_and_takes_the_defaults_of_conv(house: Toys) -> None:
    rows = list(csv.DictReader(house.costlens("count", house.file("toy.yaml"), "--format", "csv").splitlines()))
    assert [row["name"] for row in rows] == ["a", "b.both", "c"]
    # six channels in two groups, no bias, and a norm of 4·4 numbers
    assert (rows[1]["convolution"], int(rows[1]["params"])) == ("halves", 3 * 3 * 3 * 4 + 16)


def test_it_is_a_variant_beside_the_others(house: Toys) -> None:
    text = house.costlens("count", house.file("toy.yaml"), "--variant", "all")
    assert "halves: 1 convolution left alone: odd channels" in text
    standard, halves = (
        house.costlens("count", house.file("toy.yaml"), "--variant", kind, "--format", "csv").count(",3×3,")
        for kind in ("standard", "halves")
    )
    assert standard == halves == 3


@pytest.mark.tensorflow
def test_it_is_built_exported_and_proven(house: Toys) -> None:
    text = house.costlens("verify", house.file("toy.yaml"), "--variant", "halves")
    assert "toy · halves: all agree" in text


def test_a_layer_kind_is_listed_counted_and_a_word_of_activation(house: Toys) -> None:
    assert "a number above 0" in house.costlens("kinds", "cube")
    assert '"$ref": "#/definitions/cube"' in house.costlens("schema")
    text = house.costlens("count", house.file("cubes.yaml"), "--format", "csv")
    rows = list(csv.DictReader(text.splitlines()))
    assert [row["name"] for row in rows] == ["cube1", "cube2", "conv1"]
    # 32 values: three operations each; a bias, a relu and a cube behind 2·3·3·2·32 FLOPs of the convolution
    assert [int(row["flops"]) for row in rows] == [96, 96, 2 * 9 * 2 * 32 + 32 + 32 + 96]


@pytest.mark.process
def test_a_layer_kind_is_built_exported_and_proven(house: Toys) -> None:
    text = house.costlens("verify", house.file("cubes.yaml"), "--variant", "as-written")
    assert "cubes · as-written: all agree" in text


def test_an_operator_family_is_counted_profiled_and_exported(house: Toys) -> None:
    assert house.python("-c", ASKED_OF_AN_OPERATOR, str(house.folder)).splitlines() == [
        "[('Relu', 0, 0), ('Blend', 40, 40)] complete",
        "b",  # the kernel's time belongs to the contraction
        "(0, 1)",
        "['b.weight']",
    ]


def test_an_operation_of_tensorflow_is_counted(house: Toys) -> None:
    assert house.python("-c", ASKED_OF_A_KERAS_OPERATOR).strip() == "[('qr', 16)] complete"


def test_a_tensorflow_lite_operator_is_counted(house: Toys) -> None:
    printed = house.python("-c", ASKED_OF_A_LITE_OPERATOR, str(house.folder))
    assert printed.strip() == "[('STABLEHLO_SORT', (1, 8), 8)] complete"


def test_a_runtime_and_a_precision_are_timed(house: Toys) -> None:
    net = save(house.folder / "net.onnx", [node("Tanh", ["x"], ["y"])], {"x": ["N", 64]})
    asked = ("--runtime", "onnxruntime,sleeper", "--precision", "fp32,toy", "--quick", "--format", "json")
    lines = json.loads(house.costlens("sweep", str(net), *asked))["lines"]
    found = {(line["condition"]["runtime"], line["condition"]["precision"]): line["problem"] for line in lines}
    assert found == {
        ("onnxruntime", "fp32"): "",
        ("onnxruntime", "toy"): "",
        ("sleeper", "fp32"): "",
        ("sleeper", "toy"): "sleeper has no files in toy here; it has fp32",
    }
