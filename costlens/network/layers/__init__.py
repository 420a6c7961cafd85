"""One file per layer kind; the file's name is the kind's name. A new kind is a new file here and nothing else."""

from functools import cache

from costlens.discovery import class_in, module_names
from costlens.network.layers._base import Layer

__all__ = ["Layer", "layer_kind", "layer_names"]


@cache
def layer_names() -> tuple[str, ...]:
    """Return the name of every layer kind, in alphabetical order, without importing any."""
    return module_names(__path__)


@cache
def layer_kind(name: str) -> type[Layer]:
    """Import one layer kind by name; KeyError when there is no such file.

    >>> layer_kind("relu")().output_shape((8, 8, 3))
    (8, 8, 3)
    """
    if name not in layer_names():
        raise KeyError(name)
    return class_in(__name__, name, Layer)  # type: ignore[type-abstract]  # a base to look for, not to make
