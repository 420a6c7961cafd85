"""Small networks in TensorFlow Lite's format, and what each of them holds by arithmetic: parameters and MACs."""

from collections.abc import Sequence

from tests.cases.tflite_files import Op, T, ints, w, x

SAME, VALID = 0, 1
Case = tuple[Sequence[T], Sequence[Op], int, int]
"""Tensors, the first of which is the input x and one of which is the output y, operators, parameters, MACs."""

_CONV = {"padding": VALID, "strideW": 1, "strideH": 1}


def _lstm(name: str, hidden: int, read: int) -> list[T]:
    """Return four input and four recurrent matrices and four biases."""
    return [
        *(w(f"{name}i{gate}", hidden, read) for gate in range(4)),
        *(w(f"{name}r{gate}", hidden, hidden) for gate in range(4)),
        *(w(f"{name}b{gate}", hidden) for gate in range(4)),
    ]


_CELL = _lstm("", 4, 3)
_INPUTS = [*(one.name for one in _CELL[:8]), None, None, None, *(one.name for one in _CELL[8:]), None, None]
_BACK = _lstm("back", 4, 3)
_BACK_INPUTS = [*(one.name for one in _BACK[:8]), None, None, None, *(one.name for one in _BACK[8:]), None, None]

COUNTED: dict[str, Case] = {
    "convolution, valid, stride 2": (
        [x(1, 9, 7, 3), w("w", 4, 3, 3, 3), w("b", 4), T("y", (1, 4, 3, 4))],
        [Op("CONV_2D", ["x", "w", "b"], ["y"], {**_CONV, "strideW": 2, "strideH": 2})],
        4 * 27 + 4, 4 * 27 * 4 * 3,
    ),
    "convolution, same: padded positions count": (
        [x(1, 5, 5, 2), w("w", 3, 3, 3, 2), w("b", 3), T("y", (1, 5, 5, 3))],
        [Op("CONV_2D", ["x", "w", "b"], ["y"], {**_CONV, "padding": SAME})],
        3 * 18 + 3, 3 * 18 * 25,
    ),
    "convolution, dilated": (
        [x(1, 9, 9, 1), w("w", 2, 3, 3, 1), w("b", 2), T("y", (1, 5, 5, 2))],
        [Op("CONV_2D", ["x", "w", "b"], ["y"], {**_CONV, "dilationHFactor": 2, "dilationWFactor": 2})],
        18 + 2, 18 * 25,
    ),
    "convolution in groups": (
        [x(1, 4, 4, 6), w("w", 9, 1, 1, 2), w("b", 9), T("y", (1, 4, 4, 9))],
        [Op("CONV_2D", ["x", "w", "b"], ["y"], _CONV)],
        9 * 2 + 9, 9 * 2 * 16,
    ),
    "convolution of three examples": (
        [x(3, 4, 4, 2), w("w", 5, 1, 1, 2), w("b", 5), T("y", (3, 4, 4, 5))],
        [Op("CONV_2D", ["x", "w", "b"], ["y"], _CONV)],
        15, 10 * 16 * 3,
    ),
    "convolution by int8": (
        [
            x(1, 4, 4, 2, dtype="INT8", quantized=True), w("w", 3, 2, 2, 2, dtype="INT8", quantized=True),
            w("b", 3, dtype="INT32", quantized=True), T("y", (1, 3, 3, 3), "INT8", quantized=True),
        ],
        [Op("CONV_2D", ["x", "w", "b"], ["y"], _CONV)],
        24 + 3, 24 * 9,
    ),
    "depthwise convolution, multiplier 2": (
        [x(1, 6, 6, 3), w("w", 1, 3, 3, 6), w("b", 6), T("y", (1, 4, 4, 6))],
        [Op("DEPTHWISE_CONV_2D", ["x", "w", "b"], ["y"], {**_CONV, "depthMultiplier": 2})],
        54 + 6, 54 * 16,
    ),
    "transposed convolution": (
        [x(1, 4, 4, 2), ints("s", 1, 8, 8, 3), w("w", 3, 2, 2, 2), T("y", (1, 8, 8, 3))],
        [Op("TRANSPOSE_CONV", ["s", "w", "x"], ["y"], {"padding": SAME, "strideW": 2, "strideH": 2})],
        24, 24 * 16,
    ),
    "convolution in three dimensions": (
        [x(1, 5, 6, 7, 2), w("w", 2, 3, 3, 2, 4), w("b", 4), T("y", (1, 4, 4, 5, 4))],
        [Op("CONV_3D", ["x", "w", "b"], ["y"], {"padding": VALID, "strideD": 1, "strideH": 1, "strideW": 1})],
        18 * 2 * 4 + 4, 18 * 2 * 4 * 80,
    ),
    "transposed convolution in three dimensions": (
        [x(1, 2, 2, 2, 3), ints("s", 1, 4, 4, 4, 2), w("w", 2, 2, 2, 2, 3), T("y", (1, 4, 4, 4, 2))],
        [Op("CONV_3D_TRANSPOSE", ["s", "w", "x"], ["y"], {"padding": SAME, "strideD": 2, "strideH": 2, "strideW": 2})],
        48, 48 * 8,
    ),
    "dense": (
        [x(2, 6), w("w", 5, 6), w("b", 5), T("y", (2, 5))],
        [Op("FULLY_CONNECTED", ["x", "w", "b"], ["y"])],
        35, 60,
    ),
    "dense of more axes": (
        [x(1, 4, 6), w("w", 5, 6), T("y", (1, 4, 5))],
        [Op("FULLY_CONNECTED", ["x", "w", None], ["y"], {"keepNumDims": True})],
        30, 120,
    ),
    "dense that flattens": (
        [x(1, 4, 6), w("w", 5, 12), T("y", (2, 5))],
        [Op("FULLY_CONNECTED", ["x", "w", None], ["y"])],
        60, 120,
    ),
    "matrix product of two tensors": (
        [x(2, 3, 4), T("y", (2, 3, 3))],
        [Op("BATCH_MATMUL", ["x", "x"], ["y"], {"adjY": True})],
        0, 2 * 3 * 4 * 3,
    ),
    "matrix product, broadcast, with a constant": (
        [x(2, 3, 4), w("w", 4, 5), T("y", (2, 3, 5))],
        [Op("BATCH_MATMUL", ["x", "w"], ["y"])],
        20, 2 * 3 * 4 * 5,
    ),
    "LSTM of 6 steps": (
        [
            x(1, 6, 3), *_CELL, T("h", (1, 4), variable=True), T("c", (1, 4), variable=True), T("y", (1, 6, 4)),
        ],
        [
            Op(
                "UNIDIRECTIONAL_SEQUENCE_LSTM", ["x", *_INPUTS, "h", "c"], ["y"],
                {"fusedActivationFunction": 4, "timeMajor": False},
            )
        ],
        4 * (12 + 16 + 4), 4 * (12 + 16) * 6,
    ),
    "LSTM in both directions": (
        [
            x(1, 6, 3), *_CELL, *_BACK, T("fh", (1, 4), variable=True), T("fc", (1, 4), variable=True),
            T("bh", (1, 4), variable=True), T("bc", (1, 4), variable=True), T("y", (1, 6, 8)),
        ],
        [
            Op(
                "BIDIRECTIONAL_SEQUENCE_LSTM",
                ["x", *_INPUTS, *_BACK_INPUTS, "fh", "fc", "bh", "bc", *[None] * 9], ["y"],
                {"fusedActivationFunction": 4, "mergeOutputs": True, "timeMajor": False},
            )
        ],
        2 * 4 * (12 + 16 + 4), 2 * 4 * (12 + 16) * 6,
    ),
    "RNN of 6 steps, time first": (
        [x(6, 1, 3), w("w", 4, 3), w("r", 4, 4), w("b", 4), T("h", (1, 4), variable=True), T("y", (6, 1, 4))],
        [Op("UNIDIRECTIONAL_SEQUENCE_RNN", ["x", "w", "r", "b", "h"], ["y"], {"timeMajor": True})],
        12 + 16 + 4, 28 * 6,
    ),
    "RNN cell": (
        [x(2, 3), w("w", 4, 3), w("r", 4, 4), w("b", 4), T("h", (2, 4), variable=True), T("y", (2, 4))],
        [Op("RNN", ["x", "w", "r", "b", "h"], ["y"])],
        32, 28 * 2,
    ),
    "LSTM cell of one matrix": (
        [
            x(1, 3), T("h", (1, 4), data=[0] * 4), w("w", 16, 7), w("b", 16), T("c", (1, 4), data=[0] * 4),
            T("y", (1, 4)), T("cc", (1, 4)), T("t", (1, 7)), T("g", (1, 16)),
        ],
        [Op("LSTM", ["x", "h", "w", "b", "c"], ["y", "cc", "t", "g"], {"kernelType": 1, "fusedActivationFunction": 4})],
        16 * 7 + 16 + 4 + 4, 16 * 7,
    ),
    "SVDF of rank 2": (
        [x(1, 3), w("f", 8, 3), w("t", 8, 5), w("b", 4), T("s", (1, 40), variable=True), T("y", (1, 4))],
        [Op("SVDF", ["x", "f", "t", "b", "s"], ["y"], {"rank": 2})],
        24 + 40 + 4, 24 + 40,
    ),
    "real Fourier transform, by its definition": (
        [x(1, 4, 1, 16), ints("n", 1, 16), T("z", (1, 4, 1, 9), "COMPLEX64"), T("y", (1, 4, 1, 9))],
        [Op("RFFT2D", ["x", "n"], ["z"]), Op("COMPLEX_ABS", ["z"], ["y"])],
        0, 2 * 16 * 9 * 4,
    ),
    "embedding": (
        [x(3, dtype="INT32"), w("e", 10, 4), T("y", (3, 4))],
        [Op("EMBEDDING_LOOKUP", ["x", "e"], ["y"])],
        40, 0,
    ),
    "gathered table": (
        [x(2, 3, dtype="INT32"), w("e", 10, 4), T("y", (2, 3, 4))],
        [Op("GATHER", ["e", "x"], ["y"])],
        40, 0,
    ),
    "scale and shift of each channel": (
        [x(1, 2, 2, 3), w("s", 3), w("t", 3), T("h", (1, 2, 2, 3)), T("y", (1, 2, 2, 3))],
        [Op("MUL", ["x", "s"], ["h"]), Op("ADD", ["h", "t"], ["y"])],
        6, 0,
    ),
    "an epsilon is no parameter": (
        [x(1, 3), w("e", 1), T("y", (1, 3))],
        [Op("ADD", ["x", "e"], ["y"])],
        0, 0,
    ),
    "PReLU": (
        [x(1, 2, 2, 3), w("a", 1, 1, 3), T("y", (1, 2, 2, 3))],
        [Op("PRELU", ["x", "a"], ["y"])],
        3, 0,
    ),
    "weights stored in halves": (
        [x(1, 4), w("h", 3, 4, dtype="FLOAT16"), T("w", (3, 4)), T("y", (1, 3))],
        [Op("DEQUANTIZE", ["h"], ["w"]), Op("FULLY_CONNECTED", ["x", "w", None], ["y"])],
        12, 12,
    ),
    "a product of constants, which LiteRT makes in every run": (
        [x(1, 3), w("v", 1, 4), w("w", 3, 4), T("h", (1, 3)), T("y", (1, 3))],
        [Op("FULLY_CONNECTED", ["v", "w", None], ["h"]), Op("ADD", ["x", "h"], ["y"])],
        12, 12,
    ),
    "two layers of one matrix": (
        [x(1, 4), w("w", 4, 4), T("h", (1, 4)), T("y", (1, 4))],
        [Op("FULLY_CONNECTED", ["x", "w", None], ["h"]), Op("FULLY_CONNECTED", ["h", "w", None], ["y"])],
        16, 32,
    ),
    "weights that are transposed first": (
        [x(1, 4), w("v", 4, 3), ints("p", 1, 0), T("w", (3, 4)), T("y", (1, 3))],
        [Op("TRANSPOSE", ["v", "p"], ["w"]), Op("FULLY_CONNECTED", ["x", "w", None], ["y"])],
        12, 12,
    ),
}

