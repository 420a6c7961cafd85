"""Rooms where a new file is all that a new kind needs: the names of a room's files, and the class one of them holds."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pkgutil import iter_modules
from typing import TypeVar

_T = TypeVar("_T")


def module_names(path: Iterable[str]) -> tuple[str, ...]:
    """Return the names of a package's modules, those with a leading underscore left out, in alphabetical order."""
    return tuple(sorted(found.name for found in iter_modules(path) if not found.name.startswith("_")))


def class_in(package: str, name: str, base: type[_T]) -> type[_T]:
    """Import a module and return the one class of a base that is written in it; ImportError for none or several."""
    module = import_module(f"{package}.{name}")
    classes = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, base) and value.__module__ == module.__name__
    ]
    if len(classes) != 1:
        found = ", ".join(value.__name__ for value in classes) or "none"
        raise ImportError(f"{package}.{name}: expected one {base.__name__}, found {found}")
    return classes[0]
