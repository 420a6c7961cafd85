"""What a built Keras model and its ONNX file are found to be: the facts, gathered without judging them."""

import hashlib
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import Any

from costlens import frameworks
from costlens.errors import ExportError, first_line
from costlens.export.keras_model import listed, node_of, unlisted
from costlens.export.onnx_file import OPSET
from costlens.export.sharing import unshared
from costlens.export.weight_check import compare_weights
from costlens.export.weights import random_inputs
from costlens.network.graph import Graph
from costlens.readers import keras as keras_reader
from costlens.readers import onnx as onnx_model
from costlens.results.counts import ModelCount
from costlens.results.facts import ExportFacts, KerasLayer, OutputAgreement
from costlens.storage.cache import tool_versions

_EXAMPLES = 4
_OTHER_SEED = 7  # the inputs compared on are others than those the weights were scaled with


def prove(model: Any, graph: Graph, path: Path, seed: int) -> ExportFacts:
    """Return the facts about a Keras model built from a graph and the ONNX file written from it."""
    onnx = onnx_model.read(path, ones=True)  # exported bounds have no axis, numbers of layers have
    found = facts_of(model, path, name=graph.name, seed=seed, onnx=onnx)
    return replace(
        found,
        keras=_layers(model, graph),
        weights=compare_weights(model, graph, path),
        outputs=_compare_outputs(model, graph, path, seed),
    )


def facts_of(model: Any, path: Path, *, name: str, seed: int, onnx: ModelCount) -> ExportFacts:
    """Return the facts about any Keras model and its file that need no run: layers, weights and outputs are left out.

    onnx: the count of the file.
    """
    written = path.read_bytes()
    return ExportFacts(
        schema=ExportFacts.SCHEMA,
        model=name,
        seed=seed,
        opset=OPSET,
        file_bytes=len(written),
        file_sha256=hashlib.sha256(written).hexdigest(),
        versions=tool_versions(),
        keras_trainable=numbers_of(model.trainable_weights),
        keras_non_trainable=numbers_of(model.non_trainable_weights),
        keras=(),
        onnx=onnx,
        weights=(),
        outputs=(),
    )


def numbers_of(weights: Any) -> int:
    """Return how many numbers weights hold."""
    return sum(prod(weight.shape) for weight in weights)


def _layers(model: Any, graph: Graph) -> tuple[KerasLayer, ...]:
    rows = {node.name: node.row for node in graph.nodes}
    found = []
    for layer in model.layers:
        node = node_of(layer.name, rows)
        if node is None:
            continue
        holder = unshared(layer)
        kernel = next((tuple(map(int, weight.shape)) for weight in layer.weights if weight.name == "kernel"), None)
        found.append(
            KerasLayer(
                name=layer.name,
                row=rows[node],
                kind=type(holder).__name__,
                kernel=kernel,
                output=tuple(listed(layer.output)[0].shape[1:]),
                trainable=numbers_of(layer.trainable_weights if holder is layer else ()),
                non_trainable=numbers_of(layer.non_trainable_weights if holder is layer else ()),
                macs=_macs(layer, kernel),
            )
        )
    return tuple(found)


def _macs(layer: Any, kernel: tuple[int, ...] | None) -> int:
    """Return the MACs of a Keras layer: of its kernel at every position, else of the operations that it runs."""
    recurrent = any(weight.name == "recurrent_kernel" for weight in layer.weights)
    by_equation = hasattr(unshared(layer), "equation")
    if not (recurrent or by_equation or getattr(layer, "multiplies", False)):
        return prod(kernel) * _positions(layer) if kernel else 0
    reads = list({id(tensor): tensor for tensor in listed(layer.input)}.values())
    counted = keras_reader.read(frameworks.keras().Model(unlisted(reads), layer.output))
    if counted.status["macs"] != "complete":
        raise ExportError(f"{layer.name}: its operations are not counted whole: {'; '.join(counted.uncounted)}")
    return counted.totals.macs or 0


def _positions(layer: Any) -> int:
    """Return at how many places every stored weight is used: a transposed convolution's are its inputs'."""
    used_at = listed(layer.input if "Transpose" in type(unshared(layer)).__name__ else layer.output)[0]
    return prod(used_at.shape[1:-1])


def _compare_outputs(model: Any, graph: Graph, path: Path, seed: int) -> tuple[OutputAgreement, ...]:
    """Run the Keras model and the file on the same random inputs, several at once."""
    import numpy as np

    inputs = random_inputs(model, _EXAMPLES, seed + _OTHER_SEED)
    with frameworks.silence(), frameworks.tensorflow().device("/CPU:0"):
        made = model(unlisted(inputs), training=False)
    ours = [np.asarray(value, np.float64) for value in (made if isinstance(made, list) else [made])]
    feeds = {name: array for (name, _), array in zip(graph.inputs, inputs, strict=True)}
    theirs = run_file(path, list(graph.outputs), feeds)
    return tuple(agreement(*compared) for compared in zip(graph.outputs, ours, theirs, strict=True))


def run_file(path: Path, outputs: list[str], feeds: dict[str, Any]) -> list[Any]:
    """Run an ONNX file once with onnxruntime on CPU; ExportError where it does not load or run."""
    runtime = frameworks.onnxruntime()
    options = runtime.SessionOptions()
    options.log_severity_level = 4
    try:
        session = runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        made: list[Any] = session.run(outputs, feeds)
    except Exception as error:  # onnxruntime's errors share no base class but Exception
        raise ExportError(f"{path}: onnxruntime cannot run the exported file: {first_line(error)}") from error
    return made


def agreement(name: str, ours: Any, theirs: Any) -> OutputAgreement:
    """Compare one output of Keras and of the file; ExportError where their shapes differ."""
    import numpy as np

    if ours.shape != theirs.shape:
        raise ExportError(f"{name}: Keras returns {ours.shape}, the file {theirs.shape}")
    difference = np.abs(ours - theirs)
    return OutputAgreement(
        name=name,
        examples=len(ours),
        shape=tuple(ours.shape[1:]),
        scale=float(np.abs(ours).max()),
        deviation=float(ours.std()),
        spread=float(ours.std(axis=0).mean()),
        largest_error=float(difference.max()) if np.isfinite(difference).all() else float("inf"),
    )
