"""Attention of com.microsoft over one new token, over packed sequences and over keys that a run selects.

    MACs = pairs of a query and a key that one head reads · heads · (size of a key + size of a value)

Sequences that are packed without padding have as many pairs as their lengths say, which only a run tells unless there
is one sequence. Operators that select keys are listed. onnxruntime, docs/ContribOperators.md.
"""

from collections.abc import Callable, Sequence

from costlens.arithmetic.cost import Contraction, Cost, dense
from costlens.arithmetic.sizes import AnySize
from costlens.arithmetic.sizes import axis as free_axis
from costlens.readers.onnx.operators._operator import (
    Call,
    ContradictionError,
    Infer,
    Operator,
    Out,
    as_first,
    first_axis,
)
from costlens.readers.onnx.operators._rules import used_at
from costlens.readers.onnx.tensor import INT32, Shape

_SPLIT = 4
"""Axes of keys that are split into heads: ``(B, H, S, D)``."""


def _number(call: Call, name: str) -> int:
    found = call.attributes.get(name)
    if not isinstance(found, int) or found < 1:
        raise ContradictionError(f"{call.op} has no {name}")
    return found


def _parts(call: Call, columns: AnySize) -> tuple[AnySize, AnySize]:
    """Return the sizes of all heads' keys and values that a projection makes."""
    _, key, value = call.attributes.get("qkv_hidden_sizes") or [columns // 3] * 3
    return key, value


def _pairs(positions: Sequence[AnySize], *sizes: AnySize) -> tuple[Contraction, ...]:
    return tuple(Contraction((size,), used_at(*positions)) for size in sizes)


def _keys(call: Call, past: AnySize, length: int) -> AnySize:
    """Return the keys of before, and the new one: all that are given, or as many of a shared buffer as are in use."""
    if not call.attributes.get("past_present_share_buffer", 0):
        return past + 1
    known = call.has(length) and call.input(length).value is not None
    return 1 + (call.ints(length)[0] if known else free_axis(f"past of {call.op}", data=True))


def _masked(call: Call) -> Sequence[Out]:
    """Read DecoderMaskedSelfAttention: one token ``(B, 1, in)``, weights of all projections, the past in one tensor."""
    batch, tokens, _ = call.shape(0, 3)
    _, value = _parts(call, call.shape(1, 2)[1])
    both, _, heads, past, size = call.shape(4, 5)
    kept = past if call.attributes.get("past_present_share_buffer", 0) else past + 1
    kind = call.input(0).dtype
    return (Out(kind, (batch, tokens, value)), Out(kind, (both, batch, heads, kept, size)))


def _masked_cost(call: Call) -> Cost:
    batch, tokens, inner = call.shape(0, 3)
    columns = call.shape(1, 2)[1]
    keys = _keys(call, call.shape(4, 5)[3], 6)
    return Cost((dense(inner, columns, used_at(batch, tokens)), *_pairs((batch, tokens, keys), *_parts(call, columns))))


def _many(call: Call) -> tuple[Shape, AnySize, AnySize, AnySize]:
    """Read DecoderMaskedMultiHeadAttention: the batch with one token, its keys, and sizes of all keys and values."""
    batch, tokens, hidden = call.shape(0, 3)
    heads = _number(call, "num_heads")
    if call.has(1) and len(call.shape(1)) == _SPLIT:  # of an encoder
        return (batch, tokens), call.shape(1)[2], hidden, call.shape(2, 4)[3] * heads
    keys = _keys(call, call.shape(5, 4)[2] if call.has(5) else 0, 7)
    if call.has(1):
        return (batch, tokens), keys, hidden, call.shape(2, 3)[2] if call.has(2) else hidden
    size = call.shape(5, 4)[3] * heads if call.has(5) else hidden // 3
    return (batch, tokens), keys, size, hidden - 2 * size


def _many_infer(call: Call) -> Sequence[Out]:
    shape, _, _, value = _many(call)
    kind = call.input(0).dtype
    kept = [Out(call.input(index).dtype, _kept(call, index)) for index in (5, 6) if call.has(index)]
    return (Out(kind, (*shape, value)), *kept)


def _kept(call: Call, index: int) -> Shape:
    batch, heads, past, size = call.shape(index, 4)
    return (batch, heads, past if call.attributes.get("past_present_share_buffer", 0) else past + 1, size)


def _many_cost(call: Call) -> Cost:
    shape, keys, key, value = _many(call)
    return Cost(_pairs((*shape, keys), key, value))


def _apart(call: Call, tokens: AnySize, lengths: int) -> tuple[AnySize, ...]:
    """Return the pairs of packed tokens: those of one sequence, or as many as the lengths of several say."""
    if call.shape(lengths, 1)[0] == 2:  # noqa: PLR2004  # where one begins and ends
        return (tokens, tokens)
    return (free_axis(f"pairs of tokens in {call.op}", data=True),)


def _packed(call: Call) -> Sequence[Out]:
    """Read PackedAttention: tokens of all sequences ``(T, in)``."""
    _, value = _parts(call, call.shape(1, 2)[1])
    return (Out(call.input(0).dtype, (call.shape(0, 2)[0], value)),)


def _packed_cost(call: Call) -> Cost:
    (tokens, inner), (_, columns) = call.shape(0, 2), call.shape(1, 2)
    pairs = _pairs(_apart(call, tokens, 4), *_parts(call, columns))
    return Cost((dense(inner, columns, used_at(tokens)), *pairs))


def _packed_heads(call: Call) -> tuple[AnySize, AnySize, AnySize]:
    """Read PackedMultiHeadAttention: its tokens and the sizes of all keys and values; ``(T, H, 3, D)`` is all three."""
    shape = call.shape(0)
    if len(shape) == _SPLIT:
        return shape[0], shape[1] * shape[3], shape[1] * shape[3]
    return shape[0], shape[1], call.shape(2, 2)[1]


def _packed_heads_infer(call: Call) -> Sequence[Out]:
    tokens, _, value = _packed_heads(call)
    return (Out(call.input(0).dtype, (tokens, value)),)


def _packed_heads_cost(call: Call) -> Cost:
    tokens, key, value = _packed_heads(call)
    return Cost(_pairs(_apart(call, tokens, 5), key, value))


def _ordered(call: Call) -> Sequence[Out]:
    """Read QOrderedAttention: its input ``(B, S, in)``, and weights of queries, keys and values apart."""
    return (Out(call.input(0).dtype, (*call.shape(0, 3)[:2], call.shape(7, 2)[1])),)


def _ordered_cost(call: Call) -> Cost:
    batch, steps, _ = call.shape(0, 3)
    weights = [call.shape(index, 2) for index in (5, 6, 7)]
    projected = [dense(inner, columns, used_at(batch, steps)) for inner, columns in weights]
    return Cost((*projected, *_pairs((batch, steps, steps), weights[1][1], weights[2][1])))


def _gated_bias(call: Call) -> Sequence[Out]:
    """Return a bias for each pair: ``(B, heads, S, S)``, of a table ``(1, heads, S, S)``."""
    _, heads, queries, keys = call.shape(2, 4)
    batch = call.shape(6, 2)[0] if call.has(6) else call.shape(0)[0]
    return (Out(call.input(0).dtype, (batch, heads, queries, keys)),)


def _gated_bias_cost(call: Call) -> Cost:
    size, gates = call.shape(3, 2)
    return Cost((dense(size, gates, used_at(*call.shape(0)[:-1], _number(call, "num_heads"))),))


def _heads_of(name: str, query: int = 0) -> Infer:
    """Return the rule of attention that keeps its queries' axes; ``name``: the attribute of their heads."""

    def infer(call: Call) -> Sequence[Out]:
        shape = call.shape(query)
        heads, of_keys = _number(call, name), _number(call, "kv_num_heads")
        size = shape[-1] if call.has(1) else shape[-1] // (heads + 2 * of_keys) * heads
        caches = [Out(call.input(index).dtype, call.input(index).shape) for index in (3, 4) if call.has(index)]
        return (Out(call.input(query).dtype, (*shape[:-1], size)), *(caches if call.op in _IN_PLACE else ()))

    return infer


def _selected(call: Call) -> Sequence[Out]:
    """Return as many indices for each token as attributes say."""
    blocks = call.attributes.get("token_budget", 0) + _number(call, "compress_ratio") - 1
    most = blocks if call.attributes.get("policy_mode") == "qsa" else _number(call, "index_topk")
    tokens = call.shape(0)[:-1]
    return (Out(INT32, (*tokens, most)), *((Out(INT32, tokens),) if call.op.startswith("Packed") else ()))


_IN_PLACE = frozenset({"PagedAttention", "SparseAttention", "SparsePagedAttention"})
"""Their caches have room for all tokens."""


def _contraction(infer: Infer, cost: Callable[[Call], Cost], *places: int, integer: bool = False) -> Operator:
    return Operator(
        infer, cost, places, role="contraction", batch=first_axis, single=True, integers=integer, integer=integer
    )


def _listed(why: str, infer: Infer, *places: int, integers: bool = False) -> Operator:
    return Operator(infer, weights=places, batch=first_axis, integers=integers, listed=f"only a run tells {why}")


_READ, _GLOBAL = "which keys it reads", "which tokens read all others"
OPERATORS = {
    "DecoderMaskedSelfAttention": _contraction(_masked, _masked_cost, 1, 2),
    "DecoderMaskedMultiHeadAttention": _contraction(_many_infer, _many_cost, 10),
    "PackedAttention": Operator(_packed, _packed_cost, (1, 2), role="contraction", single=True),
    "PackedMultiHeadAttention": Operator(_packed_heads_infer, _packed_heads_cost, (3,), role="contraction"),
    "QOrderedAttention": _contraction(_ordered, _ordered_cost, 5, 6, 7, 11, 12, 13, integer=True),
    "GatedRelativePositionBias": Operator(_gated_bias, _gated_bias_cost, (1, 2, 3, 4, 5), role="contraction"),
    "DecoderAttention": Operator(weights=(2, 3, 4), listed="only a run tells whether it reads keys of before"),
    "LongformerAttention": _listed(_GLOBAL, as_first, 1, 2, 4, 5),
    "QOrderedLongformerAttention": _listed(_GLOBAL, as_first, 2, 4, 8, 10, integers=True),
    **dict.fromkeys(
        ("DynamicSparseAttention", "PagedAttention", "SparseAttention", "SparsePagedAttention"),
        _listed(_READ, _heads_of("num_heads"), 9, 10, 11, 12, 14, 15, 16),
    ),
    **dict.fromkeys(("PackedSparseAttentionIndexer", "SparseAttentionIndexer"), _listed(_READ, _selected, 2, 3, 4, 5)),
}
