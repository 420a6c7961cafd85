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


@dataclass(frozen=True, slots=True)
class StoredBytes:
    """What a TensorFlow Lite file stores, in bytes, by what it is.

    weights: numbers of weights and of constants that operators calculate with. biases: those that are added to sums of
    integers. scales, zero_points: what integers stand for. indices: axes, sizes and places, and the single numbers that
    layers are set to (a slope, a least value): none of them is a weight. rest: names, tables and what aligns them.
    """

    weights: int
    biases: int
    scales: int
    zero_points: int
    indices: int
    rest: int

    @property
    def numbers(self) -> int:
        """All that the network's weights take."""
        return self.weights + self.biases + self.scales + self.zero_points


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """What was found of a TensorFlow Lite file: what it stores, and what interpreters allocate for it.

    planned: a plan of the file's own tensors, and ``peak`` the least that any plan of them takes. micro, litert: None
    where that was not found out, for a reason in ``problems``.
    """

    file_bytes: int
    stored: StoredBytes
    planned: int
    peak: int
    micro: Allocated | None = None
    litert: int | None = None
    problems: tuple[str, ...] = ()
