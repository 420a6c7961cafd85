"""Names of rows and models: folded to those of blocks, and told apart by a number."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import count, groupby, takewhile
from typing import TypeVar

_Row = TypeVar("_Row")

HASH_SHOWN = 12
"""As many digits of a commit's hash are shown to people."""


def blocks(rows: Iterable[_Row], depth: int | None, name: Callable[[_Row], str]) -> list[list[_Row]]:
    """Return runs of rows whose names have the same first ``depth`` parts; None leaves each row alone.

    >>> blocks(["stem", "stage1.a", "stage1.b"], 1, str)
    [['stem'], ['stage1.a', 'stage1.b']]
    """
    if depth is None:
        return [[row] for row in rows]
    return [list(run) for _, run in groupby(rows, key=lambda row: name(row).split(".")[:depth])]


def levels(name: str) -> list[str]:
    """Return the blocks that hold a row, the outermost first, and its name; files divide names by ``/``, too.

    >>> levels("stage3.unit1.conv"), levels("/model/conv1/Conv")
    (['stage3', 'stage3.unit1', 'stage3.unit1.conv'], ['/model', '/model/conv1', '/model/conv1/Conv'])
    """
    ends = [place for place, letter in enumerate(name) if letter in "./" and place]
    return [name[:end] for end in (*ends, len(name))]


def common_name(names: Sequence[str]) -> str:
    """Return the first parts that all names share.

    >>> common_name(["stage1.block2.conv", "stage1.block2.norm"])
    'stage1.block2'
    """
    if len(names) == 1:
        return names[0]
    parts = zip(*(name.split(".") for name in names), strict=False)
    return ".".join(column[0] for column in takewhile(lambda column: len(set(column)) == 1, parts))


def numbered(names: Sequence[str]) -> list[str]:
    """Return names without repeats: the second ``a`` is ``a #2``, or the next number that is not a name already.

    >>> numbered(["a", "b", "a", "a #2", "a"])
    ['a', 'b', 'a #3', 'a #2', 'a #4']
    """
    given = set(names)
    if len(given) == len(names):
        return [*names]
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        number = seen[name] + 1
        if number > 1:
            number = next(n for n in count(number) if f"{name} #{n}" not in given)
        seen[name] = number
        found.append(name if number == 1 else f"{name} #{number}")
    return found


def inputs_beside(rows: Iterable[str], inputs: Iterable[str]) -> dict[str, str]:
    """Return what rows call each input of their network: its name, told apart where a row has that name.

    >>> inputs_beside(["conv", "x"], ["image", "x"])
    {'image': 'image', 'x': 'x (input)'}
    """
    taken = set(rows)
    called = {}
    for name in inputs:
        called[name] = name
        while called[name] in taken:
            called[name] += " (input)"
    return called


def noun(files: Iterable[str]) -> str:
    """Return what files are called together: specs, or models where one of them is no spec.

    >>> noun(["a.yaml", "main:b.yaml"]), noun(["a.yaml", "b.onnx"])
    ('spec', 'model')
    """
    return "spec" if all(file.endswith((".yaml", ".yml")) for file in files) else "model"


def led(name: str, said: str) -> str:
    """Write what is said of a variant after its name; a model file has no variants.

    >>> led("standard", "1 row"), led("", "1 row")
    ('standard: 1 row', '1 row')
    """
    return f"{name}: {said}" if name else said
