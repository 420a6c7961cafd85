"""Names of rows: each row of a count has a name of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import count


def numbered(names: Sequence[str]) -> list[str]:
    """Return names without repeats: the second ``a`` is ``a #2``, or the next number that no other name has.

    >>> numbered(["a", "b", "a", "a #2", "a"])
    ['a', 'b', 'a #3', 'a #2', 'a #4']
    """
    given = set(names)
    seen: set[str] = set()
    last: Counter[str] = Counter()
    found = []
    for name in names:
        unique = name
        if name in seen:
            number = next(n for n in count(max(2, last[name] + 1)) if f"{name} #{n}" not in given)
            last[name] = number
            unique = f"{name} #{number}"
        seen.add(name)
        found.append(unique)
    return found
