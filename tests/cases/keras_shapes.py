"""An independent count of a Keras model: each kernel times the places where it is used, by the layers' own shapes."""

from math import prod
from typing import Any

SPECS = {
    "MobileNet": "mobilenet_v1.yaml",
    "MobileNetV2": "mobilenet_v2.yaml",
    "MobileNetV3Small": "mobilenet_v3_small.yaml",
    "MobileNetV3Large": "mobilenet_v3_large.yaml",
    "EfficientNetB0": "efficientnet_b0.yaml",
    "DenseNet121": "densenet121.yaml",
    "InceptionV3": "inception_v3.yaml",
    "Xception": "xception.yaml",
    "VGG16": "vgg_d.yaml",
    "VGG19": "vgg_e.yaml",
}
"""Applications that a shipped spec describes as Keras builds them."""


def applications(keras: Any) -> list[str]:
    """Return the names of all networks of ``keras.applications``."""
    return [name for name in dir(keras.applications) if name[0].isupper()]


def made(keras: Any, name: str) -> Any:
    """Make a network without weights; one whose height and width are free is made for 224×224."""
    build = getattr(keras.applications, name)
    model = build(weights=None)
    return build(weights=None, input_shape=(224, 224, 3)) if None in model.input_shape[1:] else model


def macs(model: Any) -> int:
    """Return the MACs of a functional model of convolutions and dense layers, from the shapes of kernels and outputs.

    A separable convolution has two kernels, and both are used at its outputs.
    """
    return sum(
        prod(weight.shape) * prod(layer.output.shape[1:-1])
        for layer in model.layers
        for weight in layer.weights
        if weight.name in ("kernel", "depthwise_kernel", "pointwise_kernel")
    )
