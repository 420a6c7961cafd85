"""Every total that was established outside this project, against the spec of its network."""

from __future__ import annotations

from typing import Any

import pytest

from costlens.network.count import count
from costlens.network.variants import rewrite
from costlens.results.counts import AS_WRITTEN, Totals
from tests.cases.counted import load
from tests.cases.truth_networks import BY_HAND
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

# row of classic_totals.csv: why it is no spec
NO_SPEC = {
    "AlexNet torchvision (one-weird-trick, 224 in pad 2)": "another network of that name",
    "MobileNetV1 as the printed table (s2 on the 1024 dw taken literally)": "a misprint read literally",
    "YAMNet table read literally: 3-channel first filter": "a misprint read literally",
    "YAMNet table read literally: last dw stride 2": "a misprint read literally",
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
}


def of_spec(name: str, settings: dict[str, object], kind: str = AS_WRITTEN) -> Totals:
    return count(rewrite(load(SPECS / f"{name}.yaml", settings).graph, kind)).totals


def check(ours: Totals, true: Total) -> None:
    assert Total(ours.trainable, ours.non_trainable, ours.kernels, ours.macs) == true
    assert ours.params == true.trainable + true.non_trainable


def test_every_row_has_its_spec_or_is_built_by_hand() -> None:
    assert set(totals()) == set(ROWS) | set(NO_SPEC)
    assert not set(ROWS) & set(NO_SPEC)
    assert set(NO_SPEC) <= set(BY_HAND)


@pytest.mark.parametrize("row", ROWS)
def test_totals_of_the_table(row: str) -> None:
    check(of_spec(*ROWS[row]), totals()[row])


@pytest.mark.parametrize(("name", "settings", "true"), BESIDE.values(), ids=BESIDE)
def test_totals_beside_the_table(name: str, settings: dict[str, object], true: Total) -> None:
    check(of_spec(name, settings), true)


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
    spotter = count(load(SPECS / "keyword_spotter.yaml").graph)
    head = totals()["KWS head, 12 labels"]
    sections: dict[str, Any] = {section.name: section for section in spotter.sections}
    assert (sections["embedding"].trainable, sections["embedding"].kernels) == (329_448, 326_808)
    assert (sections["head"].trainable, sections["head"].macs) == (head.trainable, head.macs)
    assert sum(row.kernels for row in spotter.rows if row.section == "head" and row.kernel) == 55_296
    assert spotter.totals.macs - sections["head"].macs == sections["embedding"].macs
