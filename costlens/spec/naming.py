"""Names as they are written: ``name: stem``, ``from: stem``, ``from: [a, b]``."""

from __future__ import annotations

import re

from costlens.spec import tree
from costlens.spec.problems import Problems
from costlens.spec.tree import Scalar, Tree

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")
EXPECTED = "expected at most 100 letters, digits and _, a letter first"


def name(given: Tree, path: str, problems: Problems) -> str | None:
    """Read the name of a statement."""
    word = tree.word_of(given)
    if NAME.fullmatch(word):
        return word
    problems.add(given, path, f"name: {EXPECTED}, received {tree.show(given)}")
    return None


def references(given: Tree, path: str, problems: Problems, field: str = "") -> tuple[Scalar, ...]:
    """Read one name or a list of names."""
    expected = f"{field and f'{field}: '}expected the name of a layer"
    names = []
    for item in tree.items_of(given):
        if isinstance(item, Scalar) and isinstance(item.value, str):
            names.append(item)
        else:
            problems.add(item, path, f"{expected}, received {tree.show(item)}")
    if not tree.items_of(given):
        problems.add(given, path, f"{expected}, received an empty list")
    return tuple(names)
