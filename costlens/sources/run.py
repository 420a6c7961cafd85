"""A run that ``costlens bench -o`` kept: its models, with the times that were taken side by side."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from costlens.errors import UsageError
from costlens.sources._source import ALL, Asked, Model, Source
from costlens.sources._word import Word

if TYPE_CHECKING:
    from costlens.results.run import Run

_MARK = b'"costlens.run/'
_RUN_BYTES = 2**28


class RunSource(Source):
    """A run that was kept; it holds counts and times, and no layers."""

    what = "a run (bench -o run.json)"
    suffixes = (".json",)
    has_variants = True
    lacks: ClassVar[Mapping[str, str]] = {
        "graph": "a run holds no graph to build; name its spec",
        "file": "a run holds no file to run; name what was timed",
    }

    def claims(self, head: bytes) -> bool:
        """Say whether a file begins as a run does."""
        return _MARK in head

    def inside(self, folder: Path) -> list[Path]:
        """Return nothing: a run is named itself."""
        return []

    def models(self, word: Word, asked: Asked, *, variants: tuple[str, ...]) -> list[Model]:
        """Return the models of a run, all of them where no variants are named; UsageError where it lacks one."""
        run = _read(word)
        wanted = [name for name in asked.variants if name != ALL]
        found = [
            Model(
                label=one.label,
                word=word,
                origin="run",
                count=one.count,
                knobs=one.knobs,
                file_bytes=one.file_bytes,
                stored=run.latency,
                timed_as=one.label,
            )
            for one in run.models
        ]
        chosen = [model for model in found if not wanted or not set(wanted).isdisjoint(model.names)]
        held = {name for model in found for name in model.names}
        if missing := [name for name in wanted if name not in held]:
            raise UsageError(f"{word.name}: holds no variant {missing[0]}; it holds {', '.join(sorted(held))}")
        return chosen


def _read(word: Word) -> Run:
    from costlens.results.run import Run  # the types of measurements, which a count does not need

    try:
        content = word.tree.read(word.path.as_posix(), _RUN_BYTES) if word.tree else word.path.read_bytes()
        return Run.from_json(content.decode(), what=word.name)
    except (OSError, ValueError) as error:
        raise UsageError(f"{word.name}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
