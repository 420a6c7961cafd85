"""ONNX → ONNX: each file is one pass over a ``ModelProto``, with its precondition and postcondition stated.

``costlens.export.onnx_file`` holds their order.
"""

from __future__ import annotations
