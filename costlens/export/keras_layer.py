"""The base of Keras layers that Keras lacks: what they are made with is what is saved of them."""

from functools import cache
from typing import Any


@cache
def keras_layer(keras: Any) -> Any:
    """Return the class: ``settings`` are the arguments of a subclass by name, which make it again."""

    class Settled(keras.layers.Layer):  # type: ignore[misc]
        def __init__(self, settings: dict[str, Any], **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.settings = settings

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), **self.settings}

    return Settled
