"""Every total that was established outside this project, against the spec of its network."""

from typing import Any

import pytest

from costlens.network.count import count
from costlens.network.graph import Graph
from costlens.network.variants import AS_WRITTEN, rewrite
from costlens.results.counts import Totals
from tests.cases.counted import load
from tests.cases.networks import MOBILENET, count_variants, mobilenet, torchvision_alexnet, yamnet
from tests.cases.truth_tables import Total, totals
from tests.places import SPECS

# row of classic_totals.csv: spec, settings, variant
ROWS: dict[str, tuple[str, dict[str, object], str]] = {
    **{f"VGG-{letter}": (f"vgg_{letter.lower()}", {}, AS_WRITTEN) for letter in "ABCDE"},
    "AlexNet original (2 groups, 227 in)": ("alexnet", {}, AS_WRITTEN),
    "AlexNet ungrouped (227 in)": ("alexnet_ungrouped", {}, AS_WRITTEN),
    "ZFNet (Zeiler-Fergus fig.3, 224 in)": ("zfnet", {}, AS_WRITTEN),
    **{f"ResNet-{depth} (opt B)": (f"resnet{depth}", {}, AS_WRITTEN) for depth in (18, 34)},
    **{f"ResNet-{depth} (opt A)": (f"resnet{depth}", {"projection": 0}, AS_WRITTEN) for depth in (18, 34)},
    **{f"ResNet-{depth} v1": (f"resnet{depth}", {}, AS_WRITTEN) for depth in (50, 101, 152)},
    **{f"ResNet-{depth} v1.5": (f"resnet{depth}", {"stride_on": 3}, AS_WRITTEN) for depth in (50, 101, 152)},
    **{
        f"ResNet-{depth} v1 with conv biases (Keras)": (f"resnet{depth}", {"conv_bias": 1}, AS_WRITTEN)
        for depth in (50, 101, 152)
    },
    **{
        f"MobileNetV1 {alpha}-{size}": ("mobilenet_v1", {"alpha": alpha, "resolution": size}, AS_WRITTEN)
        for alpha in (1.0, 0.75, 0.5, 0.25)
        for size in (224, 192, 160, 128)
    },
    "Conv MobileNet (full 3x3 convs)": ("mobilenet_v1", {}, "standard"),
    "Shallow MobileNet (five 14x14x512 blocks removed)": ("mobilenet_shallow", {}, AS_WRITTEN),
    "paper T3 conv 14x14 512->512": ("mobilenet_layer", {}, "standard"),
    "paper T3 dws": ("mobilenet_layer", {}, AS_WRITTEN),
    "paper T3 dws a=.75": ("mobilenet_layer", {"alpha": 0.75}, AS_WRITTEN),
    "paper T3 dws a=.75 rho=.714": ("mobilenet_layer", {"alpha": 0.75, "size": 10}, AS_WRITTEN),
    "YAMNet": ("yamnet", {}, AS_WRITTEN),
    "worked example standard 8x8 5x5x3->256": ("separable_example", {}, "standard"),
    "worked example separable": ("separable_example", {}, AS_WRITTEN),
    **{f"KWS head, {labels} labels": ("keyword_head", {"labels": labels}, AS_WRITTEN) for labels in (2, 12, 31, 35)},
}

AS_PRINTED = (*MOBILENET[:12], (2, 1024))

# row of classic_totals.csv that is no spec, because it is another network of that name or a misprint read literally
NO_SPEC: dict[str, Graph] = {
    "AlexNet torchvision (one-weird-trick, 224 in pad 2)": torchvision_alexnet(),
    "MobileNetV1 as the printed table (s2 on the 1024 dw taken literally)": mobilenet(stages=AS_PRINTED),
    "YAMNet table read literally: 3-channel first filter": yamnet(image=(96, 64, 3)),
    "YAMNet table read literally: last dw stride 2": yamnet(stages=AS_PRINTED),
}

# title: spec, settings, what was established
BESIDE: dict[str, tuple[str, dict[str, object], Total]] = {
    "VGG-A-LRN: the norm holds nothing": ("vgg_a_lrn", {}, totals()["VGG-A"]),
    "speech embedding": ("speech_embedding", {}, Total(329_448, 2_640, 326_808, 41_955_840)),
    "one step of 80 ms of it": ("speech_embedding_streaming", {}, Total(329_448, 2_640, 326_808, 5_612_544)),
    "cnn-speech-mnist, same": ("cnn_speech_mnist", {}, Total(72_730, 0, 72_656, 4_161_856)),
    "cnn-speech-mnist, valid": ("cnn_speech_mnist", {"padding": "valid"}, Total(40_474, 0, 40_400, 2_369_600)),
    "second draft": ("drafts/conv1d_embedding", {}, Total(1_460_192, 0, 1_458_368, 1_077_849_728)),
    "fourth draft": ("drafts/embedding_classifier", {}, Total(693_770, 0, 691_520, 10_900_544)),
    "depthwise half": ("depthwise_only", {}, Total(75, 0, 75, 4_800)),
    "pointwise half": ("pointwise_only", {}, Total(768, 0, 768, 49_152)),
    "YAMNet and the fixed matrices of its front end": (
        "yamnet_full",
        {},
        Total(3_729_481, 21_888 + 400 * 514 + 257 * 64, 3_718_016, 69_165_056 + 96 * (400 * 514 + 257 * 64)),
    ),
}

