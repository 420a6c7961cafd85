"""In which precision onnxruntime computes a file: read from the graph that it made of it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from costlens.errors import BenchError, first_line
from costlens.runtimes.onnxruntime import choose_providers
from costlens.storage.files import scratch

_FLOAT, _FLOAT16 = 1, 10  # of onnx.TensorProto.DataType
_IN_INT8 = frozenset({
    "QLinearConv", "QLinearMatMul", "QGemm", "QAttention", "ConvInteger", "MatMulInteger", "MatMulIntegerToFloat",
    "DynamicQuantizeMatMul", "DynamicQuantizeLSTM",
})  # fmt: skip
_IN_FLOAT = frozenset({
    "Conv", "FusedConv", "NhwcFusedConv", "ConvTranspose", "Gemm", "FusedGemm", "MatMul", "FusedMatMul", "Einsum",
    "Attention", "MultiHeadAttention", "LSTM", "GRU", "RNN",
})  # fmt: skip


def optimised(path: Path, device: str) -> Any:
    """Return the graph that onnxruntime runs in the place of a file, an ``onnx.ModelProto``; BenchError otherwise."""
    import onnx
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = 4
    with scratch() as folder:
        target = folder / "optimised.onnx"
        options.optimized_model_filepath = str(target)
        providers = choose_providers(device, onnxruntime.get_available_providers())
        try:
            onnxruntime.InferenceSession(str(path), options, providers=list(providers))
        except Exception as error:  # onnxruntime's errors share no base class but Exception
            raise BenchError(f"{path.name}: onnxruntime cannot load the file: {first_line(error)}") from error
        return onnx.load(target)


def fp16_problem(model: Any) -> str:
    """Say what an optimised graph still computes in fp32; empty where it is fp16 throughout.

    Casts to fp32 are what onnxruntime puts around every operation that it has no fp16 kernel for.
    """
    casts = sum(node.op_type == "Cast" and _cast_to(node) == _FLOAT for node in model.graph.node)
    wide = {value.name for value in model.graph.initializer if value.data_type == _FLOAT}
    kernels = Counter(
        node.op_type for node in model.graph.node if node.op_type in _IN_FLOAT and wide.intersection(node.input[1:2])
    )
    found = [f"{casts} cast{'s' * (casts != 1)} to fp32"] if casts else []
    found += [f"{number} {name} in fp32" for name, number in sorted(kernels.items())]
    return f"not computed in fp16: the optimised graph holds {', '.join(found)}" if found else ""


def int8_share(model: Any) -> tuple[int, int]:
    """Return how many convolutions, matrix products and recurrences are computed in int8, and how many there are."""
    kinds = [node.op_type for node in model.graph.node]
    narrow = sum(kind in _IN_INT8 for kind in kinds)
    return narrow, narrow + sum(kind in _IN_FLOAT for kind in kinds)


def _cast_to(node: Any) -> int:
    return next(int(attribute.i) for attribute in node.attribute if attribute.name == "to")
