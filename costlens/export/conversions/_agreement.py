"""What comes out of a converted file beside what comes out of the export: converters fail silently."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from costlens.errors import ExportError, first_line
from costlens.export.conversions._prediction import predict
from costlens.runtimes.onnxruntime import concrete_shape, random_input

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
            "the converter got something wrong, a time of it would be of another network"
        )
    return largest


def outputs_of_export(onnx: Path, *, batch: int, seed: int) -> tuple[list[Any], list[Any]]:
    """Return random inputs of an ONNX file in its order, and its outputs for them."""
    session = _session(onnx)
    inputs = calibration_inputs(onnx, batch=batch, seed=seed, session=session)
    return list(inputs.values()), session.run(None, inputs)


def calibration_inputs(onnx: Path, *, batch: int, seed: int, session: Any = None) -> dict[str, Any]:
    """Return one random array by name for each input of an ONNX file."""
    values = (session or _session(onnx)).get_inputs()
    return {
        value.name: random_input(
            value.name, value.type, concrete_shape(value.name, value.shape, batch, onnx), (seed, index), onnx
        )
        for index, value in enumerate(values)
    }


def _session(onnx: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(onnx), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors share no base class but Exception
        raise ExportError(f"{onnx}: onnxruntime cannot load the file: {first_line(error)}") from error
