"""Networks for sound and text whose totals nobody prints in full: sums by hand, of their authors' tables and code."""

from itertools import pairwise

import pytest

from costlens.network.count import count
from costlens.network.graph import Graph
from costlens.network.layers.conv import Conv
from costlens.results.counts import Totals
from tests.cases.counted import load
from tests.places import SPECS


def totals(name: str, **settings: object) -> Totals:
    return count(load(SPECS / f"{name}.yaml", settings).graph).totals


def lstm(inputs: int, units: int) -> int:
    """Four gates of products with input and state, and one bias each."""
    return 4 * units * (inputs + units + 1)


def gru(inputs: int, units: int) -> int:
    """Three gates, with one bias each."""
    return 3 * units * (inputs + units + 1)


@pytest.mark.parametrize("levels", [3, 8])
def test_tcn_block_by_block(levels: int) -> None:
    """Bai et al. 2018: two convolutions a level; the first level's shortcut is a 1×1, as one channel becomes 25."""
    widths = [1, *[25] * levels]
    weights = sum(7 * m * n + 7 * n * n for m, n in pairwise(widths)) + 25
    ours = totals("tcn_sequential_mnist", levels=levels)
    assert ours.params == weights + 25 * (2 * levels + 1) + 25 * 10 + 10
    assert ours.macs == 784 * weights + 25 * 10


def test_tcn_reaches_as_far_back_as_its_dilations_say() -> None:
    """Each level looks back 2·(7 - 1)·2^i steps: 3,060 of them in all, more than the digit has."""
    graph = load(SPECS / "tcn_sequential_mnist.yaml").graph
    dilations = [node.layer.dilation for node in graph.nodes if isinstance(node.layer, Conv) and node.layer.kernel == 7]
    assert dilations == [2**level for level in range(8) for _ in range(2)]


def test_wavenet_layer_by_layer() -> None:
    """ibab's wavenet_params.json: filter width 2, 50 layers, 32 channels, 512 skip channels, 256 values, biases."""
    weights = 2 * 256 * 32 + 50 * (2 * 2 * 32 * 32 + 32 * 512) + 49 * 32 * 32 + 512 * 512 + 512 * 256
    biases = 50 * (2 * 32 + 512) + 49 * 32 + 512 + 256
    ours = totals("wavenet_small")
    assert (ours.params, ours.macs) == (weights + biases, 1000 * weights)


def test_hifi_gan_stage_by_stage() -> None:
    """Kong et al. 2020, appendix A.1: V1 has h_u 512, k_u 16, 16, 4, 4, k_r 3, 7, 11 and D_r 1, 3, 5 beside 1, 1, 1."""
    params, macs, steps = 7 * 80 * 512 + 512, 7 * 80 * 512 * 32, 32
    widths = [512, 256, 128, 64, 32]
    for (m, n), kernel, stride in zip(pairwise(widths), (16, 16, 4, 4), (8, 8, 2, 2), strict=True):
        up, resblocks = kernel * m * n, 6 * (3 + 7 + 11) * n * n
        params += up + n + resblocks + 18 * n
        macs += up * steps
        steps *= stride
        macs += resblocks * steps
    ours = totals("hifi_gan_v1")
    assert (ours.params, ours.macs) == (params + 7 * 32 + 1, macs + 7 * 32 * steps)


def test_rnnoise_layer_by_layer() -> None:
    """Valin 2018, figure 2, and the authors' code: a layer reads what those before it made and 42 features."""
    by_hand = 42 * 24 + 24 + gru(24, 24) + 25 + gru(24 + 24 + 42, 48) + gru(24 + 48 + 42, 96) + 96 * 22 + 22
    assert totals("rnnoise").params == by_hand == 87_503


def test_dtln_core_by_core() -> None:
    """Westhausen & Meyer 2020: 257 magnitudes, 256 learned features, two LSTMs of 128; less than a million weights."""
    masks = [lstm(size, 128) + lstm(128, 128) + 128 * size + size for size in (257, 256)]
    first, second = totals("dtln_core1"), totals("dtln_core2")
    assert (first.params, second.params) == (masks[0], 512 * 256 + 2 * 256 + masks[1] + 256 * 512)
    assert first.params + second.params == 986_753


@pytest.mark.parametrize("name", ["rnnoise", "dtln_core1", "dtln_core2"])
def test_states_come_back_with_their_own_shapes(name: str) -> None:
    graph: Graph = load(SPECS / f"{name}.yaml").graph
    states = [shape for _, shape in graph.inputs[1:]]
    assert [graph.shapes[output] for output in graph.outputs[-len(states) :]] == states


def test_crnn_layer_by_layer() -> None:
    """The authors' config.lua: seven convolutions, norms behind the third, fifth and seventh; 37 classes."""
    widths = [1, 64, 128, 256, 256, 512, 512]
    convolutions = sum(9 * m * n + n for m, n in pairwise(widths)) + 4 * 512 * 512 + 512
    norms = 2 * (256 + 512 + 512)
    recurrent = 2 * lstm(512, 256) + 512 * 256 + 256 + 2 * lstm(256, 256)
    assert totals("crnn").trainable == convolutions + norms + recurrent + 512 * 37 + 37


def test_crnn_reads_26_columns() -> None:
    """The comment of the authors' config.lua: 512×1×26 before the LSTMs, from an image of 32×100."""
    assert load(SPECS / "crnn.yaml").graph.shapes["columns"] == (26, 512)


def test_macs_of_deep_speech_2_small() -> None:
    """Two convolutions over half the frames, and at each step five GRUs in two directions and two dense layers."""
    frames, bands = 200, (97, 49)
    convolutions = frames * (bands[0] * 11 * 41 * 32 + bands[1] * 11 * 21 * 32 * 32)
    recurrent = sum(2 * 3 * 512 * (inputs + 512) for inputs in (49 * 32, *[1024] * 4))
    assert totals("deep_speech_2_small").macs == convolutions + frames * (recurrent + 1024 * 1024 + 1024 * 32)


def test_kwt_1_layer_by_layer() -> None:
    """Berg et al. 2021, table 1: 12 layers of 64 numbers and one head; 98 steps and a class token, 12 labels."""
    weights, biases = 4 * 64 * 64 + 2 * 64 * 256, 64 + 256 + 64 + 2 * 2 * 64
    ends = 40 * 64 + 64 + 64 + 99 * 64 + 64 * 12 + 12
    ours = totals("kwt_1")
    assert ours.params == 12 * (weights + biases) + ends
    assert ours.macs == 98 * 40 * 64 + 12 * (99 * weights + 2 * 99 * 99 * 64) + 64 * 12
