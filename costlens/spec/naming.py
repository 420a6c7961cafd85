"""Names as they are written: ``name: stem``, ``from: stem``, ``from: [a, b]``."""

from __future__ import annotations

import re

from costlens.spec import tree
from costlens.spec.problems import Problems
from costlens.spec.statements import Reference
from costlens.spec.tree import Scalar, Tree

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")
EXPECTED = "expected at most 100 letters, digits and _, a letter first"


def name(given: Tree, path: str, problems: Problems) -> str | None:
    """Read the name of a statement."""
    if isinstance(given, Scalar) and isinstance(given.value, str) and NAME.fullmatch(given.value):
        return given.value
    problems.add(given, path, f"name: {EXPECTED}, received {tree.show(given)}")
    return None


def references(given: Tree, path: str, problems: Problems, field: str = "") -> tuple[Reference, ...]:
    """Read one name or a list of names."""
    expected = f"{field and f'{field}: '}expected the name of a layer"
    items = given.items if isinstance(given, tree.Sequence) else (given,)
    names = []
    for item in items:
        if isinstance(item, Scalar) and isinstance(item.value, str):
            names.append(Reference(item.line, item.column, item.value))
        else:
            problems.add(item, path, f"{expected}, received {tree.show(item)}")
    if not items:
        problems.add(given, path, f"{expected}, received an empty list")
    return tuple(names)


def name_in(value: Tree | None) -> str | None:
    """Return the name a statement seems to have, though something in it is wrong."""
    entry = value.entries.get("name") if isinstance(value, tree.Mapping) else None
    given = entry.value.value if entry and isinstance(entry.value, Scalar) else None
    return given if isinstance(given, str) else None
