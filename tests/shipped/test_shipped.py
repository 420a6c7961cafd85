"""The networks that Keras ships, built without weights: numbers and MACs are the spec's, or the spec says why not."""

from math import prod
from typing import Any, NamedTuple

import pytest

from costlens.network.count import count
from tests.cases.counted import load
from tests.places import SPECS

pytestmark = pytest.mark.tensorflow


class Shipped(NamedTuple):
    """A network of keras.applications and its spec; a width goes to both, a setting to the spec alone."""

    network: str
    spec: str
    width: float = 1.0
    settings: tuple[tuple[str, object], ...] = ()


class Difference(NamedTuple):
    """How many numbers more Keras's own network stores, and the words with which the spec says why."""

    trainable: int
    non_trainable: int
    why: str


EQUAL = [
    Shipped("MobileNet", "mobilenet_v1"),
    Shipped("MobileNet", "mobilenet_v1", 0.5),
    Shipped("MobileNetV2", "mobilenet_v2"),
    *(Shipped("MobileNetV2", "mobilenet_v2", width) for width in (0.35, 0.5, 0.75, 1.3, 1.4)),
    Shipped("MobileNetV3Small", "mobilenet_v3_small"),
    Shipped("MobileNetV3Small", "mobilenet_v3_small", 0.75),
    Shipped("MobileNetV3Large", "mobilenet_v3_large"),
    Shipped("MobileNetV3Large", "mobilenet_v3_large", 0.75),
    Shipped("DenseNet121", "densenet121"),
    Shipped("DenseNet169", "densenet121", settings=(("third", 32), ("fourth", 32))),
    Shipped("DenseNet201", "densenet121", settings=(("third", 48), ("fourth", 32))),
    Shipped("InceptionV3", "inception_v3"),
    Shipped("Xception", "xception"),
    Shipped("VGG16", "vgg_d"),
    Shipped("VGG19", "vgg_e"),
    *(Shipped(f"ResNet{depth}", f"resnet{depth}", settings=(("conv_bias", 1),)) for depth in (50, 101, 152)),
]

BIASES = "Keras's convolution biases"
DIFFERENT = {
    Shipped("ResNet50", "resnet50"): Difference(26_560, 0, BIASES),
    Shipped("ResNet101", "resnet101"): Difference(52_672, 0, BIASES),
    Shipped("ResNet152", "resnet152"): Difference(75_712, 0, BIASES),
    Shipped("EfficientNetB0", "efficientnet_b0"): Difference(0, 7, "less the 7 of its input normalisation"),
}


class Numbers(NamedTuple):
    """What is compared."""

    trainable: int
    non_trainable: int
    macs: int


def built(case: Shipped, shape: tuple[int, ...]) -> Any:
    """Build Keras's own network; one that takes any image is told the spec's size."""
    from costlens import frameworks

    keras = frameworks.keras()
    keras.backend.clear_session()
    width = {} if case.width == 1 else {"alpha": case.width}
    return getattr(keras.applications, case.network)(weights=None, input_shape=shape, **width)


def numbers(model: Any) -> Numbers:
    """Count a built network: each kernel once at every position of its layer's output."""
    macs = 0
    for layer in model.layers:
        positions = prod(layer.output.shape[1:-1])
        match type(layer).__name__:
            case "Conv2D" | "DepthwiseConv2D" | "Dense":
                macs += prod(layer.kernel.shape) * positions
            case "SeparableConv2D":
                macs += (prod(layer.depthwise_kernel.shape) + prod(layer.pointwise_kernel.shape)) * positions
            case "BatchNormalization" | "Normalization":
                pass
            case other:
                assert not layer.weights, other
    trainable, fixed = (sum(prod(w.shape) for w in ws) for ws in (model.trainable_weights, model.non_trainable_weights))
    return Numbers(trainable, fixed, macs)


def biases(model: Any) -> int:
    return sum(layer.bias.shape[0] for layer in model.layers if type(layer).__name__ == "Conv2D" and layer.use_bias)


def of_spec(case: Shipped) -> tuple[Numbers, tuple[int, ...]]:
    width = {} if case.width == 1 else {"alpha": case.width}
    net = load(SPECS / f"{case.spec}.yaml", {**width, **dict(case.settings)}).graph
    totals = count(net).totals
    return Numbers(totals.trainable, totals.non_trainable, totals.macs), net.inputs[0][1]


@pytest.mark.parametrize("case", EQUAL, ids=lambda case: f"{case.network} {case.width}")
def test_equal_to_the_shipped_network(case: Shipped) -> None:
    ours, shape = of_spec(case)
    assert numbers(built(case, shape)) == ours


@pytest.mark.parametrize("case", DIFFERENT, ids=lambda case: case.network)
def test_the_difference_is_named(case: Shipped) -> None:
    (ours, shape), difference = of_spec(case), DIFFERENT[case]
    model = built(case, shape)
    more = Numbers(ours.trainable + difference.trainable, ours.non_trainable + difference.non_trainable, ours.macs)
    assert numbers(model) == more
    assert difference.why in (SPECS / f"{case.spec}.yaml").read_text(encoding="utf-8")
    if difference.why == BIASES:
        assert biases(model) == difference.trainable
