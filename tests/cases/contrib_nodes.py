"""Models of one node of com.microsoft that few files hold: with arrays that onnxruntime takes, or with what it counts.

https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from tests.cases.microsoft_nodes import SMALL, ZERO, floats, octets, one_node
from tests.cases.onnx_cases import Sizes, integers, weight

_LENGTH = np.array([3], np.int32)
_PAST = {"pk": floats(2, 2, 6, 4), "pv": floats(2, 2, 6, 4), "l": _LENGTH}
_TOKEN = {"q": floats(2, 1, 8), "k": floats(2, 1, 8), "v": floats(2, 1, 8)}
_STREAMS = {"x": floats(2, 3, 4, 8), "b": floats(2, 3, 8), "p": floats(2, 3, 4), "m": floats(2, 3, 4, 4)}
_WORDS = {
    "i": np.ones((2, 3), np.int32), "w": octets(9, 8), "p": octets(6, 8), "g": octets(8), "b": octets(8),
    "s": np.array(SMALL), "z": np.array(ZERO),
}  # fmt: skip

CONTRIB: dict[str, dict[str, Any]] = {
    "one token, keys of an encoder": one_node(
        "DecoderMaskedMultiHeadAttention", "q k v", 1,
        {"q": floats(2, 1, 8), "k": floats(2, 2, 5, 4), "v": floats(2, 2, 5, 4)}, num_heads=2),
    "one token, a past in a buffer": one_node(
        "DecoderMaskedMultiHeadAttention", "q k v _ _ pk pv l", 3, {**_TOKEN, **_PAST}, num_heads=2,
        past_present_share_buffer=1),
    "MatMulInteger16": one_node("MatMulInteger16", "a b", 1,
                                {"a": np.ones((2, 3, 8), np.int16), "b": np.ones((8, 5), np.int16)}),
    "pads as an input": one_node("ConvTransposeWithDynamicPads", "x w p", 1,
                                 {"x": floats(1, 3, 5, 4), "w": floats(3, 6, 3, 3), "p": np.array([1, 0, 0, 1])},
                                 strides=[2, 2]),
    "a causal convolution, dilated": one_node(
        "CausalConvWithState", "x w b p", 2,
        {"x": floats(2, 4, 9), "w": floats(4, 1, 3), "b": floats(4), "p": floats(2, 4, 4)}, dilation=2),
    "a causal convolution, channels last": one_node(
        "CausalConvWithState", "x w", 2, {"x": floats(2, 9, 4), "w": floats(4, 1, 3)}, channels_last=1),
    "streams that are added up": one_node("HyperConnectionPreMix", "x p", 1,
                                          {"x": _STREAMS["x"], "p": _STREAMS["p"]}),
    "streams that are mixed": one_node("HyperConnectionPostMix", "x b p m", 1, _STREAMS),
    "flat streams that are mixed": one_node("HyperConnectionPostMix", "x b p m", 1,
                                            {**_STREAMS, "x": floats(2, 3, 32)}, num_branches=4),
    "streams that are gated alone": one_node("HyperConnectionPostMix", "x b p", 1,
                                             {name: _STREAMS[name] for name in "xbp"}),
    "NhwcMaxPool": one_node("NhwcMaxPool", "x", 1, {"x": octets(1, 6, 7, 4)}, kernel_shape=[3, 2], strides=[2, 2]),
    "MaxpoolWithMask": one_node("MaxpoolWithMask", "x m", 1,
                                {"x": floats(1, 2, 6, 7), "m": np.ones((1, 2, 6, 7), np.int32)},
                                kernel_shape=[3, 2], strides=[2, 2]),
    "MurmurHash3": one_node("MurmurHash3", "x", 1, {"x": np.ones((2, 3), np.int32)}),
    "distances": one_node("CDist", "a b", 1, {"a": floats(4, 8), "b": floats(5, 8)}, metric="euclidean"),
    "all slices": one_node("UnfoldTensor", "x", 1, {"x": floats(2, 9)}, size=4, step=2, dim=1),
    "quantised words": one_node("QEmbedLayerNormalization", "i _ w p _ g b _ s s _ s s z z _ z z", 2, _WORDS),
    "GatedRMSNorm": one_node("GatedRMSNorm", "x s g", 1,
                             {"x": floats(2, 3, 8), "s": floats(4), "g": floats(2, 3, 8)}),
    "BranchwiseRMSNorm": one_node("BranchwiseRMSNorm", "x s", 1, {"x": floats(2, 3, 8), "s": floats(3, 8)}),
    "ScaledSiLU": one_node("ScaledSiLU", "x", 1, {"x": floats(2, 3, 8)}),
    "GatedAdd": one_node("GatedAdd", "x y g", 1,
                         {"x": floats(2, 3, 8), "y": floats(2, 3, 8), "g": floats(2, 3, 1)}),
    "EngramGate": one_node("EngramGate", "k q v a b c", 2,
                           {"k": floats(2, 3, 4, 8), "q": floats(2, 3, 4, 8), "v": floats(2, 3, 8),
                            "a": floats(4, 8), "b": floats(4, 8), "c": floats(4, 8)}),
    "LinearAttentionGate": one_node("LinearAttentionGate", "a d s b", 2,
                                    {"a": floats(2, 3, 4), "d": floats(4), "s": floats(4), "b": floats(2, 3, 4)}),
    "NGramHashMapping": one_node("NGramHashMapping", "i m v", 2,
                                 {"i": np.ones((2, 5), np.int64), "m": np.array([3, 5, 7]),
                                  "v": np.array([11, 13, 17, 19])}, max_ngram_size=3, n_head_per_ngram=2, pad_id=0),
    "MRotaryEmbedding": one_node("MRotaryEmbedding", "x p c s", 1,
                                 {"x": floats(1, 3, 8), "p": np.zeros((3, 1, 3), np.int64), "c": floats(9, 2),
                                  "s": floats(9, 2)}, mrope_section=[1, 1, 0], num_heads=2),
}  # fmt: skip
"""Nodes that the CPU runs."""


class Node(NamedTuple):
    """A node that the CPU does not run: operands (``_``: left out), and by arithmetic its parameters, MACs and shape.

    ``listed`` says why it is not counted.
    """

    op: str
    operands: str
    inputs: Mapping[str, Sizes]
    constants: Sequence[Any]
    params: int
    macs: int
    shape: tuple[int, ...]
    attributes: Mapping[str, Any] = {}
    listed: str = ""


def _packed(name: str, *shape: int) -> Any:
    return weight(name, *shape, dtype=np.uint8)


BY_HAND: dict[str, Node] = {
    "one token, projected, its past in one tensor": Node(
        "DecoderMaskedSelfAttention", "x w b _ past", {"x": [2, 1, 8], "past": [2, 2, 2, 6, 4]},
        [weight("w", 8, 24), weight("b", 24)], 216, 2 * (192 + 7 * 16), (2, 1, 8), {"num_heads": 2},
    ),
    "one token, packed": Node(
        "DecoderMaskedMultiHeadAttention", "x _ _ _ _ k v", {"x": [2, 1, 24], "k": [2, 2, 6, 4], "v": [2, 2, 6, 4]},
        [], 0, 2 * 7 * 16, (2, 1, 8), {"num_heads": 2},
    ),
    "tokens of one sequence": Node(
        "PackedAttention", "x w b o c", {"x": [5, 8], "o": [1, 5], "c": [2]}, [weight("w", 8, 24), weight("b", 24)],
        216, 5 * 192 + 25 * 16, (5, 8), {"num_heads": 2},
    ),
    "tokens of several sequences": Node(
        "PackedMultiHeadAttention", "x k v b o c",
        {"x": [5, 8], "k": [5, 8], "v": [5, 12], "o": [2, 3], "c": [3]}, [weight("b", 28)], 28, 0, (5, 12),
        {"num_heads": 2}, "only a run decides pairs of tokens in PackedMultiHeadAttention",
    ),
    "attention in ordered integers": Node(
        "QOrderedAttention", "x s s s s q k v s s s a a a _ _ s", {"x": [2, 3, 8]},
        [weight("s"), *[_packed(name, 8, 8) for name in "qkv"], weight("a", 8)], 3 * 64 + 8,
        2 * 3 * 192 + 2 * 9 * 16, (2, 3, 8), {"num_heads": 2},
    ),
    "a gated bias": Node(
        "GatedRelativePositionBias", "x a p w b e", {"x": [2, 5, 12]},
        [weight("a", 12), weight("p", 1, 3, 5, 5), weight("w", 4, 8), weight("b", 8), weight("e", 1, 3, 1, 1)],
        12 + 75 + 32 + 8 + 3, 2 * 5 * 3 * 32, (2, 3, 5, 5), {"num_heads": 3},
    ),
    "a state for each head of values": Node(
        "GatedDeltaNet", "q k v _ d b h", {"q": [5, 2, 4], "k": [5, 2, 4], "v": [5, 6, 3], "d": [5, 6], "b": [5, 6]},
        [weight("h", 1, 6, 3, 4)], 72, 5 * 6 * 12 * 3, (5, 6, 3),
    ),
    "a packed state, without a delta rule": Node(
        "GatedDeltaNet", "x _ _ _ _ _ h", {"x": [1, 5, 34], "h": [1, 6, 3, 4]}, [], 0, 5 * 6 * 12 * 2, (1, 5, 6, 3),
        {"update_rule": "gated"},
    ),
    "a causal convolution of tokens": Node(
        "VarlenCausalConvWithState", "x w c b s", {"x": [7, 4], "c": [3], "s": [2, 4, 2]},
        [weight("w", 4, 1, 3), weight("b", 4)], 16, 7 * 12, (7, 4),
    ),
    "a causal convolution of an image": Node(
        "CausalConvWithState", "x w", {"x": [2, 4, 5, 9]}, [weight("w", 4, 1, 3, 3)], 36, 2 * 36 * 45, (2, 4, 5, 9),
        {"ndim": 2},
    ),
    "GemmFastGelu": Node(
        "GemmFastGelu", "x w b", {"x": [2, 3, 8]}, [weight("w", 8, 5), weight("b", 5)], 45, 240, (2, 3, 5)
    ),
    "GemmFloat8": Node("GemmFloat8", "x w", {"x": [3, 8]}, [weight("w", 5, 8)], 40, 120, (3, 5), {"transB": 1}),
    "FusedMatMulActivation": Node(
        "FusedMatMulActivation", "x w", {"x": [2, 3, 8]}, [weight("w", 5, 8)], 40, 240, (2, 3, 5),
        {"transB": 1, "activation": "Relu"},
    ),
    "QOrderedMatMul": Node(
        "QOrderedMatMul", "x s w s s b", {"x": [2, 3, 8]}, [_packed("w", 8, 5), weight("s"), weight("b", 5)], 45, 240,
        (2, 3, 5),
    ),
    "MatMulFpQ4": Node(
        "MatMulFpQ4", "x w s", {"x": [2, 32]}, [_packed("w", 90), integers("s", 32, 5)], 90, 320, (2, 5)
    ),
    "MatMulBlockQuantizedFp8Weight": Node(
        "MatMulBlockQuantizedFp8Weight", "x w s", {"x": [2, 3, 8]}, [_packed("w", 5, 8), weight("s", 5, 1)], 40, 240,
        (2, 3, 5),
    ),
    "MatMulBlockQuantizedFp4Weight": Node(
        "MatMulBlockQuantizedFp4Weight", "x w s g", {"x": [2, 3, 8]},
        [_packed("w", 5, 4), _packed("s", 5, 1), weight("g")], 20, 240, (2, 3, 5),
    ),
    "two products and a gate": Node(
        "MatMulNBitsMlp", "x _ n w s _ v s", {"x": [2, 3, 32]},
        [weight("n", 32), _packed("w", 5, 2, 8), _packed("v", 5, 2, 8), weight("s", 10)], 32 + 160, 2 * 6 * 160,
        (2, 3, 5), {"K": 32, "N": 5, "bits": 4, "block_size": 16, "activation": "silu"},
    ),
    "queries, keys and values of one input": Node(
        "MatMulNBitsQkv", "x _ n q s _ k s _ v s", {"x": [2, 3, 32]},
        [weight("n", 32), _packed("q", 8, 2, 8), _packed("k", 4, 2, 8), _packed("v", 4, 2, 8), weight("s", 8)],
        32 + 256, 6 * 32 * 16, (2, 3, 8), {"K": 32, "Nq": 8, "Nkv": 4, "bits": 4, "block_size": 16},
    ),
    "NhwcConv": Node(
        "NhwcConv", "x w b", {"x": [1, 7, 6, 4]}, [weight("w", 6, 2, 3, 3), weight("b", 6)], 114, 108 * 20,
        (1, 5, 4, 6), {"group": 2},
    ),
    "ComplexMul": Node("ComplexMul", "x w", {"x": [2, 3, 2]}, [weight("w", 3, 2)], 6, 0, (2, 3, 2)),
    "BiasDropout": Node("BiasDropout", "x b", {"x": [2, 3]}, [weight("b", 3)], 3, 0, (2, 3)),
    "MulInteger": Node(
        "MulInteger", "x _ w", {"x": [2, 3, 8]}, [_packed("w", 8)], 8, 0, (2, 3, 8)
    ),
    "QLinearReduceMean": Node(
        "QLinearReduceMean", "x s _ s", {"x": [2, 3, 4]}, [weight("s")], 0, 0, (2, 4), {"axes": [1], "keepdims": 0}
    ),
    "ReduceSumInteger": Node("ReduceSumInteger", "x", {"x": [2, 3, 4]}, [], 0, 0, (2, 1, 4), {"axes": [1]}),
    "padding that is put back": Node(
        "RestorePadding", "x o", {"x": [5, 8], "o": [2, 3]}, [], 0, 0, (2, 3, 8)
    ),
    "TorchEmbedding": Node("TorchEmbedding", "w x", {"x": [2, 3]}, [weight("w", 9, 4)], 36, 0, (2, 3, 4)),
    "GemmaRotaryEmbedding": Node(
        "GemmaRotaryEmbedding", "e x x x x", {"e": [1, 3, 4], "x": [1, 2, 3, 4]}, [], 0, 0, (1, 2, 3, 4)
    ),
    "IsAllFinite": Node("IsAllFinite", "x", {"x": [2, 3]}, [], 0, 0, ()),
    "tokens that read a window and some all": Node(
        "LongformerAttention", "x w b m v c g", {"x": [1, 8, 4], "m": [1, 8], "g": [1, 8]},
        [weight("w", 4, 12), weight("b", 12), weight("v", 4, 12), weight("c", 12)], 120, 0, (1, 8, 4),
        {"num_heads": 2, "window": 2}, "only a run tells which tokens read all others",
    ),
    "keys in blocks of memory": Node(
        "PagedAttention", "x _ _ k v c p t", {"x": [5, 32], "k": [9, 4, 1, 8], "v": [9, 4, 1, 8], "c": [3], "p": [2],
                                              "t": [2, 3]}, [], 0, 0, (5, 16),
        {"num_heads": 2, "kv_num_heads": 1}, "only a run tells which keys it reads",
    ),
    "keys that a run selects": Node(
        "SparseAttentionIndexer", "x k a b c s _ p",
        {"x": [1, 5, 8], "k": [1, 5, 4], "p": [1, 6, 4]},
        [weight("a", 4), weight("b", 4), weight("c", 9, 2), weight("s", 9, 2)], 8 + 36, 0, (1, 5, 11),
        {"policy_mode": "qsa", "token_budget": 8, "compress_ratio": 4}, "only a run tells which keys it reads",
    ),
    "a past that an input allows": Node(
        "DecoderAttention", "x k q w b", {"x": [3, 1, 8], "k": [5, 1, 8]},
        [weight("q", 8, 8), weight("w", 8, 16), weight("b", 24)], 64 + 128 + 24, 0, (3, 1, 8), {"num_heads": 2},
        "only a run tells whether it reads keys of before",
    ),
}  # fmt: skip
