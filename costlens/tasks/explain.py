"""``costlens explain SPEC``: one word → one layer of its network in its place, or the layers that cost most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from costlens.errors import UsageError
from costlens.sources._source import ALL
from costlens.sources.find import models, one_file, require
from costlens.sources.spec import variant_names

if TYPE_CHECKING:
    from costlens.results.explanation import LayerExplanation
    from costlens.sources._source import Asked, Model

TASK = "explain shows what Keras builds of a layer"


def network(words: Sequence[str], asked: Asked) -> Model:
    """Return the one variant of the one network that words name; UsageError where it has no graph."""
    if ALL in asked.variants:
        raise UsageError(f"--variant {ALL}: explain shows one variant; name one of {', '.join(variant_names((ALL,)))}")
    found = models([one_file(words, "explain")], asked)
    require(found, "graph", TASK)
    return found[0]


def layer(model: Model, name: str) -> LayerExplanation:
    """Return what a layer reads, does, writes and costs; UsageError where the network has no layer of that name."""
    from costlens.analysis.explain import network_layer

    if model.graph is None:
        raise UsageError(f"{model.word.name}: has no graph: {TASK}")
    return network_layer(model.graph, model.count, name)
