"""A spec (YAML): its variants, each with its graph, its count and the limits that the spec states."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from costlens.errors import SpecError
from costlens.results.counts import AS_WRITTEN, ModelCount, in_bytes
from costlens.sources._source import Asked, Model, Source
from costlens.sources._variants import chosen
from costlens.sources._word import Word
from costlens.spec.paths import files_in

if TYPE_CHECKING:
    from costlens.spec.model import Spec

_LAYERS = re.compile(rb"^(?:layers|sections)\s*:", re.MULTILINE)
_HEAD = 2**20


class SpecSource(Source):
    """A network as its spec describes it. A file that no other source takes is read as a spec."""

    what = "a spec (.yaml)"
    suffixes = ()
    rank = 1
    has_knobs = True
    has_variants = True
    has_kinds = True

    def inside(self, folder: Path) -> list[Path]:
        """Return the specs in a folder and below it."""
        return files_in(folder)

    def surely(self, path: Path) -> bool:
        """Say whether a file has the keys that only specs have; tables of published figures are YAML, too."""
        try:
            return _LAYERS.search(path.read_bytes()[:_HEAD]) is not None
        except OSError:
            return True

    def parts(self, word: Word) -> list[Path]:
        """Return a spec and the blocks files that it includes."""
        from costlens.spec.include import outline

        try:
            text = word.path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return [word.path]
        return [word.path, *map(Path, outline(text, word.path.as_posix()).includes)]

    def models(self, word: Word, asked: Asked, *, variants: tuple[str, ...]) -> list[Model]:
        """Return a spec's variants, each graph once; SpecError with every problem of the spec."""
        from costlens.network.count import counted_variants
        from costlens.network.precisions import Precisions

        spec = _read(word, asked)
        is_as_written = not (asked.settings or word.settings)  # published figures are those of a spec's own knobs
        limits = tuple(
            limit
            for limit in spec.limits
            if limit.source != "expect" or (is_as_written and (not asked.precision or not in_bytes(limit.figure)))
        )
        named, depth = chosen(asked, variants, spec.variants), asked.depth
        precisions = Precisions.all(asked.precision) if asked.precision else spec.precisions
        found = counted_variants(
            spec.graph, named, title=spec.title, batch=asked.batch, depth=depth, precisions=precisions
        )
        return [
            Model(
                label=count.variant,
                word=word,
                origin="spec",
                count=_with_left_alone(count, spec),
                knobs=dict(spec.knobs),
                graph=graph,
                written=spec.graph,
                precisions=precisions,
                limits=limits,
                link=spec.source,
            )
            for graph, count in found
        ]


def _read(word: Word, asked: Asked) -> Spec:
    """Read the spec that a word names, from disk or from git, with its knobs set."""
    from costlens.spec.loading import load, loads

    settings = {**asked.settings, **word.settings}
    tree = word.tree
    if tree is None:
        return load(word.path, settings)
    from costlens.sources.git.changed import MOST
    from costlens.spec.source import decoded

    file = word.path.as_posix()
    try:
        text = decoded(tree.read(file, MOST), file)
        return loads(text, file=file, settings=settings, read=lambda name: tree.read(name, MOST))
    except SpecError as error:
        raise SpecError([replace(problem, file=tree.label(problem.file)) for problem in error.problems]) from None


def _with_left_alone(count: ModelCount, spec: Spec) -> ModelCount:
    """Say of a spec as written which convolutions its own ``kinds`` leave alone."""
    named = AS_WRITTEN in (count.variant, *count.also)
    return replace(count, left_alone=spec.left_alone) if named and not count.left_alone else count
