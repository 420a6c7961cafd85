"""A transposed convolution whose kernel is smaller than its stride pads its output; tf2onnx writes negative pads."""

from __future__ import annotations

from typing import Any

from costlens.export.passes._editor import attribute


def transpose_padding(model: Any) -> None:
    """Turn the negative pads of each ConvTranspose into ``output_padding`` at the end, as TensorFlow pads.

    Postcondition: no pad is negative; output shapes are unchanged.
    """
    from onnx import helper

    for node in model.graph.node:
        pads = attribute(node, "pads") if node.op_type == "ConvTranspose" else None
        if not pads or min(pads) >= 0:
            continue
        axes = len(pads) // 2
        totals = [before + after for before, after in zip(pads[:axes], pads[axes:], strict=True)]
        before = [0 if total < 0 else pad for total, pad in zip(totals, pads[:axes], strict=True)]
        after = [0 if total < 0 else pad for total, pad in zip(totals, pads[axes:], strict=True)]
        kept = [a for a in node.attribute if a.name not in ("pads", "output_padding")]
        del node.attribute[:]
        node.attribute.extend(kept)
        node.attribute.append(helper.make_attribute("pads", [*before, *after]))
        node.attribute.append(helper.make_attribute("output_padding", [max(-total, 0) for total in totals]))
