"""Networks of the literature, built layer by layer, against totals established outside this project."""

from __future__ import annotations

import pytest

from costlens.network.count import count
from costlens.network.graph import Graph
from tests.cases.networks import count_variants, graph, mobilenet, site, speech_embedding, yamnet
from tests.cases.truth_networks import BY_HAND
from tests.cases.truth_tables import Total, totals

KINDS: dict[str, tuple[Graph, str, dict[str, tuple[int, int]]]] = {
    # title: graph, the kind it is written in, {kind: (kernels, MACs)}
    "MobileNetV1": (mobilenet(), "separable", {
        "standard": (29_281_120, 4_867_293_184),
        "separable": (4_209_088, 568_740_352),
        "factorized": (21_957_472, 3_942_449_152),
    }),
    "YAMNet": (yamnet(), "separable", {
        "standard": (28_790_048, 595_518_464),
        "separable": (3_718_016, 69_165_056),
        "factorized": (21_466_400, 482_272_256),
    }),
    "speech embedding": (speech_embedding(), "factorized", {
        "standard": (452_952, 55_282_176),
        "separable": (80_280, 7_796_736),
        "factorized": (326_808, 41_955_840),
    }),
}


@pytest.mark.parametrize("row", BY_HAND)
def test_totals_of_the_table(row: str) -> None:
    ours = count(BY_HAND[row]).totals
    assert Total(ours.trainable, ours.non_trainable, ours.kernels, ours.macs) == totals()[row]
    assert ours.params == ours.trainable + ours.non_trainable


def test_the_speech_embedding() -> None:
    ours = count(speech_embedding()).totals
    assert (ours.trainable, ours.non_trainable, ours.kernels, ours.macs) == (329_448, 2_640, 326_808, 41_955_840)


@pytest.mark.parametrize("title", KINDS)
def test_totals_by_kind(title: str) -> None:
    net, written, expected = KINDS[title]
    models = count_variants(net, ("as-written", *expected))
    assert {model.variant: model.also for model in models} == {
        "as-written": (written,),
        **{kind: () for kind in expected if kind != written},
    }
    for model in models:
        kind = (model.also or (model.variant,))[0]
        assert (model.totals.kernels, model.totals.macs) == expected[kind], kind
        assert model.macs_to_standard == expected[kind][1] / expected["standard"][1]


def test_the_worked_example_of_separable_convolution() -> None:
    """8×8×3 → 8×8×256 by 5×5: 53,952 MACs are 4,800 for the depthwise half and 49,152 for the pointwise one."""
    net = graph((8, 8, 3), site("conv", filters=256, kernel=5, bias=False))
    standard, separable = count_variants(net, ("standard", "separable"))
    assert (standard.totals.params, standard.totals.macs) == (19_200, 1_228_800)
    assert (separable.totals.params, separable.totals.macs) == (843, 53_952)
    assert [row.macs for row in separable.rows] == [4_800, 49_152]
    assert round(1 / (separable.macs_to_standard or 1), 2) == 22.78
