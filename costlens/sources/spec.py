"""A spec (YAML): its variants, each with its graph, its count and the limits that the spec states."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from costlens.errors import SpecError, UsageError, did_you_mean
from costlens.network.variants import MIXED, Mix, kind_names
from costlens.results.counts import AS_WRITTEN, ModelCount
from costlens.sources._source import ALL, Asked, Model, Source
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

        spec = _read(word, asked)
        is_as_written = not (asked.settings or word.settings)  # published figures are those of a spec's own knobs
        limits = tuple(limit for limit in spec.limits if is_as_written or limit.source != "expect")
        chosen, depth = _chosen(spec, variants, asked.kinds), asked.depth
        found = counted_variants(spec.graph, chosen, title=spec.title, batch=asked.batch, depth=depth)
        return [
            Model(
                label=count.variant,
                word=word,
                origin="spec",
                count=_with_left_alone(count, spec),
                knobs=dict(spec.knobs),
                graph=graph,
                written=spec.graph,
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


class UnknownVariantError(UsageError):
    """A variant that a spec does not have."""


def _chosen(spec: Spec, variants: Sequence[str], kinds: Sequence[tuple[str, str]]) -> list[str | Mix]:
    """Return the variants asked for: kinds by name, and mixes; UnknownVariantError for one that there is not."""
    mixes = {mix.name: mix for mix in (*spec.variants, *([Mix.of(MIXED, kinds)] if kinds else []))}
    for name in variants:
        if name == MIXED and not kinds:
            raise UsageError(f"variant {MIXED}: is what --kind makes; add --kind, such as --kind 'stage3=separable'")
        if name not in (ALL, *mixes):
            require_variant(name, [mix.name for mix in spec.variants])
    return [mixes.get(name, name) for name in variant_names(variants, [*mixes])]


def _with_left_alone(count: ModelCount, spec: Spec) -> ModelCount:
    """Say of a spec as written which convolutions its own ``kinds`` leave alone."""
    named = AS_WRITTEN in (count.variant, *count.also)
    return replace(count, left_alone=spec.left_alone) if named and not count.left_alone else count


def require_variant(name: str, own: Sequence[str]) -> None:
    """Raise UnknownVariantError where a name is that of neither a kind nor a spec's own variant."""
    known = (AS_WRITTEN, *kind_names(), *own)
    if name not in known:
        guess = did_you_mean(name, known)
        raise UnknownVariantError(f"variant {name}: unknown{guess}; there are {', '.join(known)}")


def variant_names(asked: Sequence[str], own: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the variants asked for, each once; ``all`` stands for as-written, every kind, and its own."""
    every = (AS_WRITTEN, *kind_names(), *own)
    return tuple(dict.fromkeys(name for word in asked for name in (every if word == ALL else (word,))))
