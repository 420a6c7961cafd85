"""What an interpreter's allocator took for a model file, by kind."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AllocatedKind:
    """Memory of one kind: bytes ``used`` with what alignment adds, ``requested`` in so many ``pieces``."""

    name: str
    used: int
    requested: int
    pieces: int


@dataclass(frozen=True, slots=True)
class Allocated:
    """The arena of an interpreter, in bytes.

    activations: what is planned, tensors and scratch buffers, that share memory. persistent: what lives as long as the
    interpreter, by ``kinds``. Pointers are as wide as this machine's: on a 32-bit one persistent memory is less.
    """

    runtime: str
    version: str
    activations: int
    persistent: int
    kinds: tuple[AllocatedKind, ...]

    @property
    def total(self) -> int:
        """The whole arena."""
        return self.activations + self.persistent
