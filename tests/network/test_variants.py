"""Rewrites by kind: titled pairs of before and after, and what every rewrite keeps."""

from dataclasses import dataclass
from itertools import product

import pytest

from costlens.errors import UsageError
from costlens.network.graph import Convolution, Graph
from costlens.network.variants import kind_names, overheads, realise, rewrite
from costlens.results.counts import AS_WRITTEN
from tests.cases.networks import count_variants, graph, layer, mixed, norm_relu, reads_all, reads_more, site
from tests.draw.drawing import drawing

KINDS = (AS_WRITTEN, *kind_names())


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
    "grouped: four groups with norm and activation, then a shuffle with neither": Pair(
        graph((8, 6, 4), site("conv", filters=16, kernel=3, stride=2, bias=False, tail=norm_relu())), "grouped", [
            "conv.grouped: conv+batch_norm+relu 3×3/2×2 | input 8×6×4 → 4×3×16 | 3·3·1·16 = 144, × 4·3",
            "conv.shuffle: channel_shuffle | conv.grouped.relu 4×3×16 → 4×3×16",
        ]),
    "grouped: dilation and padding per axis stay with the convolution": Pair(
        graph((8, 6, 4), site("conv", filters=8, kernel=3, dilation=[2, 1], padding=["valid", 2])), "grouped", [
            "conv.grouped: conv 3×3/1×1 | input 8×6×4 → 4×8×8 | 3·3·1·8 = 72, × 4·8",
            "conv.shuffle: channel_shuffle | conv.grouped 4×8×8 → 4×8×8",
        ]),
    "grouped: over time": Pair(
        graph((9, 8), site("conv", filters=4, kernel=3, stride=2)), "grouped", [
            "conv.grouped: conv 3/2 | input 9×8 → 5×4 | 3·2·4 = 24, × 5",
            "conv.shuffle: channel_shuffle | conv.grouped 5×4 → 5×4",
        ]),
    "grouped: not where input or output channels are not divisible by 4": Pair(
        graph((8, 6, 3), *(site(name, filters=n, kernel=3) for name, n in (("a", 4), ("b", 6), ("c", 4)))), "grouped", [
            "a: conv 3×3/1×1 | input 8×6×3 → 8×6×4 | 3·3·3·4 = 108, × 8·6",
            "b: conv 3×3/1×1 | a 8×6×4 → 8×6×6 | 3·3·4·6 = 216, × 8·6",
            "c: conv 3×3/1×1 | b 8×6×6 → 8×6×4 | 3·3·6·4 = 216, × 8·6",
        ],
        tuple((name, "channels not divisible by 4") for name in "abc")),
    "bottleneck: a quarter of the filters inside, norm and activation on each part": Pair(
        graph((8, 6, 4), site("conv", filters=16, kernel=3, bias=False, tail=norm_relu())), "bottleneck", [
            "conv.reduce: conv+batch_norm+relu 1×1/1×1 | input 8×6×4 → 8×6×4 | 4·4 = 16, × 8·6",
            "conv.spatial: conv+batch_norm+relu 3×3/1×1 | conv.reduce.relu 8×6×4 → 8×6×4 | 3·3·4·4 = 144, × 8·6",
            "conv.expand: conv+batch_norm+relu 1×1/1×1 | conv.spatial.relu 8×6×4 → 8×6×16 | 4·16 = 64, × 8·6",
        ]),
    "bottleneck: a stride is paid for by the first 1×1": Pair(
        graph((8, 6, 3), site("conv", filters=8, kernel=[5, 3], stride=[2, 3])), "bottleneck", [
            "conv.reduce: conv 1×1/1×1 | input 8×6×3 → 8×6×2 | 3·2 = 6, × 8·6",
            "conv.spatial: conv 5×3/2×3 | conv.reduce 8×6×2 → 4×2×2 | 5·3·2·2 = 60, × 4·2",
            "conv.expand: conv 1×1/1×1 | conv.spatial 4×2×2 → 4×2×8 | 2·8 = 16, × 4·2",
        ],
        notes=reads_all(3 * 2 * (8 * 6 - 4 * 2))),
    "bottleneck: so is a valid padding, and more padding than same is not": Pair(
        graph((9, 4), site("a", filters=4, kernel=3, padding="valid"), site("b", filters=4, kernel=3, padding=2)),
        "bottleneck", [
            "a.reduce: conv 1/1 | input 9×4 → 9×1 | 4·1 = 4, × 9",
            "a.spatial: conv 3/1 | a.reduce 9×1 → 7×1 | 3·1·1 = 3, × 7",
            "a.expand: conv 1/1 | a.spatial 7×1 → 7×4 | 1·4 = 4, × 7",
            "b.reduce: conv 1/1 | a.expand 7×4 → 7×1 | 4·1 = 4, × 7",
            "b.spatial: conv 3/1 | b.reduce 7×1 → 9×1 | 3·1·1 = 3, × 9",
            "b.expand: conv 1/1 | b.spatial 9×1 → 9×4 | 1·4 = 4, × 9",
        ],
        notes=reads_all(4 * 2)),
    "bottleneck: any input channels, but filters divisible by 4": Pair(
        graph((8, 6, 3), site("conv", filters=6, kernel=3)), "bottleneck", [
            "conv: conv 3×3/1×1 | input 8×6×3 → 8×6×6 | 3·3·3·6 = 162, × 8·6",
        ],
        (("conv", "filters not divisible by 4"),)),
    "bottleneck: not where a norm behind it does not fit the first 1×1": Pair(
        graph((8, 6, 3), site("conv", filters=4, kernel=3, padding="valid", bias=False,
                              tail=(("norm", layer("sub_spectral_norm", bands=4)),))), "bottleneck", [
            "conv: conv+sub_spectral_norm 3×3/1×1 | input 8×6×3 → 6×4×4 | 3·3·3·4 = 108, × 6·4",
        ],
        (("conv", "sub_spectral_norm does not fit its parts"),)),
    "standard: a grouped convolution in one": Pair(
        graph((8, 6, 4), site("conv", kind="grouped", filters=16, kernel=3, stride=2, tail=norm_relu())),
        "standard", [
            "conv: conv+batch_norm+relu 3×3/2×2 | input 8×6×4 → 4×3×16 | 3·3·4·16 = 576, × 4·3",
        ]),
    "standard: a bottleneck in one, and what reads it": Pair(
        graph((8, 6, 4), site("conv", kind="bottleneck", filters=4, kernel=3),
              ("sum", layer("add"), "input", "conv.expand")), "standard", [
            "conv: conv 3×3/1×1 | input 8×6×4 → 8×6×4 | 3·3·4·4 = 144, × 8·6",
            "sum: add | input 8×6×4 & conv 8×6×4 → 8×6×4",
        ]),
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
        (("halves", "in groups already"), ("each", "in groups already"), ("up", "transposed"))),
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
    rewritten = rewrite(pair.before, pair.kind)
    assert drawing(rewritten.graph) == pair.after
    assert tuple((left.name, left.reason) for left in rewritten.left_alone) == pair.left
    assert overheads(rewritten.graph) == pair.notes


