"""Graph → Keras model → ONNX file → facts about both. The frameworks are imported when something is built."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from costlens.network.graph import Graph
from costlens.results.facts import ExportFacts

__all__ = ["SEED", "build", "export_and_prove", "release"]

SEED = 0


def build(graph: Graph, *, seed: int | None = None) -> Any:
    """Return the ``keras.Model`` of a graph, channels last and batch free, its layers named as the graph's nodes.

    Without a seed the weights are Keras's own initial ones; with one they are random such that activations stay of
    order one. ExportError names a layer that Keras refuses; RuntimeUnavailable where TensorFlow is missing.
    """
    from costlens.export.keras_model import build as build_keras

    return build_keras(graph, seed=seed)


def export_and_prove(graph: Graph, path: Path, *, seed: int = SEED) -> ExportFacts:
    """Build a graph once, write it to ``path`` as ONNX and return what was found out about both.

    Weights are random from the seed. ExportError where the graph cannot be exported or the file not be written.
    """
    from costlens.export import frameworks
    from costlens.export.onnx_file import check_exportable, write
    from costlens.export.proof import prove

    check_exportable(graph)
    frameworks.spare_gpus()
    frameworks.tf2onnx()
    frameworks.onnxruntime()
    start = time.perf_counter()
    model = build(graph, seed=seed)
    exported = write(model, graph, path)
    facts = prove(model, graph, exported, seed)
    seconds = round(time.perf_counter() - start, 1)
    return replace(facts, seconds=seconds, made=datetime.now(UTC).date().isoformat())


def release() -> None:
    """Give back what Keras and TensorFlow hold of models that are no longer used, where they were imported.

    A process that makes hundreds of them stays at one size. Keras starts to number its layers anew.
    """
    from costlens.export import frameworks

    frameworks.release()
