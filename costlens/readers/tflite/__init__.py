"""Any ``.tflite`` → rows: what each operator stores, multiplies and moves, from the sizes of the inputs.

Nothing here knows of specs, graphs or Keras, and nothing here needs a package. With the counting of a spec it shares
the arithmetic of cost only.
"""

from costlens.readers.tflite.deployed import (
    StoredTensor,
    arena_places,
    arena_tensors,
    input_count,
    operator_names,
    output_steps,
    stored,
)
from costlens.readers.tflite.reader import plan_of, read, read_executed, sizes_to_give

__all__ = [
    "StoredTensor", "arena_places", "arena_tensors", "input_count", "operator_names", "output_steps", "plan_of", "read",
    "read_executed", "sizes_to_give", "stored",
]  # fmt: skip
