"""Mixes: a kind for each convolution, by globs on the names of convolutions and of the blocks that hold them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from costlens.errors import UsageError, did_you_mean
from costlens.network.graph import Graph
from costlens.results.counts import AS_WRITTEN
from costlens.results.names import levels

Rules = Mapping[str, str]
"""Globs with a kind each, or ``as-written``; the last one that matches a convolution holds.

A glob matches a convolution's name or that of a block that holds it: ``stage3`` and ``stage*`` reach
``stage3.unit1.conv1``. A convolution that none matches is as written.
"""

_GLOB = frozenset("*?[")
_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Mix:
    """A variant that gives convolutions several kinds: its name, and its rules in order."""

    name: str
    rules: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, name: str, pairs: Iterable[tuple[str, str]]) -> Mix:
        """Return the mix of rules; of two for one glob the later one, in its place.

        >>> Mix.of("fast", [("a", "separable"), ("*", "standard"), ("a", "grouped")]).rules
        (('*', 'standard'), ('a', 'grouped'))
        """
        rules: dict[str, str] = {}
        for pattern, kind in pairs:
            rules.pop(pattern, None)
            rules[pattern] = kind
        return cls(name, tuple(rules.items()))


def sites(graph: Graph) -> tuple[str, ...]:
    """Return the names that rules are about: of convolutions, and of layers that convolve in one form only."""
    names = (
        node.convolution.name if node.convolution else node.name
        for node in graph.nodes
        if node.convolution or node.layer.is_form_of_its_own
    )
    return tuple(dict.fromkeys(names))


def reach(patterns: Iterable[str], names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the names that each glob matches, by themselves or by a block that holds them.

    >>> reach(["a", "*.conv1", "b?"], ["stem", "a.conv1", "a.b.conv1"])
    {'a': ('a.conv1', 'a.b.conv1'), '*.conv1': ('a.conv1', 'a.b.conv1'), 'b?': ()}
    """
    inside: dict[str, list[str]] = {}
    for name in names:
        for level in levels(name):
            inside.setdefault(level, []).append(name)
    found = {}
    for pattern in patterns:
        meant = [level for level in inside if fnmatchcase(level, pattern)] if _GLOB & {*pattern} else [pattern]
        found[pattern] = tuple(dict.fromkeys(name for level in meant for name in inside.get(level, ())))
    return found


def kinds_of(graph: Graph, rules: Rules) -> dict[str, str]:
    """Return the kind that rules give each convolution, by its name; those that stay as written are left out.

    UsageError for a glob that matches nothing, with the names that were probably meant.
    """
    return kinds_among({name: name for name in sites(graph)}, rules)


def kinds_among(names: Mapping[str, str], rules: Rules) -> dict[str, str]:
    """Return the same of convolutions by all the names that each is known by, in order."""
    kinds: dict[str, str] = {}
    for pattern, reached in reach(rules, names).items():
        if not reached:
            raise UsageError(unmatched(pattern, names))
        kinds |= {names[name]: rules[pattern] for name in reached}
    known = dict.fromkeys(names.values())
    return {name: kinds[name] for name in known if kinds.get(name, AS_WRITTEN) != AS_WRITTEN}


def unmatched(pattern: str, names: Iterable[str]) -> str:
    """Say that a glob matches nothing, and what there is."""
    found = [*names]
    known_as = [*dict.fromkeys(level for name in found for level in levels(name))]
    tops = [*dict.fromkeys(levels(name)[0] for name in found)]
    listed = f"{', '.join(tops[:_SHOWN])}{', …' if len(tops) > _SHOWN else ''}"
    known = did_you_mean(pattern, known_as) or (f"; there are {listed}" if tops else "; the network has none")
    return f"{pattern}: no convolution, and no block that holds one, has this name{known}"


def written(rules: Iterable[tuple[str, str]]) -> str:
    """Write rules as the command line takes them.

    >>> written([("*", "separable"), ("stage[12]", "standard")])
    '*=separable stage[12]=standard'
    """
    return " ".join(f"{pattern}={kind}" for pattern, kind in rules)
