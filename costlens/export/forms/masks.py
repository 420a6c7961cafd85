"""Masks of scores as one Where: tf2onnx writes two products and a sum."""

from typing import Any

from costlens.export.forms._form import Draft, Form

_HEADS = -3
"""The axis of the scores that a mask does not have."""


class Masks(Form):
    """``(B, …, heads, T, S) -> (B, …, heads, T, S)``: later keys hidden, or those that a second tensor hides."""

    def takes(self, layer: Any) -> bool:
        """Say whether a layer is one."""
        return type(layer).__name__ in ("CausalMask", "Mask")

    def write(self, layer: Any, draft: Draft) -> None:
        """Write the Where, and what the second tensor says."""
        import numpy as np

        scores, *masks = draft.reads
        if masks:
            one = draft.add("Unsqueeze", *masks, draft.constant("heads", np.array([_HEADS])))
            seen = draft.add("Greater", one, draft.constant("zero", np.float32(0)))
        else:
            seen = draft.constant("seen", np.tril(np.ones(layer.output.shape[-2:], np.bool_)))
        draft.add("Where", seen, scores, draft.constant("hidden", np.float32(layer.hidden)), outputs=draft.makes)
