"""TensorFlow's exact GELU is ``x/2 · erfc(−x/√2)``; ONNX has no erfc, and ``erfc(x) = 1 − erf(x)``."""

from __future__ import annotations

from typing import Any


def replace_erfc(model: Any) -> None:
    """Replace each Erfc by Erf and Sub. Postcondition: no Erfc is left; names keep their scope."""
    import numpy as np
    from onnx import helper, numpy_helper

    graph = model.graph
    for index, node in reversed(list(enumerate(graph.node))):
        if node.op_type != "Erfc":
            continue
        one, erf = f"{node.name}/one", f"{node.name}/erf"
        graph.initializer.append(numpy_helper.from_array(np.float32(1), one))
        graph.node.insert(index + 1, helper.make_node("Sub", [one, erf], list(node.output), name=f"{node.name}/Sub"))
        node.op_type = "Erf"
        node.output[:] = [erf]
