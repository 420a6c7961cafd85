"""``costlens plot``: networks as dots by two of their figures, or a chart of a page, as a picture that stands alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from costlens.commands._cli import Group, Option, echo
from costlens.commands._measuring_options import Measuring
from costlens.commands._options import (
    Execute,
    InputData,
    Kinds,
    Only,
    PrecisionOf,
    Settings,
    Variants,
    Without,
    Words,
    asked,
    tools,
)
from costlens.commands._output import end
from costlens.errors import CostlensError, UsageError, did_you_mean
from costlens.formats.charts import chart_named, chart_names
from costlens.results.comparison import FIGURES
from costlens.results.exploration import Exploration
from costlens.results.page import Chart, Page, said
from costlens.sources._source import ALL
from costlens.spec.model import other_figure
from costlens.storage.files import require_room, write_whole, writing
from costlens.tasks import plot as plotting

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from costlens.results.comparison import Comparison
    from costlens.results.layer_times import LayerTimes

_SCATTER, _ROOFLINE, _LATENCY, _ARENA = "scatter", "roofline", "latency", "arena"
_AXES = (*FIGURES, _LATENCY)
_COMPARED = (_SCATTER, "bars", "savings")
_OF_FAMILY = ("front", "parallel", "knobs")
_OF_AXES = (_SCATTER, "front", "knobs")
"""The charts whose axes are chosen."""
_KEPT = {
    "sweep": "keep one with: costlens sweep MODEL --batch 1,2,4 -o FOLDER, and name FOLDER/sweep.json",
    "changes": "keep one with: costlens diff BASE HEAD --format json > diff.json, and name that",
    "budgets": "keep one with: costlens check --format json > check.json, and name that",
    "trend": "keep one with: costlens history plot --format json > trend.json, and name that",
    **dict.fromkeys(
        _OF_FAMILY, "keep a family with: costlens explore SPEC --set … -o FOLDER, and name FOLDER/explore.json"
    ),
}
"""How a result is kept that has a chart which networks alone do not have."""


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A chart under the name of what it is of, with what must be known of its times, and what went wrong."""

    chart: Chart
    title: str
    note: str = ""
    failures: Sequence[CostlensError] = ()


def command(
    words: Words,
    output: Annotated[
        Path, Option("--output", "-o", metavar="FILE", help="The picture: .svg, .png or .pdf.", show_default=False)
    ],
    measuring: Annotated[Measuring, Group()],
    x: Annotated[
        str | None, Option(metavar="FIGURE", words=_AXES, help=f"To the right: {', '.join(_AXES)}. Default macs.")
    ] = None,
    y: Annotated[
        str | None, Option(metavar="FIGURE", words=_AXES, help="Upwards. Default params; with --bench latency.")
    ] = None,
    chart: Annotated[
        str,
        Option(metavar="NAME", words=chart_names(), help=f"A chart of the pages instead: {', '.join(chart_names())}."),
    ] = _SCATTER,
    panel: Annotated[str | None, Option(metavar="NAME", help="One drawing of a chart that has several.")] = None,
    variant: Variants = None,
    kind: Kinds = None,
    only: Only = None,
    without: Without = None,
    set_: Settings = None,
    execute: Execute = False,
    input_data: InputData = None,
    precision: PrecisionOf = None,
    bench: Annotated[bool, Option("--bench", help="Time them side by side; of a roofline, layer by layer.")] = False,
) -> None:
    """Draw networks by two of their figures, or a chart of the pages of HTML, as a picture for slides.

    MODEL may also be what sweep, diff, check, profile or explore wrote as JSON. Charts of a family, front and knobs,
    take its figures, its knobs and its times as --x and --y.

    Example: costlens plot mobilenet_v1 resnet50 yamnet -o cost.svg
    """
    from costlens.formats.pictures.chart import SUFFIXES, picture, render, require

    if output.suffix not in SUFFIXES:
        raise UsageError(f"-o {output}: expected a name that ends in {', '.join(SUFFIXES)}")
    _require_known(chart, x, y, bench=bench)
    require(output.suffix)
    plan = measuring.protocol_if(bench)
    require_room(output)
    as_they_are = not (variant or set_ or execute or input_data or bench)
    kept = plotting.stored(words) if chart != _SCATTER and as_they_are else None
    if kept is not None:
        drawn = _of_page(kept, chart, x or "", y or "")
    elif chart in _COMPARED:
        options = {"--chart": chart, "--x": x, "--y": y}
        timed = next((f"{name} {word}" for name, word in options.items() if word in ("savings", _LATENCY)), "")
        wanted = asked(
            variant, set_, kind, only, without, alone=(ALL,), execute=execute, data=input_data, precision=precision
        )
        with tools() as given:
            found = plotting.compared(words, wanted, plan, timed=timed, tools=given)
        drawn = _compared(found, chart, x, y, bench)
    elif chart in _KEPT:
        raise UsageError(f"--chart {chart}: networks alone do not have it; {_KEPT[chart]}")
    elif chart == _ARENA:
        from costlens.formats.pages import memory

        wanted = asked(variant, set_, kind, only, without, precision=precision)
        drawn = _of(memory.page(plotting.planned(words, wanted)), chart)
    elif chart == _ROOFLINE:
        with tools() as given:
            drawn = _roofline(
                plotting.profiled(words, asked(variant, set_, kind, only, without, data=input_data), plan, tools=given)
            )
    else:
        drawn = _of_page(
            plotting.counted(
                words, asked(variant, set_, kind, only, without, execute=execute, data=input_data, precision=precision)
            ),
            chart,
        )
    made = picture(drawn.chart, drawn.title, panel, drawn.note)
    sentences = [*map(said, chart_named(chart).says(drawn.chart.data)), drawn.note]
    with writing(output, "choose another file with -o"):
        write_whole(output, render(made, output.suffix, drawn.title, " ".join(filter(None, sentences))))
    for sentence in filter(None, (str(output), *sentences)):
        echo(sentence)
    end(drawn.failures)


