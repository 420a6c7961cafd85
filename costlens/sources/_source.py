"""What every file of this room holds, and what it is asked for: a word that names a file yields models."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from costlens.analysis.budgets import Limit
from costlens.network.graph import Graph
from costlens.results.counts import AS_WRITTEN, ModelCount
from costlens.sources._word import Word

if TYPE_CHECKING:
    from costlens.results.latency import LatencyReport

ALL = "all"
"""Stands for as-written and every kind of convolution."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of every word: variants by name, knobs, examples at a time, and a depth to fold rows to.

    alone: the variants of a word that is the only one, where none are named. Of several words each yields the network
    as written, or ``each`` where that is given.
    """

    variants: tuple[str, ...] = ()
    settings: Mapping[str, object] = field(default_factory=dict)
    batch: int = 1
    depth: int | None = None
    alone: tuple[str, ...] = (AS_WRITTEN,)
    each: tuple[str, ...] = (AS_WRITTEN,)


@dataclass(frozen=True, slots=True)
class Model:
    """A network to work on, wherever it comes from: its count, and what else its source has of it.

    label: its name among the models of one command. origin: the source's name. A task asks for an ability and says
    which model lacks it: ``graph`` can be built and exported, ``written`` is that of
    the network as its spec says it, ``file`` can be run as it is, ``stored`` are
    times of a measurement before. limits: what the network promises of itself. notes: what a reader must know of its
    figures. disagreement: which of its figures its own report found to disagree. link: where it was published.
    """

    label: str
    word: Word
    origin: str
    count: ModelCount
    knobs: Mapping[str, int | float | str] = field(default_factory=dict)
    graph: Graph | None = None
    written: Graph | None = None
    file: Path | None = None
    file_bytes: int | None = None
    stored: LatencyReport | None = None
    limits: tuple[Limit, ...] = ()
    notes: tuple[str, ...] = ()
    disagreement: str = ""
    link: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The variants it is: the one it was made for, and those whose graph is the same."""
        return (self.count.variant, *self.count.also)

    @property
    def macs(self) -> int | None:
        """The MACs of one example, where they are complete."""
        return self._of_one("macs")

    @property
    def peak_activation_bytes(self) -> int | None:
        """The peak of activations of one example, where it is complete."""
        return self._of_one("peak_activation_bytes")

    def _of_one(self, figure: str) -> int | None:
        total = self.count.complete(figure)
        return None if total is None else total // self.count.batch


class Source(ABC):
    """A kind of file that yields models.

    what: what one such file is called in messages. suffixes: how their names end; a source that has none takes what
    no other takes. rank: a folder stands for its files of the lowest rank; two sources of one rank
    in one folder are refused. has_knobs,
    has_variants: whether ``?knob=value``, ``--set`` and ``--variant`` mean anything to it. lacks: for each ability that
    its models do not have, what to say of a model that is asked for it.
    """

    what: ClassVar[str]
    suffixes: ClassVar[tuple[str, ...]]
    rank: ClassVar[int] = 9
    has_knobs: ClassVar[bool] = False
    has_variants: ClassVar[bool] = False
    lacks: ClassVar[Mapping[str, str]] = {}

    def surely(self, path: Path) -> bool:
        """Say whether a file is certainly one of these, where a folder holds files of other sources too."""
        return True

    def claims(self, head: bytes) -> bool:
        """Say whether a file that begins so is one of these, whatever its name."""
        return False

    def inside(self, folder: Path) -> list[Path]:
        """Return the files that a folder stands for, by name; hidden ones aside."""
        found = (path for path in folder.rglob("*") if path.suffix.lower() in self.suffixes and path.is_file())
        shown = (path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts))
        return sorted(shown)

    @abstractmethod
    def models(self, word: Word, asked: Asked, *, variants: tuple[str, ...]) -> list[Model]:
        """Return the models of one file in these variants, labelled by variant; UsageError where it cannot be read."""
