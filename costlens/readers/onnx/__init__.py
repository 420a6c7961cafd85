"""Any ``.onnx`` → rows: what each node stores, multiplies and moves, from the sizes of the inputs alone.

Nothing here knows of specs, graphs or Keras. With the counting of a spec it shares the arithmetic of cost and of sizes.
"""

from costlens.readers.onnx.executed import executed_macs
from costlens.readers.onnx.external import size
from costlens.readers.onnx.reader import read, signature, sizes_to_give

__all__ = ["executed_macs", "read", "signature", "size", "sizes_to_give"]
