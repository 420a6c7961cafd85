"""One file per command: arguments → task → format. The only room that prints or exits."""

from costlens.discovery import module_names


def command_names() -> tuple[str, ...]:
    """Return the names of all commands, without importing any."""
    return module_names(__path__)
