"""``kinds`` and ``variants``: which convolution takes which kind, by globs on names.

``kinds`` says what the spec itself is; each of ``variants`` is a further form of it. A glob that matches nothing is a
mistake of the spec. With other knobs than its own, which may leave a block out, it is one where the variant is used.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from costlens.errors import did_you_mean
from costlens.network.graph import Graph
from costlens.network.variants import MIXED, Mix, kind_names, reach, rewrite, sites, unmatched
from costlens.results.counts import AS_WRITTEN, LeftAlone
from costlens.spec import tree
from costlens.spec.parse import Fields
from costlens.spec.problems import Problems
from costlens.spec.tree import Entry

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,99}")
_GLOB = re.compile(r"[A-Za-z0-9_.*?\[\]!-]{1,200}")
_RULES = "names of convolutions or blocks with a kind each, such as {stage3: factorized}"


class Mixes(NamedTuple):
    """What a spec says of kinds: of itself, and by the names of its variants; each rule with its place."""

    own: Mapping[str, Entry]
    variants: Mapping[str, Mapping[str, Entry]]

    def applied(self, graph: Graph, problems: Problems, *, whole: bool) -> tuple[Graph, tuple[LeftAlone, ...]]:
        """Return the graph of the spec itself, and the convolutions that their kind leaves alone.

        Notes each glob that matches nothing, those of the variants where the ``whole`` spec is looked at.
        """
        looked_at = {f"variants.{name}": rules for name, rules in self.variants.items()} if whole else {}
        names = sites(graph) if self.own or looked_at else ()
        for path, rules in ({"kinds": self.own} | looked_at).items():
            for pattern, reached in reach(rules, names).items():
                if not reached:
                    problems.add(rules[pattern], path, unmatched(pattern, names))
        problems.check()
        if not self.own:
            return graph, ()
        made = rewrite(graph, _plain(self.own))
        return made.graph, made.left_alone

    def named(self) -> tuple[Mix, ...]:
        """Return the spec's own variants, in order."""
        return tuple(Mix(name, tuple(_plain(rules).items())) for name, rules in self.variants.items())


def reserved() -> tuple[str, ...]:
    """Return the names of variants that every spec has, and the word for all of them."""
    return (AS_WRITTEN, *kind_names(), MIXED, "all")


def mixes(top: Fields, problems: Problems) -> Mixes:
    """Read ``kinds`` and ``variants``."""
    own = _rules(top.get("kinds"), "kinds", problems)
    found: dict[str, Mapping[str, Entry]] = {}
    expected = "names of variants with kinds each, such as {fast: {stage3: factorized}}"
    for name, entry in problems.entries(top.get("variants"), "variants", expected).items():
        shown = tree.shorten(name)
        if name in reserved():
            problems.add(entry, "variants", f"{shown}: every spec has a variant of this name; choose another")
        elif not NAME.fullmatch(name):
            problems.add(entry, "variants", f"{shown}: expected letters, digits, _ and -, a letter first")
        else:
            found[name] = _rules(entry, f"variants.{shown}", problems)
    return Mixes(own, found)


def _rules(entry: Entry | None, path: str, problems: Problems) -> Mapping[str, Entry]:
    known = (AS_WRITTEN, *kind_names())
    found = {}
    for pattern, item in problems.entries(entry, path, _RULES, f"expected {_RULES}").items():
        shown, kind = tree.shorten(pattern), tree.word_of(item.value)
        if not _GLOB.fullmatch(pattern):
            problems.add(item, path, f"{shown}: expected a name of a convolution or a block; * ? [12] stand for others")
        elif kind not in known:
            listed = f"expected {', '.join(known)}, received {tree.show(item.value)}"
            problems.add(item.value, path, f"{shown}: {listed}{did_you_mean(tree.shorten(kind), known)}")
        else:
            found[pattern] = item
    return found


def _plain(rules: Mapping[str, Entry]) -> dict[str, str]:
    return {pattern: tree.word_of(entry.value) for pattern, entry in rules.items()}
