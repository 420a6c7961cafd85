"""An ONNX file and a Keras model that is built from a graph: the file's weights, the same inputs, what both make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from costlens import frameworks
from costlens.errors import ExportError
from costlens.export.keras_model import build, listed, unlisted
from costlens.export.proof import agreement, run_file
from costlens.export.recognition.onnx.call import NONE, View
from costlens.export.weights import random_inputs
from costlens.network.graph import Graph
from costlens.results.facts import OutputAgreement

_RUNS = 2


def compared_with_file(
    path: Path,
    graph: Graph,
    weights: Mapping[str, Sequence[Any]],
    inputs: Mapping[str, View],
    outputs: Mapping[str, View],
    *,
    batch: int,
    seed: int,
) -> tuple[OutputAgreement, ...]:
    """Run a file and its graph with the file's weights on random inputs, twice so many as its batch.

    weights: the file's numbers that a Keras layer of the graph holds, by that layer's name. inputs, outputs: what the
    tensors of the file, by their names, are in the graph. ExportError where a weight has no place.
    """
    import numpy as np

    built = build(graph)
    given = random_inputs(built, _RUNS * batch, seed)
    ours_by_name = dict(zip((name for name, _ in graph.inputs), given, strict=True))
    with frameworks.silence(), frameworks.tensorflow().device("/CPU:0"):
        _copy(built, weights)
        made = listed(built(unlisted(given), training=False))
    ours = dict(zip(graph.outputs, (np.asarray(each, np.float64) for each in made), strict=True))
    feeds = {name: ours_by_name[view.tensor].transpose(view.axes) for name, view in inputs.items()}
    runs = [
        run_file(path, [*outputs], {name: each[start : start + batch] for name, each in feeds.items()})
        for start in range(0, _RUNS * batch, batch)
    ]
    theirs = [
        np.concatenate([_as_ours(one, view) for one in each], dtype=np.float64)
        for view, each in zip(outputs.values(), zip(*runs, strict=True), strict=True)
    ]
    return tuple(
        agreement(name, ours[view.tensor], made) for (name, view), made in zip(outputs.items(), theirs, strict=True)
    )


def _as_ours(made: Any, view: View) -> Any:
    """Return what a file makes with its axes as the graph's tensor has them."""
    import numpy as np

    held = np.squeeze(made, tuple(at for at, axis in enumerate(view.axes) if axis == NONE))
    return held.transpose(np.argsort([axis for axis in view.axes if axis != NONE]))


def _copy(built: Any, weights: Mapping[str, Sequence[Any]]) -> None:
    """Give each weight of a model the numbers that the file has for it."""
    left = {layer.name: [*layer.weights] for layer in built.layers if layer.weights}
    done: set[int] = set()
    for name, theirs in weights.items():
        ours = left.pop(name, [])
        if [int(each.size) for each in theirs] != [_numbers(each) for each in ours]:
            raise ExportError(f"{name}: the file's weights are not of the size of those of the spec")
        for held, values in zip(ours, theirs, strict=True):
            held.assign(values.reshape(held.shape))
            done.add(id(held))
    missing = [name for name, held in left.items() if not all(id(each) in done for each in held)]
    if missing:
        raise ExportError(f"{missing[0]}: the spec has weights that the file has not")


def _numbers(weight: Any) -> int:
    size = 1
    for axis in weight.shape:
        size *= int(axis)
    return size
