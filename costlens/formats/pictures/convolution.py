"""A convolution as one small picture: input, kernels and output as blocks, a lane a kind, MACs as bars to scale."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import zip_longest
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from costlens.arithmetic.shapes import times
from costlens.formats.pages import explanation as _prose
from costlens.formats.pictures._cuboid import Cuboid
from costlens.results.counts import ShapeTuple
from costlens.results.explanation import ConvolutionExplanation, Form, Part

_STYLE = """
text { font: 13px system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif; fill: #1f2328 }
.title { font-size: 16px; font-weight: 600 } .kind { font-size: 14px; font-weight: 600 } .soft { fill: #59636e }
.paper { fill: #ffffff; stroke: #d1d9e0 } .track { fill: #eaeef2 } .bar { fill: #0a66c2 }
polygon { stroke-width: 1; stroke-linejoin: round }
.tensor { stroke: #1f5fa8 } .tensor.top { fill: #d5e7fb } .tensor.front { fill: #a9cdf5 } .tensor.side { fill: #79aeea }
.kernel { stroke: #a15c00 } .kernel.top { fill: #ffe8c4 } .kernel.front { fill: #fdcb84 } .kernel.side { fill: #f0a848 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .soft { fill: #9aa4ae }
.paper { fill: #0d1117; stroke: #3d444d } .track { fill: #262c36 } .bar { fill: #4f94ef }
.tensor { stroke: #86b9f7 } .tensor.top { fill: #35659f } .tensor.front { fill: #264d80 } .tensor.side { fill: #1b3a63 }
.kernel { stroke: #f2b866 } .kernel.top { fill: #93661f } .kernel.front { fill: #755015 } .kernel.side { fill: #573a0d }
}
"""
_NOTE = "Bars are to scale. Blocks grow with the root of their sizes."
_MARGIN, _LINE, _LANE_GAP, _BAR = 20.0, 17.0, 32.0, 8.0
_ROOM_BESIDE = 12.0
_LETTER, _SIGN = 8.3, 11.0
"""Pixels that a letter and a sign of 13 px take in the widest usual font."""
_LARGER = 1.25
"""How much larger a title's are."""
_SPATIAL, _CHANNELS, _LEAST = 40.0, 64.0, 6.0
"""Pixels of the longest axis of each sort, and of the shortest."""
_COPIES = 3
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class _Item:
    """A column of a lane: a block or a sign, with lines of text under it (the first is not soft)."""

    block: Cuboid | None
    lines: tuple[str, ...]

    @property
    def width(self) -> float:
        return max(*map(_width, self.lines), self.block.width if self.block else 0.0)


def svg(explained: ConvolutionExplanation, name: str = "") -> str:
    """Draw the picture; ``name`` says of which layer of which network it is.

    It follows the reader's light or dark background, and needs no font of its own.
    """
    scale = _Scale(explained)
    lanes = {form.kind: scale.lane(form) for form in explained.forms if not form.refusal}
    columns = [max(item.width for item in column if item) for column in zip_longest(*lanes.values())]
    short = name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
    headings = [_prose.heading(explained), *([short] if name else [])]
    words = [_width(_NOTE), *(_LARGER * _width(heading) for heading in headings)]
    words += [_width(f"{form.kind}    {_said(form, explained)}") for form in explained.forms]
    width = max(sum(columns) + _ROOM_BESIDE * (len(columns) - 1), *words)
    root = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "role": "img"})
    SubElement(root, "title").text = headings[0]
    SubElement(root, "desc").text = "; ".join(f"{form.kind}: {_said(form, explained)}" for form in explained.forms)
    SubElement(root, "style").text = _STYLE
    paper = SubElement(root, "rect", {"class": "paper", "x": "0.5", "y": "0.5", "rx": "8"})
    y = _MARGIN + _LINE - 2
    _text(root, headings[0], _MARGIN, y, "title")
    for heading in headings[1:]:
        y += _LINE + 2
        _text(root, heading, _MARGIN, y, "soft")
    most = max(form.macs for form in explained.forms)
    for form in explained.forms:
        y += _LANE_GAP
        soft = "soft" if form.refusal else ""
        _text(root, form.kind, _MARGIN, y, f"{soft} kind".strip())
        _text(root, _said(form, explained), _MARGIN + width, y, soft, anchor="end")
        if form.refusal:
            continue
        y += 9
        _bar(root, form.macs / most if most else 0.0, y, width)
        y = _blocks(root, lanes[form.kind], columns, y + _BAR + 8)
    y += _LANE_GAP
    _text(root, _NOTE, _MARGIN, y, "soft")
    size = {"width": f"{width + 2 * _MARGIN:.0f}", "height": f"{y + _MARGIN - 4:.0f}"}
    root.attrib |= {**size, "viewBox": f"0 0 {size['width']} {size['height']}"}
    paper.attrib |= {key: str(int(value) - 1) for key, value in size.items()}
    indent(root, " ")
    return tostring(root, encoding="unicode") + "\n"


def html(explained: ConvolutionExplanation, name: str = "") -> str:
    """Return a page that holds the picture and nothing else."""
    title = escape(_prose.heading(explained))
    return (
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{title}</title>\n'
        '<meta name="color-scheme" content="light dark">\n<style>svg { max-width: 100%; height: auto }</style>\n'
        f"{svg(explained, name)}</html>\n"
    )


class _Scale:
    """Sizes → pixels, the same for all blocks of a picture."""

    def __init__(self, explained: ConvolutionExplanation) -> None:
        parts = [part for form in explained.forms for part in form.parts]
        tensors = [explained.input, explained.output, *(part.output for part in parts)]
        kernels = [part.kernel for part in parts if part.kernel]
        self.spatial = max(size for shape in (*(t[:-1] for t in tensors), *kernels) for size in shape)
        self.channels = max(shape[-1] for shape in tensors)

    def block(self, sizes: ShapeTuple, channels: int, style: str, copies: int = 1) -> Cuboid:
        """Return the block of (rows, columns) or (steps,) with its channels; one axis is drawn as one thin row."""
        rows, columns = sizes if len(sizes) > 1 else (0, sizes[0])
        return Cuboid(
            self._side(columns, self.spatial, _SPATIAL),
            self._side(rows, self.spatial, _SPATIAL),
            self._side(channels, self.channels, _CHANNELS),
            style,
            copies,
        )

    def _side(self, size: int, largest: int, pixels: float) -> float:
        return max(_LEAST, float(pixels * (size / largest) ** 0.5))

    def lane(self, form: Form) -> list[_Item]:
        """Return a form from left to right: the input, and for each part a sign, its kernels, a sign, its output."""
        items = [self._tensor(form.parts[0].input, "input")]
        for part in form.parts:
            last = part is form.parts[-1]
            items += [_Item(None, ("∗" if part.kernel else "",)), self._kernels(part, alone=len(form.parts) == 1)]
            items.append(_Item(None, ("→",)))
            items.append(self._tensor(part.output, "output" if last else ""))
        return items

    def _tensor(self, shape: ShapeTuple, caption: str) -> _Item:
        return _Item(self.block(shape[:-1], shape[-1], "tensor"), (times(shape), caption))

    def _kernels(self, part: Part, *, alone: bool) -> _Item:
        name = _prose.part_name(part).partition(" ")[0]
        said = ("kernels",) if alone else (name, f"{part.macs:,} MACs")
        if part.kernel is None:
            return _Item(None, said)
        depth, number = part.input[-1] // part.groups, part.output[-1]
        block = self.block(part.kernel, depth, "kernel", min(number, _COPIES))
        return _Item(block, (f"{number} of {times((*part.kernel, depth))}", *said))


def _said(form: Form, explained: ConvolutionExplanation) -> str:
    if form.refusal:
        return f"no such form: {form.refusal}"
    ratio = f" · {_prose.number(form.macs / explained.standard_macs)} × standard" if form.formula != "1" else ""
    return f"{form.macs:,} MACs{ratio}"


def _width(line: str) -> float:
    """Return about how many pixels a line of 13 px takes, rather too many."""
    return sum(_SIGN if letter in "×∗→·" else _LETTER for letter in line)


def _bar(root: Element, share: float, y: float, width: float) -> None:
    for style, length in (("track", width), ("bar", max(2.0, width * share))):
        box = {"x": _MARGIN, "y": y, "width": length, "height": _BAR}
        SubElement(root, "rect", {"class": style, "rx": "2", **{key: f"{value:.1f}" for key, value in box.items()}})


def _blocks(root: Element, lane: Sequence[_Item], columns: Sequence[float], y: float) -> float:
    """Draw the blocks of a lane, centred in their columns and on one line; return where the lane ends."""
    tallest = max(item.block.height for item in lane if item.block)
    x = _MARGIN
    for item, width in zip(lane, columns, strict=False):
        middle = x + width / 2
        if item.block:
            item.block.draw(root, middle - item.block.width / 2, y + (tallest - item.block.height) / 2)
        under = y + tallest + _LINE if item.block else y + tallest / 2 + 4
        for index, line in enumerate(item.lines):
            if line:
                _text(root, line, middle, under + index * _LINE, "soft" if index else "", anchor="middle")
        x += width + _ROOM_BESIDE
    return y + tallest + _LINE * max(len(item.lines) for item in lane if item.block)


def _text(root: Element, said: str, x: float, y: float, style: str, *, anchor: str = "") -> None:
    given = {"x": f"{x:.1f}", "y": f"{y:.1f}", "class": style, "text-anchor": anchor}
    SubElement(root, "text", {key: value for key, value in given.items() if value}).text = said
