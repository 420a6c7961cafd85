"""Models of one node of com.microsoft, with arrays that onnxruntime takes.

https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from onnx import helper


def _floats(*shape: int) -> Any:
    return np.linspace(-1, 1, int(np.prod(shape)), dtype=np.float32).reshape(shape)


def _bytes(*shape: int) -> Any:
    return (np.arange(int(np.prod(shape))) % 7).astype(np.uint8).reshape(shape)


def _one(op: str, operands: str, outputs: int, arrays: Mapping[str, Any], **attributes: Any) -> dict[str, Any]:
    """Return a model of one node; ``_`` stands for an operand that is left out."""
    made = [f"out{index}" for index in range(outputs)]
    names = ["" if name == "_" else name for name in operands.split()]
    node = helper.make_node(op, names, made, domain="com.microsoft", **attributes)
    inputs = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)
        for name, array in arrays.items()
    ]
    graph = helper.make_graph([node], "net", inputs, [helper.make_empty_tensor_value_info(name) for name in made])
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    return {"model": helper.make_model(graph, opset_imports=opsets, ir_version=8), "feeds": dict(arrays)}


ONE, ZERO, SMALL = np.float32(1), np.uint8(0), np.float32(0.1)
_SCALED = {"s": np.array(SMALL), "z": np.array(ZERO)}
_GEMM = {"a": _bytes(3, 8), "s": np.array(SMALL), "z": np.array(ZERO), "b": _bytes(8, 5)}
_LSTM = {
    "x": _floats(4, 2, 3), "w": _bytes(1, 3, 20), "r": _bytes(1, 5, 20), "ws": np.array([SMALL]),
    "wz": np.array([ZERO]),
}  # fmt: skip

MICROSOFT: dict[str, dict[str, Any]] = {
    "FusedConv": _one("FusedConv", "x w", 1, {"x": _floats(1, 4, 7, 6), "w": _floats(6, 2, 3, 3)}, activation="Relu",
                      group=2),
    "FusedGemm": _one("FusedGemm", "a b c", 1, {"a": _floats(8, 3), "b": _floats(8, 5), "c": _floats(5)}, transA=1,
                      activation="Relu"),
    "FusedMatMul": _one("FusedMatMul", "a b", 1, {"a": _floats(2, 8, 3), "b": _floats(2, 5, 8)}, transA=1, transB=1),
    "FusedMatMul, batches turned": _one("FusedMatMul", "a b", 1, {"a": _floats(3, 2, 8), "b": _floats(2, 8, 5)},
                                        transBatchA=1),
    "TransposeMatMul": _one("TransposeMatMul", "a b", 1, {"a": _floats(2, 8, 3), "b": _floats(2, 8, 5)}, transA=1),
    "MatMulIntegerToFloat": _one("MatMulIntegerToFloat", "a b s s", 1,
                                 {"a": _bytes(2, 3, 8), "b": _bytes(8, 5), "s": np.array(SMALL)}),
    "DynamicQuantizeMatMul": _one("DynamicQuantizeMatMul", "a b s", 1,
                                  {"a": _floats(2, 3, 8), "b": _bytes(8, 5), "s": np.array(SMALL)}),
    "QGemm": _one("QGemm", "a s z b s z _ s z", 1, _GEMM),
    "QGemm to floats": _one("QGemm", "a s z b s z", 1, _GEMM),
    "MatMulNBits": _one("MatMulNBits", "a b s", 1,
                        {"a": _floats(2, 3, 32), "b": _bytes(5, 2, 8), "s": _floats(5, 2).reshape(-1)}, K=32, N=5,
                        bits=4, block_size=16),
    "DynamicQuantizeLSTM": _one("DynamicQuantizeLSTM", "x w r _ _ _ _ _ ws wz ws wz", 1, _LSTM, hidden_size=5),
    "Attention": _one("Attention", "x w b", 1, {"x": _floats(2, 3, 8), "w": _floats(8, 24), "b": _floats(24)},
                      num_heads=2),
    "Attention of unequal sizes": _one("Attention", "x w b", 1,
                                       {"x": _floats(2, 3, 8), "w": _floats(8, 28), "b": _floats(28)}, num_heads=2,
                                       qkv_hidden_sizes=[8, 8, 12]),
    "Attention with a past": _one("Attention", "x w b _ past", 2,
                                  {"x": _floats(2, 3, 8), "w": _floats(8, 24), "b": _floats(24),
                                   "past": _floats(2, 2, 2, 6, 4)}, num_heads=2, unidirectional=1),
    "QAttention": _one("QAttention", "x w b s s _ z z", 1,
                       {"x": _bytes(2, 3, 8), "w": _bytes(8, 24), "b": _floats(24), **_SCALED}, num_heads=2),
    "MultiHeadAttention": _one("MultiHeadAttention", "q k v", 1,
                               {"q": _floats(2, 3, 8), "k": _floats(2, 5, 8), "v": _floats(2, 5, 12)}, num_heads=2),
    "MultiHeadAttention, keys and values of before": _one(
        "MultiHeadAttention", "q k v _ _ _ pk pv", 3,
        {"q": _floats(2, 3, 8), "k": _floats(2, 3, 8), "v": _floats(2, 3, 8), "pk": _floats(2, 2, 6, 4),
         "pv": _floats(2, 2, 6, 4)}, num_heads=2),
    "MultiHeadAttention, keys split already": _one(
        "MultiHeadAttention", "q k v", 1,
        {"q": _floats(2, 3, 8), "k": _floats(2, 2, 5, 4), "v": _floats(2, 2, 5, 4)}, num_heads=2),
    "GroupQueryAttention": _one(
        "GroupQueryAttention", "q k v pk pv l t", 3,
        {"q": _floats(1, 1, 16), "k": _floats(1, 1, 8), "v": _floats(1, 1, 8), "pk": _floats(1, 1, 6, 8),
         "pv": _floats(1, 1, 6, 8), "l": np.array([6], np.int32), "t": np.array(7, np.int32)}, num_heads=2,
        kv_num_heads=1),
    "GroupQueryAttention, packed": _one(
        "GroupQueryAttention", "q _ _ pk pv l t", 3,
        {"q": _floats(1, 1, 32), "pk": _floats(1, 1, 6, 8), "pv": _floats(1, 1, 6, 8), "l": np.array([6], np.int32),
         "t": np.array(7, np.int32)}, num_heads=2, kv_num_heads=1),
}  # fmt: skip
