"""``precision``: which layers are in fp32, fp16 or int8, one for all or by globs on names of layers and blocks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from costlens.arithmetic.precision import PRECISIONS, Precision
from costlens.errors import did_you_mean
from costlens.network.graph import Graph
from costlens.network.precisions import EVERY, Precisions
from costlens.network.variants import reach
from costlens.spec import tree
from costlens.spec.parse import Fields
from costlens.spec.problems import Problems
from costlens.spec.tree import Entry, Scalar

Rules = Mapping[str, Entry]
_EXPECTED = "int8 for all, or names of layers or blocks with a precision each, such as {'*': int8, head: fp32}"


def precisions(top: Fields, problems: Problems) -> Rules:
    """Read ``precision``."""
    entry = top.get("precision")
    if entry is not None and isinstance(entry.value, Scalar):
        return {EVERY: entry} if _is_one(entry, "", problems) else {}
    given = problems.entries(entry, "precision", _EXPECTED, f"expected {_EXPECTED}")
    return {pattern: item for pattern, item in given.items() if _is_one(item, f"{tree.shorten(pattern)}: ", problems)}


def _is_one(entry: Entry, before: str, problems: Problems) -> bool:
    word = tree.word_of(entry.value)
    if word in PRECISIONS:
        return True
    expected = f"{before}expected {', '.join(PRECISIONS)}, received {tree.show(entry.value)}"
    problems.add(entry.value, "precision", f"{expected}{did_you_mean(tree.shorten(word), PRECISIONS)}")
    return False


def applied(rules: Rules, graph: Graph, problems: Problems, *, whole: bool) -> Precisions:
    """Return the precisions of a graph; notes each glob that matches no row of the ``whole`` spec."""
    names = [row.name for row in graph.rows()] if whole and [*rules] not in ([], [EVERY]) else []
    for pattern, reached in reach(rules, names).items() if names else ():
        if not reached:
            known = did_you_mean(pattern, names) or f"; there are {', '.join(names[:_SHOWN])}, …"
            problems.add(rules[pattern], "precision", f"{pattern}: no layer and no block has this name{known}")
    problems.check()
    return Precisions(
        tuple((pattern, cast("Precision", tree.word_of(entry.value))) for pattern, entry in rules.items())
    )


_SHOWN = 8
