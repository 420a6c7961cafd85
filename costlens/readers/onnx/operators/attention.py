"""Attention: queries times keys, and their weights times values; every query reads every key, masked or not.

    MACs = batch · heads · queries · keys · (size of a key + size of a value)

https://onnx.ai/onnx/operators/onnx__Attention.html; for com.microsoft's: onnxruntime, docs/ContribOperators.md.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from costlens.arithmetic.cost import Contraction, Cost, dense
from costlens.arithmetic.sizes import AnySize
from costlens.readers.onnx.operators import operator
from costlens.readers.onnx.operators._operator import (
    Call,
    ContradictionError,
    Infer,
    NotCountedError,
    Operator,
    Out,
    first_axis,
)
from costlens.readers.onnx.operators._rules import used_at
from costlens.readers.onnx.tensor import Shape

_SPLIT, _PACKED = 4, 5


@dataclass(frozen=True, slots=True)
class _Sizes:
    """Batch, heads of queries and of keys, queries, keys with those of before, and sizes of a key and a value."""

    batch: AnySize
    heads: AnySize
    key_heads: AnySize
    queries: AnySize
    keys: AnySize
    key: AnySize
    value: AnySize

    @property
    def cost(self) -> Cost:
        positions = used_at(self.batch, self.heads, self.queries)
        products = (Contraction(used_at(self.keys, size), positions) for size in (self.key, self.value))
        return Cost(tuple(products))


def _heads(call: Call, name: str) -> int:
    heads = call.attributes.get(name, 0)
    if not isinstance(heads, int) or heads < 1:
        raise ContradictionError(f"{call.op} has no {name}")
    return heads


def _apart(call: Call, index: int, name: str) -> tuple[AnySize, AnySize, AnySize, AnySize]:
    """Return (batch, heads, steps, size of a head) of ``(B, H, S, D)`` or of ``(B, S, H·D)``."""
    shape = call.shape(index)
    if len(shape) == _SPLIT:
        return shape
    heads = _heads(call, name)
    batch, steps, hidden = call.shape(index, 3)
    return batch, heads, steps, hidden // heads


def _before(call: Call, index: int) -> AnySize:
    """Return how many keys an earlier run left."""
    return call.shape(index, 4)[2] if call.has(index) else 0


def _standard(call: Call) -> _Sizes:
    batch, heads, queries, key = _apart(call, 0, "q_num_heads")
    _, key_heads, keys, _ = _apart(call, 1, "kv_num_heads")
    value = _apart(call, 2, "kv_num_heads")[3]
    return _Sizes(batch, heads, key_heads, queries, keys + _before(call, 4), key, value)


def _standard_infer(call: Call) -> Sequence[Out]:
    sizes, kind = _standard(call), call.input(0).dtype
    shape: Shape = (sizes.batch, sizes.heads, sizes.queries, sizes.value)
    if len(call.shape(0)) != _SPLIT:
        shape = (sizes.batch, sizes.queries, sizes.heads * sizes.value)
    present = [(sizes.batch, sizes.key_heads, sizes.keys, size) for size in (sizes.key, sizes.value)]
    scores = (sizes.batch, sizes.heads, sizes.queries, sizes.keys)
    return (Out(kind, shape), *(Out(kind, one) for one in present), Out(kind, scores))


def _multi_head(call: Call) -> _Sizes:
    """Read MultiHeadAttention: queries, keys and values apart, keys with values, or all three packed."""
    heads, shape = _heads(call, "num_heads"), call.shape(0)
    if len(shape) == _PACKED:  # (B, S, H, 3, D)
        batch, steps, _, _, size = shape
        return _Sizes(batch, heads, heads, steps, steps + _before(call, 6), size, size)
    batch, queries, hidden = call.shape(0, 3)
    size = hidden // heads
    key = call.shape(1) if call.has(1) else shape
    if len(key) == _PACKED:  # (B, S, H, 2, D)
        return _Sizes(batch, heads, heads, queries, key[1] + _before(call, 6), size, size)
    keys = key[2] if len(key) == _SPLIT else key[1]
    value = size
    if call.has(2):
        read = call.shape(2)
        value = read[3] if len(read) == _SPLIT else read[2] // heads
    return _Sizes(batch, heads, heads, queries, keys + _before(call, 6), size, value)


def _grouped(call: Call) -> _Sizes:
    """Read GroupQueryAttention: fewer heads of keys and values than of queries."""
    heads, key_heads = _heads(call, "num_heads"), _heads(call, "kv_num_heads")
    batch, queries, hidden = call.shape(0, 3)
    size = hidden // heads if call.has(1) else hidden // (heads + 2 * key_heads)
    return _Sizes(batch, heads, key_heads, queries, queries + _before(call, 3), size, size)


def _joined_infer(read: Callable[[Call], _Sizes]) -> Infer:
    def infer(call: Call) -> Sequence[Out]:
        sizes = read(call)
        kind = call.input(0).dtype
        present = (sizes.batch, sizes.key_heads, sizes.keys, sizes.key)
        shape = (sizes.batch, sizes.queries, sizes.heads * sizes.value)
        return (Out(kind, shape), Out(kind, present), Out(kind, present))

    return infer


def _projected(call: Call) -> tuple[_Sizes, Contraction]:
    """Read com.microsoft's Attention: the input times weights ``(in, queries + keys + values)``, then attention."""
    heads = _heads(call, "num_heads")
    batch, steps, inner = call.shape(0, 3)
    _, columns = call.shape(1, 2)
    parts = call.attributes.get("qkv_hidden_sizes") or [columns // 3] * 3
    before = call.shape(4, 5)[3] if call.op == "Attention" and call.has(4) else 0
    before = call.shape(8, 5)[3] if call.op == "QAttention" and call.has(8) else before
    sizes = _Sizes(batch, heads, heads, steps, steps + before, parts[0] // heads, parts[2] // heads)
    return sizes, dense(inner, columns, used_at(batch, steps))


def _projected_infer(call: Call) -> Sequence[Out]:
    sizes, _ = _projected(call)
    kind = call.input(0).dtype if call.op == "Attention" else call.input(3).dtype
    shape = (sizes.batch, sizes.queries, sizes.heads * sizes.value)
    return (Out(kind, shape), Out(kind, (2, sizes.batch, sizes.heads, sizes.keys, sizes.key)))


def _projected_cost(call: Call) -> Cost:
    sizes, projection = _projected(call)
    return Cost((projection, *sizes.cost.contractions))


def _flexible(call: Call) -> Cost:
    """Return the cost of attention whose scores graphs of the file modify: value by value, else it is not known."""
    for name in ("score_mod", "prob_mod"):
        graph = call.attributes.get(name)
        for node in graph.node if graph is not None else ():
            known = operator(node.domain, node.op_type)
            if known is None or known.role == "contraction":
                raise NotCountedError(f"its {name} holds {node.op_type}")
    return _standard(call).cost


OPERATORS = {
    "ai.onnx.preview.FlexAttention": Operator(
        _standard_infer, _flexible, (0, 1, 2), role="contraction", batch=first_axis
    ),
    "Attention": Operator(
        _standard_infer, lambda call: _standard(call).cost, (0, 1, 2), role="contraction", batch=first_axis
    ),
    "com.microsoft.Attention": Operator(
        _projected_infer, _projected_cost, (1, 2), role="contraction", batch=first_axis
    ),
    "QAttention": Operator(
        _projected_infer, _projected_cost, (1, 2), role="contraction", batch=first_axis, integers=True, integer=True
    ),
    "MultiHeadAttention": Operator(
        _joined_infer(_multi_head),
        lambda call: _multi_head(call).cost,
        (0, 1, 2, 3),
        role="contraction",
        batch=first_axis,
    ),
    "GroupQueryAttention": Operator(
        _joined_infer(_grouped), lambda call: _grouped(call).cost, (0, 1, 2, 7, 8), role="contraction", batch=first_axis
    ),
    "RotaryEmbedding": Operator(weights=(0, 1, 2, 3), flops=3),
}
