"""A mask of later keys as one Where: tf2onnx writes a product and a sum, with two tensors of numbers."""

from typing import Any

from costlens.export.forms._form import Draft, Form


class CausalMask(Form):
    """``(B, …, T, T) -> (B, …, T, T)``."""

    def takes(self, layer: Any) -> bool:
        """Say whether a layer is one."""
        return type(layer).__name__ == "CausalMask"

    def write(self, layer: Any, draft: Draft) -> None:
        """Write the Where."""
        import numpy as np

        sizes = layer.output.shape[-2:]
        seen = draft.constant("seen", np.tril(np.ones(sizes, np.bool_)))
        draft.add("Where", seen, *draft.reads, draft.constant("hidden", np.float32(layer.hidden)), outputs=draft.makes)
