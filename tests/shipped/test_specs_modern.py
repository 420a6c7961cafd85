"""The modern relatives of the documents' networks, against what their authors, torchvision and others print or ship."""

from __future__ import annotations

from math import prod

import pytest

from costlens.arithmetic.units import Figure
from costlens.network.count import count
from costlens.network.graph import Graph
from costlens.results.counts import Totals
from tests.cases.counted import load
from tests.places import SPECS

# spec, settings, trainable, GFLOPS: ``num_params`` and ``_ops`` (multiply-adds) of torchvision's weights
TORCHVISION: list[tuple[str, dict[str, object], int, str]] = [
    ("densenet121", {}, 7_978_856, "2.834G"),
    ("densenet121", {"third": 32, "fourth": 32}, 14_149_480, "3.36G"),
    ("densenet121", {"third": 48, "fourth": 32}, 20_013_928, "4.291G"),
    ("efficientnet_b0", {}, 5_288_548, "0.386G"),
    # its 27,161,264 less the auxiliary classifier and less the gammas that the authors' BatchNorm lacks
    ("inception_v3", {}, 27_161_264 - 3_326_696 - 17_216, "5.713G"),
    ("mobilenet_v2", {}, 3_504_872, "0.301G"),
    ("mobilenet_v3_large", {}, 5_483_032, "0.217G"),
    ("mobilenet_v3_small", {}, 2_542_856, "0.057G"),
    ("shufflenet_v2", {"channels": 48}, 1_366_792, "0.04G"),
    ("shufflenet_v2", {}, 2_278_604, "0.145G"),
    ("shufflenet_v2", {"channels": 176}, 3_503_624, "0.296G"),
    ("shufflenet_v2", {"channels": 244, "head": 2048}, 7_393_996, "0.583G"),
    ("squeezenet", {}, 1_248_424, "0.819G"),
    ("squeezenet_v1_1", {}, 1_235_496, "0.349G"),
]

# spec, numbers in the authors' DS_CNN_*.pb, kB of weights and activations at a byte each, operations:
# Zhang et al. 2017 and github.com/ARM-software/ML-KWS-for-MCU
HELLO_EDGE = [
    ("ds_cnn_s", 24_332, "38.6k", "5.4M"),
    ("ds_cnn_m", 139_676, "189.2k", "19.8M"),
    ("ds_cnn_l", 419_808, "497.6k", "56.9M"),
]

# tau, parameters, multiplies: Kim et al. 2021, table 3
BC_RESNETS = [
    (1, "9.2k", "3.1M"),
    (1.5, "17.2k", "5.5M"),
    (2, "27.3k", "8.5M"),
    (3, "54.2k", "16.2M"),
    (6, "188k", "53.1M"),
    (8, "321k", "89.1M"),
]


def graph(name: str, **settings: object) -> Graph:
    return load(SPECS / f"{name}.yaml", settings).graph


def totals(name: str, **settings: object) -> Totals:
    return count(graph(name, **settings)).totals


def values(net: Graph, *kinds: str) -> int:
    """Return how many values the layers of some kinds write."""
    return sum(prod(net.shapes[node.name]) for node in net.nodes if node.layer.kind() in kinds)


@pytest.mark.parametrize(("name", "settings", "trainable", "macs"), TORCHVISION)
def test_torchvision_has_as_many(name: str, settings: dict[str, object], trainable: int, macs: str) -> None:
    ours = totals(name, **settings)
    assert ours.trainable == trainable
    assert Figure.parse(macs).holds(ours.macs)


def test_the_auxiliary_classifier_of_torchvision() -> None:
    """A 1×1 to 128, a 5×5 to 768, both with a BatchNorm, and 1,000 classes."""
    assert 768 * 128 + 2 * 128 + 25 * 128 * 768 + 2 * 768 + 768 * 1000 + 1000 == 3_326_696


@pytest.mark.parametrize(("name", "shipped", "memory", "operations"), HELLO_EDGE)
def test_hello_edge(name: str, shipped: int, memory: str, operations: str) -> None:
    """Memory: weights with BatchNorm folded and the two largest maps; operations: 2 per MAC and each bias added."""
    net, ours = graph(name), totals(name)
    assert ours.params == shipped
    assert Figure.parse(memory).holds(ours.deployed_params + ours.peak_activation_bytes // 4)
    assert Figure.parse(operations).holds(2 * ours.macs + values(net, "conv", "depthwise", "dense"))


@pytest.mark.parametrize(("tau", "params", "multiplies"), BC_RESNETS)
def test_bc_resnet_at_every_width(tau: float, params: str, multiplies: str) -> None:
    """The paper's multiplies are our MACs, 2 for each normalised value and 1 for each ReLU."""
    net, ours = graph("bc_resnet_1", tau=tau), totals("bc_resnet_1", tau=tau)
    assert Figure.parse(params).holds(ours.trainable)
    beside = 2 * values(net, "batch_norm", "sub_spectral_norm") + values(net, "relu")
    assert Figure.parse(multiplies).holds(ours.macs + beside)


def test_bc_resnet_1_to_the_last_parameter() -> None:
    assert totals("bc_resnet_1").trainable == 9_232  # github.com/jsvir/sparknet prints it in full


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


def test_crepe() -> None:
    """22.2M: Riou et al. 2023; 487,096 numbers are in the tiny model of github.com/marl/crepe."""
    assert Figure.parse("22.2M").holds(totals("crepe").params)
    assert totals("crepe", capacity=4).params == 487_096


def test_xception_prints_its_trainable_ones() -> None:
    assert totals("xception").trainable == 22_855_952  # Chollet 2016, table 3
