"""Any ``.onnx`` → rows: what each node stores, multiplies and moves, from the file's own shapes alone.

Nothing here knows of specs, graphs or Keras. With the counting of a spec it shares the arithmetic of ``cost.py`` only.
"""

from costlens.readers.onnx.external import size
from costlens.readers.onnx.reader import read

__all__ = ["read", "size"]
