"""What costlens has to work with on a machine: packages, runtimes, tools, and what it keeps on the disk."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "missing", "other version", "broken"]


@dataclass(frozen=True, slots=True)
class Package:
    """A package: its version (None where it is not installed), the versions that costlens states, the part it is of.

    wanted: empty where costlens itself is not installed, which alone knows them. part: an extra; none for the base.
    """

    name: str
    part: str
    version: str | None
    wanted: str
    state: State


@dataclass(frozen=True, slots=True)
class Missing:
    """A part that is not complete: its name, what it brings, the line that installs it."""

    part: str
    brings: str
    install: str


@dataclass(frozen=True, slots=True)
class Kept:
    """Files of one sort in the cache: how many entries, their bytes, and when the oldest was last used (UTC).

    removed: whether clearing removes them.
    """

    sort: str
    entries: int
    bytes: int
    oldest: str
    removed: bool = True


@dataclass(frozen=True, slots=True)
class Cache:
    """The folder of exports, whether it can be written (or made), and what it holds."""

    folder: str
    is_writable: bool
    kept: tuple[Kept, ...] = ()

    @property
    def bytes(self) -> int:
        """The bytes of all that is costlens's own."""
        return sum(kept.bytes for kept in self.kept if kept.removed)


@dataclass(frozen=True, slots=True)
class Stack:
    """All of it. devices: on which each runtime that is installed can run here. tools: versions, None where missing."""

    costlens: str
    python: str
    machine: str
    packages: tuple[Package, ...]
    missing: tuple[Missing, ...]
    devices: Mapping[str, tuple[str, ...]]
    tools: Mapping[str, str | None]
    cache: Cache
