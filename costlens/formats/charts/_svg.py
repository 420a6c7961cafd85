"""A drawing → SVG: for a page with the classes of its style sheet, or alone with colours and fonts of its own.

Both have presentation attributes alone, as a strict policy asks and as programs for slides read them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import hypot
from xml.etree.ElementTree import Element, SubElement, tostring

from costlens.formats.charts._paint import What, paint, standing
from costlens.formats.charts._shapes import Arrows, Boxes, Dot, Drawing, Mark, Rule, Shape, Words
from costlens.formats.escape import LIMIT, plain, shorten

FONTS = "Arial, Helvetica, 'Liberation Sans', 'DejaVu Sans', sans-serif"
PAPER = "#ffffff"
_HEAD = 7.0
_BASELINE = 4.0
"""How far the middle of a text of twelve pixels is above its baseline."""

Point = tuple[float, float]
_Look = Callable[[What, str], dict[str, str]]
"""What to draw with and the classes of a shape → attributes."""


def svg(drawing: Drawing) -> str:
    """Write a drawing for a page.

    It is hidden from screen readers, which have its table, and its links from the keyboard, which finds them there.
    """
    root = Element("svg", {**_size(drawing), "aria-hidden": "true", "focusable": "false"})
    for shape in drawing.shapes:
        _draw(root, shape, _classes)
    return tostring(root, encoding="unicode")


def alone(drawing: Drawing, name: str, shows: str = "") -> str:
    """Write a drawing as a file of its own on white, with its name and what it shows for those who do not see it."""
    root = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", **_size(drawing), "role": "img"})
    SubElement(root, "title").text = shorten(plain(name), LIMIT)
    if shows:
        SubElement(root, "desc").text = shorten(plain(shows), LIMIT)
    SubElement(root, "rect", {"width": "100%", "height": "100%", "fill": PAPER})
    held = SubElement(root, "g", {"font-family": FONTS, "font-size": "12"})
    for shape in standing(drawing.shapes):
        _draw(held, shape, _painted)
    return tostring(root, encoding="unicode") + "\n"


def _size(drawing: Drawing) -> dict[str, str]:
    width, height = number(drawing.width), number(drawing.height)
    return {"width": width, "height": height, "viewBox": f"0 0 {width} {height}"}


def _classes(what: What, style: str) -> dict[str, str]:
    classes = f"line {style}" if what == "line" else style
    return {"class": classes} if classes else {}


def _painted(what: What, style: str) -> dict[str, str]:
    found = paint(style, what)
    if what == "line":
        seen = {"stroke-opacity": f"{found.opacity:g}"} if found.opacity < 1 else {}
        return {"fill": "none", "stroke": found.colour, **seen}
    given = {"fill": found.colour}
    if found.opacity < 1:
        given["fill-opacity"] = number(found.opacity)
    if found.edge:
        given |= {"stroke": found.edge} | ({"stroke-width": number(found.thick)} if found.thick != 1 else {})
    if what == "text" and found.pixels != paint("").pixels:
        given["font-size"] = str(found.pixels)
    return given | ({"font-weight": "600"} if what == "text" and found.bold else {})


def _draw(parent: Element, shape: Shape, look: _Look) -> None:
    match shape:
        case Boxes(boxes, style) if boxes:
            SubElement(parent, "path", {"d": "".join(map(_box, boxes)), **look("area", style)})
        case Rule(points, style, width, dashed):
            drawn = _line(points)
            dashes = {"stroke-dasharray": "4 3"} if dashed else {}
            thick = {"stroke-width": number(width)} if width != 1 else {}
            SubElement(parent, "path", {"d": drawn, **look("line", style), **thick, **dashes})
        case Arrows(lines, style) if lines:
            SubElement(parent, "path", {"d": "".join(map(_line, lines)), **look("line", style)})
            SubElement(parent, "path", {"d": "".join(map(_head, lines)), **look("area", f"head {style}")})
        case Dot(x, y, radius, style):
            place = {"cx": number(x), "cy": number(y), "r": number(radius)}
            SubElement(parent, "circle", {**place, **look("dot", style)})
        case Words(x, y, _, style, anchor, turned):
            place = _turned(x, y) if turned else {"x": number(x), "y": number(y + _BASELINE)}
            along = {} if anchor == "start" else {"text-anchor": anchor}
            SubElement(parent, "text", {**place, **look("text", style), **along}).text = words(shape)
        case Mark(title, shapes, address, style):
            link = {"href": f"#{address}", "tabindex": "-1"} if address and look is _classes else {}
            classes = {"class": style} if style and look is _classes else {}
            made = SubElement(parent, "a" if link else "g", link | classes)
            SubElement(made, "title").text = plain(title, lines=True)
            for each in shapes:
                _draw(made, each, look)


def words(shape: Words) -> str:
    """Return a text of others as a drawing shows it: harmless, and no longer than there is room."""
    return shorten(plain(shape.text), shape.most)


def _line(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)


def _head(points: Sequence[Point]) -> str:
    return f"{_line(head(points))}z"


def head(points: Sequence[Point]) -> list[Point]:
    """Return the head at the end of a line, as a triangle that points along its last piece."""
    (before_x, before_y), (x, y) = points[-2:]
    long = hypot(x - before_x, y - before_y) or 1.0
    along_x, along_y = (x - before_x) / long * _HEAD, (y - before_y) / long * _HEAD
    back_x, back_y = x - along_x, y - along_y
    return [(x, y), (back_x - along_y / 2, back_y + along_x / 2), (back_x + along_y / 2, back_y - along_x / 2)]


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
