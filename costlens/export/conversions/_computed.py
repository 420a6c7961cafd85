"""In which precision onnxruntime computes a file: read from the graph that it made of it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from costlens import runtimes
from costlens.readers.onnx.operators import named
from costlens.runtimes import onnxruntime
from costlens.storage.files import scratch

_FLOAT, _FLOAT16 = 1, 10  # of onnx.TensorProto.DataType


def optimised(path: Path, device: str) -> Any:
    """Return the graph that onnxruntime runs in the place of a file, an ``onnx.ModelProto``; BenchError otherwise."""
    available = runtimes.get(runtimes.DEFAULT).imported().get_available_providers()
    with scratch() as folder:
        return onnxruntime.optimised(path, onnxruntime.choose_providers(device, available), folder)


def fp16_problem(model: Any) -> str:
    """Say what an optimised graph still computes in fp32; empty where it is fp16 throughout.

    Casts to fp32 are what onnxruntime puts around every operation that it has no fp16 kernel for.
    """
    casts = sum(node.op_type == "Cast" and _cast_to(node) == _FLOAT for node in model.graph.node)
    wide = {value.name for value in model.graph.initializer if value.data_type == _FLOAT}
    floating = named("contraction", integer=False)
    kernels = Counter(
        node.op_type for node in model.graph.node if node.op_type in floating and wide.intersection(node.input[1:2])
    )
    found = [f"{casts} cast{'s' * (casts != 1)} to fp32"] if casts else []
    found += [f"{number} {name} in fp32" for name, number in sorted(kernels.items())]
    return f"not computed in fp16: the optimised graph holds {', '.join(found)}" if found else ""


def int8_share(model: Any) -> tuple[int, int]:
    """Return how many convolutions, matrix products and recurrences are computed in int8, and how many there are."""
    kinds = [node.op_type for node in model.graph.node if node.op_type in named("contraction")]
    return sum(kind in named("contraction", integer=True) for kind in kinds), len(kinds)


def _cast_to(node: Any) -> int:
    return next(int(attribute.i) for attribute in node.attribute if attribute.name == "to")
