"""Multiply-accumulates by brute force: what each operator's definition multiplies, on the arrays of a run.

https://onnx.ai/onnx/operators/; nothing here is taken from the reader that is tested against it.
"""

from collections.abc import Callable, Mapping
from itertools import product
from math import prod

from tests.fakes.executed_onnx import Executed


def brute_force(run: Executed) -> int:
    """Return the multiply-accumulates of a node that ran; 0 for an operator that contracts nothing."""
    counted = COUNTED.get(f"{run.domain}.{run.op}") or COUNTED.get(run.op)
    return counted(run) if counted else 0


def _each_output_value_reads_a_filter(weight: int) -> Callable[[Executed], int]:
    """Return the count of a convolution: output value (n, m, …) is a sum over the taps of filter m."""
    return lambda run: run.outputs[0].size * sum(1 for _ in product(*map(range, run.inputs[weight].shape[1:])))


def _each_input_value_meets_its_filters(run: Executed) -> int:
    """Return the count of a transposed convolution: input value (n, c, …) is spread by the taps of channel c."""
    return int(run.inputs[0].size * sum(1 for _ in product(*map(range, run.inputs[1].shape[1:]))))


def _each_output_value_is_a_sum(run: Executed) -> int:
    """Return the count of a matrix product: each output value is a sum over the last axis of the left operand."""
    return int(run.outputs[0].size * run.inputs[0].shape[-1])


def _gemm(run: Executed) -> int:
    left = run.inputs[0].T if run.attributes.get("transA") else run.inputs[0]
    return int(run.outputs[0].size * left.shape[1])


def _einsum(run: Executed) -> int:
    """Visit every combination of indices; products in which nothing is summed or repeated contract nothing."""
    equation = run.attributes["equation"].decode().replace(" ", "")
    left, _, right = equation.partition("->")
    sizes: dict[str, int] = {}
    for term, array in zip(left.split(","), run.inputs, strict=True):
        before, dots, after = term.partition("...")
        hidden = array.ndim - len(before) - len(after) if dots else 0
        letters = [*before, *(f"hidden {index}" for index in range(hidden, 0, -1)), *after]
        for letter, size in zip(letters, array.shape, strict=True):
            sizes[letter] = max(size, sizes.get(letter, 1))
    operands = left.split(",")
    if len(operands) == 1 or set(operands[0]) == set(operands[1]) == set(right):
        return 0
    return sum(1 for _ in product(*map(range, sizes.values())))


def _recurrent(run: Executed) -> int:
    """Visit every step, example and direction: it multiplies its input with W and its state with R."""
    signal, weights, recurrent = run.inputs[:3]
    return sum(
        weights[direction].size + recurrent[direction].size
        for _step, _example in product(range(signal.shape[0]), range(signal.shape[1]))
        for direction in range(len(weights))
    )


def _attention(run: Executed) -> int:
    """Visit every pair of a query and a key, masked or not: a product of their values, and one with the value's."""
    query, key, value, *more = run.inputs
    past = more[1] if len(more) > 1 and more[1] is not None else None
    heads = query.shape[1] if query.ndim == 4 else run.attributes["q_num_heads"]
    of_keys = key.shape[1] if key.ndim == 4 else run.attributes["kv_num_heads"]
    queries = query.shape[-2]
    keys = key.shape[-2] + (0 if past is None else past.shape[2])
    deep = query.shape[-1] // (1 if query.ndim == 4 else heads)
    wide = value.shape[-1] // (1 if value.ndim == 4 else of_keys)
    pairs = sum(1 for _ in product(range(query.shape[0]), range(heads), range(queries), range(keys)))
    return pairs * deep + pairs * wide


