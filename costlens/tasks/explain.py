"""``costlens explain``: one convolution in every kind, or what one layer of a network reads, does and writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from costlens.errors import ShapeError, UsageError
from costlens.results.explanation import FileRowExplanation
from costlens.sources.find import models, one_file, require, require_one_variant, source_of

if TYPE_CHECKING:
    from costlens.arithmetic.shapes import Shape
    from costlens.results.explanation import ConvolutionExplanation, LayerExplanation
    from costlens.results.memory import MemoryExplanation
    from costlens.sources._source import Asked, Model
    from costlens.sources._word import Word

CONV = "conv"
"""Stands in the place of a network for one convolution."""


def convolution(fields: dict[str, Any], shape: Shape) -> ConvolutionExplanation:
    """Explain a convolution with the fields of ``conv`` on an input of a shape, the batch left out, channels last.

    UsageError for a field that cannot be, ShapeError where it cannot take that input.
    """
    from costlens.analysis import explain
    from costlens.network.fields import FieldError
    from costlens.network.layers.conv import Conv

    try:
        layer = Conv(**fields)
    except FieldError as error:
        name = next(iter(error.wrong))
        wanted = "same, valid, a number, or one per axis" if name == "padding" else "at least 1"
        raise UsageError(f"--{name} {_written(fields.get(name))}: expected {wanted}") from None
    try:
        return explain.convolution(layer, shape)
    except ShapeError as error:
        raise ShapeError(f"explain {CONV} --input {'x'.join(map(str, shape))}: {error}") from None


def _written(value: object) -> str:
    """Write a size, or one per axis, as the option takes it."""
    return "x".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def network(word: str | Word, asked: Asked) -> Model:
    """Return the one variant of the one network that a word names; UsageError where it has neither graph nor file."""
    require_one_variant(asked, "explain shows")
    (model,) = models([one_file([word], "explain")], asked)
    if not source_of(model.word).has_sizes:
        require([model], "graph", "explain shows the layers of specs and of models")
    return model


def layer(model: Model, name: str) -> LayerExplanation | FileRowExplanation:
    """Explain a layer of a spec by its graph, or a row of a model by what its count tells.

    UsageError for a name that the network does not have.
    """
    from costlens.analysis.explain import convolution_of, network_layer, row_of

    if model.graph is not None:
        return network_layer(model.graph, model.count, name)
    row = row_of(model.count, name)
    explained = convolution_of(row, source_of(model.word).layout, model.count.batch)
    return FileRowExplanation(model.count, row, explained)


def memory(model: Model) -> MemoryExplanation:
    """Explain where the activations of a network lie while it runs.

    Of a graph and of a TensorFlow Lite file each operator's tensors are known; of other models what each row makes.
    UsageError where sizes are not known.
    """
    from costlens.analysis import memory as analysis

    if model.graph is not None:
        return analysis.of_graph(model.graph, model.count, model.precisions)
    try:
        if model.plan is not None:
            return analysis.explained(model.count, *model.plan())
        return analysis.of_rows(model.count)
    except UsageError as error:
        raise UsageError(f"{model.word.name}: --memory: {error}") from None
