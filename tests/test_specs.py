"""The shipped specs against independently established totals: every variant, and the published figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from costlens import pipeline
from costlens.count import count
from costlens.variants import variant

SPECS = Path(__file__).parent.parent / "specs"
NAMES = sorted(path.stem for path in SPECS.glob("*.yaml"))

# spec, settings, trainable, non-trainable, kernels, MACs
AS_WRITTEN = [
    ("yamnet", {}, 3_729_481, 21_888, 3_718_016, 69_165_056),
    ("mobilenet_v1", {}, 4_231_976, 21_888, 4_209_088, 568_740_352),
    ("mobilenet_v1", {"alpha": 0.75}, 2_585_560, 16_416, 2_568_144, 325_400_448),
    ("mobilenet_v1", {"alpha": 0.5}, 1_331_592, 10_944, 1_319_648, 149_497_088),
    ("mobilenet_v1", {"alpha": 0.25}, 470_072, 5_472, 463_600, 41_030_272),
    ("mobilenet_v1", {"resolution": 192}, 4_231_976, 21_888, 4_209_088, 418_121_728),
    ("mobilenet_v1", {"resolution": 160}, 4_231_976, 21_888, 4_209_088, 290_675_200),
    ("mobilenet_v1", {"resolution": 128}, 4_231_976, 21_888, 4_209_088, 186_400_768),
    ("mobilenet_v1", {"alpha": 0.25, "resolution": 128}, 470_072, 5_472, 463_600, 13_570_048),
    ("vgg16", {}, 138_357_544, 0, 138_344_128, 15_470_264_320),
    ("resnet50", {}, 25_557_032, 53_120, 25_502_912, 3_857_973_248),
    ("speech_embedding", {}, 329_448, 2_640, 326_808, 41_955_840),
    ("separable_example", {}, 843, 0, 843, 53_952),
]

# spec, kind, kernels, MACs
BY_KIND = [
    ("mobilenet_v1", "separable", 4_209_088, 568_740_352),
    ("mobilenet_v1", "standard", 29_281_120, 4_867_293_184),
    ("mobilenet_v1", "factorized", 21_957_472, 3_942_449_152),
    ("yamnet", "separable", 3_718_016, 69_165_056),
    ("yamnet", "standard", 28_790_048, 595_518_464),
    ("yamnet", "factorized", 21_466_400, 482_272_256),
    ("speech_embedding", "factorized", 326_808, 41_955_840),
    ("speech_embedding", "standard", 452_952, 55_282_176),
    ("speech_embedding", "separable", 80_280, 7_796_736),
    ("vgg16", "standard", 138_344_128, 15_470_264_320),
    ("resnet50", "standard", 25_502_912, 3_857_973_248),
    ("separable_example", "standard", 19_200, 1_228_800),
    ("separable_example", "separable", 843, 53_952),
]


@pytest.mark.parametrize(("name", "settings", "trainable", "non_trainable", "kernels", "macs"), AS_WRITTEN)
def test_totals_as_written(
    name: str, settings: dict[str, object], trainable: int, non_trainable: int, kernels: int, macs: int
) -> None:
    totals = count(pipeline.load(SPECS / f"{name}.yaml", settings).graph).totals
    assert (totals.trainable, totals.non_trainable, totals.kernels, totals.macs) == (
        trainable,
        non_trainable,
        kernels,
        macs,
    )
    assert totals.params == trainable + non_trainable


@pytest.mark.parametrize(("name", "kind", "kernels", "macs"), BY_KIND)
def test_totals_by_kind(name: str, kind: str, kernels: int, macs: int) -> None:
    totals = count(variant(pipeline.load(SPECS / f"{name}.yaml").graph, kind)).totals
    assert (totals.kernels, totals.macs) == (kernels, macs)


@pytest.mark.parametrize("name", NAMES)
def test_published_figures_hold(name: str) -> None:
    spec = pipeline.load(SPECS / f"{name}.yaml")
    expectations = pipeline.expectations(spec)
    assert expectations, "every shipped spec quotes what was published"
    assert [e for e in expectations if not e.holds] == []


@pytest.mark.parametrize("name", NAMES)
def test_first_line_names_the_schema(name: str) -> None:
    first = (SPECS / f"{name}.yaml").read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=schema.json"
