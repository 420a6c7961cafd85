"""Which convolutions of a file get which kind, which stay as they are, and what each costs by its kind's layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from costlens.arithmetic.shapes import Shape
from costlens.errors import ShapeError, UsageError
from costlens.network.layers.conv import Conv
from costlens.network.variants import Mix, Parts, convolution_kind, kinds_among, require_kind
from costlens.results.counts import AS_WRITTEN, LeftAlone
from costlens.rewriting.lowering import why_not
from costlens.rewriting.sites import Site, shape_of


@dataclass(frozen=True, slots=True)
class Change:
    """A convolution that gets another kind, realised by these layers."""

    site: Site
    kind: str
    parts: Parts

    def macs(self, shape: Shape) -> int:
        """Return the multiply-accumulates of one example of this shape, by the layers of the kind."""
        found = 0
        for _, layer in self.parts:
            found += layer.cost(shape).macs
            shape = layer.output_shape(shape)
        return found


@dataclass(frozen=True, slots=True)
class Plan:
    """A variant of a file: what changes, and what a rewrite leaves alone and why; as a variant of a graph has it.

    ``kinds``: what each convolution that has several forms is then.
    """

    name: str
    changes: tuple[Change, ...] = ()
    left_alone: tuple[LeftAlone, ...] = ()
    formless: tuple[str, ...] = ()
    rules: tuple[tuple[str, str], ...] = ()
    kinds: Mapping[str, str] = field(default_factory=dict)

    @property
    def realised(self) -> bool:
        """Whether any convolution has the kind; a mix is what its rules make of the file, whatever that is."""
        return bool(self.rules) or self.name in self.kinds.values()


def plan(found: Sequence[Site], to: str | Mix) -> Plan:
    """Give the convertible convolutions of a file one kind, or each the kind that the rules of a mix give it.

    UsageError for a kind that does not exist and for a rule that matches nothing. Convolutions with the same weights
    have the kind of the first one, and stay as they are where one of them cannot have it.
    """
    names = {name: site.name for site in found for name in (*site.rows, site.name)}
    as_it_is = {site.name: site.kind for site in found if site.layer}
    if isinstance(to, str):
        kinds = {} if to == AS_WRITTEN else dict.fromkeys(dict.fromkeys(names.values()), convolution_kind(to).name)
        rules: tuple[tuple[str, str], ...] = ()
    else:
        rules = to.rules
        try:
            for pattern, kind in rules:
                require_kind(kind, pattern)
            kinds = kinds_among(names, dict(rules))
        except UsageError as error:
            raise UsageError(f"variant {to.name}: {error}") from None
    reasons, formless = _reasons(found, kinds)
    changes = tuple(
        Change(site, kinds[site.name], _parts(site, site.layer, kinds[site.name]))
        for site in found
        if site.layer and site.name not in reasons and kinds.get(site.name, site.kind) != site.kind
    )
    made = {**as_it_is, **{one.site.name: one.kind for one in changes}}
    name = to if isinstance(to, str) else to.name
    left = tuple(LeftAlone(name, reason) for name, reason in reasons.items())
    realised = name in made.values()
    return Plan(name, changes, left, () if rules or realised else formless, rules, made)


def _reasons(found: Sequence[Site], kinds: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return why convolutions do not get the kinds that they have by name, and which reasons are the kind's own."""
    reasons: dict[str, str] = {}
    formless: list[str] = []
    for site in found:
        kind = kinds.get(site.name, "")
        if not kind:
            continue
        refusal = _refusal(site, site.layer, kind) if site.layer and kind != site.kind else ""
        formless += [refusal] if refusal else []
        if reason := site.reason or refusal:
            reasons[site.name] = reason
    for site in found:
        alike = [one for one in found if site.layer and one.weights == site.weights]
        first = alike[0] if alike else site
        refused = next((one.name for one in alike if one.name in reasons), "")
        if refused:
            reasons.setdefault(site.name, f"has the same weights as {refused}")
        elif kinds.get(first.name) != kinds.get(site.name):
            for one in alike:
                reasons.setdefault(one.name, f"has the same weights as {(first if one is not first else site).name}")
    return {site.name: reasons[site.name] for site in found if site.name in reasons}, tuple(dict.fromkeys(formless))


def _parts(site: Site, layer: Conv, kind: str) -> Parts:
    return convolution_kind(kind).parts(layer, shape_of(layer, site.channels))


def _refusal(site: Site, layer: Conv, name: str) -> str:
    """Say why a kind cannot realise a convolution in a file; nothing where it can."""
    kind, shape = convolution_kind(name), shape_of(layer, site.channels)
    if reason := kind.refusal(layer, shape):
        return reason
    try:
        for _, part in kind.parts(layer, shape):
            if reason := why_not(part):
                return reason
            shape = part.output_shape(shape)
    except ShapeError as error:
        return str(error)
    return ""
