"""Names: what statements are called, and which tensor a name stands for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from costlens.spec.statements import Statement, names_in

Tensor = str | None
"""The name of a node or an input; None where a reported problem left it unknown."""


@dataclass(slots=True)
class Scope:
    """One level of names: ``stage3.`` holds those of a block's body. Inner levels see outer ones."""

    prefix: str = ""
    parent: Scope | None = None
    section: str = ""
    once: Collection[str] = ()
    numbered: Collection[str] = ()
    reserved: str = ""
    names: dict[str, Tensor] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    ordinals: dict[str, int] = field(default_factory=dict)
    incomplete: bool = False

    def inner(self, name: str, body: tuple[Statement, ...], reserved: str = "") -> Scope:
        """Open a level below this one for a body."""
        once, numbered = names_in(body)
        return Scope(f"{self.prefix}{name}.", self, self.section, once, numbered, reserved)

    def automatic(self, kind: str) -> str:
        """Return the next free name of a kind: ``conv1``, ``conv2``."""
        ordinal = self.ordinals.get(kind, 0)
        while True:
            ordinal += 1
            name = f"{kind}{ordinal}"
            if name not in self.names and name not in self.once and name.rstrip("0123456789") not in self.numbered:
                break
        self.ordinals[kind] = ordinal
        return name

    def number(self, name: str) -> str:
        """Return the next of the names that a repeat gives: ``x1``, ``x2``."""
        ordinal = self.ordinals[f"{name}#"] = self.ordinals.get(f"{name}#", 0) + 1
        return f"{name}{ordinal}"

    def counted(self, name: str) -> int:
        """Return how many times a repeat has numbered a name here."""
        return self.ordinals.get(f"{name}#", 0)

    def find(self, name: str) -> tuple[bool, Tensor]:
        """Look a name up, here and outwards; whether it was found, and its tensor."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return True, scope.names[name]
            scope = scope.parent
        return False, None

    def levels(self) -> tuple[Scope, ...]:
        """Return this level and those around it, the innermost first."""
        return (self,) if self.parent is None else (self, *self.parent.levels())
