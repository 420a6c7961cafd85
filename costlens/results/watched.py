"""What ``costlens watch`` sees at a save: the network as it is now, and what changed in it."""

from dataclasses import dataclass

from costlens.results.counts import ModelCount
from costlens.results.diff import SpecDiff


@dataclass(frozen=True, slots=True)
class Watched:
    """A network at one save, the number of which is 0 at the start.

    files: those that it is read from. problem: why it cannot be counted now; then there is no count. last, start: what
    changed since the last save that could be counted, and since the first; None where there was none before.
    """

    name: str
    files: tuple[str, ...]
    save: int
    count: ModelCount | None = None
    problem: str = ""
    last: SpecDiff | None = None
    start: SpecDiff | None = None
