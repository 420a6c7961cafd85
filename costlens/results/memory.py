"""Where the activations of a network lie while it runs: an arena plan, its peak, and what would lower it."""

from dataclasses import dataclass

from costlens.results.shown import Shown


@dataclass(frozen=True, slots=True)
class PlacedTensor:
    """A piece of memory of ``bytes`` bytes from ``offset`` on, in use from step ``first`` to step ``last``.

    row: the row whose tensor it is; an input of the network has none. scratch: what a kernel needs while it works.
    """

    name: str
    row: str
    bytes: int
    offset: int
    first: int
    last: int
    scratch: bool = False


@dataclass(frozen=True, slots=True)
class Lowering:
    """What would lower the peak: without the steps of ``row``, the most is ``bytes``, in a step of ``next_row``."""

    row: str
    bytes: int
    next_row: str


@dataclass(frozen=True, slots=True)
class Reordering:
    """Rows in another order that needs less: ``row`` runs directly before ``before``, and so on; with what it gives."""

    moves: tuple[tuple[str, str], ...]
    arena_bytes: int
    peak_bytes: int


@dataclass(frozen=True, slots=True)
class MemoryExplanation(Shown):
    """The plan of one network: ``steps`` name the rows that run, one after the other, some of them several times.

    arena_bytes: the size of the plan. peak_bytes: the most that is in use in one step, which no plan can go below;
    ``busiest`` is that step. in_place_bytes: the size of a plan in which operators that can write over what they read.
    tight_bytes: that of the smallest plan found. alignment: bytes to which sizes are rounded up. reordered: None where
    no better order was found.
    """

    model: str
    title: str
    variant: str
    precision: str
    batch: int
    steps: tuple[str, ...]
    tensors: tuple[PlacedTensor, ...]
    arena_bytes: int
    peak_bytes: int
    busiest: int
    in_place_bytes: int
    tight_bytes: int
    alignment: int
    lowering: Lowering | None = None
    reordered: Reordering | None = None

    @property
    def at_peak(self) -> list[PlacedTensor]:
        """What is in use in the busiest step, by offset."""
        found = (one for one in self.tensors if one.first <= self.busiest <= one.last)
        return sorted(found, key=lambda one: one.offset)
