"""Layers with the same weights: the Keras layer that is there already runs again, in a layer of another name."""

from collections.abc import Callable
from functools import cache
from typing import Any

from costlens import frameworks
from costlens.errors import ExportError
from costlens.network.graph import Node
from costlens.network.layers._base import Toolkit

_PLAIN = (bool, int, float, str, tuple, list, type(None))


@cache
def shared_class() -> Any:
    """Return the class of a Keras layer that runs another one, importing Keras the first time."""
    keras = frameworks.keras()

    @keras.saving.register_keras_serializable(package="costlens")
    class Shared(keras.layers.Layer):  # type: ignore[misc,name-defined]
        """Another layer of the model once more, on other tensors: the weights are that one's."""

        def __init__(self, shares: Any, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.shares = shares

        def call(self, *tensors: Any) -> Any:
            return self.shares(*tensors)

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "shares": keras.saving.serialize_keras_object(self.shares)}

        @classmethod
        def from_config(cls, config: dict[str, Any]) -> Any:
            return cls(**{**config, "shares": keras.saving.deserialize_keras_object(config["shares"])})

    return Shared


def unshared(layer: Any) -> Any:
    """Return the Keras layer that holds the weights a layer runs with: mostly itself."""
    return getattr(layer, "shares", layer)


class Sharing:
    """Hands each node a toolkit that makes its Keras layers anew, or takes those of the node whose weights it has."""

    def __init__(self, toolkit: Toolkit) -> None:
        self.toolkit = toolkit
        self.made: dict[str, tuple[Any, dict[str, Any]]] = {}
        """Keras layers by their names, with their settings as they were made: some change when a layer is built."""

    def tools(self, node: Node) -> Toolkit:
        """Return the toolkit for a node; the owner of its weights has been built."""
        own = {name: tool for name, tool in self.toolkit._asdict().items() if isinstance(tool, type)}
        made = {name: self._maker(node, tool) for name, tool in own.items()}
        return self.toolkit._replace(layers=_Makers(self.toolkit.layers, lambda cls: self._maker(node, cls)), **made)

    def _maker(self, node: Node, cls: Any) -> Callable[..., Any]:
        def make(*given: Any, **settings: Any) -> Any:
            layer = cls(*given, **settings)
            if "name" not in settings:  # part of another layer
                return layer
            settings = _settings(layer)
            self.made[layer.name] = layer, settings
            held, its_settings = self.made[f"{node.owner}{layer.name.removeprefix(node.name)}"]
            if held is layer or not held.weights:
                return layer
            _fit(held, its_settings, layer.name, settings)
            return shared_class()(held, name=layer.name)

        return make


class _Makers:
    """Keras's ``layers`` with a maker in the place of each class."""

    def __init__(self, layers: Any, maker: Callable[[Any], Any]) -> None:
        self.layers = layers
        self.maker = maker

    def __getattr__(self, name: str) -> Any:
        return self.maker(getattr(self.layers, name))


def _fit(held: Any, ours: dict[str, Any], wanted: str, theirs: dict[str, Any]) -> None:
    """Make the settings of a layer serve another use too; ExportError where one layer cannot have both.

    Where padding ``same`` adds nothing to an input, the layer was made with ``valid``, which is the same there only.
    """
    if {ours.get("padding"), theirs.get("padding")} == {"same", "valid"}:
        held.padding = ours["padding"] = theirs["padding"] = "same"
    differing = sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))
    if differing:
        raise ExportError(
            f"{wanted}: Keras cannot use the weights of {held.name}: {', '.join(differing)} would have to differ"
        )


def _settings(layer: Any) -> dict[str, Any]:
    return {name: value for name, value in layer.get_config().items() if name != "name" and isinstance(value, _PLAIN)}
