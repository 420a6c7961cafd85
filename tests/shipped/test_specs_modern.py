"""What no published table says of the modern relatives: sums by hand, and what their authors ship beside the paper."""

import pytest

from costlens.arithmetic.figures import Figure
from costlens.network.count import count
from costlens.results.counts import Totals
from tests.cases.counted import load
from tests.places import SPECS


def totals(name: str, **settings: object) -> Totals:
    return count(load(SPECS / f"{name}.yaml", settings).graph).totals


def test_inception_is_torchvision_s_without_the_auxiliary_classifier_and_gammas() -> None:
    """The classifier: a 1×1 to 128, a 5×5 to 768, both with a BatchNorm, and 1,000 classes."""
    classifier = 768 * 128 + 2 * 128 + 25 * 128 * 768 + 2 * 768 + 768 * 1000 + 1000
    assert totals("inception_v3").trainable == 27_161_264 - classifier - 17_216


@pytest.mark.parametrize(("name", "memory"), [("ds_cnn_s", "38.6k"), ("ds_cnn_m", "189.2k"), ("ds_cnn_l", "497.6k")])
def test_memory_of_hello_edge(name: str, memory: str) -> None:
    """Zhang et al. 2017: a byte for each weight, BatchNorm folded, and for each value of the two largest maps."""
    ours = totals(name)
    assert Figure.parse(memory).holds(ours.deployed_params + ours.peak_activation_bytes // 4)


@pytest.mark.parametrize("labels", [30, 35])
def test_matchboxnet_by_hand(labels: int) -> None:
    """Majumdar & Ginsburg 2020: 77K. Kernels and channels of NeMo's matchboxnet_3x1x64; two numbers a BatchNorm."""
    trainable = macs = 0
    for kernel, channels, filters, has_shortcut in (
        (11, 64, 128, False), (13, 128, 64, True), (15, 64, 64, True), (17, 64, 64, True), (29, 64, 128, False),
    ):  # fmt: skip
        mixed = channels * filters * (1 + has_shortcut)
        trainable += kernel * channels + mixed + 2 * filters * (1 + has_shortcut)
        macs += 128 * (kernel * channels + mixed)
    trainable += 128 * 128 + 2 * 128 + 128 * labels + labels
    macs += 128 * 128 * 128 + 128 * labels
    ours = totals("matchboxnet_3x1x64", labels=labels)
    assert (ours.trainable, ours.macs) == (trainable, macs)
    assert Figure.parse("77K").holds(trainable)


def test_vggish_by_hand() -> None:
    """The Wolfram Neural Net Repository prints 72,141,184; every map is halved before the next stage."""
    stages = ((1, 64, 96 * 64), (64, 128, 48 * 32), (128, 256, 24 * 16), (256, 256, 24 * 16), (256, 512, 12 * 8),
              (512, 512, 12 * 8))  # fmt: skip
    dense = ((6 * 4 * 512, 4096), (4096, 4096), (4096, 128))
    ours = totals("vggish")
    assert ours.params == sum(9 * m * n + n for m, n, _ in stages) + sum(m * n + n for m, n in dense) == 72_141_184
    assert ours.macs == sum(9 * m * n * area for m, n, area in stages) + sum(m * n for m, n in dense)


def test_the_tiny_crepe() -> None:
    assert totals("crepe", capacity=4).params == 487_096  # numbers in the authors' model, github.com/marl/crepe
