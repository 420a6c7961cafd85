"""One file per layer kind; the file's name is the kind's name. A new kind is a new file here and nothing else."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from costlens.layers._base import Layer

__all__ = ["Layer", "layer_kind", "layer_names"]


@cache
def layer_names() -> tuple[str, ...]:
    """Return the name of every layer kind, in alphabetical order, without importing any."""
    return tuple(sorted(found.name for found in iter_modules(__path__) if not found.name.startswith("_")))


@cache
def layer_kind(name: str) -> type[Layer]:
    """Import one layer kind by name; KeyError when there is no such file.

    >>> layer_kind("relu")().output_shape((8, 8, 3))
    (8, 8, 3)
    """
    if name not in layer_names():
        raise KeyError(name)
    module = import_module(f"{__name__}.{name}")
    classes = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Layer) and value.__module__ == module.__name__
    ]
    if len(classes) != 1:
        raise ImportError(f"layers/{name}.py: expected one Layer class, received {[c.__name__ for c in classes]}")
    return classes[0]
