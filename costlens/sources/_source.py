"""The interface of a source, which turns a file into models, and what is asked of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from costlens.analysis.budgets import Limit
from costlens.arithmetic.precision import Precision
from costlens.network.graph import Graph
from costlens.network.precisions import FLOAT, Precisions
from costlens.network.variants import MIXED
from costlens.results.counts import AS_WRITTEN, ModelCount
from costlens.sources._word import Word

if TYPE_CHECKING:
    from costlens.arithmetic.arena import Tensor
    from costlens.results.counts import Layout
    from costlens.results.latency import LatencyReport
    from costlens.runtimes import Inputs

    Plan = tuple[list[str], list[Tensor], list[str]]

ALL = "all"
"""Stands for as-written, every kind of convolution, and then a spec's own variants."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of every word: variants by name, knobs, examples at a time, and the depth to which rows are folded.

    precision: of all sizes in bytes; None leaves each network its own.
    kinds: globs on names of convolutions with a kind each, which make one more variant, ``mixed``. only, without:
    globs on those that variants by a kind's name are about, and are not. exported: makes the file of a Keras model.
    execute: whether a run tells what a model's graph does not. data: a file with the inputs of model files. Where no
    variant is named, a word that leads to one file yields ``alone``, and each of several files ``each``.
    """

    variants: tuple[str, ...] = ()
    settings: Mapping[str, object] = field(default_factory=dict)
    batch: int = 1
    depth: int | None = None
    execute: bool = False
    data: Path | None = None
    alone: tuple[str, ...] = (AS_WRITTEN,)
    each: tuple[str, ...] = (AS_WRITTEN,)
    precision: Precision | None = None
    kinds: tuple[tuple[str, str], ...] = ()
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    exported: Callable[[Model, int], Path] | None = None

    def wanted(self, default: tuple[str, ...]) -> tuple[str, ...]:
        """Return the variants to work on; ``default`` where none is named, and what ``kinds`` make of it instead."""
        if not self.kinds:
            return self.variants or default
        return tuple(dict.fromkeys((*(self.variants or (() if default == (AS_WRITTEN,) else default)), MIXED)))


@dataclass(frozen=True, slots=True)
class KerasModel:
    """A Keras model that a source yields: what makes it, the sizes of its free axes, and the digest of its file.

    sha256: nothing where Python code makes the model.
    """

    make: Callable[[], Any]
    sizes: Mapping[str, tuple[int, ...]]
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    """A network to work on, wherever it comes from: its count, and what else its source has of it.

    label: its name among the models of one command. origin: the source's name. A task asks for an ability: ``graph``
    can be built and exported, ``written`` is the graph as the spec says it, ``keras`` can be exported, ``file`` can be
    run as it is, ``stored`` holds the times of an earlier measurement, there as ``timed_as`` or as one of its variants.
    runtime: the only one that reads the file, where it is not the one that others' files are made from. inputs: what
    its file is run on. again: reads a variant of its file as that was read. precisions: those of a graph's rows. plan:
    the steps and the tensors of its file, with the row of each. limits: what the network promises of
    itself. notes: what a reader must know of its figures. disagreement: what its own report found to disagree.
    link: where it was published.
    """

    label: str
    word: Word
    origin: str
    count: ModelCount
    knobs: Mapping[str, int | float | str] = field(default_factory=dict)
    graph: Graph | None = None
    written: Graph | None = None
    keras: KerasModel | None = None
    file: Path | None = None
    file_bytes: int | None = None
    runtime: str = ""
    inputs: Callable[[], Inputs] | None = None
    again: Callable[[Path], Model] | None = None
    precisions: Precisions = FLOAT
    plan: Callable[[], Plan] | None = None
    stored: LatencyReport | None = None
    timed_as: str = ""
    limits: tuple[Limit, ...] = ()
    notes: tuple[str, ...] = ()
    disagreement: str = ""
    link: str = ""

    @property
    def is_exported(self) -> bool:
        """Whether the file that a runtime runs is made from it."""
        return self.graph is not None or self.keras is not None

    @property
    def is_rewritten(self) -> bool:
        """Whether it is a variant of a model file, and its file was made for it."""
        return self.file is not None and not self.is_exported and self.stored is None and bool(self.count.variant)

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

    what: the name of such a file in messages. suffixes: the endings of its name; a source without any takes the
    files that no other source takes. rank: a folder stands for its files of the lowest rank, and files of two
    sources of that rank are refused. has_knobs, has_sizes, has_variants: whether ``?knob=value``, ``?axis=size``
    (both also as ``--set``), or ``--variant``, mean anything to it; has_kinds: ``--kind`` does, too; has_inputs:
    ``--execute`` and ``--input-data`` do. runs_code: whether ``python:`` words are its. marks_folder: the name of a
    file whose folder is one model. layout: how the rows' shapes are written. lacks: what to say of a model that is
    asked for an ability that it does not have, by ability.
    """

    what: ClassVar[str]
    suffixes: ClassVar[tuple[str, ...]]
    rank: ClassVar[int] = 9
    has_knobs: ClassVar[bool] = False
    has_sizes: ClassVar[bool] = False
    has_variants: ClassVar[bool] = False
    has_kinds: ClassVar[bool] = False
    has_inputs: ClassVar[bool] = False
    runs_code: ClassVar[bool] = False
    marks_folder: ClassVar[str] = ""
    layout: ClassVar[Layout] = "SC"
    lacks: ClassVar[Mapping[str, str]] = {}

    def surely(self, path: Path) -> bool:
        """Say whether a file is certainly of this kind, where its folder holds files of other kinds, too."""
        return True

    def claims(self, head: bytes) -> bool:
        """Say whether a file that begins with these bytes is of this kind, whatever its name."""
        return False

    def inside(self, folder: Path) -> list[Path]:
        """Return the files that a folder stands for, sorted by name, without hidden ones."""
        found = (path for path in folder.rglob("*") if path.suffix.lower() in self.suffixes and path.is_file())
        shown = (path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts))
        return sorted(shown)

    def parts(self, word: Word) -> list[Path]:
        """Return the files on disk that a word is read from; its own comes first."""
        return [word.path]

    def sizes(self, word: Word) -> tuple[str, ...] | None:
        """Return what ``?name=`` gives a size to, free axes and inputs; None where that shows only when it is read."""
        return None

    @abstractmethod
    def models(self, word: Word, asked: Asked, *, variants: tuple[str, ...]) -> list[Model]:
        """Return the models of one file in these variants, labelled by variant; UsageError where it cannot be read."""
