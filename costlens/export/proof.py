"""What a built Keras model and its ONNX file are found to be: the facts, gathered without judging them."""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import Any

from costlens.errors import ExportError, first_line
from costlens.export import frameworks
from costlens.export.onnx_file import Exported
from costlens.export.scopes import Scopes
from costlens.export.weight_check import compare_weights
from costlens.export.weights import random_inputs
from costlens.network.graph import Graph
from costlens.readers import onnx as onnx_model
from costlens.results.facts import ExportFacts, KerasLayer, OutputAgreement
from costlens.storage.cache import tool_versions

_EXAMPLES = 4
_OTHER_SEED = 7  # the inputs compared on are others than those the weights were scaled with


def prove(model: Any, graph: Graph, exported: Exported, seed: int) -> ExportFacts:
    """Return the facts about a Keras model and the ONNX file written from it."""
    return ExportFacts(
        schema=ExportFacts.SCHEMA,
        model=graph.name,
        seed=seed,
        opset=exported.opset,
        file_bytes=exported.bytes,
        file_sha256=exported.sha256,
        versions=tool_versions(),
        keras_trainable=_numbers(model.trainable_weights),
        keras_non_trainable=model.count_params() - _numbers(model.trainable_weights),
        keras=_layers(model, graph),
        onnx=onnx_model.read(exported.path),
        weights=compare_weights(model, graph, exported.path),
        outputs=compare_outputs(model, graph, exported.path, seed),
    )


def _numbers(weights: Any) -> int:
    return sum(prod(weight.shape) for weight in weights)


def _layers(model: Any, graph: Graph) -> tuple[KerasLayer, ...]:
    scopes = Scopes({}, (node.name for node in graph.nodes))
    rows = {node.name: node.row for node in graph.nodes}
    found = []
    for layer in model.layers:
        node = scopes.node(layer.name)
        if node is None:
            continue
        kernel = _kernel(layer)
        found.append(
            KerasLayer(
                name=layer.name,
                row=rows[node],
                kind=type(layer).__name__,
                kernel=kernel,
                output=tuple(layer.output.shape[1:]),
                trainable=_numbers(layer.trainable_weights),
                non_trainable=_numbers(layer.non_trainable_weights),
                macs=_macs(layer, kernel),
            )
        )
    return tuple(found)


def _kernel(layer: Any) -> tuple[int, ...] | None:
    kernels = [tuple(map(int, weight.shape)) for weight in layer.weights if weight.name == "kernel"]
    return kernels[0] if kernels else None


def _macs(layer: Any, kernel: tuple[int, ...] | None) -> int:
    """Multiply every stored weight by the positions it is used at: a transposed convolution's are its inputs'."""
    if kernel is None:
        return 0
    used_at = layer.input if "Transpose" in type(layer).__name__ else layer.output
    positions: int = prod(used_at.shape[1:-1])
    return prod(kernel) * positions


def compare_outputs(model: Any, graph: Graph, path: Path, seed: int) -> tuple[OutputAgreement, ...]:
    """Run the Keras model and the file on the same random inputs, several at once."""
    import numpy as np

    inputs = random_inputs(model, _EXAMPLES, seed + _OTHER_SEED)
    with frameworks.silence(), frameworks.tensorflow().device("/CPU:0"):
        made = model(inputs[0] if len(inputs) == 1 else inputs, training=False)
    ours = [np.asarray(value, np.float64) for value in (made if isinstance(made, list) else [made])]
    feeds = {name: array for (name, _), array in zip(graph.inputs, inputs, strict=True)}
    theirs = run_file(path, list(graph.outputs), feeds)
    return tuple(_agreement(*compared) for compared in zip(graph.outputs, ours, theirs, strict=True))


def run_file(path: Path, outputs: list[str], feeds: dict[str, Any]) -> list[Any]:
    """Run an ONNX file once with onnxruntime on CPU; ExportError where it does not load or run."""
    runtime = frameworks.onnxruntime()
    options = runtime.SessionOptions()
    options.log_severity_level = 4
    try:
        session = runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        made: list[Any] = session.run(outputs, feeds)
    except Exception as error:  # onnxruntime's errors share no base class but Exception
        reason = first_line(error)
        raise ExportError(f"{path}: onnxruntime cannot run the exported file: {reason}") from error
    return made


def _agreement(name: str, ours: Any, theirs: Any) -> OutputAgreement:
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
