"""Tokens of com.microsoft: packed without padding, looked up, hashed and searched for. No multiply-accumulates.

onnxruntime, docs/ContribOperators.md.
"""

from collections.abc import Sequence

from costlens.arithmetic.sizes import axis as free_axis
from costlens.readers.onnx.operators._operator import Call, ContradictionError, Operator, Out
from costlens.readers.onnx.operators._rules import axis_of, window
from costlens.readers.onnx.tensor import INT32, STRING, UINT32


def _packed(call: Call) -> Sequence[Out]:
    """Return the tokens without padding, where each stood, where sequences begin, and the longest length."""
    batch, steps, hidden = call.shape(0, 3)
    kept = free_axis("tokens kept by RemovePadding", data=True)
    return (
        Out(call.input(0).dtype, (kept, hidden)),
        Out(INT32, (batch, steps)),
        Out(INT32, (batch + 1,)),
        Out(INT32, (1,)),
    )


def _padded(call: Call) -> Sequence[Out]:
    return (Out(call.input(0).dtype, (*call.shape(1, 2), call.shape(0, 2)[1])),)


def _looked_up(call: Call) -> Sequence[Out]:
    return (Out(call.input(0).dtype, (*call.shape(1), call.shape(0, 2)[1])),)


def _hashed(call: Call) -> Sequence[Out]:
    return (Out(UINT32 if call.attributes.get("positive", 1) else INT32, call.input(0).shape),)


def _grams(call: Call) -> Sequence[Out]:
    """Return a hash for each head of each length of n-gram, and the tokens for the next run."""
    shape, kind = call.shape(0), call.input(0).dtype
    most, heads = (call.attributes.get(name) for name in ("max_ngram_size", "n_head_per_ngram"))
    if not isinstance(most, int) or not isinstance(heads, int):
        raise ContradictionError(f"{call.op} has no max_ngram_size or no n_head_per_ngram")
    batch = call.shape(3, 1)[0] - 1 if call.op.startswith("Varlen") else shape[0]
    return (Out(kind, (*shape, (most - 1) * heads)), *[Out(kind, (batch, most - 1))] * 2)


def _merged(call: Call) -> Sequence[Out]:
    kind = call.input(0).dtype
    return (Out(kind, (free_axis("tokens of BifurcationDetector", data=True),)), Out(kind, ()))


def _path(call: Call) -> Sequence[Out]:
    return (Out(INT32, (2, free_axis("path of DynamicTimeWarping", data=True))),)


def _words(call: Call) -> Sequence[Out]:
    return (Out(STRING, (*call.shape(0), free_axis("words of Tokenizer", data=True))),)


def _windows(call: Call) -> Sequence[Out]:
    """Return all slices of a size along an axis: their number there, their size as a last axis."""
    shape, size = list(call.shape(0)), call.attributes.get("size")
    if not isinstance(size, int) or size < 1:
        raise ContradictionError("UnfoldTensor has no size")
    axis = axis_of(call.attributes.get("dim", -1), len(shape))
    shape[axis] = window(call, shape[axis], size, call.attributes.get("step", 1), 0)
    return (Out(call.input(0).dtype, (*shape, size)),)


OPERATORS = {
    "RemovePadding": Operator(_packed),
    "RestorePadding": Operator(_padded),
    "TorchEmbedding": Operator(_looked_up, weights=(0,), role="carrier"),
    "MurmurHash3": Operator(_hashed),
    **dict.fromkeys(("NGramHashMapping", "VarlenNGramHashMapping"), Operator(_grams)),
    "BifurcationDetector": Operator(_merged),
    "DynamicTimeWarping": Operator(_path),
    "Tokenizer": Operator(_words),
    "UnfoldTensor": Operator(_windows, weights=(0,)),
}
