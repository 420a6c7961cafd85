"""Zeros padded before a pool take part in it.

onnxruntime (1.31, ``PadFusion``, at its basic level and above) moves them into the pool. In a max pool padded cells
never win: a wrong result for negative values; more of them than the kernel is wide are refused. It does not touch
a pool with a padding of its own.
"""

from __future__ import annotations

from typing import Any

from costlens.export.passes._editor import Editor, attribute


def keep_pads(model: Any) -> None:
    """Set ``auto_pad = VALID`` on each unpadded pool after a Pad: it means the same, and is not touched."""
    from onnx import helper

    editor = Editor(model.graph)
    for node in editor.nodes:
        if node.op_type not in ("AveragePool", "MaxPool") or any(attribute(node, "pads", ())):
            continue
        origin = editor.origin(node.input[0])
        if origin is None or origin.op_type != "Pad":
            continue
        kept = [a for a in node.attribute if a.name not in ("pads", "auto_pad")]
        del node.attribute[:]
        node.attribute.extend(kept)
        node.attribute.append(helper.make_attribute("auto_pad", "VALID"))
