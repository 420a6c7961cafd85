"""Keras model → ONNX file: trace, then a short list of passes, then one whole file."""

import os
import tempfile
from collections.abc import Callable
from math import isclose, prod
from pathlib import Path
from typing import Any

from costlens.arithmetic.cost import BYTES_PER_VALUE
from costlens.errors import ExportError, TooLarge
from costlens.export.keras_model import listed, node_of
from costlens.export.passes.constants import fold_constants, scalars
from costlens.export.passes.fold_norms import fold_norms
from costlens.export.passes.name_nodes import name_nodes, name_tensors
from costlens.export.passes.repairs import complete, keep_pads, replace_erfc, split_gemms, transpose_padding
from costlens.export.passes.share import share
from costlens.export.passes.slopes import learned_slopes
from costlens.export.passes.tidy import tidy
from costlens.export.passes.tracing import bind_weights, free_batch
from costlens.export.sharing import unshared
from costlens.export.trace import Traced, trace
from costlens.network.graph import Graph, folded_norms

OPSET = 18  # the highest that tf2onnx 1.17 writes
LARGEST_BYTES = 2_000_000_000
"""Weights of a file: protocol buffers end at 2 GiB, and the graph needs its share."""


def check_exportable(graph: Graph) -> None:
    """Raise ExportError where no ONNX file of this graph can be: before anything large is built."""
    names = [name for name, _ in graph.inputs]
    for name in graph.outputs:
        if name in names or graph.outputs.count(name) > 1:
            what = "an input" if name in names else "named twice"
            raise ExportError(f"{graph.name}: output {name} is {what}; a file needs a layer of its own for each output")
    params = graph.cost(graph.nodes).params
    size = params * BYTES_PER_VALUE
    if size > LARGEST_BYTES:
        raise TooLarge(
            f"{graph.name}: {params:,} parameters are {size / 1e9:.1f} GB, an ONNX file holds 2 GB; "
            "`costlens count` still counts it"
        )


def write(model: Any, graph: Graph, path: Path) -> None:
    """Write the Keras model of a graph as ONNX: channels-last inputs, dynamic batch, norms folded, rows' names.

    The file is written beside ``path`` and renamed. ExportError where the model cannot be converted or written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent) as folder:
            proto = _convert(model, graph, Path(folder))
            draft = Path(folder) / path.name
            with draft.open("wb") as file:
                file.write(proto.SerializeToString(deterministic=True))
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
    except OSError as error:
        reason = error.strerror or error
        raise ExportError(f"{path}: cannot be written: {reason}; choose another place or free space") from error


def _convert(model: Any, graph: Graph, folder: Path) -> Any:
    traced = trace(model, OPSET)
    proto = traced.model
    free_batch(proto, traced.batch, traced.inputs)
    bind_weights(proto, traced.weights)
    split_gemms(proto)
    replace_erfc(proto)
    transpose_padding(proto)
    runs = {layer.name: unshared(layer) for layer in model.layers}
    stand_ins = {name: layer.attributes for name, layer in runs.items() if hasattr(layer, "traced")}
    complete(proto, stand_ins, traced.layer_of)
    keep_pads(proto)
    proto = fold_constants(proto, folder)
    learned_slopes(proto, traced.layer_of)
    flat = {layer.name for layer in model.layers if len(listed(layer.output)[0].shape) == 2}  # noqa: PLR2004  # batch and one axis
    fold_norms(proto, _folds_into(graph, traced), lambda node: traced.layer_of(node.name) in flat)
    scalars(proto, _is_weight(model, graph, traced))
    share(proto, _owner_of(graph, traced))
    name_nodes(proto, graph, traced.layer_of)
    inputs = zip(traced.inputs, (name for name, _ in graph.inputs), strict=True)
    name_tensors(proto, {**dict(inputs), **dict(zip(traced.outputs, graph.outputs, strict=True))})
    tidy(proto, graph.name)
    return proto


def _folds_into(graph: Graph, traced: Traced) -> Callable[[Any, Any], bool]:
    """Allow a layer's own bias and the norms that the graph's own rule folds, nothing else."""
    folded = folded_norms(graph)

    def allowed(node: Any, contraction: Any) -> bool:
        layer, target = traced.layer_of(node.name), traced.layer_of(contraction.name)
        return layer is not None and (layer == target or folded.get(layer) == target)

    return allowed


def _owner_of(graph: Graph, traced: Traced) -> Callable[[str], str | None]:
    """Know the Keras layer whose weights an ONNX node has, for layers that run more than once."""
    owners = {node.name: node.owner for node in graph.nodes}
    several = {node.weights for node in graph.nodes if node.weights}

    def owner_of(name: str) -> str | None:
        layer = traced.layer_of(name)
        node = node_of(layer, owners) if layer else None
        if layer is None or node is None or owners[node] not in several:
            return None
        return f"{owners[node]}{layer.removeprefix(node)}"

    return owner_of


def _is_weight(model: Any, graph: Graph, traced: Traced) -> Callable[[Any, float], bool]:
    """Know the elementwise nodes whose constant of one number is a weight: a norm's or a bias of one channel."""
    single = {layer.name for layer in model.layers if any(prod(weight.shape) == 1 for weight in layer.weights)}
    single |= {layer for layer in folded_norms(graph).values() if graph.shapes[layer][-1] == 1}
    holders = {layer.name: unshared(layer) for layer in model.layers}
    epsilons = {name: layer.epsilon for name, layer in holders.items() if hasattr(layer, "epsilon")}

    def weighs(node: Any, value: float) -> bool:
        layer = traced.layer_of(node.name)
        return layer in single and not (layer in epsilons and isclose(value, epsilons[layer], rel_tol=1e-6))

    return weighs
