"""Attention with several heads (Vaswani et al. 2017, sections 3.2.1 and 3.2.2)."""

from typing import Annotated, Literal, NamedTuple

from costlens.arithmetic.cost import Contraction, Cost, dense
from costlens.arithmetic.shapes import Limits, Shape, Size, elements, show
from costlens.errors import ShapeError
from costlens.network.fields import field
from costlens.network.layers._base import Layer, Tensor, Toolkit

_SEQUENCE = 2
_SOFTMAX_FLOPS = 5


class _Sizes(NamedTuple):
    """Leading axes, queries, keys, channels of both, heads of queries and keys, sizes of a key and a value, output."""

    leading: Shape
    queries: int
    keys: int
    channels: int
    memory: int
    heads: int
    kv_heads: int
    key: int
    value: int
    units: int


class Attention(Layer):
    """Multi-head attention: ``(..., T, C) -> (..., T, C)``; of a query and a memory: ``(..., T, C), (..., S, M)``.

    Queries, keys, values and the output are four products with weights: ``C·h·k``, ``M·g·k``, ``M·g·v`` and ``h·v·C``
    for h heads, g of keys and values, with k and v numbers each. Two products of computed tensors stand between, the
    scores and the weighted sum: ``h·T·S·(k + v)`` MACs. Every query reads every key, masked or not.

    Axes before the sequence are attended over one by one, as the windows of Swin. Fewer ``kv_heads`` are grouped-query
    attention (Ainslie et al. 2023). A score takes 6 FLOPs, for its scale and the softmax, and one more for a position
    bias and for each mask.

    With ``mask: true`` the last input is a mask, ``(..., T, S)`` or 1 in place of either: a query reads the keys where
    it is above 0. So 1 is seen and 0 is not, as in Keras's ``attention_mask``; nothing is added to scores.
    """

    sort = "attention and tokens"
    takes = (1, 3)
    shorthand = "heads"
    also_called = (
        "multi_head_attention", "multihead_attention", "multiheadattention", "mha", "self_attention", "cross_attention",
        "grouped_query_attention", "gqa", "multi_query_attention",
    )  # fmt: skip
    example_input = (49, 64)

    heads: Size = field(example=4, description="heads, each with queries of its own")
    key_size: Size | None = field(default=None, description="numbers of a query and of a key; C/heads unless given")
    value_size: Size | None = field(default=None, description="numbers of a value; those of a key unless given")
    kv_heads: Size | None = field(
        default=None, description="heads of keys and values, which heads of queries share; heads unless given"
    )
    units: Size | None = field(default=None, description="output channels; those of the query unless given")
    project: bool = field(default=True, description="multiply what the heads return with output weights")
    bias: bool = field(default=True, description="add trainable biases to each product with weights")
    causal: bool = field(default=False, description="let no query read a later key")
    mask: bool = field(default=False, description="the last input says which keys a query reads: 1 is seen, 0 is not")
    position_bias: Literal["full", "relative"] | None = field(
        default=None,
        description="a trainable number added to each score: full, one for each head, query and key; "
        "relative, one for each head and distance along each axis of the grid",
    )
    grid: Size | Annotated[tuple[Size, ...], Limits(min_length=1, max_length=3)] | None = field(
        default=None, description="the axes that T stands for, for a relative position bias; [T] unless given"
    )

    def misfits(self) -> dict[str, str]:
        wrong = {}
        if self.kv_heads and self.heads % self.kv_heads:
            wrong["kv_heads"] = f"expected a divisor of heads (={self.heads})"
        if self.grid and self.position_bias != "relative":
            wrong["grid"] = "expected position_bias: relative with it"
        if self.units and not self.project:
            wrong["units"] = "expected project: true with it"
        return wrong

    def _sizes(self, shape: Shape, *more: Shape) -> _Sizes:
        more, mask = (more[:-1], more[-1:]) if self.mask else (more, ())
        if (self.mask and not mask) or len(more) > 1:
            wanted = "[x, mask] or [x, memory, mask]" if self.mask else "[x, memory]; a third is read with mask: true"
            raise ShapeError(f"attention reads from: {wanted}")
        memory = more[0] if more else shape
        if len(shape) < _SEQUENCE or len(memory) != len(shape) or memory[:-2] != shape[:-2]:
            received = " and ".join(map(show, (shape, *more)))
            wanted = "(..., T, C) and a memory (..., S, M) with the same leading axes" if more else "(T, C)"
            raise ShapeError(f"attention takes {wanted}, received {received}; add a reshape before it")
        channels = shape[-1]
        if self.key_size is None and channels % self.heads:
            raise ShapeError(
                f"attention: channels (={channels}) must be divisible by heads (={self.heads}); or give key_size"
            )
        key = self.key_size or channels // self.heads
        value = self.value_size or key
        found = _Sizes(
            leading=shape[:-2], queries=shape[-2], keys=memory[-2], channels=channels, memory=memory[-1],
            heads=self.heads, kv_heads=self.kv_heads or self.heads, key=key, value=value,
            units=(self.units or channels) if self.project else self.heads * value,
        )  # fmt: skip
        self._check_positions(found)
        if mask and not _covers(mask[0], (*found.leading, found.queries, found.keys)):
            scores = show((*found.leading, found.queries, found.keys))
            raise ShapeError(f"attention: the mask is {show(mask[0])}, the scores of a head are {scores}")
        return found

    def _axes(self, places: int) -> Shape:
        """Return the grid of a sequence."""
        return (self.grid,) if isinstance(self.grid, int) else self.grid or (places,)

    def _check_positions(self, sizes: _Sizes) -> None:
        one = "causal" if self.causal else "a relative position bias" if self.position_bias == "relative" else ""
        queries, keys = sizes.queries, sizes.keys
        if one and queries != keys:
            raise ShapeError(f"attention: {one} needs as many keys as queries, received {keys} keys, {queries} queries")
        grid = self._axes(queries)
        if elements(grid) != queries:
            raise ShapeError(f"attention: grid {list(grid)} has {elements(grid)} places, T is {queries}")

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        sizes = self._sizes(shape, *more)
        return (*shape[:-1], sizes.units)

    def _contractions(self, sizes: _Sizes) -> tuple[Contraction, ...]:
        leading, queries, keys, channels, memory, heads, kv_heads, key, value, units = sizes
        reads, written = (*leading, keys), (*leading, queries)
        scores = (*leading, heads, queries)
        return (
            dense(channels, heads * key, written),
            dense(memory, kv_heads * key, reads),
            dense(memory, kv_heads * value, reads),
            Contraction((key, keys), scores, computed=True),
            Contraction((keys, value), scores, computed=True),
            *((dense(heads * value, units, written),) if self.project else ()),
        )

    def _biases(self, sizes: _Sizes) -> tuple[int, int]:
        """Return how many biases there are, and how often one is added."""
        if not self.bias:
            return 0, 0
        of_queries = sizes.heads * sizes.key + sizes.units * self.project
        of_keys = sizes.kv_heads * (sizes.key + sizes.value)
        each = sizes.queries * of_queries + sizes.keys * of_keys
        return of_queries + of_keys, elements(sizes.leading) * each

    def _table(self, sizes: _Sizes) -> int:
        """Return how many numbers are learned for places."""
        if self.position_bias is None:
            return 0
        full = sizes.queries * sizes.keys
        distances = elements(tuple(2 * size - 1 for size in self._axes(sizes.queries)))
        return sizes.heads * (full if self.position_bias == "full" else distances)

    def cost(self, shape: Shape, *more: Shape) -> Cost:
        sizes = self._sizes(shape, *more)
        biases, added = self._biases(sizes)
        scores = elements(sizes.leading) * sizes.heads * sizes.queries * sizes.keys
        each = 1 + _SOFTMAX_FLOPS + self.causal + self.mask + (self.position_bias is not None)
        return Cost(
            self._contractions(sizes),
            bias=biases,
            affine=self._table(sizes),
            elementwise_flops=added + scores * each,
        )

    def deployed(self, shape: Shape, *more: Shape) -> int:
        sizes = self._sizes(shape, *more)
        table = sizes.heads * sizes.queries * sizes.keys if self.position_bias else 0  # written out, query by key
        return self.cost(shape, *more).params - self._table(sizes) + table

    def inside(self, shape: Shape, *more: Shape) -> int:
        """Return queries, keys, values and scores, which are alive at once."""
        sizes = self._sizes(shape, *more)
        of_queries = sizes.queries * sizes.heads * (sizes.key + sizes.keys)
        of_keys = sizes.keys * sizes.kv_heads * (sizes.key + sizes.value)
        return elements(sizes.leading) * (of_queries + of_keys)

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        shapes = tuple(tuple(each.shape[1:]) for each in more)
        more, masks = (more[:-1], more[-1:]) if self.mask else (more, ())
        memory = more[0] if more else tensor
        sizes = self._sizes(tuple(tensor.shape[1:]), *shapes)
        leading, queries, keys, _, _, heads, kv_heads, key, value, units = sizes
        group, axes = heads // kv_heads, len(leading)
        swap = (*range(1, axes + 1), axes + 2, axes + 1, axes + 3)  # heads before the sequence, and back

        def headed(what: str, read: Tensor, steps: int, many: int, size: int) -> Tensor:
            made = k.layers.Dense(many * size, use_bias=self.bias, name=f"{name}-{what}")(read)
            apart = k.layers.Reshape((*leading, steps, many, size), name=f"{name}-{what}_heads")(made)
            return k.layers.Permute(swap, name=f"{name}-{what}_first")(apart)

        def shaped(what: str, read: Tensor, *shape: int) -> Tensor:
            return k.layers.Reshape((*leading, *shape), name=f"{name}-{what}")(read) if group > 1 else read

        q = shaped("group", headed("query", tensor, queries, heads, key), kv_heads, group * queries, key)
        keyed = headed("key", memory, keys, kv_heads, key)
        valued = headed("value", memory, keys, kv_heads, value)
        scores = k.MatMul(transpose_b=True, scale=key**-0.5, name=f"{name}-scores")(q, keyed)
        scores = shaped("ungroup", scores, heads, queries, keys)
        if self.position_bias == "full":
            scores = k.AddWeight((heads, queries, keys), name=f"{name}-position")(scores)
        if self.position_bias == "relative":
            scores = k.AddRelative(heads, self._axes(queries), name=f"{name}-position")(scores)
        if self.causal:
            scores = k.CausalMask(name=f"{name}-causal")(scores)
        for mask in masks:
            scores = k.Mask(name=f"{name}-mask")(scores, mask)
        weights = k.layers.Softmax(name=f"{name}-softmax")(scores)
        weights = shaped("regroup", weights, kv_heads, group * queries, keys)
        summed = shaped("heads", k.MatMul(name=f"{name}-sum")(weights, valued), heads, queries, value)
        last = k.layers.Permute(swap, name=f"{name}-last")(summed)
        joined = k.layers.Reshape((*leading, queries, heads * value), name=f"{name}-join" if self.project else name)(
            last
        )
        return k.layers.Dense(units, use_bias=self.bias, name=name)(joined) if self.project else joined


def _covers(mask: Shape, scores: Shape) -> bool:
    """Say whether a mask has the size of the scores of a head, or 1, for queries and keys, and their leading axes."""
    return (
        len(mask) == len(scores)
        and mask[:-2] == scores[:-2]
        and all(size in (1, whole) for size, whole in zip(mask[-2:], scores[-2:], strict=True))
    )
