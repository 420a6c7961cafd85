"""A table of vectors as one Gather: Keras's layer also makes negative tokens positive, which there are none of."""

from typing import Any

from costlens.export.forms._form import Draft, Form


class Embedding(Form):
    """``(B, …) -> (B, …, units)``."""

    def takes(self, layer: Any) -> bool:
        """Say whether a layer is one."""
        return type(layer).__name__ == "Embedding"

    def write(self, layer: Any, draft: Draft) -> None:
        """Write the Gather."""
        import numpy as np

        draft.add("Gather", draft.constant("table", np.asarray(layer.embeddings)), *draft.reads, outputs=draft.makes)
