"""A family as a picture beside its page: its networks by two figures and the Pareto front, as SVG that stands alone."""

from costlens.formats.charts import chart_named
from costlens.formats.pages._family import cloud
from costlens.formats.pictures.chart import panel_names, picture, render
from costlens.results.exploration import Exploration
from costlens.results.page import Chart, said

_CHART = "front"


def svg(found: Exploration, x: str = "", y: str = "") -> str:
    """Draw the networks by two figures; nothing where none has both."""
    data = cloud(found, x, y)
    if data is None or not panel_names(Chart(_CHART, data)):
        return ""
    title = found.title or found.name
    shows = " ".join(filter(None, map(said, chart_named(_CHART).says(data))))
    return render(picture(Chart(_CHART, data), title), ".svg", title, shows).decode()
