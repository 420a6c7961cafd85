"""A drawing → SVG that stands in a page: classes and presentation attributes alone, as a strict policy asks."""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot
from xml.etree.ElementTree import Element, SubElement, tostring

from costlens.formats.charts._shapes import Arrows, Boxes, Dot, Drawing, Mark, Rule, Shape, Words
from costlens.formats.escape import plain, shorten

_LONGEST = 60
_HEAD = 7.0
_BASELINE = 4.0
"""How far the middle of a text of twelve pixels is above its baseline."""


def svg(drawing: Drawing) -> str:
    """Write a drawing.

    It is hidden from screen readers, which have its table, and its links from the keyboard, which finds them there.
    """
    width, height = number(drawing.width), number(drawing.height)
    size = {"width": width, "height": height, "viewBox": f"0 0 {width} {height}"}
    root = Element("svg", {**size, "aria-hidden": "true", "focusable": "false"})
    for shape in drawing.shapes:
        _draw(root, shape)
    return tostring(root, encoding="unicode")


def _draw(parent: Element, shape: Shape) -> None:
    match shape:
        case Boxes(boxes, style) if boxes:
            SubElement(parent, "path", {"d": "".join(map(_box, boxes)), "class": style})
        case Rule(points, style, width, dashed):
            drawn = _line(points)
            dashes = {"stroke-dasharray": "4 3"} if dashed else {}
            thick = {"stroke-width": number(width)} if width != 1 else {}
            SubElement(parent, "path", {"d": drawn, "class": f"line {style}", **thick, **dashes})
        case Arrows(lines, style) if lines:
            SubElement(parent, "path", {"d": "".join(map(_line, lines)), "class": f"line {style}"})
            SubElement(parent, "path", {"d": "".join(map(_head, lines)), "class": f"head {style}"})
        case Dot(x, y, radius, style):
            SubElement(parent, "circle", {"cx": number(x), "cy": number(y), "r": number(radius), "class": style})
        case Words(x, y, text, style, anchor, turned):
            place = _turned(x, y) if turned else {"x": number(x), "y": number(y + _BASELINE)}
            given = {"class": style, "text-anchor": "" if anchor == "start" else anchor}
            made = SubElement(parent, "text", place | {name: value for name, value in given.items() if value})
            made.text = shorten(plain(text), _LONGEST)
        case Mark(title, shapes, address, style):
            link = {"href": f"#{address}", "tabindex": "-1"} if address else {}
            made = SubElement(parent, "a" if address else "g", link | ({"class": style} if style else {}))
            SubElement(made, "title").text = plain(title, lines=True)
            for each in shapes:
                _draw(made, each)


def _line(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)


def _head(points: Sequence[tuple[float, float]]) -> str:
    """Return the head at the end of a line, as a triangle that points along its last piece."""
    (before_x, before_y), (x, y) = points[-2:]
    long = hypot(x - before_x, y - before_y) or 1.0
    along_x, along_y = (x - before_x) / long * _HEAD, (y - before_y) / long * _HEAD
    back_x, back_y = x - along_x, y - along_y
    return (
        _line([(x, y), (back_x - along_y / 2, back_y + along_x / 2), (back_x + along_y / 2, back_y - along_x / 2)])
        + "z"
    )


def _turned(x: float, y: float) -> dict[str, str]:
    return {"transform": f"translate({number(x + _BASELINE)} {number(y)}) rotate(-90)"}


def _box(box: tuple[float, float, float, float]) -> str:
    x, y, width, height = map(number, box)
    return f"M{x} {y}h{width}v{height}h-{width}z"


def number(value: float) -> str:
    """Write pixels to a tenth.

    >>> number(10.04), number(-0.01), number(7.26)
    ('10', '0', '7.3')
    """
    return f"{round(value, 1) + 0.0:.1f}".removesuffix(".0")
