"""The front end of ``yamnet_full``: what it counts, and its log-mel against one written here from the definitions."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from scipy import signal

from costlens.network.count import count
from costlens.network.graph import Graph
from costlens.network.layers.mel import Mel
from costlens.network.variants import rewrite
from tests.cases.counted import load
from tests.cases.networks import graph, layer
from tests.places import SPECS

RATE, SAMPLES, WINDOW, HOP, FFT, BANDS = 16_000, 15_600, 400, 160, 512, 64
FIXED = 400 * 514 + 257 * 64


def full() -> Graph:
    return load(SPECS / "yamnet_full.yaml").graph


def front_end() -> Graph:
    """Return the part of the network that makes a patch of the waveform."""
    whole = full()
    nodes = tuple(node for node in whole.nodes if node.section == "front_end")
    return replace(whole, nodes=nodes, outputs=(nodes[-1].name,))


def test_sections() -> None:
    model = count(full())
    yamnet = count(load(SPECS / "yamnet.yaml").graph)
    front, classifier = model.sections
    assert (front.name, front.params, front.trainable, front.kernels) == ("front_end", FIXED, 0, 0)
    assert front.macs == 96 * 400 * 514 + 96 * 257 * 64
    assert (classifier.name, classifier.params, classifier.macs) == ("classifier", 3_751_369, 69_165_056)
    assert classifier.trainable == model.totals.trainable == yamnet.totals.trainable
    assert model.totals.params == 3_751_369 + FIXED
    assert model.totals.deployed_params == yamnet.totals.deployed_params + FIXED
    before, first, *others = model.rows[-len(yamnet.rows) - 1 :]
    assert (first.reads, yamnet.rows[0].reads) == ((before.name,), ("input",))
    assert (replace(first, reads=("input",)), *others) == tuple(
        replace(row, section="classifier", macs_share=row.macs / model.totals.macs,
                params_share=row.params / model.totals.params) for row in yamnet.rows
    )  # fmt: skip


def test_the_front_end_as_a_fast_transform_is_told() -> None:
    (note,) = count(full()).notes
    assert note == (
        "stft: 19,737,600 MACs as executed, a matrix product; a 512-point FFT would need 442,368 "
        "(N·log2 N real products a frame) and 38,400 for the window"
    )


def test_no_power_of_two_is_told() -> None:
    remark = layer("stft", window=400, hop=160, fft=500).remark((SAMPLES,))
    assert remark.endswith("; a radix-2 FFT would need a power of two for fft (=500)")


def test_remarks_stand_before_the_notes_of_a_variant() -> None:
    notes = count(rewrite(full(), "factorized")).notes
    assert [note.partition(" MACs")[0] for note in notes] == ["stft: 19,737,600", "37,748,736"]


def triangles() -> Any:
    """Return mel filters, ``(257, 64)``, with mel as 2595·log10(1 + f/700), another form of the same scale."""

    def mel(hertz: Any) -> Any:
        return 2595 * np.log10(1 + np.asarray(hertz) / 700)

    bins, edges = mel(np.arange(FFT // 2 + 1) * RATE / FFT), np.linspace(mel(125), mel(7500), BANDS + 2)
    return np.stack([np.interp(bins, edges[band : band + 3], [0, 1, 0]) for band in range(BANDS)], axis=1)


def log_mel(waveform: Any) -> Any:
    """Return log-mel in double precision, ``(96, 64)``: window, transform, magnitude, mel, log."""
    frames = sliding_window_view(waveform.astype(np.float64), WINDOW)[::HOP]
    spectrum = np.abs(np.fft.rfft(frames * signal.get_window("hann", WINDOW), FFT))
    return np.log(spectrum @ triangles() + 0.001)


def chirp() -> Any:
    seconds = np.arange(SAMPLES) / RATE
    return signal.chirp(seconds, 100, seconds[-1], 7000)


def speech_like() -> Any:
    """Return pulses of 120 Hz and noise through two formants, swelling four times a second as syllables do."""
    noise = np.random.default_rng(0).standard_normal(SAMPLES)
    source = (np.arange(SAMPLES) % (RATE // 120) == 0) + 0.03 * noise
    for hertz, radius in ((700, 0.97), (1800, 0.95)):
        source = signal.lfilter([1], [1, -2 * radius * np.cos(2 * np.pi * hertz / RATE), radius**2], source)
    return source * (0.55 + 0.45 * np.sin(8 * np.pi * np.arange(SAMPLES) / RATE))


def recorded(wave: Any) -> Any:
    """Return a signal as 16 bits hold it, a quarter of full scale.

    A loud chirp without noise would be a test of single precision: where it is silent, the rounding of the weights
    alone is some 1e-3 of the offset 0.001.
    """
    return (np.round(wave / np.abs(wave).max() * 2**13) / 2**15).astype(np.float32)


@pytest.mark.tensorflow
@pytest.mark.parametrize("make", [chirp, speech_like])
def test_keras_and_the_file_agree_with_a_log_mel_from_the_definitions(make: Any, tmp_path: Path) -> None:
    from costlens.export import build, export_and_prove
    from costlens.export.proof import run_file

    part = front_end()
    export_and_prove(part, tmp_path / "front_end.onnx", seed=0)  # with a seed: random weights, were they not fixed
    waveform = recorded(make())
    expected = log_mel(waveform)
    (from_file,) = run_file(tmp_path / "front_end.onnx", list(part.outputs), {"input": waveform[None]})
    for made in (from_file, np.asarray(build(part)(waveform[None]))):
        assert made.shape == (1, 96, 64, 1)
        assert np.abs(made[0, :, :, 0] - expected).max() <= 1e-4 * np.abs(expected).max()


@pytest.mark.tensorflow
@pytest.mark.parametrize(
    ("bands", "bins", "rate", "low", "high"),
    [(64, 257, 16_000, 125, 7500), (20, 129, 8000, 0, 4000), (8, 33, 8000, 300, 3000)],
)
def test_mel_is_that_of_tensorflow(bands: int, bins: int, rate: int, low: float, high: float) -> None:
    from costlens import frameworks

    theirs = frameworks.tensorflow().signal.linear_to_mel_weight_matrix(bands, bins, rate, low, high).numpy()
    ours = Mel(bands=bands, sample_rate=rate, low=low, high=high).triangles(bins)
    assert np.abs(ours - theirs).max() < 2e-5  # theirs is computed in single precision


@pytest.mark.tensorflow
def test_stft_is_that_of_tensorflow() -> None:
    from costlens import frameworks
    from costlens.export import build

    made = build(graph((700,), ("s", layer("stft", window=50, hop=20, fft=75))))
    wave = np.random.default_rng(1).standard_normal((2, 700)).astype(np.float32)
    theirs = np.abs(frameworks.tensorflow().signal.stft(wave, 50, 20, 75).numpy())
    assert np.abs(np.asarray(made(wave)) - theirs).max() < 1e-5 * theirs.max()
