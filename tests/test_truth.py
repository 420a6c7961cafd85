"""Networks of the literature, built layer by layer, against totals established outside this project."""

from __future__ import annotations

from typing import Any

import pytest

from costlens.count import count, count_variants
from costlens.graph import Graph
from tests.networks import MOBILENET, alexnet, graph, mobilenet, site, speech_embedding, vgg, yamnet

SHALLOW = (*MOBILENET[:6], *MOBILENET[11:])
AS_PRINTED = (*MOBILENET[:12], (2, 1024))

MOBILENETS: list[tuple[float, int, int, int, int, int]] = [
    # alpha, resolution, kernels, trainable, non-trainable, MACs
    (1.0, 224, 4_209_088, 4_231_976, 21_888, 568_740_352),
    (0.75, 224, 2_568_144, 2_585_560, 16_416, 325_400_448),
    (0.5, 224, 1_319_648, 1_331_592, 10_944, 149_497_088),
    (0.25, 224, 463_600, 470_072, 5_472, 41_030_272),
    (1.0, 192, 4_209_088, 4_231_976, 21_888, 418_121_728),
    (0.75, 192, 2_568_144, 2_585_560, 16_416, 239_273_472),
    (0.5, 192, 1_319_648, 1_331_592, 10_944, 109_970_432),
    (0.25, 192, 463_600, 470_072, 5_472, 30_212_608),
    (1.0, 160, 4_209_088, 4_231_976, 21_888, 290_675_200),
    (0.75, 160, 2_568_144, 2_585_560, 16_416, 166_396_800),
    (0.5, 160, 1_319_648, 1_331_592, 10_944, 76_524_800),
    (0.25, 160, 463_600, 470_072, 5_472, 21_059_200),
    (1.0, 128, 4_209_088, 4_231_976, 21_888, 186_400_768),
    (0.75, 128, 2_568_144, 2_585_560, 16_416, 106_770_432),
    (0.5, 128, 1_319_648, 1_331_592, 10_944, 49_160_192),
    (0.25, 128, 463_600, 470_072, 5_472, 13_570_048),
]

NETWORKS: dict[str, tuple[Graph, int, int, int, int]] = {
    # title: graph, kernels, trainable, non-trainable, MACs
    "MobileNetV1 without its five 14×14×512 blocks": (
        mobilenet(stages=SHALLOW), 2_875_328, 2_887_976, 11_648, 307_323_392),
    "MobileNetV1 as printed, stride 2 on the last depthwise": (
        mobilenet(stages=AS_PRINTED), 4_209_088, 4_231_976, 21_888, 533_833_216),
    "MobileNetV1 with standard convolutions": (
        mobilenet(kind="standard"), 29_281_120, 29_294_088, 11_968, 4_867_293_184),
    "YAMNet": (yamnet(), 3_718_016, 3_729_481, 21_888, 69_165_056),
    "YAMNet, a first filter of three channels": (
        yamnet(image=(96, 64, 3)), 3_718_592, 3_730_057, 21_888, 70_049_792),
    "YAMNet, stride 2 on the last depthwise": (
        yamnet(stages=AS_PRINTED), 3_718_016, 3_729_481, 21_888, 64_933_888),
    "VGG-A": (vgg("A"), 132_851_392, 132_863_336, 0, 7_609_090_048),
    "VGG-B": (vgg("B"), 133_035_712, 133_047_848, 0, 11_308_466_176),
    "VGG-C": (vgg("C"), 133_625_536, 133_638_952, 0, 11_770_888_192),
    "VGG-D": (vgg("D"), 138_344_128, 138_357_544, 0, 15_470_264_320),
    "VGG-E": (vgg("E"), 143_652_544, 143_667_240, 0, 19_632_062_464),
    "AlexNet in two groups": (alexnet(2), 60_954_656, 60_965_224, 0, 724_406_816),
    "AlexNet ungrouped": (alexnet(1), 62_367_776, 62_378_344, 0, 1_135_256_096),
    "speech embedding": (speech_embedding(), 326_808, 329_448, 2_640, 41_955_840),
}

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


@pytest.mark.parametrize("row", MOBILENETS, ids=lambda row: f"{row[0]} MobileNet-{row[1]}")
def test_every_width_and_resolution_of_mobilenet(row: tuple[Any, ...]) -> None:
    alpha, resolution, *expected = row
    totals = count(mobilenet(alpha=alpha, image=(resolution, resolution, 3))).totals
    assert [totals.kernels, totals.trainable, totals.non_trainable, totals.macs] == expected
    assert totals.params == totals.trainable + totals.non_trainable


@pytest.mark.parametrize("title", NETWORKS)
def test_published_networks(title: str) -> None:
    net, *expected = NETWORKS[title]
    totals = count(net).totals
    assert [totals.kernels, totals.trainable, totals.non_trainable, totals.macs] == expected


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
