"""A sweep as a picture beside its page: the first drawing of its chart, as SVG that stands alone."""

from costlens.formats.pages.sweep import chart, constant, drawn
from costlens.formats.pictures.chart import panel_names, picture, render
from costlens.results.sweep import Sweep


def svg(sweep: Sweep) -> str:
    """Draw what was measured; nothing where there are no two lines to be compared."""
    found = chart(sweep)
    names = panel_names(found)
    if not names:
        return ""
    title = sweep.title or sweep.name
    return render(picture(found, title, names[0], constant(sweep)), ".svg", f"{title}: {drawn(sweep)}").decode()
