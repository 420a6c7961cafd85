"""The variants that are asked for by name, and those of a model file: what if its convolutions were of other kinds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from costlens.errors import UsageError, VerificationError, did_you_mean
from costlens.network.variants import MIXED, Mix, kind_names, written
from costlens.results.counts import AS_WRITTEN
from costlens.sources._source import ALL, Asked

if TYPE_CHECKING:
    from costlens.rewriting import Plan, Site
    from costlens.sources._source import Model

_SHOWN = 4


class UnknownVariantError(UsageError):
    """A variant that a model does not have."""


def chosen(asked: Asked, variants: Sequence[str], own: Sequence[Mix] = ()) -> list[str | Mix]:
    """Return the variants asked for, each once: kinds by name, and mixes; ``all`` stands for every one.

    UnknownVariantError for one that there is not.
    """
    mixes = {mix.name: mix for mix in (*own, *([Mix.of(MIXED, asked.kinds)] if asked.kinds else []))}
    for name in variants:
        if name == MIXED and MIXED not in mixes:
            raise UsageError(f"variant {MIXED}: is what --kind makes; add --kind, such as --kind 'stage3=separable'")
        if name not in (ALL, *mixes):
            require_variant(name, [mix.name for mix in own])
    return [mixes.get(name) or _part(name, asked) for name in variant_names(variants, [*mixes])]


def _part(name: str, asked: Asked) -> str | Mix:
    """Return a kind, or a mix of its name where only some convolutions are to have it."""
    if name == AS_WRITTEN or not (asked.only or asked.without):
        return name
    meant = ((pattern, name) for pattern in asked.only or ("*",))
    return Mix.of(name, (*meant, *((pattern, AS_WRITTEN) for pattern in asked.without)))


def require_variant(name: str, own: Sequence[str]) -> None:
    """Raise UnknownVariantError where a name is that of neither a kind nor a model's own variant."""
    known = (AS_WRITTEN, *kind_names(), *own)
    if name not in known:
        guess = did_you_mean(name, known)
        raise UnknownVariantError(f"variant {name}: unknown{guess}; there are {', '.join(known)}")


def variant_names(asked: Sequence[str], own: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the variants asked for, each once; ``all`` stands for as-written, every kind, and its own."""
    every = (AS_WRITTEN, *kind_names(), *own)
    return tuple(dict.fromkeys(name for word in asked for name in (every if word == ALL else (word,))))


def rewritten(model: Model, wanted: Sequence[str | Mix], again: Callable[[Path], Model]) -> list[Model]:
    """Return the variants of a model that is a file, each graph once; ``again`` reads a file as the model was read.

    UsageError where none of its convolutions can be rewritten; VerificationError where the MACs of what was written are
    not those of the kinds' layers.
    """
    from costlens.rewriting import Figures, look, plan

    if model.file is None:
        raise ValueError(f"{model.label} is no file")
    found = look(model.file, model.count.rows)
    plans = [plan(found.sites, to) for to in wanted]
    if not found.convertible and any(one.name != AS_WRITTEN for one in plans):
        raise UsageError(f"{model.word.name}: {_none(found.sites)}")
    figures = Figures(model.count, found.sites)
    equal: dict[tuple[tuple[str, str], ...], list[Plan]] = {}
    for one in plans:
        equal.setdefault(tuple(one.kinds.items()), []).append(one)
    made = []
    for first, *others in equal.values():
        variant = again(found.written(first.changes)) if first.changes else model
        count, expected = variant.count, figures.macs_of(first)
        if expected not in (None, count.totals.macs):
            said = f"its file counts {count.totals.macs or 0:,} MACs, the layers of its kinds {expected:,}"
            raise VerificationError(f"{model.word.name}: {first.name}: {said}")
        count = replace(
            count,
            name=model.count.name,
            variant=first.name,
            also=tuple(other.name for other in others if other.realised or other.name in (AS_WRITTEN, "standard")),
            mixes={each.name: dict(each.rules) for each in (first, *others) if each.rules},
            left_alone=first.left_alone or next((other.left_alone for other in others if not other.formless), ()),
            notes=(
                *count.notes,
                *([f"kinds: {written(first.rules)}"] if first.rules else []),
                *figures.overheads(first),
                *(f"kinds of {other.name}: {written(other.rules)}" for other in others if other.rules),
                *(f"no {other.name} form: {', '.join(other.formless)}" for other in others if other.formless),
            ),
            macs_to_standard=figures.to_standard(count.totals.macs),
            macs_to_standard_theory=figures.theory(first),
        )
        made.append(replace(variant, label=first.name, count=count))
    return made


def _none(sites: Sequence[Site]) -> str:
    """Say why nothing can be rewritten."""
    reasons = Counter(site.reason for site in sites)
    if not reasons:
        return "it has no convolutions, and variants are other kinds of these; leave out --variant"
    said = "; ".join(f"{number:,} {reason}" for reason, number in reasons.most_common(_SHOWN))
    return f"none of its {len(sites):,} convolutions can be rewritten ({said}); leave out --variant"
