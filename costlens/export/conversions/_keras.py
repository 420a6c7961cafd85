"""The Keras model that an export was made from, built again with the same weights, and the files made of it."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from costlens import frameworks
from costlens.errors import ExportError, first_line
from costlens.export import build, release
from costlens.export.conversions._conversion import Source
from costlens.export.keras_model import unlisted

_LACKING = re.compile(r"'tf\.(\w+)' op is neither a custom op nor a flex op")


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


def write_tflite(source: Source, target: Path, batch: int, settings: Callable[[Any, Any], None]) -> None:
    """Write ``.tflite`` by the converter that TensorFlow ships, for one batch: XNNPACK takes static shapes only.

    ``settings(tf, converter)`` sets what a precision needs.
    """
    with keras_model(source) as model:
        keras, tf = frameworks.keras(), frameworks.tensorflow()
        inputs = [
            keras.Input(batch_shape=(batch, *t.shape[1:]), dtype=t.dtype, name=f"x_{i}")
            for i, t in enumerate(model.inputs)
        ]
        converter = tf.lite.TFLiteConverter.from_keras_model(keras.Model(inputs, model(unlisted(inputs))))
        settings(tf, converter)
        try:
            with redirect_stdout(StringIO()):  # Keras prints where it saved what
                made = converter.convert()
        except Exception as error:  # the converter raises what it likes
            if lacking := _LACKING.search(str(error)):
                raise ExportError(
                    f"{source.onnx.name}: LiteRT has no operation for TensorFlow's {lacking[1]}; use another runtime"
                ) from error
            raise ExportError(f"{source.onnx.name}: LiteRT's converter refuses it: {first_line(error)}") from error
        target.write_bytes(made)
