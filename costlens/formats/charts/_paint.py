"""How shapes look on paper: what the page's style sheet makes of their classes, in light, as values.

A picture that stands alone has no style sheet, and many programs for slides read none. The colours are written once,
as variables at the root of ``assets/page.css``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal

from costlens.formats.charts._shapes import Boxes, Dot, Mark, Shape, Words

_SHEET = Path(__file__).parents[1] / "assets" / "page.css"
_VARIABLE = re.compile(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), #[0-9a-f]{6}\)")
_CALLED = {"alarm": "bad", "grid": "line", "held": "raised", "given": "paper", "heat": "paper", "head": "soft"}
"""Classes whose colour has another name."""
_CALLED |= {f"m{step}": f"heat{step}" for step in range(8)}
_EDGED = frozenset({"heat", "held", "given"})
_HIDDEN = frozenset({"of-p", "of-t", "of-u"})
"""What a page shows only once its script is asked for another figure than the first."""
_CENTRED = "node"
_SIZES = {"small": 11, "title": 17}
"""Pixels of letters by class; a title is on pictures alone."""
_PIXELS = 12
_HEAVY = frozenset({"alarm", "bold", "title"})
_OPACITIES = {"held": 0.6, "faint": 0.2, "faintest": 0.07}
_OF_DOTS = 0.8

What = Literal["area", "dot", "line", "text"]


@dataclass(frozen=True, slots=True)
class Paint:
    """The colour of a shape, and how much of what is under it it hides; the colour of its edge, where it has one.

    Of a text also the pixels of its letters, and whether they are bold.
    """

    colour: str
    opacity: float = 1.0
    edge: str = ""
    thick: float = 1.0
    pixels: int = _PIXELS
    bold: bool = False


@cache
def colours() -> dict[str, str]:
    """Return the colours of the page in light, by the names of the style sheet's variables."""
    return dict(_VARIABLE.findall(_SHEET.read_text(encoding="utf-8")))


@cache
def paint(style: str, what: What = "text") -> Paint:
    """Return how a shape with these classes looks; without a colour among them it has that of ink."""
    known, classes = colours(), style.split()
    steps = sorted(classes, key=lambda each: not re.fullmatch(r"m\d", each))  # the colour of a figure goes first
    found = (known[name] for each in steps if (name := _CALLED.get(each, each)) in known)
    return Paint(
        next(found, known["ink"]),
        next((_OPACITIES[each] for each in classes if each in _OPACITIES), _OF_DOTS if what == "dot" else 1.0),
        "" if _EDGED.isdisjoint(classes) else known["line"],
        3.0 if "folded" in classes else 1.0,
        next((_SIZES[each] for each in classes if each in _SIZES), _PIXELS),
        not _HEAVY.isdisjoint(classes),
    )


def standing(shapes: Sequence[Shape]) -> Iterator[Shape]:
    """Yield the shapes that a page shows at first, with their texts where its style sheet has them."""
    for shape in shapes:
        if isinstance(shape, Mark):
            if _HIDDEN.isdisjoint(shape.style.split()):
                inner = [_placed(each, shape.style) for each in shape.shapes if _HIDDEN.isdisjoint(each.style.split())]
                yield replace(shape, shapes=inner)
        else:
            yield shape


def _placed(shape: Boxes | Dot | Words, style: str) -> Boxes | Dot | Words:
    return replace(shape, anchor="middle") if isinstance(shape, Words) and style == _CENTRED else shape
