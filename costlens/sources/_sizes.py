"""The sizes of a model file's axes and inputs: those of its project, then of the command, then of the word itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from costlens.errors import UsageError

if TYPE_CHECKING:
    from costlens.sources._word import Word

_MOST_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Sizes:
    """What each name is given: one size for an axis (``time``, ``x:1``), several for the shape of an input (``x``)."""

    given: Mapping[str, tuple[int, ...]]

    @property
    def axes(self) -> dict[str, int]:
        """The names that are given one size."""
        return {name: sizes[0] for name, sizes in self.given.items() if len(sizes) == 1}

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The names that are given several sizes."""
        return {name: sizes for name, sizes in self.given.items() if len(sizes) > 1}

    @property
    def knobs(self) -> dict[str, int | float | str]:
        """The sizes as a model shows them: ``{"time": 100, "x": "1x3x224x224"}``."""
        return {**self.axes, **{name: "x".join(map(str, shape)) for name, shape in self.shapes.items()}}


def sizes_of(word: Word, settings: Mapping[str, object], takes: Callable[[], Collection[str] | None]) -> Sizes:
    """Return the sizes that a word's file is given; UsageError for one that is no size.

    settings: those of the command. takes: returns the names that the file has, None where they are not known; sizes of
    the project that have another name are meant for other files.
    """
    project = _of_project(word)
    known = takes() if project else None
    meant = {name: size for name, size in project.items() if known is None or name in known}
    given = {**meant, **settings, **word.settings}
    return Sizes({name: _sizes(word, name, str(written)) for name, written in given.items()})


def _of_project(word: Word) -> dict[str, str]:
    """Return the sizes that the project of a file gives it as it is now; check tells what is wrong with settings."""
    from costlens.spec import project

    if word.code or word.live is not None:
        return {}
    path = word.path if word.tree is None else word.tree.repository.root / word.path
    settings = project.find(Path(path).resolve().parent)
    return project.read(settings).sizes(path) if settings else {}


def _sizes(word: Word, name: str, written: str) -> tuple[int, ...]:
    """Return the size of an axis, or the shape of an input; UsageError where it is neither.

    >>> from costlens.sources._word import word
    >>> _sizes(word("a.onnx"), "time", "100"), _sizes(word("a.onnx"), "x", "1x3x224x224")
    ((100,), (1, 3, 224, 224))
    """
    sizes = written.replace("×", "x").replace(",", "x").split("x")
    if not all(size.isascii() and size.isdecimal() and len(size) <= _MOST_DIGITS and int(size) for size in sizes):
        whole = name.rpartition(":")[0] or name
        raise UsageError(
            f"{word.name}: {name}={written}: expected the size of an axis ({name}=100) or the shape of an input "
            f"({whole}=1x3x224x224), in whole numbers of 1 or more"
        )
    return tuple(map(int, sizes))
