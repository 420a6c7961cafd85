"""Fifty-six first attempts at parts of published networks, each of one or two layers."""

from tests.cases.new_users import Case

IMAGE, TOKENS = "[8, 8, 16]", "[49, 64]"
CONV = 3 * 3 * 16 * 16
"""The kernels of a 3×3 convolution of 16 channels to 16."""
MACS = CONV * 8 * 8
SAME = (8, 8, 16)


def _activated(word: str, more: int = 0, says: str = "", instead: str = "") -> Case:
    written = "conv: {{filters: 16, kernel: 3, activation: {}}}"
    told = written.format(instead) if instead else ""
    return Case(IMAGE, written.format(word), CONV + 16 + more, MACS, SAME, says, told)


def _free(word: str, sizes: str) -> Case:
    conv = "conv: {filters: 16, kernel: 3}"
    return Case(sizes, conv, 3 * 40 * 16 + 16, 3 * 40 * 16 * 100, (100, 16), "a free size is a knob", conv,
                "knobs: {time: 100}\ninput: [time, 40]")


ACTIVATIONS = {
    "linear": _activated("linear", says="it is called none here", instead="none"),
    "mish": _activated("mish"),
    "prelu": _activated("prelu", more=16),
    "prelu as a layer": Case(IMAGE, "prelu", 16, 0, SAME),
    "selu": _activated("selu"),
    "softplus": _activated("softplus"),
    "sqrt": Case(IMAGE, "sqrt", 0, 0, SAME),
    "a gate behind hard swish": Case(IMAGE, "squeeze_excite: {ratio: 4, inner: hard_swish}", 2 * 16 * 4 + 20,
            2 * 16 * 4, SAME),
    "a gate of silu": Case(IMAGE, "squeeze_excite: {ratio: 4, gate: silu}", 2 * 16 * 4 + 20, 2 * 16 * 4, SAME),
    "swish": _activated("swish", says="it is called silu here", instead="silu"),
}  # fmt: skip

JOINS = {
    "average": Case(IMAGE, "branches: {join: average, paths: [[], [{conv: {filters: 16, kernel: 3}}]]}", CONV + 16,
            MACS,
                    SAME),
    "multiply as a join": Case(IMAGE, "branches: {join: multiply, paths: [[], [{conv: {filters: 16, kernel: 3, "
                               "activation: sigmoid}}]]}", CONV + 16, MACS, SAME),
    "a scalar": Case(IMAGE, "multiply: 2", 0, 0, SAME),
    "a square": Case(IMAGE, "multiply: {from: [input, input]}", 0, 0, SAME),
    "a bare scale": Case(IMAGE, "scale: {}", 16, 0, SAME),
    "a scale by a number": Case(IMAGE, "scale: 0.5", 16, 0, SAME,
            "a learned one that starts there is scale: {initial: 0.5}",
                                "scale: {initial: 0.5}"),
    "subtract": Case(IMAGE, "[{conv: {name: a, filters: 16, kernel: 3}}, {subtract: {from: [a, input]}}]", CONV + 16,
                     MACS, SAME),
}  # fmt: skip

NORMS = {
    "group norm": Case(IMAGE, "group_norm: {groups: 4}", 32, 0, SAME),
    "instance norm": Case(IMAGE, "instance_norm", 32, 0, SAME),
    "l2": Case("[64]", "l2_normalize", 0, 0, (64,), "it is called unit_norm here", "unit_norm"),
    "a group norm as a field": Case(IMAGE, "conv: {filters: 16, kernel: 3, norm: group}", CONV + 16 + 32, MACS, SAME,
                                    "channels (=16) must be divisible by groups (=32)",
                                    "conv: {filters: 16, kernel: 3, norm: {group: {groups: 4}}}"),
    "a layer norm as a field": Case(IMAGE, "conv: {filters: 16, kernel: 3, norm: layer}", CONV + 16 + 32, MACS, SAME),
}  # fmt: skip

SHAPES = {
    "crop": Case(IMAGE, "crop: 1", 0, 0, (6, 6, 16)),
    "reflected padding": Case(IMAGE, "pad: {amount: 1, mode: reflect}", 0, 0, (10, 10, 16)),
    "depth to space": Case(IMAGE, "depth_to_space: 2", 0, 0, (16, 16, 4)),
    "permute": Case(IMAGE, "permute: [2, 0, 1]", 0, 0, (16, 8, 8), "it is called transpose here",
                    "transpose: [2, 0, 1]"),
    "transpose": Case(TOKENS, "transpose: [1, 0]", 0, 0, (64, 49)),
    "pixel shuffle": Case(IMAGE, "pixel_shuffle: 2", 0, 0, (16, 16, 4), "write its order of channels",
                          "depth_to_space: {block: 2, order: CRD}"),
    "space to depth": Case(IMAGE, "space_to_depth: 2", 0, 0, (4, 4, 64)),
    "resize": Case(IMAGE, "resize: {size: [16, 16]}", 0, 0, (16, 16, 16)),
    "upsample": Case(IMAGE, "upsample: 2", 0, 0, (16, 16, 16)),
    "split": Case(IMAGE, "split: 2", 0, 0, (8, 8, 8)),
    "a slice in steps": Case("[32, 8]", "slice: {axis: 0, start: 0, size: 16, step: 2}", 0, 0, (16, 8)),
    "free time": _free("null", "[null, 40]"),
    "free time as -1": _free("-1", "[-1, 40]"),
}  # fmt: skip

