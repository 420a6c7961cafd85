"""One call of a Keras layer, as a family of layers sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from costlens.arithmetic.shapes import Shape
from costlens.export.recognition.built import Builder, NoKindError
from costlens.export.recognition.keras.settings import Settings
from costlens.network.fields import FieldError
from costlens.network.layers import Layer, layer_kind


@dataclass(slots=True)
class Found:
    """A call of a Keras layer, or of one of Keras's operations, and the graph that it becomes a part of.

    inputs: the tensors that it reads. arguments, named: all that it is called with, the tensors by their names.
    """

    layer: Any
    name: str
    inputs: tuple[str, ...]
    arguments: tuple[Any, ...]
    named: Mapping[str, Any]
    builder: Builder
    settings: Settings = field(init=False)

    def __post_init__(self) -> None:
        self.settings = Settings(self.layer) if hasattr(self.layer, "get_config") else Settings.__new__(Settings)

    def shape(self, tensor: str) -> Shape:
        """Return the shape of a tensor, without the batch."""
        return self.builder.shapes[tensor]

    @property
    def rank(self) -> int:
        """How many axes the first input has, without the batch."""
        return len(self.shape(self.inputs[0]))

    @property
    def weights(self) -> tuple[Any, ...]:
        """The variables of the layer, in its order."""
        return tuple(getattr(self.layer, "weights", ()))

    def add(
        self,
        kind: str,
        *inputs: str,
        part: str = "",
        weights: Sequence[Any] | Mapping[str, Sequence[Any]] | None = None,
        **fields: Any,
    ) -> str:
        """Add a layer of a kind and return its output; see ``add_all``."""
        return self.add_all(kind, *inputs, part=part, weights=weights, **fields)[0]

    def add_all(
        self,
        kind: str,
        *inputs: str,
        part: str = "",
        weights: Sequence[Any] | Mapping[str, Sequence[Any]] | None = None,
        **fields: Any,
    ) -> tuple[str, ...]:
        """Add a layer of a kind and return all its outputs.

        inputs: those of the call unless given. part: what it is called behind the name of the call. weights: the
        variables that it holds, those of the Keras layer unless given. A field that is None is left out.
        """
        given = {name: value for name, value in fields.items() if value is not None}
        try:
            layer: Layer = layer_kind(kind)(**given)
        except FieldError as error:
            raise NoKindError(str(error)) from error
        held = self.weights if weights is None else weights
        by_end = held if isinstance(held, Mapping) else {"": held}
        name = f"{self.name}_{part}" if part else self.name
        return self.builder.add(layer, inputs or self.inputs, name, by_end, (id(self.layer), part))
