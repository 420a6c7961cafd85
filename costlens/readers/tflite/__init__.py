"""Any ``.tflite`` → rows: what each operator stores, multiplies and moves, from the sizes of the inputs.

Nothing here knows of specs, graphs or Keras, and nothing here needs a package. With the counting of a spec it shares
the arithmetic of cost only.
"""

from costlens.readers.tflite.reader import plan_of, read, read_executed, sizes_to_give

__all__ = ["plan_of", "read", "read_executed", "sizes_to_give"]
