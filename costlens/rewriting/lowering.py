"""Layers of a convolution's kind → nodes of an ONNX graph: what each reads, its attributes and its numbers.

https://onnx.ai/onnx/operators/onnx__Conv.html and …/onnx__Gather.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any

from costlens.arithmetic.shapes import Pad, Shape
from costlens.network.layers import Layer
from costlens.network.layers._window import Window
from costlens.network.layers.channel_shuffle import ChannelShuffle
from costlens.network.layers.conv import Conv
from costlens.network.layers.depthwise import Depthwise

_AUTO: Mapping[Pad, str] = {"same": "SAME_UPPER", "same_lower": "SAME_LOWER"}


@dataclass(frozen=True, slots=True)
class Lowered:
    """One node: its operator, its attributes, and what it reads beside its input.

    ``weights``: the shape of a kernel ``(N, M / groups, *kernel)``; ``bias``: the numbers of one, if it has any;
    ``indices``: the channels that it takes, in order.
    """

    op: str
    attributes: Mapping[str, Any]
    weights: tuple[int, ...] = ()
    bias: int = 0
    indices: tuple[int, ...] = field(default=(), repr=False)

    @property
    def fan_in(self) -> int:
        """How many products a number of the output sums."""
        return prod(self.weights[1:])


def lowered(layer: Layer, shape: Shape) -> Lowered:
    """Return a layer as a node that reads a tensor of this many axes and channels, which are last; sizes are free."""
    if isinstance(layer, ChannelShuffle):
        channels, groups = shape[-1], layer.groups
        mixed = tuple(
            group * (channels // groups) + each for each in range(channels // groups) for group in range(groups)
        )
        return Lowered("Gather", {"axis": 1}, indices=mixed)
    if not isinstance(layer, Conv | Depthwise):
        raise TypeError(why_not(layer))
    window, channels = layer.window(shape), shape[-1]
    filters = layer.filters if isinstance(layer, Conv) else channels * layer.multiplier
    groups = layer.groups if isinstance(layer, Conv) else channels
    attributes = {
        "kernel_shape": list(window.kernel),
        "strides": list(window.stride),
        "dilations": list(window.dilation),
        "group": groups,
        **_pads(window),
    }
    return Lowered("Conv", attributes, (filters, channels // groups, *window.kernel), filters * layer.bias)


def why_not(layer: Layer) -> str:
    """Say why there is no node for a layer; nothing where there is one."""
    known = isinstance(layer, Conv | Depthwise | ChannelShuffle)
    return "" if known else f"a {layer.kind()} is not written into ONNX files"


def _pads(window: Window) -> dict[str, Any]:
    """Return the attributes that pad as a window does: ONNX's word where an axis has one, else the numbers of zeros.

    In a file all axes have one word or none. In a part of a kind an axis may have a kernel of 1 and no padding: a word
    adds no zeros there.
    """
    for word, auto in _AUTO.items():
        if word in window.padding:
            return {"auto_pad": auto}
    cells = window.pads((1,) * len(window.kernel))  # of numbers no size matters
    return {"pads": [*(before for before, _ in cells), *(after for _, after in cells)]}
