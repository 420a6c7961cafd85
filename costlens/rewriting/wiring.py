"""Who makes and who reads the tensors of a file's main graph, and which of them are constant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any

from costlens.readers.onnx.control import read_within
from costlens.readers.onnx.tensor import Tensor


@dataclass(frozen=True, slots=True)
class Use:
    """Where a tensor is read: the node's place in the graph, and the input of that node."""

    node: int
    place: int


@dataclass(slots=True)
class Wiring:
    """A graph by its tensors. What a graph within a node reads has the place −1: it may not be touched.

    ``known``: what a walk knows of tensors that steps read. ``stored``: the tensors that the file holds, by name.
    ``makers``: the place of the node that makes each other one.
    """

    graph: Any
    known: Mapping[str, Tensor] = field(default_factory=dict)
    makers: dict[str, int] = field(default_factory=dict)
    uses: dict[str, list[Use]] = field(default_factory=dict)
    stored: Mapping[str, Any] = field(default_factory=dict)
    _constant: dict[str, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Look at each node once."""
        self.stored = {tensor.name: tensor for tensor in self.graph.initializer}
        for index, node in enumerate(self.graph.node):
            self.makers |= {name: index for name in node.output if name}
            for place, name in enumerate(node.input):
                self.uses.setdefault(name, []).append(Use(index, place))
            for name in read_within(node):
                self.uses.setdefault(name, []).append(Use(index, -1))
        for value in self.graph.output:
            self.uses.setdefault(value.name, []).append(Use(len(self.graph.node), -1))

    def maker(self, tensor: str) -> Any:
        """Return the node that makes a tensor; None for what a file holds or a run is given."""
        index = self.makers.get(tensor)
        return None if index is None else self.graph.node[index]

    def readers(self, tensor: str) -> list[Use]:
        """Return where a tensor is read; as an output of the graph, or within a node, at the place −1."""
        return self.uses.get(tensor, [])

    def is_constant(self, tensor: str) -> bool:
        """Say whether a tensor is the same in every run."""
        found = self._constant.get(tensor)
        if found is None:
            self._constant[tensor] = False  # of a circle nothing is constant
            maker = self.maker(tensor)
            found = tensor in self.stored or (maker is not None and self._is_made_once(maker))
            self._constant[tensor] = found
        return found

    def _is_made_once(self, node: Any) -> bool:
        """Say whether a node makes the same of nothing but constants in every run."""
        if any(read_within(node)) or node.op_type.startswith("Random"):
            return False
        return all(map(self.is_constant, filter(None, node.input)))

    def held(self, tensor: str) -> Any:
        """Return the stored tensor that a constant is, by itself or by way of Identity; None where it is made."""
        maker = self.maker(tensor)
        if maker is None:
            return self.stored.get(tensor)
        if maker.op_type == "Identity":
            return self.held(maker.input[0])
        return next((one.t for one in maker.attribute if one.name == "value" and maker.op_type == "Constant"), None)

    def is_number(self, tensor: str) -> bool:
        """Say whether a tensor is one constant number."""
        if not tensor:
            return True
        known = self.known.get(tensor)
        return known is not None and known.constant and known.shape is not None and prod(known.shape) == 1

    def owner(self, tensor: str) -> str:
        """Return the tensor that one is, by itself or by way of Identity."""
        maker = self.maker(tensor)
        return self.owner(maker.input[0]) if maker is not None and maker.op_type == "Identity" else tensor

    def ends(self, tensor: str) -> Iterator[Use]:
        """Yield where a tensor is read, also by way of Identity."""
        for use in self.readers(tensor):
            if use.place == 0 and self.graph.node[use.node].op_type == "Identity":
                yield from self.ends(self.graph.node[use.node].output[0])
            else:
                yield use