@pytest.mark.parametrize("kind", KINDS)
def test_a_rewrite_keeps_what_goes_in_and_what_comes_out(kind: str) -> None:
    before = mixed()
    after = rewrite(before, kind).graph
    assert after.inputs == before.inputs
    assert [after.shapes[name] for name in after.outputs] == [before.shapes[name] for name in before.outputs]
    untouched = {node.name: before.shapes[node.name] for node in before.nodes if node.convolution is None}
    assert {name: after.shapes[name] for name in untouched} == untouched


@pytest.mark.parametrize("kind", KINDS)
def test_rewriting_twice_is_rewriting_once(kind: str) -> None:
    once = rewrite(mixed(), kind)
    twice = rewrite(once.graph, kind)
    assert twice.graph == once.graph
    assert twice.left_alone == once.left_alone


@pytest.mark.parametrize(("first", "last"), product(kind_names(), kind_names()))
def test_the_last_rewrite_decides(first: str, last: str) -> None:
    assert rewrite(rewrite(mixed(), first).graph, last).graph == rewrite(mixed(), last).graph



def test_an_unknown_kind_names_the_known_ones() -> None:
    with pytest.raises(UsageError) as caught:
        rewrite(mixed(), "seperable")
    assert str(caught.value) == (
        'variant seperable: unknown kind of convolution (did you mean "separable"?); '
        f"known: {', '.join(KINDS)}"
    )


