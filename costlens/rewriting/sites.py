"""The convolutions of a file: what each is as one standard convolution, or why it cannot be rewritten."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from costlens.arithmetic.shapes import Pad, Shape
from costlens.network.fields import FieldError
from costlens.network.layers._window import Window
from costlens.network.layers.conv import Conv
from costlens.network.variants import only_form
from costlens.readers.onnx import axes
from costlens.readers.onnx.attributes import attributes
from costlens.readers.onnx.node_names import name_of
from costlens.readers.onnx.steps import Step
from costlens.readers.onnx.walk import inputs_of, walk
from costlens.results.names import levels, numbered
from costlens.rewriting.tails import tail
from costlens.rewriting.wiring import Wiring

UNKNOWN = 1 << 12
"""What a size that is not known is taken for where a kind is asked whether it fits."""
TYPES = {1: "float32", 10: "float16", 11: "float64"}
"""The types that weights are drawn of, by TensorProto.DataType."""
_AXES = (1, 2, 3)
_FUSED = "fused by a runtime"
CONVOLVES = {
    "Conv": "", "FusedConv": _FUSED, "NhwcConv": _FUSED, "NhwcFusedConv": _FUSED, "ConvInteger": "quantised",
    "QLinearConv": "quantised", "ConvTranspose": "transposed", "DeformConv": "deformable",
}  # fmt: skip
"""Operators that convolve, and why they have one form only."""
_PADS: Mapping[str, Pad] = {"SAME_UPPER": "same", "SAME_LOWER": "same_lower", "VALID": "valid"}


@dataclass(frozen=True, slots=True)
class Site:
    """A convolution as the network means it: one node, or a depthwise one, what is between, and a pointwise one.

    ``layer``: it as one standard convolution, on ``channels`` channels; None where it has one form only, which
    ``reason`` explains. ``members``, ``between``, ``tail``: places of nodes. ``weights``: the tensors that hold the
    kernels of its members. ``rows``: the names of its members in a count. ``dtype``: of its weights.
    """

    name: str
    rows: tuple[str, ...]
    members: tuple[int, ...] = ()
    layer: Conv | None = None
    channels: int = 0
    kind: str = "standard"
    between: tuple[int, ...] = ()
    tail: tuple[int, ...] = ()
    weights: tuple[str, ...] = ()
    dtype: int = 1
    reason: str = ""


def shape_of(layer: Conv, channels: int, sizes: Sequence[int] | None = None) -> Shape:
    """Return the shape that a convolution reads, with sizes that do for a question where they are not known."""
    rank = len(layer.kernel) if isinstance(layer.kernel, tuple) else 1
    return (*(sizes or (UNKNOWN,) * rank), channels)


class _FixedError(Exception):
    """A convolution that cannot be rewritten; the message says why."""


@dataclass(frozen=True, slots=True)
class _Node:
    """A Conv node, read: its place, its row, and its fields as those of a standard convolution of all channels."""

    index: int
    row: str
    layer: Conv
    groups: int
    channels: int
    weights: str
    dtype: int

    @property
    def shape(self) -> Shape:
        return shape_of(self.layer, self.channels)

    @property
    def window(self) -> Window:
        return self.layer.window(self.shape)

    @property
    def is_depthwise(self) -> bool:
        """Whether each channel is filtered by itself, and makes one channel."""
        return self.groups == self.channels == self.layer.filters and self.layer.area(self.shape) > 1

    @property
    def is_pointwise(self) -> bool:
        """Whether it mixes the channels of each position by itself."""
        window = self.window
        padded = any(map(any, window.pads(self.shape[:-1])))
        return {*window.kernel, *window.stride, self.groups} == {1} and not padded


def steps_of(model: Any) -> dict[int, tuple[str, Step]]:
    """Return the steps that the nodes of the main graph are in a count, with the names of their rows, by place."""
    steps = walk(model, axes.axes(inputs_of(model.graph), {}, {}).shapes).steps
    rows = numbered([step.name for step in steps])
    made = {
        (step.name, step.outputs[0].name): (row, step)
        for step, row in zip(steps, rows, strict=True)
        if step.outputs and step.outputs[0] is not None
    }
    keys = ((name_of(node, index), *node.output[:1]) for index, node in enumerate(model.graph.node))
    return {index: made[key] for index, key in enumerate(keys) if key in made}


def sites(model: Any, steps: Mapping[int, tuple[str, Step]], within: Iterable[str] = ()) -> tuple[Site, ...]:
    """Return the convolutions of a parsed file in order; ``within``: rows of those that nodes or functions hold."""
    known = {one.name: one for _, step in steps.values() for one in step.inputs if one is not None}
    wiring = Wiring(model.graph, known)
    rows = {index: row for index, (row, _) in steps.items()}
    read: dict[int, _Node] = {}
    found: dict[int, Site] = {}
    for index, row in rows.items():
        node = model.graph.node[index]
        if node.op_type not in CONVOLVES:
            continue
        alone = Site(row, (row,), (index,))
        try:
            read[index] = one = _read(wiring, index, row)
        except _FixedError as error:
            found[index] = replace(alone, reason=str(error))
            continue
        layer = one.layer.changed(groups=one.groups)
        if reason := only_form(layer, one.shape):
            found[index] = replace(alone, reason=reason, weights=(one.weights,))
        else:
            found[index] = _site(wiring, alone, one)
    for index, one in read.items():
        if one.is_depthwise and (pair := _separable(wiring, one, read, rows)):
            found[index] = pair
            del found[pair.members[1]]
    others = (Site(name, (name,), reason="within a node or a function") for name in within)
    return (*_with_shared(wiring, [found[index] for index in sorted(found)]), *others)


def _site(wiring: Wiring, alone: Site, one: _Node) -> Site:
    after, _ = tail(wiring, wiring.graph.node[one.index].output[0])
    weights = (one.weights,)
    return replace(alone, tail=after, layer=one.layer, channels=one.channels, weights=weights, dtype=one.dtype)


def _separable(wiring: Wiring, one: _Node, read: Mapping[int, _Node], rows: Mapping[int, str]) -> Site | None:
    """Return a depthwise convolution and the pointwise one that alone reads it as one convolution, if there is one."""
    between, made = tail(wiring, wiring.graph.node[one.index].output[0])
    readers = wiring.readers(made)
    other = read.get(readers[0].node) if len(readers) == 1 and readers[0].place == 0 else None
    if other is None or not other.is_pointwise:
        return None
    after, _ = tail(wiring, wiring.graph.node[other.index].output[0])
    own = {one.index, other.index, *between, *after}
    return Site(
        name=_block(one.row, other.row, [row for index, row in rows.items() if index not in own]),
        rows=(one.row, other.row),
        members=(one.index, other.index),
        layer=one.layer.changed(filters=other.layer.filters, bias=other.layer.bias),
        channels=one.channels,
        kind="separable",
        between=between,
        tail=after,
        weights=(one.weights, other.weights),
        dtype=other.dtype,
    )


def _block(one: str, other: str, outside: Iterable[str]) -> str:
    """Return the block that holds two rows and nothing else; the first row where there is none."""
    shared = [level for level in levels(one)[:-1] if level in levels(other)]
    return one if not shared or any(shared[-1] in levels(row) for row in outside) else shared[-1]


def _with_shared(wiring: Wiring, found: Sequence[Site]) -> list[Site]:
    """Say which convolutions cannot be rewritten because others, or other nodes, read their weights."""
    return [replace(site, reason=why, layer=None) if (why := _shared(wiring, site, found)) else site for site in found]


def _shared(wiring: Wiring, site: Site, found: Sequence[Site]) -> str:
    for weights in site.weights if site.layer else ():
        alike = [one for one in found if weights in one.weights]
        if apart := next((one for one in alike if one.weights != site.weights or one.layer is None), None):
            return f"has the same weights as {apart.name}"
        if {use.node for use in wiring.ends(weights)} - {index for one in alike for index in one.members}:
            return "another node reads its weights"
    return ""


def _read(wiring: Wiring, index: int, row: str) -> _Node:
    """Read a convolution; _FixedError where it, or what it reads, is of a kind that has one form only."""
    node = wiring.graph.node[index]
    if reason := CONVOLVES[node.op_type] or (_FUSED if node.domain not in ("", "ai.onnx") else ""):
        raise _FixedError(reason)
    data, weights, *bias = node.input
    makers = (wiring.maker(data), wiring.maker(weights))
    if any(maker is not None and maker.op_type == "DequantizeLinear" for maker in makers):
        raise _FixedError("quantised")
    held = wiring.known[weights]
    if not held.constant or held.shape is None:
        raise _FixedError("its weights are not constant")
    if any(source.weighs for source in held.sources):
        raise _FixedError("quantised")
    if held.dtype not in TYPES:
        raise _FixedError("its weights are of a type that none are drawn of")
    filters, per_group, *kernel = map(int, held.shape)
    if len(kernel) not in _AXES:
        raise _FixedError(f"of {len(kernel)} axes")
    found, ones = attributes(node, {}), (1,) * len(kernel)
    try:
        layer = Conv(
            filters=filters,
            kernel=tuple(kernel),
            stride=tuple(found.get("strides") or ones),
            dilation=tuple(found.get("dilations") or ones),
            padding=_padding(found, len(kernel)),
            bias=bool(bias and bias[0]),
        )
    except FieldError as error:
        raise _FixedError(f"its fields are not those of a convolution: {error}") from None
    groups = int(found.get("group", 1))
    return _Node(index, row, layer, groups, per_group * groups, wiring.owner(weights), held.dtype)


def _padding(found: Mapping[str, Any], rank: int) -> tuple[Pad, ...]:
    """Return the padding of each axis."""
    if word := _PADS.get(found.get("auto_pad", "")):
        return (word,) * rank
    pads = found.get("pads") or [0] * (2 * rank)
    return tuple(zip(pads[:rank], pads[rank:], strict=True))
