"""Many kernels as branches of one model, each as a network would run it: its inputs just made, its output let go."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from costlens.runtimes._operation import Operand, Operation

_OPSET, _IR = 18, 10
"""The operators are those of the files that exports write: some have slower kernels in later versions."""
_DOMAINS = {"nchwc": "com.microsoft.nchwc", "microsoft": "com.microsoft"}
_REALS, _WHOLE = frozenset({"float32", "float64"}), frozenset({"int64", "int32"})
_OF_POSITIVE = frozenset({"Sqrt", "Log", "Pow", "Reciprocal", "Neg"})
"""Operators that read no number below zero. Others read as many as above: of a mix a PRelu takes ten times as long."""
_ROW = 1024
_NUMBERS = 1_048_573
"""Different numbers, a prime: weights repeat them, each from a place of its own: the runtime stores equal ones once."""
_APART = 7919
"""How many numbers the beginnings of two weights that follow each other are apart."""
PREFIX = "kernel "
"""What the names of the nodes that are measured begin with, before their place."""


def write_bundle(
    path: Path,
    operations: Sequence[Operation],
    ballast_bytes: int = 0,
    evicted_bytes: int = 0,
    *,
    bare: bool = False,
) -> dict[str, tuple[int, ...]]:
    """Write a model whose node ``kernel 3`` does the fourth operation, and return the shapes of its inputs by name.

    The others are not measured. A node before each makes its first input, so that it lies in the cache as after another
    layer, and both of a gate; others were there before. A node after it takes a single number of its output, whose
    memory is free again then. ``ballast_bytes``: weights that are read once a run and leave nothing else in the caches;
    ``evicted_bytes``: those that are read before each kernel, and leave nothing else in the core's own. ``bare``: the
    kernels themselves are left out, so that they are what the two models differ by.
    """
    import onnx
    from onnx import helper

    parts = _Parts()
    for place, operation in enumerate(operations):
        if evicted_bytes:
            parts.read(f"evict {place}", evicted_bytes)
        (parts.around if bare else parts.add)(place, operation)
    if ballast_bytes:
        parts.sweep(path.with_name("ballast"), ballast_bytes)
    parts.end()
    graph = helper.make_graph(parts.nodes, "bundle", [*parts.inputs.values()], parts.outputs, parts.weights)
    opsets = [
        helper.make_opsetid(domain, version) for domain, version in (("", _OPSET), *((d, 1) for d in _DOMAINS.values()))
    ]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=_IR), str(path))
    return {
        name: tuple(axis.dim_value for axis in one.type.tensor_type.shape.dim) for name, one in parts.inputs.items()
    }


class _Parts:
    """What a model consists of, as it grows."""

    def __init__(self) -> None:
        import numpy

        self._numbers_at_random = numpy.random.default_rng(0).random(_NUMBERS, "float32") - numpy.float32(0.5)
        self.nodes: list[Any] = []
        self.inputs: dict[str, Any] = {}
        self.outputs: list[Any] = []
        self.weights: list[Any] = []
        self._read: set[str] = set()

    def add(self, place: int, operation: Operation) -> None:
        """Add one operation with what makes its inputs and takes its outputs."""
        from onnx import helper

        given = self._inputs(place, operation)
        names = [
            "" if each is None else self._stored(f"w{place}.{number}", each) if each.stored else given[number]
            for number, each in enumerate(operation.inputs)
        ]
        made_shape = operation.outputs[0].shape
        if operation.op == "Reshape":
            names.append(self._numbers(f"w{place}.shape", made_shape))
        if operation.op == "Slice":
            names += [self._numbers(f"w{place}.from", [0] * len(made_shape)), self._numbers(f"w{place}.to", made_shape)]
        if operation.op == "Resize":
            names += ["", "", self._numbers(f"w{place}.sizes", made_shape)]
        made = [f"y{place}.{number}" for number, _ in enumerate(operation.outputs)]
        domain, _, op = operation.op.rpartition(".")
        attributes = operation.attribute
        if op in {"Conv", "ConvTranspose", "FusedConv"} and operation.read[1:]:
            attributes["kernel_shape"] = operation.read[1].shape[2:]
        node = helper.make_node(op, names, made, f"{PREFIX}{place}", domain=_DOMAINS.get(domain, ""), **attributes)
        self.nodes.append(node)
        for name, tensor in zip(made, operation.outputs, strict=True):
            self._let_go(name, tensor)

    def around(self, place: int, operation: Operation) -> None:
        """Add what makes the inputs of one operation, and as many nodes as take its outputs, without itself."""
        for number, name in [*self._inputs(place, operation).items()][:1]:
            for each, _ in enumerate(operation.outputs):
                self._let_go(name, operation.inputs[number], f"{place}.{each}")

    def read(self, name: str, size: int) -> None:
        """Add a product with as many bytes of weights, which all of the same size share."""
        from onnx import helper

        columns = max(1, size // (4 * _ROW))
        row = self._made(f"{name}.x", Operand((1, _ROW)))
        weights = f"read {columns}"
        if weights not in self._read:
            self._read.add(self._stored(weights, Operand((_ROW, columns), stored=True)))
        self.nodes.append(helper.make_node("MatMul", [row, weights], [f"{name}.y"], name))
        self._let_go(f"{name}.y", Operand((1, columns)))

    def sweep(self, file: Path, size: int) -> None:
        """Add a sum of so many bytes of a file beside the model, which is made where it is not there or too small."""
        from onnx import TensorProto, helper

        count = size // 4
        if not file.exists() or file.stat().st_size < size:
            import numpy

            # A power of two, so that a little more does not ask for another file.
            numpy.resize(self._numbers_at_random, 2 ** (size - 1).bit_length() // 4).tofile(file)
        weights = TensorProto(
            name="ballast", data_type=TensorProto.FLOAT, dims=[count], data_location=TensorProto.EXTERNAL
        )
        for key, value in (("location", file.name), ("length", str(4 * count))):
            weights.external_data.add(key=key, value=value)
        self.weights.append(weights)
        self.nodes.append(helper.make_node("ReduceSum", ["ballast"], ["ballast.y"], "ballast", keepdims=0))

    def _inputs(self, place: int, operation: Operation) -> dict[int, str]:
        """Return the names of the inputs that are no weights, by their places, and add what makes them."""
        just_made = _just_made(operation)
        positive = just_made if operation.op in _OF_POSITIVE else just_made[1:]
        return {
            number: self._made(f"t{place}.{number}", each, "Abs" if number in positive else "Neg")
            if number in just_made
            else self._given(each)
            for number, each in enumerate(operation.inputs)
            if each is not None and not each.stored
        }

    def _stored(self, name: str, tensor: Operand) -> str:
        import numpy
        from onnx import numpy_helper

        if tensor.values:
            array = numpy.array(tensor.values, tensor.dtype).reshape(tensor.shape)
        elif tensor.dtype == "float32":
            start = len(self.weights) * _APART % _NUMBERS
            array = numpy.resize(numpy.roll(self._numbers_at_random, -start), tensor.shape)
        else:
            array = numpy.zeros(tensor.shape, tensor.dtype)
        self.weights.append(numpy_helper.from_array(array, name))
        return name

    def _numbers(self, name: str, values: Sequence[int]) -> str:
        return self._stored(name, Operand((len(values),), "int64", stored=True, values=tuple(values)))

    def _made(self, name: str, tensor: Operand, op: str = "Neg") -> str:
        """Return a tensor that a node makes of an input of the model, of which half is below zero."""
        from onnx import helper

        source = self._given(tensor, "x")
        if tensor.dtype not in _REALS | _WHOLE:
            return source
        maker = op if tensor.dtype in _REALS else "Abs"
        self.nodes.append(helper.make_node(maker, [source], [name], f"make {name}"))
        return name

    def _given(self, tensor: Operand, name: str = "before") -> str:
        """Return an input of the model; they are shared by name and shape."""
        source = f"{name} {tensor.dtype} {tensor.shape}"
        if source not in self.inputs:
            self.inputs[source] = _value(source, tensor)
        return source

    def _let_go(self, name: str, tensor: Operand | None, mark: str = "") -> None:
        """Take one number of a tensor, which nothing reads: the runtime frees memory only behind a reader."""
        from onnx import helper

        axes = len(tensor.shape) if tensor else 0
        if tensor is None or axes == 0 or 0 in tensor.shape:
            return
        taken = f"{name}.{mark}one"
        ends = [self._numbers(f"{taken}.{word}", [number] * axes) for word, number in (("from", 0), ("to", 1))]
        self.nodes.append(helper.make_node("Slice", [name, *ends], [taken], f"let go {taken}"))

    def end(self) -> None:
        """Add the only output, a single number: an output costs a call some time."""
        one = Operand((1,))
        self.outputs.append(_value(self._made("end", one), one))


def _just_made(operation: Operation) -> Sequence[int]:
    """Return the places of the inputs that the kernel before made: the first one, and both of a gate.

    A network multiplies tensors of one shape where one is a function of the other, or both are made side by side. Nodes
    that did the same with the same tensor would be one, so the second is made otherwise.
    """
    given = [number for number, each in enumerate(operation.inputs) if each and not each.stored]
    is_gate = operation.op == "Mul" and len({each.shape for each in operation.read}) == 1
    return given if is_gate else given[:1]


def _value(name: str, tensor: Operand) -> Any:
    import numpy
    from onnx import helper

    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(numpy.dtype(tensor.dtype)), tensor.shape)