def _require_known(chart: str, x: str | None, y: str | None, *, bench: bool) -> None:
    """Refuse a chart or a figure that there is not, and to time what has no times, before any work is done."""
    if chart not in chart_names():
        guess = did_you_mean(chart, chart_names()) or f"; there are {', '.join(chart_names())}"
        raise UsageError(f"--chart {chart}: no such chart{guess}")
    for option, figure in (("--x", x), ("--y", y)):
        if figure is None:
            continue
        if chart == "knobs" and option == "--x":
            raise UsageError(f"{option} {figure}: the chart knobs has each knob to the right; leave it out")
        if chart not in _OF_AXES:
            raise UsageError(
                f"{option} {figure}: is of the {_SCATTER} alone; leave it out, or leave out --chart {chart}"
            )
        if chart == _SCATTER and figure not in _AXES:
            raise UsageError(f"{option} {figure}: unknown figure{other_figure(figure, _AXES)}")
    if bench and chart not in (*_COMPARED, _ROOFLINE):
        raise UsageError(f"--bench: the chart {chart} is drawn without times; leave it out")
    if x and x == y:
        raise UsageError(f"--y {y}: is to the right already; name another figure")


def _compared(found: Comparison, chart: str, x: str | None, y: str | None, bench: bool) -> _Drawn:
    from costlens.formats.pages import comparison as pages
    from costlens.formats.pages import latency

    timing = found.timing
    timed = timing and (chart != _SCATTER or _LATENCY in (x, y) or bench)
    note = f"{latency.conditions(timing)}{'' if timing.measured else '; as stored'}." if timing and timed else ""
    failures = found.failures if bench else ()
    title = pages.title(found)
    if chart != _SCATTER:
        (drawn,) = (each for each in pages.charts(found) if isinstance(each, Chart) and each.kind == chart)
        return _Drawn(drawn, f"{title} · {chart_named(chart).title}", note, failures)
    across = x or ("macs" if y != "macs" else _of_size(found, y))
    up = y or (_LATENCY if bench and across != _LATENCY else _of_size(found, across))
    for option, figure in (("--x", across), ("--y", up)):
        if not any(pages.known(found, figure)):
            there = [axis for axis in _AXES if any(pages.known(found, axis))]
            raise UsageError(f"{option} {figure}: not known of any of these; known: {', '.join(there)}")
    named = " over ".join(pages.called(figure) for figure in (up, across))
    drawn = pages.scatter(found, across, up, plotting.front(found, across, up))
    return _Drawn(drawn, f"{title}: {named}", note, failures)


def _of_size(found: Comparison, other: str) -> str:
    """Return parameters, those deployed where others are not known of all, as the other axis; else MACs."""
    return next((axis for axis in found.front_of if axis not in (other, _LATENCY)), "macs")


def _roofline(times: tuple[LayerTimes, ...]) -> _Drawn:
    from costlens.bench.bounds import find
    from costlens.formats.pages import layer_times as pages
    from costlens.results.charts import Roofline

    first = times[0]
    note = " ".join(pages.measured(first)[:1])
    return _Drawn(
        Chart("roofline", Roofline(times, find(first.fingerprint))), f"{first.title or first.name} · Roofline", note
    )


def _of_page(result: Any, chart: str, x: str = "", y: str = "") -> _Drawn:
    """Return the chart of a result's page, that of a family by these axes; UsageError where it has none of the kind."""
    from costlens.formats._shown import page_of
    from costlens.formats.pages import count, exploration

    page: Page | None
    if isinstance(result, Exploration):
        page = exploration.page(result, x, y)
    else:
        page = count.page(result) if isinstance(result, list) else page_of(result)
    charts = [block for block in page.blocks if isinstance(block, Chart)] if page else []
    if page is None or not any(block.kind == chart for block in charts):
        there = ", ".join(dict.fromkeys(block.kind for block in charts)) or "none"
        several = "; name one network, since they are not drawn of several" if isinstance(result, list) else ""
        raise UsageError(f"--chart {chart}: this result does not have it{several}; it has {there}")
    return _of(page, chart)


def _of(page: Page, chart: str) -> _Drawn:
    """Return a chart of a page, named after it."""
    drawn = next(block for block in page.blocks if isinstance(block, Chart) and block.kind == chart)
    return _Drawn(drawn, f"{said(page.title)} · {chart_named(chart).title}")
