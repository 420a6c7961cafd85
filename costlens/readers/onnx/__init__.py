"""Any ``.onnx`` → rows: what each node stores and multiplies, from the file's own shapes alone.

Nothing here knows of specs, graphs or Keras; with the counting of a spec it shares the arithmetic of ``cost.py`` only.
"""

from __future__ import annotations

from costlens.readers.onnx.external import size
from costlens.readers.onnx.reader import read
from costlens.results.onnx_counts import OnnxCount, OnnxRow

__all__ = ["OnnxCount", "OnnxRow", "read", "size"]