# title: (tensors, operators, FLOPs)
FLOPS: dict[str, tuple[Sequence[T], Sequence[Op], int]] = {
    "a dense layer with a bias and a fused relu6": (
        [x(1, 6), w("w", 5, 6), w("b", 5), T("y", (1, 5))],
        [Op("FULLY_CONNECTED", ["x", "w", "b"], ["y"], {"fusedActivationFunction": 3})],
        2 * 30 + 5 + 2 * 5,
    ),
    "values mixed of four, of two, and copied": (
        [x(1, 4, 4, 3), ints("s", 8, 10), ints("t", 8, 20), ints("u", 16, 20), T("y", (1, 8, 10, 3)),
         T("z", (1, 8, 20, 3)), T("o", (1, 16, 20, 3))],
        [Op("RESIZE_BILINEAR", ["x", "s"], ["y"]), Op("RESIZE_BILINEAR", ["y", "t"], ["z"]),
         Op("RESIZE_NEAREST_NEIGHBOR", ["z", "u"], ["o"])],
        7 * 240 + 3 * 480,
    ),
    "an average pool": (
        [x(1, 4, 4, 3), T("y", (1, 2, 2, 3))],
        [
            Op(
                "AVERAGE_POOL_2D", ["x"], ["y"],
                {"padding": VALID, "strideW": 2, "strideH": 2, "filterWidth": 2, "filterHeight": 2},
            )
        ],
        3 * 12,
    ),
    "a mean over places": (
        [x(1, 4, 4, 3), ints("a", 1, 2), T("y", (1, 3))],
        [Op("MEAN", ["x", "a"], ["y"])],
        48 - 3,
    ),
    "softmax": ([x(1, 10), T("y", (1, 10))], [Op("SOFTMAX", ["x"], ["y"], {"beta": 1.0})], 50),
    "logistic and tanh": (
        [x(1, 10), T("h", (1, 10)), T("y", (1, 10))],
        [Op("LOGISTIC", ["x"], ["h"]), Op("TANH", ["h"], ["y"])],
        40 + 50,
    ),
    "layout costs nothing": (
        [x(1, 4, 4, 3), ints("s", 1, 48), ints("p", 1, 0), T("h", (1, 48)), T("y", (48, 1))],
        [Op("RESHAPE", ["x", "s"], ["h"]), Op("TRANSPOSE", ["h", "p"], ["y"])],
        0,
    ),
    "response normalisation over 5 channels": (
        [x(1, 2, 2, 8), T("y", (1, 2, 2, 8))],
        [Op("LOCAL_RESPONSE_NORMALIZATION", ["x"], ["y"], {"radius": 2, "alpha": 1.0, "beta": 0.5, "bias": 1.0})],
        (2 * 5 + 3) * 32,
    ),
}

