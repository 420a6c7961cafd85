"""Graph → Keras model → ONNX file → facts about both. The frameworks are imported when something is built."""

import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from costlens import frameworks
from costlens.export.keras_model import build
from costlens.export.onnx_file import check_exportable, write
from costlens.export.proof import prove
from costlens.frameworks import release
from costlens.network.graph import Graph
from costlens.results.facts import ExportFacts

__all__ = ["build", "export_and_prove", "release"]


def export_and_prove(graph: Graph, path: Path, *, seed: int) -> ExportFacts:
    """Build a graph once, write it to ``path`` as ONNX and return what was found out about both.

    Weights are random from the seed. ExportError where the graph cannot be exported or the file not be written,
    RuntimeUnavailable where a framework is missing.
    """
    check_exportable(graph)
    frameworks.spare_gpus()
    frameworks.tf2onnx()
    frameworks.onnxruntime()
    start = time.perf_counter()
    model = build(graph, seed=seed)
    write(model, graph, path)
    facts = prove(model, graph, path, seed)
    seconds = round(time.perf_counter() - start, 1)
    return replace(facts, seconds=seconds, made=datetime.now(UTC).date().isoformat())
