"""A drawing → PNG or PDF by matplotlib: the same shapes at the same pixels as in SVG."""

from __future__ import annotations

import io
from typing import Any

from costlens.errors import not_installed
from costlens.formats.charts._paint import Paint, paint, standing
from costlens.formats.charts._shapes import Arrows, Boxes, Dot, Drawing, Mark, Rule, Shape, Words
from costlens.formats.charts._svg import PAPER, head, words
from costlens.formats.escape import LIMIT, plain, shorten

_PER_INCH, _POINTS = 96, 72 / 96
_SHARP = 2
"""Pixels of a PNG for each of the drawing's: screens and projectors show more of them."""
_NARROW = 0.9
"""matplotlib's font is a ninth wider than those that drawings have room for."""
_BASELINE = 4.0
_SETTINGS: Any = {"font.family": "DejaVu Sans", "pdf.fonttype": 42, "text.parse_math": False, "path.simplify": False}


def require() -> None:
    """Raise RuntimeUnavailable, naming the remedy, where there is nothing to draw with."""
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise not_installed(error) or error from None


def render(drawing: Drawing, suffix: str, name: str) -> bytes:
    """Write a drawing with its name; the same drawing gives the same bytes. RuntimeUnavailable without matplotlib."""
    require()
    import warnings

    from matplotlib import rc_context, rcdefaults
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    title = shorten(plain(name), LIMIT)
    unsaid: dict[str, dict[str, Any]] = {
        ".png": {"Title": title, "Software": None},
        ".pdf": {"Title": title, "CreationDate": None, "Creator": None, "Producer": None},
    }
    written = io.BytesIO()
    with rc_context(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a sign that the font lacks is drawn as a box
        rcdefaults()
        with rc_context(_SETTINGS):
            figure = Figure((drawing.width / _PER_INCH, drawing.height / _PER_INCH), facecolor=PAPER)
            FigureCanvasAgg(figure)
            axes = figure.add_axes((0, 0, 1, 1))
            axes.set_xlim(0, drawing.width)
            axes.set_ylim(drawing.height, 0)
            axes.set_axis_off()
            for order, shape in enumerate(standing(drawing.shapes)):
                _draw(axes, shape, order)
            figure.savefig(written, format=suffix[1:], dpi=_SHARP * _PER_INCH, metadata=unsaid[suffix])
    return written.getvalue()


def _draw(axes: Any, shape: Shape, order: int) -> None:
    from matplotlib.collections import LineCollection
    from matplotlib.lines import Line2D
    from matplotlib.patches import Circle

    match shape:
        case Boxes(boxes, style):
            corners = [[(x, y), (x + w, y), (x + w, y + h), (x, y + h)] for x, y, w, h in boxes]
            _fill(axes, corners, paint(style, "area"), order)
        case Rule(points, style, width, dashed):
            thick = width * _POINTS
            dashes: Any = (0, (4 / width, 3 / width)) if dashed else "-"
            across, down = zip(*points, strict=True)
            look = paint(style, "line")
            axes.add_line(
                Line2D(
                    across, down, linewidth=thick, linestyle=dashes, color=look.colour, alpha=look.opacity, zorder=order
                )
            )
        case Dot(x, y, radius, style):
            look = paint(style, "dot")
            axes.add_patch(Circle((x, y), radius, facecolor=look.colour, linewidth=0, alpha=look.opacity, zorder=order))
        case Arrows(lines, style):
            colour = paint(style).colour
            axes.add_collection(LineCollection(lines, colors=colour, linewidths=_POINTS, zorder=order))
            _fill(axes, [head(line) for line in lines], paint("head", "area"), order)
        case Words():
            _write(axes, shape, order)
        case Mark(_, shapes):
            for each in shapes:
                _draw(axes, each, order)


def _fill(axes: Any, corners: Any, look: Paint, order: int) -> None:
    from matplotlib.collections import PolyCollection

    edge = {"edgecolors": look.edge, "linewidths": look.thick * _POINTS} if look.edge else {"linewidths": 0}
    faces = [(look.colour, look.opacity)] * len(corners)
    axes.add_collection(PolyCollection(corners, facecolors=faces, zorder=order, **edge))


def _write(axes: Any, shape: Words, order: int) -> None:
    look = paint(shape.style)
    aligned = {"start": "left", "middle": "center", "end": "right"}[shape.anchor]
    right, below = (_BASELINE, 0) if shape.turned else (0, _BASELINE)
    axes.text(
        shape.x + right, shape.y + below, words(shape), fontsize=look.pixels * _POINTS * _NARROW, color=look.colour,
        fontweight="bold" if look.bold else "normal", ha=aligned, va="baseline", rotation=90 if shape.turned else 0,
        rotation_mode="anchor", zorder=order, clip_on=False,
    )  # fmt: skip
