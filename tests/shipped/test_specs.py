"""The shipped specs against independently established totals: every variant, and the published figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from costlens.analysis.budgets import judge
from costlens.network.count import count
from costlens.network.variants import rewrite
from costlens.spec.paths import files_in
from tests.cases.counted import load, models
from tests.places import SPECS

NAMES = [str(path.relative_to(SPECS).with_suffix("")) for path in files_in(SPECS)]
FILES = [str(path.relative_to(SPECS)) for path in sorted(SPECS.rglob("*.yaml"))]

# spec, settings, trainable, non-trainable, kernels, MACs; test_truth_specs.py has those of tests/cases/truth
AS_WRITTEN: list[tuple[str, dict[str, object], int, int, int, int]] = [
    ("yamnet_full", {}, 3_729_481, 21_888 + 400 * 514 + 257 * 64, 3_718_016, 69_165_056 + 96 * (400 * 514 + 257 * 64)),
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
    ("vgg_d", "standard", 138_344_128, 15_470_264_320),
    ("resnet50", "standard", 25_502_912, 3_857_973_248),
    ("separable_example", "standard", 19_200, 1_228_800),
    ("separable_example", "separable", 843, 53_952),
]


@pytest.mark.parametrize(("name", "settings", "trainable", "non_trainable", "kernels", "macs"), AS_WRITTEN)
def test_totals_as_written(
    name: str, settings: dict[str, object], trainable: int, non_trainable: int, kernels: int, macs: int
) -> None:
    totals = count(load(SPECS / f"{name}.yaml", settings).graph).totals
    assert (totals.trainable, totals.non_trainable, totals.kernels, totals.macs) == (
        trainable,
        non_trainable,
        kernels,
        macs,
    )
    assert totals.params == trainable + non_trainable


@pytest.mark.parametrize(("name", "kind", "kernels", "macs"), BY_KIND)
def test_totals_by_kind(name: str, kind: str, kernels: int, macs: int) -> None:
    totals = count(rewrite(load(SPECS / f"{name}.yaml").graph, kind)).totals
    assert (totals.kernels, totals.macs) == (kernels, macs)


def multiplied_out(height: int, width: int, channels: int, classes: int, kind: str) -> tuple[int, int]:
    """Return kernels and MACs of MobileNetV1 with its thirteen 3×3 convolutions of one kind, the stem left standard."""
    height, width = -(-height // 2), -(-width // 2)
    kernels = 9 * channels * 32
    macs = kernels * height * width
    channels = 32
    blocks = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1)]
    for filters, stride in blocks:
        before = height * width
        height, width = -(-height // stride), -(-width // stride)
        behind, inside = height * width, filters // 4
        parts = {
            "grouped": [(9 * (channels // 4) * (filters // 4), behind)] * 4,
            "bottleneck": [(channels * inside, before), (9 * inside * inside, behind), (inside * filters, behind)],
        }[kind]
        kernels += sum(weights for weights, _ in parts)
        macs += sum(weights * positions for weights, positions in parts)
        channels = filters
    return kernels + channels * classes, macs + channels * classes


@pytest.mark.parametrize("kind", ["grouped", "bottleneck"])
@pytest.mark.parametrize(("name", "image"), [("mobilenet_v1", (224, 224, 3, 1000)), ("yamnet", (96, 64, 1, 521))])
def test_totals_of_the_other_kinds(name: str, image: tuple[int, int, int, int], kind: str) -> None:
    totals = count(rewrite(load(SPECS / f"{name}.yaml").graph, kind)).totals
    assert (totals.kernels, totals.macs) == multiplied_out(*image, kind)


@pytest.mark.parametrize("name", NAMES)
def test_published_figures_hold(name: str) -> None:
    (model,) = models(SPECS / f"{name}.yaml")
    published = [limit for limit in model.limits if limit.source == "expect"]
    assert published, "every shipped spec quotes what was published"
    assert [limit for limit in published if judge(limit, model.count, None).verdict != "kept"] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_spec_is_called_as_its_file_and_says_where_it_is_from(name: str) -> None:
    spec = load(SPECS / f"{name}.yaml")
    assert spec.name == Path(name).name
    assert spec.title
    assert spec.source


@pytest.mark.parametrize("file", FILES)
def test_first_line_names_the_schema(file: str) -> None:
    first = (SPECS / file).read_text(encoding="utf-8").splitlines()[0]
    assert first == f"# yaml-language-server: $schema={'../' * file.count('/')}schema.json"
