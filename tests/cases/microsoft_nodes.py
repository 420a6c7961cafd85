"""Models of one node of com.microsoft, with arrays that onnxruntime takes.

https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from onnx import helper


def floats(*shape: int) -> Any:
    return np.linspace(-1, 1, int(np.prod(shape)), dtype=np.float32).reshape(shape)


def octets(*shape: int) -> Any:
    return (np.arange(int(np.prod(shape))) % 7).astype(np.uint8).reshape(shape)


def one_node(op: str, operands: str, outputs: int, arrays: Mapping[str, Any], **attributes: Any) -> dict[str, Any]:
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
_GEMM = {"a": octets(3, 8), "s": np.array(SMALL), "z": np.array(ZERO), "b": octets(8, 5)}
_LSTM = {
    "x": floats(4, 2, 3), "w": octets(1, 3, 20), "r": octets(1, 5, 20), "ws": np.array([SMALL]),
    "wz": np.array([ZERO]),
}  # fmt: skip

MICROSOFT: dict[str, dict[str, Any]] = {
    "FusedConv": one_node("FusedConv", "x w", 1, {"x": floats(1, 4, 7, 6), "w": floats(6, 2, 3, 3)}, activation="Relu",
                      group=2),
    "FusedGemm": one_node("FusedGemm", "a b c", 1, {"a": floats(8, 3), "b": floats(8, 5), "c": floats(5)}, transA=1,
                      activation="Relu"),
    "FusedMatMul": one_node("FusedMatMul", "a b", 1, {"a": floats(2, 8, 3), "b": floats(2, 5, 8)}, transA=1, transB=1),
    "FusedMatMul, batches turned": one_node("FusedMatMul", "a b", 1, {"a": floats(3, 2, 8), "b": floats(2, 8, 5)},
                                        transBatchA=1),
    "TransposeMatMul": one_node("TransposeMatMul", "a b", 1, {"a": floats(2, 8, 3), "b": floats(2, 8, 5)}, transA=1),
    "MatMulIntegerToFloat": one_node("MatMulIntegerToFloat", "a b s s", 1,
                                 {"a": octets(2, 3, 8), "b": octets(8, 5), "s": np.array(SMALL)}),
    "DynamicQuantizeMatMul": one_node("DynamicQuantizeMatMul", "a b s", 1,
                                  {"a": floats(2, 3, 8), "b": octets(8, 5), "s": np.array(SMALL)}),
    "QGemm": one_node("QGemm", "a s z b s z _ s z", 1, _GEMM),
    "QGemm to floats": one_node("QGemm", "a s z b s z", 1, _GEMM),
    "MatMulNBits": one_node("MatMulNBits", "a b s", 1,
                        {"a": floats(2, 3, 32), "b": octets(5, 2, 8), "s": floats(5, 2).reshape(-1)}, K=32, N=5,
                        bits=4, block_size=16),
    "DynamicQuantizeLSTM": one_node("DynamicQuantizeLSTM", "x w r _ _ _ _ _ ws wz ws wz", 1, _LSTM, hidden_size=5),
    "Attention": one_node("Attention", "x w b", 1, {"x": floats(2, 3, 8), "w": floats(8, 24), "b": floats(24)},
                      num_heads=2),
    "Attention of unequal sizes": one_node("Attention", "x w b", 1,
                                       {"x": floats(2, 3, 8), "w": floats(8, 28), "b": floats(28)}, num_heads=2,
                                       qkv_hidden_sizes=[8, 8, 12]),
    "Attention with a past": one_node("Attention", "x w b _ past", 2,
                                  {"x": floats(2, 3, 8), "w": floats(8, 24), "b": floats(24),
                                   "past": floats(2, 2, 2, 6, 4)}, num_heads=2, unidirectional=1),
    "QAttention": one_node("QAttention", "x w b s s _ z z", 1,
                       {"x": octets(2, 3, 8), "w": octets(8, 24), "b": floats(24), **_SCALED}, num_heads=2),
    "MultiHeadAttention": one_node("MultiHeadAttention", "q k v", 1,
                               {"q": floats(2, 3, 8), "k": floats(2, 5, 8), "v": floats(2, 5, 12)}, num_heads=2),
    "MultiHeadAttention, keys and values of before": one_node(
        "MultiHeadAttention", "q k v _ _ _ pk pv", 3,
        {"q": floats(2, 3, 8), "k": floats(2, 3, 8), "v": floats(2, 3, 8), "pk": floats(2, 2, 6, 4),
         "pv": floats(2, 2, 6, 4)}, num_heads=2),
    "MultiHeadAttention, keys split already": one_node(
        "MultiHeadAttention", "q k v", 1,
        {"q": floats(2, 3, 8), "k": floats(2, 2, 5, 4), "v": floats(2, 2, 5, 4)}, num_heads=2),
    "GroupQueryAttention": one_node(
        "GroupQueryAttention", "q k v pk pv l t", 3,
        {"q": floats(1, 1, 16), "k": floats(1, 1, 8), "v": floats(1, 1, 8), "pk": floats(1, 1, 6, 8),
         "pv": floats(1, 1, 6, 8), "l": np.array([6], np.int32), "t": np.array(7, np.int32)}, num_heads=2,
        kv_num_heads=1),
    "GroupQueryAttention, packed": one_node(
        "GroupQueryAttention", "q _ _ pk pv l t", 3,
        {"q": floats(1, 1, 32), "pk": floats(1, 1, 6, 8), "pv": floats(1, 1, 6, 8), "l": np.array([6], np.int32),
         "t": np.array(7, np.int32)}, num_heads=2, kv_num_heads=1),
}  # fmt: skip
