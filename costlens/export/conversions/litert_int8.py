"""int8 for LiteRT: weights, activations, inputs and outputs, calibrated on random inputs; no figure of accuracy."""

from pathlib import Path
from typing import Any

from costlens.export.conversions._conversion import Source, Written
from costlens.export.conversions._keras import write_tflite


class LitertInt8(Written):
    """A ``.tflite`` file of integers throughout, as a microcontroller runs it."""

    file = "model-int8.tflite"
    one_batch = True
    needs_graph = True

    def write(self, source: Source, folder: Path, batch: int) -> None:
        """Quantise and convert the model."""

        def integers(tf: Any, converter: Any) -> None:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.representative_dataset = lambda: (list(given.values()) for given in source.examples(batch))
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
            converter.inference_input_type = converter.inference_output_type = tf.int8

        write_tflite(source, folder / self.file, batch, integers)
