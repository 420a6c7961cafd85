"""A sweep as a plot (SVG): examples a second over the batch or the threads, or bars of the time of one example.

The same sweep gives the same bytes: no date, a fixed salt for the drawing's ids, text as text.
"""

import io
from collections.abc import Sequence
from typing import Any

from costlens.errors import RuntimeUnavailable
from costlens.errors.packages import install_of
from costlens.formats.pages.sweep import EACH_TIME, RATE, constant, drawn_along, label
from costlens.results.sweep import AXES, Measured, Sweep, measured

_SETTINGS: Any = {
    "svg.hashsalt": "costlens",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.constrained_layout.use": True,
}
_WIDTH, _HEIGHT, _BAR = 7.0, 4.0, 0.32
_HALF = 0.5


def require() -> None:
    """Raise RuntimeUnavailable, naming the remedy, where there is nothing to draw with."""
    try:
        import matplotlib  # noqa: F401
    except ImportError as problem:
        raise RuntimeUnavailable(
            f"the plot of a sweep needs matplotlib ({problem}); install it with: {install_of('matplotlib')}, "
            "or leave out --output"
        ) from problem


def svg(sweep: Sweep) -> str:
    """Draw what was measured; an empty plot says that nothing was."""
    require()
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    found = list(measured(sweep).values())
    along = drawn_along(sweep)
    with rc_context(_SETTINGS):
        height = _HEIGHT if along else 1.2 + _BAR * max(1, len(found))
        figure = Figure(figsize=(_WIDTH, height))
        FigureCanvasSVG(figure)
        axes = figure.add_subplot()
        if along:
            _lines(axes, found, along, sweep.swept)
        else:
            _bars(axes, found, sweep.swept)
        axes.set_title(f"{sweep.title or sweep.name}\n", loc="left")
        axes.text(0, 1.02, constant(sweep), transform=axes.transAxes, fontsize=8, color="0.4")
        drawn = io.StringIO()
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
    return drawn.getvalue()


def _lines(axes: Any, found: Sequence[Measured], along: str, swept: Sequence[str]) -> None:
    """Draw examples a second over a number, one line for each combination of the other axes."""
    others = tuple(axis for axis in (*AXES, "variant") if axis in swept and axis != along)
    series: dict[str, list[Measured]] = {}
    for each in found:
        series.setdefault(label(each.line, others), []).append(each)
    for name, points in series.items():
        at = [getattr(each.line.condition, along) for each in points]
        middle = [each.latency.throughput_per_s for each in points]
        axes.errorbar(at, middle, yerr=_reach(points), marker="o", capsize=3, label=name)
    axes.set_xscale("log", base=2)
    ticks = sorted({getattr(each.line.condition, along) for each in found})
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.minorticks_off()
    axes.set_ylim(bottom=0)
    axes.set_xlabel(along)
    axes.set_ylabel(RATE)
    if others and series:
        axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))


def _reach(points: Sequence[Measured]) -> list[list[float]]:
    """Return how far the intervals of examples a second reach below and above."""
    ends = [
        [1e3 * each.line.condition.batch / ms for ms in reversed(each.latency.median_interval_ms)] for each in points
    ]
    return _around([each.latency.throughput_per_s for each in points], ends)


def _around(middles: Sequence[float], intervals: Sequence[Sequence[float]]) -> list[list[float]]:
    """Return how far intervals reach below and above their middles."""
    pairs = [*zip(middles, intervals, strict=True)]
    below = [max(0.0, middle - low) for middle, (low, _) in pairs]
    return [below, [max(0.0, high - middle) for middle, (_, high) in pairs]]


def _bars(axes: Any, found: Sequence[Measured], swept: Sequence[str]) -> None:
    """Draw the median time of one example as a bar for each line, with its interval."""
    names = [label(each.line, tuple(swept) or ("variant",)) for each in found]
    middle = [each.example_ms for each in found]
    intervals = [[ms / each.line.condition.batch for ms in each.latency.median_interval_ms] for each in found]
    axes.barh(range(len(found)), middle, xerr=_around(middle, intervals), capsize=3)
    axes.set_yticks(range(len(found)), names)
    axes.set_ylim(max(1, len(found)) - _HALF, -_HALF)
    axes.set_xlabel(f"{EACH_TIME}, ms")
