"""What a form is given and what it writes: the nodes and constants of one call of a layer."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any


class Draft:
    """Nodes and constants being written; names begin with the scope of the call, those of constants with ``owner``.

    ``reads`` and ``makes`` are the tensors that the call reads and has to make, in the order of the Keras layer. The
    owner is the scope of the layer whose weights the call uses: its calls have one set of constants.
    """

    def __init__(self, scope: str, owner: str, reads: Sequence[str], makes: Sequence[str]) -> None:
        self.scope = scope
        self.owner = owner
        self.reads = tuple(reads)
        self.makes = tuple(makes)
        self.nodes: list[Any] = []
        self.constants: dict[str, Any] = {}

    def constant(self, name: str, values: Any) -> str:
        """Store an array and return its name."""
        import numpy as np
        from onnx import numpy_helper

        title = f"{self.owner}/{name}"
        self.constants[title] = numpy_helper.from_array(np.asarray(values, order="C"), title)
        return title

    def add(self, operator: str, *inputs: str, outputs: Sequence[str] = (), **attributes: Any) -> str:
        """Add a node; return its first output, which has a name of its own unless ``outputs`` says what it makes."""
        from onnx import helper

        name = f"{self.scope}/{operator}_{len(self.nodes)}"
        made = list(outputs) or [name]
        self.nodes.append(helper.make_node(operator, list(inputs), made, name=name, **attributes))
        return made[0]


class Form(ABC):
    """The ONNX form of some Keras layers."""

    @abstractmethod
    def takes(self, layer: Any) -> bool:
        """Say whether a Keras layer has this form."""

    @abstractmethod
    def write(self, layer: Any, draft: Draft) -> None:
        """Write one call of a layer with the weights that it has now."""
