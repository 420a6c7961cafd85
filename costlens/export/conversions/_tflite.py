"""Keras model → ``.tflite`` by the converter that TensorFlow ships, for one batch: XNNPACK takes static shapes only."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from costlens.errors import ExportError, first_line
from costlens.export import frameworks
from costlens.export.conversions._conversion import Source
from costlens.export.conversions._keras import keras_model


def write_tflite(source: Source, target: Path, batch: int, settings: Callable[[Any, Any], None]) -> None:
    """Convert a source's Keras model for a batch; ``settings(tf, converter)`` sets what a precision needs."""
    with keras_model(source) as model:
        keras, tf = frameworks.keras(), frameworks.tensorflow()
        inputs = [keras.Input(batch_shape=(batch, *t.shape[1:]), name=f"x_{i}") for i, t in enumerate(model.inputs)]
        outputs = model(inputs[0] if len(inputs) == 1 else inputs)
        converter = tf.lite.TFLiteConverter.from_keras_model(keras.Model(inputs, outputs))
        settings(tf, converter)
        try:
            with redirect_stdout(StringIO()):  # Keras prints where it saved what
                made = converter.convert()
        except Exception as error:  # the converter raises what it likes
            raise ExportError(f"{source.onnx.name}: LiteRT's converter refuses it: {first_line(error)}") from error
        target.write_bytes(made)
