"""fp32 for TensorFlow: the Keras model as a SavedModel with one compiled function."""

from pathlib import Path
from typing import Any

from costlens import frameworks
from costlens.export.conversions._comparison import require_agreement
from costlens.export.conversions._conversion import Source, Written
from costlens.export.conversions._keras import keras_model
from costlens.export.keras_model import unlisted
from costlens.runtimes.tensorflow import ENTRY


class TensorflowFp32(Written):
    """A SavedModel for any batch; its outputs are compared with the export's before it is kept."""

    file = "saved_model.pb"
    alone = False
    needs_graph = True

    def write(self, source: Source, folder: Path, batch: int) -> None:
        """Save the model and compare it."""
        with keras_model(source) as model:
            tf = frameworks.tensorflow()
            module = tf.Module()
            module.weights = [variable.value for variable in model.variables]
            specs = [tf.TensorSpec(t.shape, t.dtype, name=f"x{i}") for i, t in enumerate(model.inputs)]

            def serve(*inputs: Any) -> Any:
                return tf.nest.flatten(model(unlisted(inputs), training=False))

            setattr(module, ENTRY, tf.function(serve, input_signature=specs, autograph=False))
            tf.saved_model.save(module, str(folder))
        require_agreement(source, folder / self.file, "tensorflow", batch)
