"""An equation as one Einsum: tf2onnx writes it as a MatMul or as a dozen of nodes, by the equation."""

from typing import Any

from costlens.export.forms._form import Draft, Form


class EinsumDense(Form):
    """``(B, …) -> (B, …)``."""

    def takes(self, layer: Any) -> bool:
        """Say whether a layer is one."""
        return type(layer).__name__ == "EinsumDense"

    def write(self, layer: Any, draft: Draft) -> None:
        """Write the Einsum."""
        import numpy as np

        kernel = draft.constant("kernel", np.asarray(layer.kernel))
        draft.add("Einsum", *draft.reads, kernel, outputs=draft.makes, equation=layer.equation)
