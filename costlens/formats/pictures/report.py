"""The picture of a report: what each variant costs, as bars. It stands in ``report.md``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from costlens.formats.pages.report import answer, bars
from costlens.formats.pictures import chart
from costlens.results.page import Chart

if TYPE_CHECKING:
    from costlens.results.report import Report

_FIGURES = ("macs", "median_ms", "params", "peak_activation_bytes")
_SHOWN = 3
"""As many drawings as stand in one row of a page."""


def svg(report: Report) -> str:
    """Draw the first figures that are known of two variants or more; nothing where there are none."""
    drawn = bars(report)
    known = [name for name in _FIGURES if name != "median_ms" or report.latency]
    few = Chart("bars", replace(drawn, figures=tuple(known[:_SHOWN])))
    if not chart.panel_names(few):
        return ""
    title = report.title or report.name
    return chart.render(chart.picture(few, title), ".svg", title, answer(report)).decode()
