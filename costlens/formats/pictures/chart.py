"""A chart as a picture that stands alone, for slides and papers: its drawings under a title, as SVG, PNG or PDF.

PNG and PDF are drawn by matplotlib, which brings a font of its own: a converter of SVG would be one more package, and
would write with the fonts of the machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from costlens.errors import UsageError, did_you_mean
from costlens.formats.charts import Panel, chart_named
from costlens.formats.charts._shapes import Drawing, Shape, Words, moved
from costlens.formats.charts._svg import alone
from costlens.results.page import Chart, Line, said

SUFFIXES = (".svg", ".png", ".pdf")
_MARGIN, _TITLE, _LINE, _GAP = 20.0, 30.0, 17.0, 24.0
_LETTER = 6.2
"""Pixels that a letter of a sentence takes."""
_NARROWEST = 480.0
_WHOLE = 200
"""Characters of a line of a sentence, all of which are shown."""
_IN_A_ROW = 3


def panel_names(chart: Chart) -> list[str]:
    """Return the names of a chart's drawings; one of a single drawing may be empty."""
    return [panel.name for panel in chart_named(chart.kind).panels(chart.data)]


def picture(chart: Chart, title: str, panel: str | None = None, note: str = "") -> Drawing:
    """Return the drawings of a chart under a title, or the one of this name; UsageError where there is none.

    note: a line below all, such as what times were taken on.
    """
    kind = chart_named(chart.kind)
    shown = _chosen(kind.panels(chart.data), panel, chart.kind)
    drawings = [(each, each.draw()) for each in shown]
    columns = min(_IN_A_ROW, len(shown)) if kind.beside else 1
    rows = [drawings[first : first + columns] for first in range(0, len(drawings), columns)]
    across = [max(drawing.width for _, drawing in drawings[place::columns]) for place in range(columns)]
    width = max(_NARROWEST, sum(across) + _GAP * (columns - 1))
    shapes: list[Shape] = [Words(0, 8, title, "title", most=_WHOLE), *_lines(kind.says(chart.data), width, _TITLE)]
    down = _TITLE + _LINE * (len(shapes) - 1)
    for row in rows:
        named = any(each.name for each, _ in row)
        top = down + (_LINE + 8 if named else 8)
        lowest = top
        for place, (each, drawing) in enumerate(row):
            right = sum(across[:place]) + _GAP * place
            shapes += [Words(right, down + 12, _named(each), "bold", most=_WHOLE)] if each.name else []
            shapes += [moved(shape, right, top) for shape in drawing.shapes]
            under = _lines([each.says], drawing.width, top + drawing.height + 12)
            shapes += [moved(shape, right, 0) for shape in under]
            lowest = max(lowest, top + drawing.height + _LINE * len(under))
        down = lowest + _GAP / 2
    below = _lines([note], width, down + 4)
    down += _LINE * len(below)
    framed = [moved(shape, _MARGIN, _MARGIN) for shape in (*shapes, *below)]
    return Drawing(width + 2 * _MARGIN, down + 2 * _MARGIN - _GAP / 2, framed)


def _named(panel: Panel) -> str:
    """Return the name of a drawing, after what it is folded under in a page."""
    return f"{panel.fold}, {panel.name}" if panel.fold else panel.name


def _chosen(panels: Sequence[Panel], wanted: str | None, kind: str) -> Sequence[Panel]:
    if not panels:
        raise UsageError(f"--chart {kind}: there is nothing to draw: these figures are not known")
    if wanted is None:
        return [panel for panel in panels if panel.first] or [panel for panel in panels if not panel.small]
    found = [panel for panel in panels if panel.name.casefold() == wanted.casefold()]
    if not found:
        names = [panel.name for panel in panels if panel.name]
        there = f"there are {', '.join(names)}" if names else "it has one drawing without a name; leave it out"
        raise UsageError(f"--panel {wanted}: no such drawing{did_you_mean(wanted, names) or f'; {there}'}")
    return found


def _lines(lines: Sequence[Line], width: float, top: float) -> list[Shape]:
    """Return sentences, broken into lines of a width."""
    text = " ".join(said(line) for line in lines if line)
    broken = wrap(text, max(20, int(width / _LETTER)))
    return [Words(0, top + _LINE * place, line, "soft", most=_WHOLE) for place, line in enumerate(broken)]


def require(suffix: str) -> None:
    """Raise RuntimeUnavailable, naming the remedy, where there is nothing to write such a file with."""
    if suffix != ".svg":
        from costlens.formats.pictures import _figure

        _figure.require()


def render(drawing: Drawing, suffix: str, name: str, shows: str = "") -> bytes:
    """Write a drawing as a file of a suffix; RuntimeUnavailable for PNG and PDF without matplotlib."""
    if suffix == ".svg":
        return alone(drawing, name, shows).encode()
    from costlens.formats.pictures import _figure

    return _figure.render(drawing, suffix, name)