# title: (tensors, operators, shape of y): shapes that a rule makes; the file notes none
SHAPES: dict[str, tuple[Sequence[T], Sequence[Op], tuple[int, ...]]] = {
    "a reshape with an open axis": (
        [x(2, 6), ints("s", 3, -1)], [Op("RESHAPE", ["x", "s"], ["y"])], (3, 4),
    ),
    "a reshape to a shape that is computed": (
        [
            x(2, 3, 4), T("s", (3,), "INT32"), ints("b", 0), ints("e", 1), ints("o", 1), T("n", (), "INT32"),
            ints("r", 12, shape=()), T("p", (2,), "INT32"),
        ],
        [
            Op("SHAPE", ["x"], ["s"], {"outType": 2}),
            Op("STRIDED_SLICE", ["s", "b", "e", "o"], ["n"], {"shrinkAxisMask": 1}),
            Op("PACK", ["n", "r"], ["p"], {"valuesCount": 2, "axis": 0}),
            Op("RESHAPE", ["x", "p"], ["y"]),
        ],
        (2, 12),
    ),
    "a strided slice with all masks": (
        [x(4, 6, 5, 3), ints("b", 1, 0, 9, 0), ints("e", 4, 0, 9, 2), ints("s", 2, 1, 1, 1)],
        [
            Op(
                "STRIDED_SLICE", ["x", "b", "e", "s"], ["y"],
                {"ellipsisMask": 2, "newAxisMask": 4, "beginMask": 8},
            )
        ],
        (2, 6, 5, 1, 2),
    ),
    "a slice backwards": (
        [x(7,), ints("b", -1), ints("e", 0), ints("s", -2)], [Op("STRIDED_SLICE", ["x", "b", "e", "s"], ["y"])], (3,),
    ),
    "a slice to the end": ([x(4, 6), ints("b", 1, 2), ints("s", -1, 3)], [Op("SLICE", ["x", "b", "s"], ["y"])], (3, 3)),
    "padding": (
        [x(1, 4, 5, 2), ints("p", 0, 0, 1, 2, 0, 3, 0, 0, shape=(4, 2))], [Op("PAD", ["x", "p"], ["y"])], (1, 7, 8, 2),
    ),
    "a join": (
        [x(1, 4), T("h", (1, 4))],
        [Op("NEG", ["x"], ["h"]), Op("CONCATENATION", ["x", "h"], ["y"], {"axis": -1})], (1, 8),
    ),
    "a stack": ([x(2, 3)], [Op("PACK", ["x", "x"], ["y"], {"valuesCount": 2, "axis": 1})], (2, 2, 3)),
    "repetition": ([x(2, 3), ints("n", 2, 4)], [Op("TILE", ["x", "n"], ["y"])], (4, 12)),
    "broadcasting": ([x(2, 1), w("w", 1, 5)], [Op("ADD", ["x", "w"], ["y"])], (2, 5)),
    "an image that grows": (
        [x(1, 4, 4, 3), ints("s", 8, 10)], [Op("RESIZE_BILINEAR", ["x", "s"], ["y"])], (1, 8, 10, 3),
    ),
    "depth to space": ([x(1, 4, 4, 8)], [Op("DEPTH_TO_SPACE", ["x"], ["y"], {"blockSize": 2})], (1, 8, 8, 2)),
    "space to depth": ([x(1, 4, 4, 2)], [Op("SPACE_TO_DEPTH", ["x"], ["y"], {"blockSize": 2})], (1, 2, 2, 8)),
    "space to batch": (
        [x(1, 4, 5, 2), ints("b", 2, 3), ints("p", 0, 0, 1, 0, shape=(2, 2))],
        [Op("SPACE_TO_BATCH_ND", ["x", "b", "p"], ["y"])], (6, 2, 2, 2),
    ),
    "batch to space": (
        [x(6, 2, 2, 2), ints("b", 2, 3), ints("p", 0, 0, 1, 0, shape=(2, 2))],
        [Op("BATCH_TO_SPACE_ND", ["x", "b", "p"], ["y"])], (1, 4, 5, 2),
    ),
    "a maximum with its place kept": (
        [x(2, 3, 4), ints("a", -1)], [Op("REDUCE_MAX", ["x", "a"], ["y"], {"keepDims": True})], (2, 3, 1),
    ),
    "an axis more": ([x(2, 3), ints("a", -1, shape=())], [Op("EXPAND_DIMS", ["x", "a"], ["y"])], (2, 3, 1)),
    "axes fewer": ([x(1, 3, 1)], [Op("SQUEEZE", ["x"], ["y"], {"squeezeDims": [0]})], (3, 1)),
    "a class of seven": (
        [x(3, dtype="INT32"), ints("d", 7, shape=()), w("on"), w("off")],
        [Op("ONE_HOT", ["x", "d", "on", "off"], ["y"], {"axis": -1})], (3, 7),
    ),
    "a pool of the same size": (
        [x(1, 5, 5, 2)],
        [
            Op(
                "MAX_POOL_2D", ["x"], ["y"],
                {"padding": SAME, "strideW": 2, "strideH": 2, "filterWidth": 3, "filterHeight": 3},
            )
        ],
        (1, 3, 3, 2),
    ),
}  # fmt: skip
