"""The outputs of a converted file beside those of the export: converters fail without a message."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from costlens import runtimes
from costlens.errors import ExportError
from costlens.export.conversions._prediction import predict
from costlens.runtimes.onnxruntime import random_inputs

TOLERANCE = 1e-4
"""Of the largest output; the same bound as between Keras and the exported file."""


def require_agreement(onnx: Path, converted: Path, runtime: str, *, batch: int, seed: int) -> float:
    """Return the largest relative difference between two files' outputs; ExportError above the tolerance.

    Both are run on the same random inputs, by onnxruntime and by the converted file's runtime.
    """
    import numpy as np

    inputs, expected = outputs_of_export(onnx, batch=batch, seed=seed)
    made = predict(runtime, converted, inputs)
    if [value.shape for value in made] != [value.shape for value in expected]:
        shapes = [[tuple(value.shape) for value in values] for values in (made, expected)]
        raise ExportError(f"{converted.name}: returns {shapes[0]}, the exported file {shapes[1]}")
    scale = max(float(np.abs(value).max()) for value in expected) or 1.0
    differences = [np.abs(ours - theirs).max() for ours, theirs in zip(made, expected, strict=True)]
    largest = float(max(differences)) / scale
    if not largest <= TOLERANCE:  # NaN, too
        raise ExportError(
            f"{converted.name}: its outputs are {largest:.1g} away from the exported file's, more than {TOLERANCE:g}; "
            "the converter made an error, and a time of this file would be of another network"
        )
    return largest


def outputs_of_export(onnx: Path, *, batch: int, seed: int) -> tuple[list[Any], list[Any]]:
    """Return random inputs of an ONNX file in its order, and its outputs for them."""
    inputs = list(random_inputs(onnx, batch=batch, seed=seed).values())
    return inputs, runtimes.get(runtimes.DEFAULT).predict(onnx, inputs)
