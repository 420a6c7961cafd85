"""What kernels of a bundle read: numbers on both sides of zero, unless the operator takes none below it; where from."""

from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx.reference import ReferenceEvaluator

from costlens.runtimes import Input, Options, _onnxruntime_profile
from costlens.runtimes._bundle import write_bundle
from costlens.runtimes._operation import Operand, Operation, operation


@pytest.mark.parametrize(("op", "share"), [("PRelu", 0.5), ("Relu", 0.5), ("Sqrt", 0.0), ("Log", 0.0)])
def test_what_a_kernel_reads_is_below_zero_as_often_as_above(op: str, share: float, tmp_path: Path) -> None:
    x = Operand((1, 4000))
    more = [Operand((1, 1), stored=True)] if op == "PRelu" else []
    shapes = write_bundle(tmp_path / "bundle.onnx", [operation(op, [x, *more], [x])])
    model = onnx.load(tmp_path / "bundle.onnx")
    (kernel,) = [node for node in model.graph.node if node.op_type == op]
    model.graph.output.append(onnx.helper.make_tensor_value_info(kernel.input[0], onnx.TensorProto.FLOAT, x.shape))
    random = np.random.default_rng(0)
    given = {name: random.standard_normal(shape).astype("float32") for name, shape in shapes.items()}
    *_, read = ReferenceEvaluator(model).run(None, given)
    assert (read < 0).mean() == pytest.approx(share, abs=0.05)


@pytest.mark.parametrize(
    ("op", "other", "made"),
    [
        ("Mul", (1, 8, 4), ["Neg", "Abs"]),
        ("Mul", (1, 8, 1), ["Neg", ""]),
        ("Add", (1, 8, 4), ["Neg", ""]),
    ],
    ids=["a gate", "one number a row", "a residual"],
)
def test_both_tensors_of_a_gate_were_just_made(
    op: str, other: tuple[int, ...], made: list[str], tmp_path: Path
) -> None:
    x = Operand((1, 8, 4))
    write_bundle(tmp_path / "bundle.onnx", [operation(op, [x, Operand(other)], [x])])
    nodes = onnx.load(tmp_path / "bundle.onnx").graph.node
    (kernel,) = [node for node in nodes if node.op_type == op]
    makers = {name: node.op_type for node in nodes for name in node.output}
    assert [makers.get(name, "") for name in kernel.input] == made


def test_a_kernel_whose_first_input_is_stored_reads_both_sides_of_zero(tmp_path: Path) -> None:
    x = Operand((1, 8, 4))
    write_bundle(tmp_path / "bundle.onnx", [operation("Sub", [Operand((1,), stored=True), x], [x])])
    assert "Neg" in {node.op_type for node in onnx.load(tmp_path / "bundle.onnx").graph.node}


def test_a_bundle_has_one_output_and_runs_every_kernel(tmp_path: Path) -> None:
    x = Operand((1, 8, 4))
    path = tmp_path / "bundle.onnx"
    shapes = write_bundle(path, [operation("Relu", [x], [x]), operation("Tanh", [x], [x])])
    (one,) = onnx.load(path).graph.output
    assert [axis.dim_value for axis in one.type.tensor_type.shape.dim] == [1]
    options = Options(inputs={name: Input(shape) for name, shape in shapes.items()})
    session = _onnxruntime_profile.profiled(path, options, tmp_path, as_is=True)
    session.run()
    assert {"kernel 0", "kernel 1"} <= {kernel.name for kernel in session.end().kernels}


X, WEIGHTS = Operand((1, 8, 4)), Operand((4, 4), stored=True)


@pytest.mark.parametrize(
    "kernel",
    [
        operation("Relu", [X], [X]),
        operation("MatMul", [X, WEIGHTS], [X]),
        operation("Sub", [WEIGHTS, X], [X]),
        operation("Mul", [X, X], [X]),
        operation("Reshape", [X], [Operand((1, 32))]),
        operation("TopK", [X, Operand((1,), "int64", stored=True, values=(2,))], [X, Operand(X.shape, "int64")]),
        operation("Gather", [WEIGHTS, Operand((1, 8), "int64")], [X]),
    ],
    ids=lambda one: one.op,
)
def test_a_bare_bundle_lacks_nothing_but_the_kernels(kernel: Operation, tmp_path: Path) -> None:
    for name, bare in (("whole", False), ("bare", True)):
        write_bundle(tmp_path / name, [kernel] * 3, bare=bare)
    whole, bare = (
        Counter(node.op_type for node in onnx.load(tmp_path / name).graph.node) for name in ("whole", "bare")
    )
    assert whole - bare == Counter({kernel.op: 3})
    assert bare - whole == Counter()


def test_what_is_read_besides_lies_in_a_file_that_bundles_share(tmp_path: Path) -> None:
    x = Operand((1, 8))
    path = tmp_path / "bundle.onnx"
    written = []
    for size in (4000, 1022, 4096, 4100):
        write_bundle(path, [operation("Relu", [x], [x])], ballast_bytes=size)
        stored = onnx.load(path, load_external_data=False).graph.initializer
        (ballast,) = [each for each in stored if each.name == "ballast"]
        assert [*ballast.dims] == [size // 4]
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        session.run(None, {each.name: np.ones(each.shape, "float32") for each in session.get_inputs()})
        written.append((tmp_path / "ballast").stat())
    assert [each.st_size for each in written] == [4096, 4096, 4096, 8192]
    assert len({each.st_mtime_ns for each in written[:3]}) == 1
