"""Nets of few to many small kernels, written on the fly: by these the runtime's profiler is weighed."""

from __future__ import annotations

from pathlib import Path

LENGTHS = (4, 12, 24, 48)
"""How many nodes each net has."""
_SHAPE = (1, 16, 24, 24)
"""Large enough that a kernel finds its input moved out of the nearest cache by the profiler, as a network's does."""
_STEPS = ("Conv", "Sigmoid", "Add", "Mul")
"""Three inputs, one, two, two: what is written down of a kernel grows with these. None is fused with the one before."""
_OPSET, _IR = 18, 10


def write_ladder(folder: Path) -> tuple[Path, ...]:
    """Write the nets and return their files."""
    return tuple(_write(folder / f"rung-{length}.onnx", length) for length in LENGTHS)


def _write(path: Path, length: int) -> Path:
    import numpy
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    random = numpy.random.default_rng(0)
    channels = _SHAPE[1]
    nodes, weights = [], []
    for index in range(length):
        op = _STEPS[index % len(_STEPS)]
        shapes = {"Conv": ((channels, channels, 1, 1), (channels,)), "Sigmoid": ()}.get(op, ((channels, 1, 1),))
        stored = [
            numpy_helper.from_array(random.standard_normal(shape).astype("float32"), f"w{index}.{place}")
            for place, shape in enumerate(shapes)
        ]
        weights += stored
        inputs = [f"t{index}", *(tensor.name for tensor in stored)]
        nodes.append(helper.make_node(op, inputs, [f"t{index + 1}"], name=f"n{index}"))
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, _SHAPE) for name in ("t0", f"t{length}")]
    graph = helper.make_graph(nodes, "rung", ends[:1], ends[1:], weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR), str(path))
    return path
