"""The kernels that are found without an export are those that onnxruntime runs in the exported file."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from costlens.export import export_and_prove
from costlens.network.graph import Graph
from costlens.prediction.kernels import kernels, stored_bytes
from costlens.runtimes import Options
from costlens.runtimes._onnxruntime_operations import block, operations
from costlens.runtimes._operation import Operation
from costlens.spec.loading import load
from tests.cases import shared_weights
from tests.cases.counted import models
from tests.cases.exported import exported
from tests.cases.networks import graph, layer

_BN = layer("batch_norm")
_RELU = layer("relu")


def conv(filters: int, **fields: object) -> object:
    return layer("conv", filters=filters, **{"kernel": 3, **fields})


SPECS: dict[str, Sequence[str]] = {
    "specs/ds_cnn_s.yaml": ("as-written", "standard", "factorized"),
    "specs/mlperf_tiny_resnet8.yaml": ("as-written", "separable", "grouped"),
    "specs/speech_embedding.yaml": ("as-written",),
    "specs/m5.yaml": ("as-written",),
    "specs/mobilenet_v3_small.yaml": ("as-written",),
    "specs/tc_resnet8.yaml": ("as-written", "separable"),
    "specs/rnnoise.yaml": ("as-written",),
    "specs/dtln_core2.yaml": ("as-written",),
}
GRAPHS: dict[str, Graph] = {
    "channels that fill no block": graph(
        (9, 8, 3), ("a", conv(12)), ("a.relu", _RELU), ("b", conv(20)), ("f", layer("flatten")),
        ("d", layer("dense", units=4)),
    ),
    "channels that blocks do not take": graph(
        (9, 8, 3), ("a", conv(10)), ("b", conv(6)), ("p", layer("global_avg_pool"))
    ),
    "narrow groups": graph((9, 8, 16), ("a", conv(16, groups=4)), ("a.relu", _RELU), ("b", conv(8))),
    "a sum behind a convolution": graph(
        (8, 8, 16), ("a", conv(16, bias=False)), ("a.norm", _BN), ("a.relu", _RELU), ("b", conv(16, bias=False)),
        ("b.norm", _BN), ("s", layer("add"), "a.relu", "b.norm"), ("s.relu", _RELU), ("c", conv(16)),
    ),
    "a pool with cells around it": graph(
        (12, 12, 3), ("a", conv(16)), ("p", layer("max_pool", kernel=3, stride=2, padding=1)), ("b", conv(8))
    ),
    "a norm that stays": graph((8, 8, 16), ("a", conv(16)), ("a.relu", _RELU), ("n", _BN), ("b", conv(16))),
    "branches that are joined": graph(
        (8, 8, 16), ("a", conv(16, kernel=1)), ("b", conv(24), "a"), ("c", conv(16), "a"),
        ("j", layer("concat"), "b", "c"), ("d", conv(8)),
    ),
    "a sequence that convolutions read by several ways": graph(
        (40, 16), ("a", conv(16)), ("a.relu", _RELU), ("b", conv(16, padding="causal")), ("b.relu", _RELU),
        ("s", layer("add"), "a.relu", "b.relu"), ("s.relu", _RELU), ("c", conv(24)), ("p", layer("stats_pool")),
    ),
    "a sequence with norms": graph(
        (40, 16), ("a", conv(24, bias=False)), ("a.norm", _BN), ("a.relu", _RELU), ("b", conv(24)),
        ("b.prelu", layer("prelu")), ("g", layer("global_norm")), ("c", conv(16)), ("c.relu", _RELU), ("n", _BN),
        ("d", conv(16)),
    ),
    "a waveform": graph(
        (4000,), ("s", layer("stft", window=400, hop=160, fft=512)),
        ("m", layer("mel", bands=16, sample_rate=16000, low=0, high=8000)), ("l", layer("log")),
        ("f", layer("frame", length=8, hop=4)),
    ),
    "tokens": graph(
        (12, 16), ("t", layer("class_token")), ("p", layer("position_embedding")), ("n", layer("layer_norm")),
        ("a", layer("attention", heads=4)), ("r", layer("reduce", by="mean", axis=0)),
    ),
    "attention in windows": graph(
        (4, 9, 16), ("a", layer("attention", heads=2)), ("t", layer("transpose", axes=(1, 0, 2)))
    ),
    "both directions": graph(
        (10, 16), ("a", layer("lstm", units=8, bidirectional=True, return_sequences=True)),
        ("b", layer("gru", units=8, return_sequences=True)), ("c", layer("gru", units=8)),
    ),
    "a volume": graph(
        (4, 12, 12, 3), ("a", conv(16, padding=1)), ("a.relu", _RELU), ("b", conv(16, bias=False)), ("b.norm", _BN),
        ("s", layer("add"), "a.relu", "b.norm"), ("s.relu", _RELU), ("c", conv(8)), ("p", layer("global_avg_pool")),
    ),
    "parts of a sequence": graph(
        (20, 16), ("a", conv(32)), ("s", layer("split", parts=2)), ("m", layer("multiply"), "s", "s.part2"),
        ("b", conv(16)),
    ),
    "a scale behind a convolution": graph(
        (8, 8, 16), ("a", conv(16, bias=False)), ("a.norm", _BN), ("s", layer("scale")), ("b", conv(8)),
    ),
    "a larger map, in blocks": graph(
        (8, 8, 16), ("a", conv(20)), ("u", layer("upsample", factor=2)), ("b", conv(16)),
        ("v", layer("resize", size=32, mode="bilinear")), ("c", conv(8)),
    ),
    "maps of other sizes": graph(
        (8, 8, 3), ("u", layer("upsample", factor=2)), ("a", conv(16)), ("v", layer("resize", size=19)),
        ("b", conv(16)), ("w", layer("resize", size=25, mode="bilinear")), ("c", conv(8)),
        ("x", layer("resize", size=13, mode="bilinear", align_corners=True)), ("d", conv(8)),
    ),
    "a sequence with biases and without": graph(
        (32, 16), ("a", conv(24)), ("b", conv(32, bias=False)), ("c", conv(40, dilation=3)), ("d", conv(48)),
        ("e", conv(56, bias=False)), ("f", conv(64)),
    ),
    "a sequence that groups and others read": graph(
        (20, 16), ("a", conv(16)), ("a.relu", _RELU), ("b", conv(24, groups=4)), ("b.relu", _RELU),
        ("c", conv(24, kernel=1), "a.relu"), ("s", layer("add"), "b.relu", "c"), ("d", conv(16)),
    ),
    "a longer sequence": graph((40, 16), ("a", conv(16)), ("u", layer("upsample", factor=2)), ("b", conv(16))),
    "channels to space": graph(
        (8, 8, 16), ("a", conv(64)), ("d", layer("depth_to_space", block=2)), ("b", conv(64)),
        ("e", layer("depth_to_space", block=2, order="CRD")), ("s", layer("softmax")),
    ),
    "space to channels": graph(
        (8, 8, 3), ("d", layer("space_to_depth", block=2)), ("a", conv(16)),
        ("e", layer("space_to_depth", block=2, order="CRD")), ("b", conv(16)),
    ),
    "a mean of branches": graph(
        (8, 8, 16), ("a", conv(16)), ("b", conv(16), "a"), ("c", conv(16), "a"), ("m", layer("average"), "a", "b", "c"),
        ("d", conv(16)),
    ),
    "a longer sequence that two read": graph(
        (32, 16), ("a", conv(32)), ("t", layer("conv_transpose", filters=16, kernel=16, stride=8, padding=4)),
        ("b.leaky", layer("leaky_relu"), "t"), ("b", conv(16)), ("c.leaky", layer("leaky_relu"), "t"),
        ("c", conv(16, kernel=5)), ("m", layer("average"), "b", "c"),
    ),
    "a norm of channels": graph(
        (14, 14, 16), ("a", conv(16)), ("d", layer("depthwise", kernel=7)), ("n", layer("layer_norm")),
        ("e", conv(64, kernel=1)), ("g", layer("gelu")), ("f", conv(16, kernel=1)), ("s", layer("add"), "a", "f"),
        ("m", layer("layer_norm")), ("c", conv(32, kernel=2, stride=2)), ("p", layer("global_avg_pool")),
        ("o", layer("layer_norm")), ("u", layer("dense", units=5)),
    ),
    "a softmax over a map": graph((8, 8, 16), ("a", conv(16)), ("s", layer("softmax"))),
}  # fmt: skip


def real(path: Path, folder: Path) -> Counter[str]:
    return of(operations(path, Options("cpu"), folder).operations)


def of(found: Sequence[Operation]) -> Counter[str]:
    """Views are left out: they take no time, and how many there are depends on the exporter's spelling."""
    return Counter(one.text for one in found if one.op != "Reshape")


