"""Rows in front of a sequence: repeated for as many examples as there are, which a traced model has one number of."""

from typing import Any

from costlens.export.forms._form import Draft, Form


class ClassToken(Form):
    """``(B, T, C) -> (B, tokens + T, C)``."""

    def takes(self, layer: Any) -> bool:
        """Say whether a layer is one."""
        return type(layer).__name__ == "ClassToken"

    def write(self, layer: Any, draft: Draft) -> None:
        """Write the size of the batch, an Expand to it and a Concat."""
        import numpy as np

        tokens = np.asarray(layer.token)[None]
        batch = draft.add("Shape", *draft.reads, start=0, end=1)
        shape = draft.add("Concat", batch, draft.constant("shape", np.array(tokens.shape[1:])), axis=0)
        repeated = draft.add("Expand", draft.constant("token", tokens), shape)
        draft.add("Concat", repeated, *draft.reads, axis=1, outputs=draft.makes)