BY_KIND: dict[str, tuple[str, dict[str, tuple[int, int]]]] = {
    # spec: the kind it is written in, {kind: (kernels, MACs)}
    "mobilenet_v1": ("separable", {
        "standard": (29_281_120, 4_867_293_184),
        "separable": (4_209_088, 568_740_352),
        "factorized": (21_957_472, 3_942_449_152),
    }),
    "yamnet": ("separable", {
        "standard": (28_790_048, 595_518_464),
        "separable": (3_718_016, 69_165_056),
        "factorized": (21_466_400, 482_272_256),
    }),
    "speech_embedding": ("factorized", {
        "standard": (452_952, 55_282_176),
        "separable": (80_280, 7_796_736),
        "factorized": (326_808, 41_955_840),
    }),
    "vgg_d": ("standard", {"standard": (138_344_128, 15_470_264_320)}),
    "resnet50": ("standard", {"standard": (25_502_912, 3_857_973_248)}),
    "separable_example": ("separable", {"standard": (19_200, 1_228_800), "separable": (843, 53_952)}),
}  # fmt: skip


def spec(name: str, **settings: object) -> Graph:
    return load(SPECS / f"{name}.yaml", settings).graph


def of_spec(name: str, settings: dict[str, object], kind: str = AS_WRITTEN) -> Totals:
    return count(rewrite(spec(name, **settings), kind)).totals


def check(ours: Totals, true: Total) -> None:
    assert Total(ours.trainable, ours.non_trainable, ours.kernels, ours.macs) == true
    assert ours.params == true.trainable + true.non_trainable


@pytest.mark.parametrize("row", totals())
def test_totals_of_the_table(row: str) -> None:
    assert (row in ROWS) != (row in NO_SPEC)
    check(of_spec(*ROWS[row]) if row in ROWS else count(NO_SPEC[row]).totals, totals()[row])


@pytest.mark.parametrize(("name", "settings", "true"), BESIDE.values(), ids=BESIDE)
def test_totals_beside_the_table(name: str, settings: dict[str, object], true: Total) -> None:
    check(of_spec(name, settings), true)


@pytest.mark.parametrize("name", BY_KIND)
def test_totals_by_kind(name: str) -> None:
    written, expected = BY_KIND[name]
    models = count_variants(spec(name), ("as-written", *expected))
    assert {model.variant: model.also for model in models} == {
        "as-written": (written,),
        **{kind: () for kind in expected if kind != written},
    }
    for model in models:
        kind = (model.also or (model.variant,))[0]
        assert (model.totals.kernels, model.totals.macs) == expected[kind], kind
        assert model.macs_to_standard == expected[kind][1] / expected["standard"][1]


def test_the_worked_example_of_separable_convolution() -> None:
    """53,952 MACs are 4,800 for the depthwise half and 49,152 for the pointwise one."""
    (separable,) = count_variants(spec("separable_example"), ("separable",))
    assert [row.macs for row in separable.rows] == [4_800, 49_152]
    assert round(1 / (separable.macs_to_standard or 1), 2) == 22.78


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
    ours = of_spec(name, {}, kind)
    assert (ours.kernels, ours.macs) == multiplied_out(*image, kind)


def test_the_third_draft_is_the_sum_over_its_convolutions() -> None:
    """Five blocks of 1×3, 3×1, pool, 1×3, 3×1 with biases on 198×1×96, each pool halving the time, rounded up."""
    frames, channels, trainable, macs = 198, 96, 0, 0
    for _ in range(5):
        for position in range(4):
            frames = (frames + 1) // 2 if position == 2 else frames
            trainable += 3 * channels * 64 + 64
            macs += 3 * channels * 64 * frames
            channels = 64
    ours = of_spec("drafts/embedding_64", {})
    assert (ours.params, ours.macs) == (trainable, macs) == (253_184, 15_446_016)


def test_the_keyword_spotter_is_its_two_halves() -> None:
    """∼330k and ∼55k weights; 196 frames make sixteen embeddings."""
    spotter = count(spec("keyword_spotter"))
    head = totals()["KWS head, 12 labels"]
    sections: dict[str, Any] = {section.name: section for section in spotter.sections}
    assert (sections["embedding"].trainable, sections["embedding"].kernels) == (329_448, 326_808)
    assert (sections["head"].trainable, sections["head"].macs) == (head.trainable, head.macs)
    assert sum(row.kernels for row in spotter.rows if row.section == "head" and row.kernel) == 55_296
    assert spotter.totals.macs - sections["head"].macs == sections["embedding"].macs
