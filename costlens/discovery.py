"""Rooms where a new file is all that a new kind needs: the names of a room's files, and the class one of them holds."""

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, TypeVar

_T = TypeVar("_T")


def shipped_folder(name: str) -> Path:
    """Return a folder of files that are shipped: a wheel has it in the package, a checkout beside the package."""
    package = Path(__file__).resolve().parent
    return package / name if (package / name).is_dir() else package.parent / name


def module_names(path: Iterable[str]) -> tuple[str, ...]:
    """Return the names of a package's modules in alphabetical order; leading underscores and packages are left out."""
    return tuple(sorted(m.name for m in iter_modules(path) if not m.name.startswith("_") and not m.ispkg))


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


def operators_in(package: str, path: Iterable[str], table: str = "OPERATORS") -> dict[str, Any]:
    """Return the ``OPERATORS`` of all modules of a package as one table; ImportError for a name that two have."""
    known: dict[str, Any] = {}
    for module in module_names(path):
        for name, entry in getattr(import_module(f"{package}.{module}"), table).items():
            if name in known:
                raise ImportError(f"{package.rpartition('.')[2]}/{module}.py: another file already has {name}")
            known[name] = entry
    return known
