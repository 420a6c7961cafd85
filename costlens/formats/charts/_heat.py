"""Figures of blocks as colours: each step is twice the one before, the last one is the largest figure of a drawing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import ceil, log2

from costlens.formats.charts._blocks import Block
from costlens.formats.charts._lanes import METRICS, Row
from costlens.formats.charts._shapes import Boxes, Mark, Shape, Words
from costlens.results.columns import AtLeast

__all__ = ["METRICS", "classes", "figures", "key", "known", "largest", "letters"]

STEPS = 7
_LETTERS = "mptu"
_UNTIMED = "microseconds"
KEY_HEIGHT = 62.0
_ACROSS, _SWATCH = 84.0, (16.0, 10.0)
KEY_WIDTH = 4 * _ACROSS


def letters(totals: Mapping[str, float]) -> dict[str, str]:
    """Return what the classes of each metric begin with that costs anything; a page shows the first one."""
    found = [metric.field for metric in METRICS if totals[metric.field]]
    return dict(zip(found, _LETTERS, strict=False))


def figures(rows: Sequence[Row], block: Block, field: str) -> float | AtLeast | None:
    """Return what the rows of a block cost together: a lower bound where some are not known, None where none is.

    A row without a time has no kernel of its own.
    """
    values = [rows[place].figures.get(field) for place in block.rows]
    costs = [value for value in values if value is not None]
    if not costs:
        return None
    total: float = sum(costs)
    return total if len(costs) == len(values) or field == _UNTIMED else AtLeast(total)


def known(figure: float | AtLeast | None) -> float:
    """Return as much of a figure as is known."""
    return figure.value if isinstance(figure, AtLeast) else figure or 0


def largest(rows: Sequence[Row], blocks: Sequence[Block], field: str) -> float:
    """Return the largest figure of some blocks."""
    return max((known(figures(rows, block, field)) for block in blocks), default=0)


def step(value: float, most: float) -> int:
    """Return the step of a figure: 0 for nothing, ``STEPS`` for more than half of the largest.

    >>> [step(value, 64) for value in (0, 0.1, 1, 2, 33, 64)]
    [0, 1, 1, 2, 7, 7]
    """
    return max(1, STEPS + ceil(log2(value / most))) if value and most else 0


def classes(rows: Sequence[Row], block: Block, called: Mapping[str, str], most: Mapping[str, float]) -> str:
    """Return the classes that colour a block by each metric; a figure that is not known has none.

    called: what the classes of a metric begin with. most: the largest figure of a metric.
    """
    found = ((name, figures(rows, block, field), most[field]) for field, name in called.items())
    return " ".join(f"{name}{step(known(figure), top)}" for name, figure, top in found if figure is not None)


def key(called: Mapping[str, str], most: Mapping[str, float]) -> Iterator[Shape]:
    """Yield what the colours mean, for each metric; a style sheet shows that of one metric."""
    for metric in METRICS:
        if metric.field not in called:
            continue
        name, top = called[metric.field], most[metric.field]
        shapes: list[Boxes | Words] = [Words(0, 8, f"{metric.name} of a box, up to", "small soft")]
        for at in range(STEPS + 1):
            x, y = _ACROSS * (at % 4), 18 + 18.0 * (at // 4)
            said = metric.short(top / 2 ** (STEPS - at)) if at else "0"
            shapes += [
                Boxes([(x + 0.5, y + 0.5, *_SWATCH)], f"heat {name}{at}"),
                Words(x + _SWATCH[0] + 6, y + _SWATCH[1] / 2, said, "small"),
            ]
        yield Mark(metric.name, shapes, "", f"key of-{name}")
