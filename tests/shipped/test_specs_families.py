"""Networks whose totals nobody prints to the last digit: sums by hand, from tables of layers and not from the specs."""

from itertools import pairwise

import pytest

from costlens.arithmetic.figures import Figure
from costlens.network.count import count
from costlens.results.counts import Totals
from tests.cases.counted import load
from tests.places import SPECS


def totals(name: str, **settings: object) -> Totals:
    return count(load(SPECS / f"{name}.yaml", settings).graph).totals


def test_blazeface_layer_by_layer() -> None:
    """MediaPipe's front camera: 17 blocks of a depthwise 3×3 and a 1×1 with biases, two heads on two maps."""
    widths = [24, 24, 28, 32, 36, 42, 48, 56, 64, 72, 80, 88, 96, 96, 96, 96, 96]
    blocks = sum(9 * m + m + m * n + n for m, n in pairwise(widths))
    heads = sum(channels * values + values for channels, values in ((88, 2), (96, 6), (88, 32), (96, 96)))
    assert totals("blazeface").params == 25 * 3 * 24 + 24 + blocks + heads


@pytest.mark.parametrize("times", [1, 3])
def test_quartznet_module_by_module(times: int) -> None:
    """Kriman et al. 2019, table 1: a row of k + M + 2 numbers a filter and module, and a shortcut of M + 2 a block."""
    trainable = macs = 0

    def module(kernel: int, channels: int, filters: int, frames: int = 500) -> None:
        nonlocal trainable, macs
        weights = kernel * channels + channels * filters
        trainable += weights + 2 * filters
        macs += weights * frames

    module(33, 64, 256)
    channels = 256
    for kernel, filters in ((33, 256), (39, 256), (51, 512), (63, 512), (75, 512)):
        for _ in range(times):
            trainable += channels * filters + 2 * filters
            macs += channels * filters * 500
            for _ in range(5):
                module(kernel, channels, filters)
                channels = filters
    module(87, 512, 512)
    trainable += 512 * 1024 + 2 * 1024 + 1024 * 29 + 29
    macs += (512 * 1024 + 1024 * 29) * 500
    ours = totals(f"quartznet_{5 * times}x5")
    assert (ours.trainable, ours.macs) == (trainable, macs)


def test_tc_resnet8_by_hand() -> None:
    """Choi et al. 2019, figure 3: each block halves the frames, 98 → 49 → 25 → 13."""
    kernels, macs = 3 * 40 * 16 + 48 * 12, 3 * 40 * 16 * 98 + 48 * 12
    for channels, filters, frames in ((16, 24, 49), (24, 32, 25), (32, 48, 13)):
        block = 9 * channels * filters + 9 * filters * filters + channels * filters
        kernels += block
        macs += block * frames
    ours = totals("tc_resnet8")
    assert (ours.kernels, ours.macs) == (kernels, macs)


def test_repvgg_deployed_is_its_3_by_3_convolutions_alone() -> None:
    widths = [3, 48, 48, 48, *[96] * 4, *[192] * 14, 1280]
    weights = sum(9 * m * n + n for m, n in pairwise(widths))
    assert totals("repvgg_a0_deployed").params == weights + 1280 * 1000 + 1000


def test_a_trained_repvgg_computes_a_1_by_1_more_in_every_block() -> None:
    trained, deployed = totals("repvgg_a0"), totals("repvgg_a0_deployed")
    classifier = 1280 * 1000
    assert 9 * (trained.macs - deployed.macs) == deployed.macs - classifier


def test_c3d_by_hand() -> None:
    """Tran et al. 2015, section 3.2: eight 3×3×3 with biases, on maps that the pools before them left."""
    volumes = [16 * 112 * 112, 16 * 56 * 56, *[8 * 28 * 28] * 2, *[4 * 14 * 14] * 2, *[2 * 7 * 7] * 2]
    convolutions = [*pairwise([3, 64, 128, 256, 256, *[512] * 4])]
    dense = [*pairwise([1 * 4 * 4 * 512, 4096, 4096, 101])]
    ours = totals("c3d")
    assert ours.params == sum(27 * m * n + n for m, n in convolutions) + sum(m * n + n for m, n in dense)
    assert ours.macs == sum(
        27 * m * n * volume for (m, n), volume in zip(convolutions, volumes, strict=True)
    ) + sum(m * n for m, n in dense)


@pytest.mark.parametrize("settings", [{}, {"filters": 256, "blocks": 32, "residual": 0.1}])
def test_edsr_by_hand(settings: dict[str, float]) -> None:
    n, blocks = int(settings.get("filters", 64)), int(settings.get("blocks", 16))
    before = [(3, n), *[(n, n)] * (2 * blocks + 1), (n, 4 * n)]
    ours = totals("edsr_baseline_x2", **settings)
    assert ours.params == sum(9 * m * k + k for m, k in [*before, (n, 3)])
    assert ours.macs == 48 * 48 * (sum(9 * m * k for m, k in before) + 4 * 9 * n * 3)


def test_edsr_baseline_of_a_720p_image() -> None:
    """Zhang et al. 2021, Aligned structured sparsity learning, table 1: 316.3G."""
    assert Figure.parse("316.3G").holds(totals("edsr_baseline_x2", height=360, width=640).macs)


def test_a_vit_s_attention_multiplies_every_token_with_every_other() -> None:
    """Twelve layers of 197 tokens of 192 numbers: the scores and the weighted sums, beside the weights' products."""
    ours = totals("vit_tiny_16")
    weights = 196 * 768 * 192 + 12 * 197 * 12 * 192 * 192 + 192 * 1000
    assert ours.macs - weights == 12 * 2 * 197 * 197 * 192 == 178_831_872