def _linear_attention(run: Executed) -> int:
    """Visit every token: keys times values into the state, the state times queries out of it.

    The delta rules read the state with the key, too.
    """
    query, key, value = run.inputs[:3]
    heads, of_keys = run.attributes["q_num_heads"], run.attributes["kv_num_heads"]
    state = (key.shape[2] // of_keys) * (value.shape[2] // of_keys)
    rule = run.attributes.get("update_rule", b"gated_delta")
    counted = 0
    for _example, _token in product(range(query.shape[0]), range(query.shape[1])):
        counted += of_keys * state + heads * state
        counted += of_keys * state if rule in (b"delta", b"gated_delta") else 0
    return counted


def _transform(run: Executed) -> int:
    """Sum over the signal for each number that is written: a real product for each of its parts and the signal's."""
    signal, written = run.inputs[0], run.outputs[0]
    _, asked, axis, *_ = (*run.inputs, None, None)
    axis = run.attributes.get("axis", -2) if axis is None else int(axis)
    bins, length = written.shape[axis], signal.shape[axis]
    if asked is not None:
        length = int(asked)
    elif run.attributes.get("onesided") and run.attributes.get("inverse"):
        length = 2 * (length - 1)
    rest = written.size // (bins * written.shape[-1])
    return sum(length * signal.shape[-1] * written.shape[-1] for _ in product(range(rest), range(bins)))


def _framed(run: Executed) -> int:
    """Sum over each frame for each bin: real samples times a complex factor, or complex ones."""
    signal, window = run.inputs[0], run.inputs[2] if len(run.inputs) > 2 else None
    length = int(run.inputs[3]) if len(run.inputs) > 3 and run.inputs[3] is not None else len(window)
    parts = signal.shape[2] if signal.ndim == 3 else 1
    examples, frames, bins, both = run.outputs[0].shape
    return sum(length * parts * both for _ in product(range(examples), range(frames), range(bins)))


def _grid(run: Executed) -> int:
    """Multiply each position, with a 1 behind it, with the matrix ``(axes, axes + 1)``."""
    return int(prod(run.outputs[0].shape[:-1]) * run.inputs[0][0].size)


def _turned_product(run: Executed) -> int:
    """Each output value is a sum over the axis of the left operand that the right one has, too."""
    left = run.inputs[0]
    return int(run.outputs[0].size * left.shape[-2 if run.attributes.get("transA") else -1])


def _packed(run: Executed) -> int:
    return int(run.outputs[0].size * run.attributes["K"])


def _pairs(batch: int, heads: int, queries: int, keys: int, wide: int) -> int:
    """Visit every pair of a query and a key of each head: ``wide`` values of a key and of a value are multiplied."""
    return sum(wide for _ in product(range(batch), range(heads), range(queries), range(keys)))


def _projected(run: Executed) -> int:
    """Project the input to queries, keys and values, then visit all pairs; the past holds keys and values."""
    signal, weights, *more = run.inputs
    past = [one for one in more if one is not None and one.ndim == 5]
    heads = run.attributes["num_heads"]
    _, key, value = run.attributes.get("qkv_hidden_sizes") or [weights.shape[1] // 3] * 3
    batch, steps, _ = signal.shape
    keys = steps + (past[0].shape[3] if past else 0)
    return int(batch * steps * weights.size) + _pairs(batch, heads, steps, keys, (key + value) // heads)


def _many_heads(run: Executed) -> int:
    """Visit all pairs of queries and keys, those of before included; keys and values may be split into heads."""
    query, key, value, *more = run.inputs
    heads, past = run.attributes["num_heads"], more[3] if len(more) > 3 else None
    keys = key.shape[-2] + (0 if past is None else past.shape[2])
    of_value = value.shape[3] if value.ndim == 4 else value.shape[2] // heads
    return _pairs(query.shape[0], heads, query.shape[1], keys, query.shape[2] // heads + of_value)


def _grouped_queries(run: Executed) -> int:
    """Visit all pairs; the keys of the run are those that it leaves for the next one."""
    heads, present = run.attributes["num_heads"], run.outputs[1]
    return _pairs(len(present), heads, run.inputs[0].shape[1], present.shape[2], 2 * present.shape[3])


def _one_token(run: Executed) -> int:
    """Visit each key that a token reads: those of an encoder, or those of a buffer that are in use and its own."""
    query, key, value, *more = run.inputs
    heads = run.attributes["num_heads"]
    of_encoder = key.ndim == 4
    keys = key.shape[2] if of_encoder else int(more[4][0]) + 1
    wide = 2 * key.shape[3] if of_encoder else (key.shape[2] + value.shape[2]) // heads
    return _pairs(len(query), heads, 1, keys, wide)


def _streams(run: Executed) -> int:
    """Add up streams, each times its number, for each value that is written; a gate beside them adds nothing."""
    streams = run.inputs[0]
    mixes = run.op == "HyperConnectionPreMix" or (len(run.inputs) > 3 and run.inputs[3] is not None)
    branches = run.attributes.get("num_branches") or streams.shape[-2]
    return int(run.outputs[0].size * branches) if mixes else 0


_CONV = _each_output_value_reads_a_filter(1)
COUNTED: Mapping[str, Callable[[Executed], int]] = {
    **dict.fromkeys(("Conv", "ConvInteger", "DeformConv", "CausalConvWithState"), _CONV),
    "QLinearConv": _each_output_value_reads_a_filter(3),
    "ConvTranspose": _each_input_value_meets_its_filters,
    **dict.fromkeys(("MatMul", "MatMulInteger", "QLinearMatMul"), _each_output_value_is_a_sum),
    "Gemm": _gemm,
    "Einsum": _einsum,
    **dict.fromkeys(("LSTM", "GRU", "RNN"), _recurrent),
    **dict.fromkeys(("Attention", "FlexAttention"), _attention),
    "LinearAttention": _linear_attention,
    "DFT": _transform,
    "STFT": _framed,
    "AffineGrid": _grid,
    "FusedConv": _CONV,
    "FusedGemm": _gemm,
    "QGemm": _gemm,
    **dict.fromkeys(("FusedMatMul", "TransposeMatMul"), _turned_product),
    **dict.fromkeys(("MatMulIntegerToFloat", "DynamicQuantizeMatMul"), _each_output_value_is_a_sum),
    "MatMulNBits": _packed,
    "DynamicQuantizeLSTM": _recurrent,
    **dict.fromkeys(("com.microsoft.Attention", "QAttention"), _projected),
    "MultiHeadAttention": _many_heads,
    "GroupQueryAttention": _grouped_queries,
    "DecoderMaskedMultiHeadAttention": _one_token,
    "MatMulInteger16": _each_output_value_is_a_sum,
    "ConvTransposeWithDynamicPads": _each_input_value_meets_its_filters,
    **dict.fromkeys(("HyperConnectionPreMix", "HyperConnectionPostMix"), _streams),
}
