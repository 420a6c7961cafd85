"""The kernels that onnxruntime runs in the place of a model file, each with its operation: read from its own graph."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from costlens.errors import BenchError, first_line
from costlens.runtimes import Options
from costlens.runtimes._bundle import write_bundle
from costlens.runtimes._onnxruntime_profile import kernel_of, outermost, profiled, runs_of
from costlens.runtimes._operation import MOST_VALUES, UNKNOWN, Operand, Operation, operation
from costlens.runtimes._profile import HOLD_GRAPHS, GraphNode, Kernel

_DOMAINS = {"com.microsoft.nchwc": "nchwc.", "com.microsoft": "microsoft."}
_TYPES = {"float": "float32", "double": "float64"}


@dataclass(frozen=True, slots=True)
class Run:
    """The kernels of a run in their order, each with its operation; the nodes of the graph that ran and of the file.

    weight_bytes: of the stored tensors that they read, each once, however many kernels read it.
    """

    kernels: tuple[Kernel, ...]
    operations: tuple[Operation, ...]
    optimised: tuple[GraphNode, ...]
    source: tuple[GraphNode, ...]
    weight_bytes: int | None = None


def operations(path: Path, options: Options, folder: Path) -> Run:
    """Run a file once and return what its kernels were asked to do; ``folder`` is for what the runtime writes.

    Kernels that run inside another one are part of it. BenchError where the file cannot be run.
    """
    import onnx

    session = profiled(path, options, folder, graphs=True)
    try:
        session.run()
    except Exception as problem:  # runtimes raise what they like
        raise BenchError(f"{path}: the model loads but cannot be run: {first_line(problem)}") from problem
    optimised, source = session.graphs()
    graph = onnx.load(str(folder / f"{path.stem}.optimised.onnx"), load_external_data=False).graph
    stored = {each.name: each for each in graph.initializer}
    named: defaultdict[tuple[str, str], list[Any]] = defaultdict(list)
    unnamed: defaultdict[str, list[Any]] = defaultdict(list)
    for node in graph.node:
        (named[node.name, node.op_type] if node.name else unnamed[node.op_type]).append(node)
    kernels, found = [], []
    read: set[str] = set()
    for event, _ in outermost(next(runs_of(session.events()), [])):
        kernel = kernel_of(event)
        nodes = named[kernel.name, kernel.op] or unnamed[kernel.op]
        if nodes:
            node = nodes.pop(0)
            kernels.append(kernel)
            found.append(_operation(node, event["args"], stored))
            read.update(node.input)
    weight_bytes = sum(_stored(stored[name]).bytes for name in read & stored.keys())
    return Run(tuple(kernels), tuple(found), optimised, source, weight_bytes)


def _operation(node: Any, told: Mapping[str, Any], stored: Mapping[str, Any]) -> Operation:
    from onnx import AttributeProto as Kind
    from onnx import helper

    plain = {Kind.INT, Kind.FLOAT, Kind.STRING, Kind.INTS, Kind.FLOATS, Kind.STRINGS}  # a tensor decides no time
    made = [Operand(shape, dtype) for dtype, shape in _shapes(told["output_type_shape"])]
    attributes = {each.name: helper.get_attribute_value(each) for each in node.attribute if each.type in plain}
    op = (UNKNOWN if node.op_type in HOLD_GRAPHS else _DOMAINS.get(node.domain, "")) + node.op_type
    return operation(op, _inputs(node.input, _shapes(told["input_type_shape"]), stored), made, attributes)


def _inputs(
    names: Sequence[str], told: Sequence[tuple[str, tuple[int, ...]]], stored: Mapping[str, Any]
) -> Iterator[Operand | None]:
    """Yield what a node reads; the profile does not tell of weights that the runtime has packed before."""
    left, unsaid = list(told), sum(map(bool, names)) - len(told)
    for name in names:
        tensor = stored.get(name)
        if tensor is None:
            if not name:
                yield None
                continue
            dtype, shape = left.pop(0)
            yield Operand(shape, dtype)
            continue
        if unsaid and (not left or left[0][1] != tuple(tensor.dims)):
            unsaid -= 1
        else:
            left.pop(0)
        yield _stored(tensor)


def _shapes(told: Any) -> list[tuple[str, tuple[int, ...]]]:
    """Read a profile's types and shapes: ``[{"float": [1, 8]}]``."""
    return [(_TYPES.get(kind, kind), tuple(shape)) for each in told for kind, shape in each.items()]


def _stored(tensor: Any) -> Operand:
    """Return a stored tensor, with its values where they decide what is computed."""
    from onnx import helper, numpy_helper

    shape, dtype = tuple(tensor.dims), str(helper.tensor_dtype_to_np_dtype(tensor.data_type))
    decides = dtype != "float32" and len(shape) <= 1 and prod(shape) <= MOST_VALUES and not tensor.external_data
    return Operand(shape, dtype, True, tuple(numpy_helper.to_array(tensor).reshape(-1).tolist()) if decides else ())


def block(folder: Path) -> int:
    """Return how many channels the runtime keeps together on this processor, 1 where it does not: it is asked."""
    path = folder / "block.onnx"
    one = operation(
        "Conv",
        [Operand((1, 3, 8, 8)), Operand((1, 3, 3, 3), stored=True)],
        [Operand((1, 1, 6, 6))],
    )
    write_bundle(path, [one])
    found = operations(path, Options("cpu"), folder).operations
    return max(each.outputs[0].shape[1] for each in found if each.op.endswith("Conv"))