@pytest.mark.parametrize(("convolution", "says"), [
    (site("c", kind="separable", filters=4, kernel=3, groups=2), "separable: in groups already; write it as conv"),
    (site("c", kind="separable", filters=4, kernel=1), "separable: kernel of area 1; write it as conv"),
    (site("c", kind="factorized", filters=4, kernel=[3, 1]), "factorized: one-dimensional kernel; write it as conv"),
    (site("c", kind="factorized", filters=4, kernel=1), "factorized: kernel of area 1; write it as conv"),
    (site("c", kind="factorized", filters=4, kernel=3, groups=2), "factorized: in groups already; write it as conv"),
    (site("c", kind="grouped", filters=4, kernel=1), "grouped: kernel of area 1; write it as conv"),
    (site("c", kind="grouped", filters=6, kernel=3), "grouped: channels not divisible by 4; write it as conv"),
    (site("c", kind="grouped", filters=4, kernel=3, groups=2), "grouped: 4 groups of its own, received groups: 2; "
     "write conv with groups: 2, then channel_shuffle: 2"),
    (site("c", kind="bottleneck", filters=4, kernel=1), "bottleneck: kernel of area 1; write it as conv"),
    (site("c", kind="bottleneck", filters=6, kernel=3), "bottleneck: filters not divisible by 4; write it as conv"),
    (site("c", kind="bottleneck", filters=4, kernel=3, groups=4), "bottleneck: in groups already; write it as conv"),
])  # fmt: skip
def test_a_kind_that_is_written_where_it_cannot_be(convolution: Convolution, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        realise(convolution, "input", (8, 6, 4))
    assert str(caught.value) == says



def test_equal_variants_are_counted_once_under_all_their_names() -> None:
    net = graph((8, 6, 4), site("stem", filters=2, kernel=3, fixed=True), site("conv", filters=2, kernel=3))
    models = count_variants(net, KINDS)
    assert [(model.variant, model.also) for model in models] == [
        (AS_WRITTEN, ("standard",)), ("factorized", ()), ("separable", ())
    ]
    assert all([left.name for left in model.left_alone] == ["stem"] for model in models)


def test_a_kind_that_realises_nothing_is_no_name_of_what_it_leaves() -> None:
    net = graph((8, 6, 3), site("conv", filters=8, kernel=[3, 1]), site("stem", filters=4, kernel=3, fixed=True))
    models = count_variants(net, KINDS)
    assert [(model.variant, model.also) for model in models] == [
        (AS_WRITTEN, ("standard",)), ("bottleneck", ()), ("separable", ())
    ]
    assert models[0].notes == (
        "no factorized form: one-dimensional kernel", "no grouped form: channels not divisible by 4"
    )
    assert [left.reason for left in models[0].left_alone] == ["fixed in the spec"]
    (alone,) = count_variants(net, ("grouped",))
    assert (alone.variant, alone.also, alone.notes) == ("grouped", (), ())
    assert [left.reason for left in alone.left_alone] == ["channels not divisible by 4", "fixed in the spec"]


def test_nothing_to_convert_is_one_variant() -> None:
    net = graph((8, 6, 4), site("project", filters=2, kernel=1))
    (model,) = count_variants(net, KINDS)
    assert (model.also, model.notes) == (("standard",), ())
    assert [(left.name, left.reason) for left in model.left_alone] == [("project", "kernel of area 1")]
    assert (model.params_to_standard, model.macs_to_standard, model.macs_to_standard_theory) == (None, None, None)