POOLS = {
    "adaptive": Case("[7, 7, 8]", "avg_pool: {output: [3, 3]}", 0, 0, (3, 3, 8)),
    "dilated": Case("[7, 7, 8]", "max_pool: {kernel: 2, stride: 1, dilation: 2}", 0, 0, (5, 5, 8)),
    "ceil": Case("[7, 7, 8]", "max_pool: {kernel: 2, stride: 2, ceil: true}", 0, 0, (4, 4, 8)),
    "the mean of an axis": Case(IMAGE, "mean: {axis: 1}", 0, 0, (8, 16), "reduce: {by: mean, axis: 1}",
                                "reduce: {by: mean, axis: 1}"),
    "a global pool of an axis": Case(IMAGE, "global_avg_pool: {axis: 1}", 0, 0, (8, 16), "reduce: {by: mean, axis: 1}",
                                     "reduce: {by: mean, axis: 1}"),
    "statistics": Case("[32, 8]", "stats_pool", 0, 0, (16,)),
}  # fmt: skip

CONVOLUTIONS = {
    "causal": Case("[50, 16]", "conv: {filters: 16, kernel: 3, padding: causal}", 3 * 16 * 16 + 16, 3 * 16 * 16 * 50,
                   (50, 16)),
    "three axes": Case("[8, 16, 16, 3]", "conv: {filters: 16, kernel: 3}", 27 * 3 * 16 + 16, 27 * 3 * 16 * 8 * 16 * 16,
                       (8, 16, 16, 16)),
    "same_lower": Case(IMAGE, "conv: {filters: 16, kernel: 3, padding: same_lower}", CONV + 16, MACS, SAME),
    "shared weights": Case(
        "[7, 7, 8]", "[{conv: {name: a, filters: 8, kernel: 3}}, {conv: {share: a}}]", 9 * 64 + 8, 2 * 9 * 64 * 49,
        (7, 7, 8), "share: unknown field; it is called shared here",
        "[{conv: {name: a, filters: 8, kernel: 3}}, {conv: {shared: a}}]"),
    "separable with a multiplier": Case(
        "[32, 32, 8]", "separable: {filters: 16, kernel: 3, multiplier: 2}", 9 * 16 + 16 + 16 * 16 + 16,
        (9 * 16 + 16 * 16) * 32 * 32, (32, 32, 16), "write its two layers",
        "[{depthwise: {kernel: 3, multiplier: 2}}, {conv: {filters: 16, kernel: 1}}]"),
    "stride and dilation": Case("[32, 32, 8]", "depthwise: {kernel: 3, stride: 2, dilation: 2}", 9 * 8 + 8,
                                9 * 8 * 16 * 16, (16, 16, 8)),
    "a transposed one, dilated": Case(IMAGE, "conv_transpose: {filters: 16, kernel: 3, dilation: 2}", CONV + 16, MACS,
                                      SAME),
    "a transposed one in groups": Case(
        IMAGE, "conv_transpose: {filters: 16, kernel: 3, stride: 2, groups: 16}", 9 * 16 + 16, 9 * 16 * 8 * 8,
        (16, 16, 16)),
    "a transposed one, padded outside": Case(
        IMAGE, "conv_transpose: {filters: 16, kernel: 3, stride: 2, padding: 1, output_padding: 1}", CONV + 16, MACS,
        (16, 16, 16)),
    "a transposed one, padded": Case(IMAGE, "conv_transpose: {filters: 16, kernel: 4, stride: 2, padding: 1}",
                                     16 * 16 * 16 + 16, 16 * 16 * 16 * 64, (16, 16, 16)),
}  # fmt: skip

SEQUENCES = {
    "lstm": Case("[50, 40]", "lstm: {units: 64, bidirectional: true}", 2 * 4 * 64 * (40 + 64 + 1),
                 2 * 50 * 4 * 64 * (40 + 64), (128,)),
    "gru": Case("[50, 40]", "gru: {units: 64}", 3 * 64 * (40 + 64 + 2), 50 * 3 * 64 * (40 + 64), (64,)),
    "attention": Case(
        TOKENS, "multi_head_attention: {heads: 4}", 4 * (64 * 64 + 64), 49 * 4 * 64 * 64 + 2 * 49 * 49 * 64, (49, 64),
        "it is called attention here", "attention: {heads: 4}"),
    "embedding": Case("[32]", "embedding: {size: 1000, units: 16}", 16_000, 0, (32, 16)),
    "a product of tensors": Case(
        TOKENS, "[{dense: {name: q, units: 64}}, {matmul: {from: [q, q]}}]", 64 * 64 + 64, 49 * 64 * 64 + 49 * 64 * 49,
        (49, 49), "transpose_b", "[{dense: {name: q, units: 64}}, {matmul: {from: [q, q], transpose_b: true}}]"),
}  # fmt: skip

ASKED = {**ACTIVATIONS, **JOINS, **NORMS, **SHAPES, **POOLS, **CONVOLUTIONS, **SEQUENCES}
