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
    skipped: dict[str, Statement] = field(default_factory=dict)
    """By name the layers that are not there, as their condition does not hold."""
    ordinals: dict[str, int] = field(default_factory=dict)
    incomplete: bool = False

    def inner(self, name: str, body: tuple[Statement, ...], reserved: str = "") -> Scope:
        """Open a level below this one for a body."""
        once, numbered = names_in(body)
        return Scope(f"{self.prefix}{name}.", self, self.section, once, numbered, reserved)

    def automatic(self, kind: str) -> str:
        """Return the next free name of a kind: ``conv1``, ``conv2``."""
        name = ""
        while not name or name in self.names or name in self.once or name.rstrip("0123456789") in self.numbered:
            ordinal = self.ordinals[kind] = self.ordinals.get(kind, 0) + 1
            name = f"{kind}{ordinal}"
        return name

    def number(self, name: str) -> str:
        """Return the next of the names that a repeat gives: ``x1``, ``x2``."""
        ordinal = self.ordinals[f"{name}#"] = self.counted(name) + 1
        return f"{name}{ordinal}"

    def counted(self, name: str) -> int:
        """Return how many times a repeat has numbered a name here."""
        return self.ordinals.get(f"{name}#", 0)

    def latest(self, name: str) -> str:
        """Return the name of a statement here as rows have it: of one that a repeat numbers, that of its last turn.

        Precondition: it is one of ``names``.
        """
        counted = f"{name}{self.counted(name)}"
        return counted if counted in self.names and self.names[counted] == self.names[name] else name

    def find(self, name: str) -> tuple[bool, Tensor]:
        """Look a name up, here and outwards; whether it was found, and its tensor."""
        for level in self.levels():
            if name in level.names:
                return True, level.names[name]
            if name in level.skipped:
                break
        return False, None

    def levels(self) -> tuple[Scope, ...]:
        """Return this level and those around it, the innermost first."""
        return (self,) if self.parent is None else (self, *self.parent.levels())