def emulated(written: Graph, folder: Path) -> Counter[str]:
    return of([one.operation for one in kernels(written, block=block(folder))])


def differences(found: Counter[str], wanted: Counter[str]) -> list[str]:
    """Say which kernels are missing and which are too many."""
    missing, extra = (wanted - found).elements(), (found - wanted).elements()
    return [*(f"- {each}" for each in missing), *(f"+ {each}" for each in extra)]


@pytest.mark.parametrize("name", GRAPHS)
def test_kernels_of_a_graph_are_those_that_run(name: str, tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    export_and_prove(GRAPHS[name], path, seed=0)
    assert not differences(emulated(GRAPHS[name], tmp_path), real(path, tmp_path))


@pytest.mark.parametrize(("spec", "variant"), [(spec, variant) for spec, names in SPECS.items() for variant in names])
def test_kernels_of_a_spec_are_those_that_run(spec: str, variant: str, tmp_path: Path) -> None:
    source = exported(spec, variant)
    assert source.graph
    assert not differences(emulated(source.graph, tmp_path), real(source.onnx, tmp_path))


@pytest.mark.parametrize("name", shared_weights.CASES)
def test_weights_are_stored_as_often_as_the_runtime_stores_them(name: str, tmp_path: Path) -> None:
    """A file has constants besides, of less than 200 bytes: shapes and sizes. Weights counted twice are more."""
    (tmp_path / "spec.yaml").write_text(shared_weights.CASES[name].text)
    written = load(tmp_path / "spec.yaml").graph
    export_and_prove(written, tmp_path / "model.onnx", seed=0)
    stored = operations(tmp_path / "model.onnx", Options("cpu"), tmp_path).weight_bytes
    found = stored_bytes(written, kernels(written, block=block(tmp_path)))
    assert found == pytest.approx(stored, abs=200)


def test_a_machine_without_blocks_runs_channels_first() -> None:
    (model,) = models("specs/mlperf_tiny_resnet8.yaml", "as-written")
    assert model.graph
    assert not [one for one in kernels(model.graph, block=1) if one.operation.op.startswith("nchwc.")]
