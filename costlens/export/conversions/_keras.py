"""The Keras model that an export was made from, built again with the same weights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from costlens.errors import ExportError
from costlens.export import build, frameworks, release
from costlens.export.conversions._conversion import Source


@contextmanager
def keras_model(source: Source) -> Iterator[Any]:
    """Yield the ``keras.Model`` of a source's graph and seed, quietly, and give its memory back afterwards."""
    if source.graph is None:
        raise ExportError(f"{source.onnx.name}: has no graph to build a Keras model of; give the spec")
    frameworks.spare_gpus()
    try:
        with frameworks.keras_settings(), frameworks.silence(), frameworks.tensorflow().device("/CPU:0"):
            yield build(source.graph, seed=source.seed)
    finally:
        release()
