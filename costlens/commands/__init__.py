"""One file per command: arguments → pipeline → a format. The only room that prints or exits."""

from __future__ import annotations

from pkgutil import iter_modules


def command_names() -> tuple[str, ...]:
    """Return the names of all commands, without importing any."""
    return tuple(sorted(found.name for found in iter_modules(__path__) if not found.name.startswith("_")))
