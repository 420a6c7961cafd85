"""Rewrites by kind: titled pairs of before and after, and what every rewrite keeps."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costlens.count import count_variants, lines
from costlens.errors import UsageError
from costlens.graph import Convolution, Graph
from costlens.variants import AS_WRITTEN, convolution_kind, kind_names, realise, variant
from tests.drawing import drawing
from tests.networks import graph, layer, mixed, norm_relu, site

KINDS = (AS_WRITTEN, *kind_names())


def reads_more(macs: int) -> tuple[str]:
    """Return the note on one factorized convolution whose first half runs on more rows than come out."""
    why = "the 1×K_w half runs on all H_in input rows: K_w·M·N·H_in·D_w"
    return (f"{macs:,} MACs beside the formula, on 1 with more rows in than out: {why}",)


@dataclass(frozen=True)
class Pair:
    """A graph, a kind, the rows behind the rewrite, what was left alone with its reason, and the notes."""

    before: Graph
    kind: str
    after: list[str]
    left: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


PAIRS = {
    "separable: a depthwise part with the stride, then a pointwise part": Pair(
        graph((8, 6, 4), site("conv", filters=16, kernel=3, stride=2, bias=False)), "separable", [
            "conv.depthwise: depthwise 3×3/2×2 | input 8×6×4 → 4×3×4 | 3·3·4 = 36, × 4·3",
            "conv.pointwise: conv 1×1/1×1 | conv.depthwise 4×3×4 → 4×3×16 | 4·16 = 64, × 4·3",
        ]),
    "separable: norm and activation stand on each part": Pair(
        graph((8, 6, 4), site("conv", filters=16, kernel=3, bias=False, tail=norm_relu())), "separable", [
            "conv.depthwise: depthwise+batch_norm+relu 3×3/1×1 | input 8×6×4 → 8×6×4 | 3·3·4 = 36, × 8·6",
            "conv.pointwise: conv+batch_norm+relu 1×1/1×1 | conv.depthwise.relu 8×6×4 → 8×6×16 | 4·16 = 64, × 8·6",
        ]),
    "separable: dilation and padding per axis go to the depthwise part": Pair(
        graph((8, 6, 4), site("conv", filters=16, kernel=3, dilation=2, padding=["valid", "same"])), "separable", [
            "conv.depthwise: depthwise 3×3/1×1 | input 8×6×4 → 4×6×4 | 3·3·4 = 36, × 4·6",
            "conv.pointwise: conv 1×1/1×1 | conv.depthwise 4×6×4 → 4×6×16 | 4·16 = 64, × 4·6",
        ]),
    "separable: over time": Pair(
        graph((9, 4), site("conv", filters=6, kernel=3, stride=2)), "separable", [
            "conv.depthwise: depthwise 3/2 | input 9×4 → 5×4 | 3·4 = 12, × 5",
            "conv.pointwise: conv 1/1 | conv.depthwise 5×4 → 5×6 | 4·6 = 24, × 5",
        ]),
    "factorized: rows first, M → N, then columns, N → N": Pair(
        graph((8, 6, 4), site("conv", filters=16, kernel=[5, 3], tail=norm_relu())), "factorized", [
            "conv.1x3: conv+batch_norm+relu 1×3/1×1 | input 8×6×4 → 8×6×16 | 1·3·4·16 = 192, × 8·6",
            "conv.5x1: conv+batch_norm+relu 5×1/1×1 | conv.1x3.relu 8×6×16 → 8×6×16 | 5·1·16·16 = 1,280, × 8·6",
        ]),
    "factorized: a stride is paid for on all input rows": Pair(
        graph((8, 6, 4), site("conv", filters=16, kernel=3, stride=2)), "factorized", [
            "conv.1x3: conv 1×3/1×2 | input 8×6×4 → 8×3×16 | 1·3·4·16 = 192, × 8·3",
            "conv.3x1: conv 3×1/2×1 | conv.1x3 8×3×16 → 4×3×16 | 3·1·16·16 = 768, × 4·3",
        ],
        # 3·4·16 weights on the 8 - 4 rows that the stride would have skipped, 3 columns each
        notes=reads_more(2304)),
    "factorized: a stride along the width costs nothing": Pair(
        graph((8, 6, 4), site("conv", filters=16, kernel=3, stride=[1, 2])), "factorized", [
            "conv.1x3: conv 1×3/1×2 | input 8×6×4 → 8×3×16 | 1·3·4·16 = 192, × 8·3",
            "conv.3x1: conv 3×1/1×1 | conv.1x3 8×3×16 → 8×3×16 | 3·1·16·16 = 768, × 8·3",
        ]),
    "factorized: each half takes its own axis's padding": Pair(
        graph((8, 6, 4), site("conv", filters=2, kernel=3, padding=["valid", "same"])), "factorized", [
            "conv.1x3: conv 1×3/1×1 | input 8×6×4 → 8×6×2 | 1·3·4·2 = 24, × 8·6",
            "conv.3x1: conv 3×1/1×1 | conv.1x3 8×6×2 → 6×6×2 | 3·1·2·2 = 12, × 6·6",
        ],
        # 24 weights on the 8 - 6 rows that a valid 3×3 does not make, 6 columns each
        notes=reads_more(288)),
    "factorized: explicit padding, too": Pair(
        graph((8, 6, 4), site("conv", filters=2, kernel=3, padding=[[2, 0], 0])), "factorized", [
            "conv.1x3: conv 1×3/1×1 | input 8×6×4 → 8×4×2 | 1·3·4·2 = 24, × 8·4",
            "conv.3x1: conv 3×1/1×1 | conv.1x3 8×4×2 → 8×4×2 | 3·1·2·2 = 12, × 8·4",
        ]),
    "factorized: dilation per axis": Pair(
        graph((8, 6, 4), site("conv", filters=2, kernel=3, dilation=[2, 1], padding="valid")), "factorized", [
            "conv.1x3: conv 1×3/1×1 | input 8×6×4 → 8×4×2 | 1·3·4·2 = 24, × 8·4",
            "conv.3x1: conv 3×1/1×1 | conv.1x3 8×4×2 → 4×4×2 | 3·1·2·2 = 12, × 4·4",
        ],
        notes=reads_more(384)),
    "standard: a separable convolution in one": Pair(
        graph((8, 6, 4), site("conv", kind="separable", filters=16, kernel=3, stride=2, tail=norm_relu())),
        "standard", [
            "conv: conv+batch_norm+relu 3×3/2×2 | input 8×6×4 → 4×3×16 | 3·3·4·16 = 576, × 4·3",
        ]),
    "standard: a factorized convolution in one": Pair(
        graph((8, 6, 4), site("conv", kind="factorized", filters=16, kernel=3, padding=["valid", "same"])),
        "standard", [
            "conv: conv 3×3/1×1 | input 8×6×4 → 6×6×16 | 3·3·4·16 = 576, × 6·6",
        ]),
    "what is fixed stays": Pair(
        graph((8, 6, 4), site("stem", filters=2, kernel=3, fixed=True), site("conv", filters=2, kernel=3)),
        "separable", [
            "stem: conv 3×3/1×1 | input 8×6×4 → 8×6×2 | 3·3·4·2 = 72, × 8·6",
            "conv.depthwise: depthwise 3×3/1×1 | stem 8×6×2 → 8×6×2 | 3·3·2 = 18, × 8·6",
            "conv.pointwise: conv 1×1/1×1 | conv.depthwise 8×6×2 → 8×6×2 | 2·2 = 4, × 8·6",
        ],
        (("stem", "fixed in the spec"),)),
    "a fixed separable convolution stays one, whatever is asked for": Pair(
        graph((8, 6, 4), site("stem", kind="separable", filters=2, kernel=3, fixed=True)), "standard", [
            "stem.depthwise: depthwise 3×3/1×1 | input 8×6×4 → 8×6×4 | 3·3·4 = 36, × 8·6",
            "stem.pointwise: conv 1×1/1×1 | stem.depthwise 8×6×4 → 8×6×2 | 4·2 = 8, × 8·6",
        ],
        (("stem", "fixed in the spec"),)),
    "a kernel of area 1 has one kind": Pair(
        graph((8, 6, 4), site("project", filters=2, kernel=1)), "separable", [
            "project: conv 1×1/1×1 | input 8×6×4 → 8×6×2 | 4·2 = 8, × 8·6",
        ],
        (("project", "kernel of area 1"),)),
    "a one-dimensional kernel has no factorized form": Pair(
        graph((8, 6, 4), site("column", filters=2, kernel=[3, 1]), ("r", layer("reshape", shape=[48, 2])),
              site("time", filters=2, kernel=3)), "factorized", [
            "column: conv 3×1/1×1 | input 8×6×4 → 8×6×2 | 3·1·4·2 = 24, × 8·6",
            "r: reshape | column 8×6×2 → 48×2",
            "time: conv 3/1 | r 48×2 → 48×2 | 3·2·2 = 12, × 48",
        ],
        (("column", "one-dimensional kernel"), ("time", "one-dimensional kernel"))),
    "a one-dimensional kernel has a separable form": Pair(
        graph((8, 6, 4), site("column", filters=2, kernel=[3, 1])), "separable", [
            "column.depthwise: depthwise 3×1/1×1 | input 8×6×4 → 8×6×4 | 3·1·4 = 12, × 8·6",
            "column.pointwise: conv 1×1/1×1 | column.depthwise 8×6×4 → 8×6×2 | 4·2 = 8, × 8·6",
        ]),
    "grouped, depthwise and transposed convolutions are left alone": Pair(
        graph((8, 6, 4), site("halves", filters=4, kernel=3, groups=2), ("each", layer("depthwise", kernel=3)),
              ("up", layer("conv_transpose", filters=2, kernel=2, stride=2))), "separable", [
            "halves: conv 3×3/1×1 | input 8×6×4 → 8×6×4 | 3·3·2·4 = 72, × 8·6",
            "each: depthwise 3×3/1×1 | halves 8×6×4 → 8×6×4 | 3·3·4 = 36, × 8·6",
            "up: conv_transpose 2×2/2×2 | each 8×6×4 → 16×12×2 | 2·2·4·2 = 32, × 8·6",
        ],
        (("halves", "grouped"), ("each", "grouped"), ("up", "transposed"))),
    "what reads a convolution reads its last part": Pair(
        graph((8, 6, 4), site("conv", filters=4, kernel=3, tail=norm_relu()),
              ("sum", layer("add"), "input", "conv.relu")),
        "separable", [
            "conv.depthwise: depthwise+batch_norm+relu 3×3/1×1 | input 8×6×4 → 8×6×4 | 3·3·4 = 36, × 8·6",
            "conv.pointwise: conv+batch_norm+relu 1×1/1×1 | conv.depthwise.relu 8×6×4 → 8×6×4 | 4·4 = 16, × 8·6",
            "sum: add | input 8×6×4 & conv.pointwise.relu 8×6×4 → 8×6×4",
        ]),
}  # fmt: skip


@pytest.mark.parametrize("title", PAIRS)
def test_before_and_after(title: str) -> None:
    pair = PAIRS[title]
    rewritten = variant(pair.before, pair.kind)
    assert drawing(rewritten.graph) == pair.after
    assert tuple((left.name, left.reason) for left in rewritten.left_alone) == pair.left
    assert rewritten.notes == pair.notes


@pytest.mark.parametrize("kind", KINDS)
def test_a_rewrite_keeps_what_goes_in_and_what_comes_out(kind: str) -> None:
    before = mixed()
    after = variant(before, kind).graph
    assert after.inputs == before.inputs
    assert [after.shapes[name] for name in after.outputs] == [before.shapes[name] for name in before.outputs]
    untouched = {node.name: before.shapes[node.name] for node in before.nodes if node.convolution is None}
    assert {name: after.shapes[name] for name in untouched} == untouched


@pytest.mark.parametrize("kind", KINDS)
def test_rewriting_twice_is_rewriting_once(kind: str) -> None:
    once = variant(mixed(), kind)
    twice = variant(once.graph, kind)
    assert twice.graph == once.graph
    assert twice.left_alone == once.left_alone
    assert twice.converted == 0


@pytest.mark.parametrize(("first", "last"), product(kind_names(), kind_names()))
def test_the_last_rewrite_decides(first: str, last: str) -> None:
    assert variant(variant(mixed(), first).graph, last).graph == variant(mixed(), last).graph


def test_as_written_is_the_graph_itself() -> None:
    rewritten = variant(mixed(), AS_WRITTEN)
    assert rewritten.graph == mixed()
    assert rewritten.left_alone == ()
    assert rewritten.converted == 0


def test_an_unknown_kind_names_the_known_ones() -> None:
    with pytest.raises(UsageError) as caught:
        variant(mixed(), "seperable")
    assert str(caught.value) == (
        'variant seperable: unknown kind of convolution (did you mean "separable"?); '
        "known: as-written, standard, factorized, separable"
    )


@pytest.mark.parametrize(("convolution", "says"), [
    (site("c", kind="separable", filters=4, kernel=3, groups=2), "separable: grouped"),
    (site("c", kind="separable", filters=4, kernel=1), "separable: kernel of area 1"),
    (site("c", kind="factorized", filters=4, kernel=[3, 1]), "factorized: one-dimensional kernel"),
    (site("c", kind="factorized", filters=4, kernel=1), "factorized: kernel of area 1"),
    (site("c", kind="factorized", filters=4, kernel=3, groups=2), "factorized: grouped"),
])  # fmt: skip
def test_a_kind_that_is_written_where_it_cannot_be(convolution: Convolution, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        realise(convolution, "input", (8, 6, 4))
    assert str(caught.value) == says


def test_each_kind_says_its_formula() -> None:
    assert kind_names()[0] == "standard"
    assert all(convolution_kind(name).formula for name in kind_names())


def test_equal_variants_are_counted_once_under_all_their_names() -> None:
    net = graph((8, 6, 4), site("stem", filters=2, kernel=3, fixed=True), site("conv", filters=2, kernel=3))
    models = count_variants(net, KINDS)
    assert [(model.variant, model.also) for model in models] == [
        (AS_WRITTEN, ("standard",)), ("factorized", ()), ("separable", ())
    ]
    assert all([left.name for left in model.left_alone] == ["stem"] for model in models)


def test_nothing_to_convert_is_one_variant() -> None:
    net = graph((8, 6, 4), site("project", filters=2, kernel=1))
    (model,) = count_variants(net, KINDS)
    assert model.also == kind_names()
    assert (model.macs_to_standard, model.macs_to_standard_theory) == (1.0, 1.0)


sides = st.integers(2, 5)


@settings(max_examples=200)
@given(
    st.tuples(st.integers(5, 12), st.integers(5, 12), st.integers(1, 9)),
    st.tuples(sides, sides), st.tuples(st.integers(1, 3), st.integers(1, 3)), st.integers(1, 9),
    st.lists(st.sampled_from(["same", "valid", 1, (2, 0)]), min_size=2, max_size=2),
)  # fmt: skip
def test_ratios_by_theory(
    shape: tuple[int, int, int], kernel: tuple[int, int], stride: tuple[int, int], filters: int, padding: list[Any]
) -> None:
    """Separable is 1/N + 1/K² always; factorized 1/K_h + N/(K_w·M) where no row is skipped, more elsewhere."""
    convolution = site("conv", filters=filters, kernel=kernel, stride=stride, padding=padding)
    net = graph(shape, convolution)
    standard = sum(line.cost.macs for line in lines(net))
    by_kind = {name: variant(net, name) for name in kind_names()}
    macs = {name: sum(line.cost.macs for line in lines(each.graph)) for name, each in by_kind.items()}
    (k_h, k_w), channels = kernel, shape[-1]
    assert macs["standard"] == standard
    assert by_kind["separable"].theory == pytest.approx(1 / filters + 1 / (k_h * k_w))
    assert macs["separable"] / standard == pytest.approx(by_kind["separable"].theory)
    assert by_kind["factorized"].theory == pytest.approx(1 / k_h + filters / (k_w * channels))
    rows, columns, _ = net.shapes[net.outputs[0]]
    halves = k_w * channels * filters * shape[0] * columns, k_h * filters**2 * rows * columns
    assert macs["factorized"] == sum(halves)
    if rows == shape[0]:
        assert macs["factorized"] / standard == pytest.approx(by_kind["factorized"].theory)
    spent = k_w * channels * filters * (shape[0] - rows) * columns
    assert by_kind["factorized"].notes == (reads_more(spent) if spent > 0 else ())



def test_theory_takes_what_is_left_alone_as_it_is() -> None:
    """Half the MACs are fixed, the other half becomes 1/4 + 1/9 of itself."""
    conv = {"filters": 4, "kernel": 3, "bias": False}
    net = graph((6, 6, 4), site("stem", fixed=True, **conv), site("conv", **conv))
    assert variant(net, "separable").theory == pytest.approx((1 + 1 / 4 + 1 / 9) / 2)
