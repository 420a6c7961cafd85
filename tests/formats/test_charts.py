"""Charts: each shows the figures of its data at their places, says them in a table, and leads to the rows."""

import re
from dataclasses import replace
from functools import cache
from math import log10
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest

from costlens.formats.charts import Panel, chart_named, chart_names
from costlens.formats.charts._lanes import aligned, blocks
from costlens.formats.charts._shapes import Boxes, Dot, Drawing, Mark, Rule, Words
from costlens.formats.charts._svg import svg
from costlens.formats.pages import (
    advice,
    check,
    comparison,
    count,
    diff,
    exploration,
    latency,
    memory,
    report,
    sweep,
    trend,
)
from costlens.results.bounds import Bounds
from costlens.results.charts import Network, Roofline, Saving, Savings
from costlens.results.page import Chart, Page
from costlens.results.report import Report
from costlens.results.sweep import Sweep
from tests.cases.html_pages import DRAWN
from tests.cases.recorded import a_trend
from tests.cases.results import (
    a_check,
    a_comparison,
    a_diff,
    a_plan,
    a_profile,
    a_report,
    an_advice,
    an_exploration,
)
from tests.places import ROOT

BOX = re.compile(r"M(-?[\d.]+) (-?[\d.]+)h(-?[\d.]+)v(-?[\d.]+)h-(-?[\d.]+)z")
BOUNDS = Bounds("f", 50.0, 20e9, 1, "fp32", "2025-01-31T12:00Z", 2**25, 80e9)


@cache
def stored(name: str) -> Report:
    return Report.from_json((ROOT / "reports" / name / "report.json").read_text(encoding="utf-8"))


@cache
def swept(name: str) -> Sweep:
    return Sweep.from_json((ROOT / "reports" / "sweeps" / name / "sweep.json").read_text(encoding="utf-8"))


def charts(page: Page) -> list[Chart]:
    return [block for block in page.blocks if isinstance(block, Chart)]


def drawn(chart: Chart, panel: int = 0) -> Drawing:
    return chart_named(chart.kind).panels(chart.data)[panel].draw()


def shapes(drawing: Drawing, kind: Any) -> list[Any]:
    inner = [each for shape in drawing.shapes if isinstance(shape, Mark) for each in shape.shapes]
    return [shape for shape in (*drawing.shapes, *inner) if isinstance(shape, kind)]


PAGES = {
    "report": lambda: report.page(a_report()),
    "resnet50": lambda: report.page(stored("resnet50")),
    "count": lambda: count.page(a_report().counts),
    "latency": lambda: latency.page(stored("yamnet").latency, "yamnet"),
    "comparison": lambda: comparison.page(a_comparison()),
    "check": lambda: check.page(a_check()),
    "diff": lambda: diff.page(a_diff()),
    "diff of one": lambda: diff.page(replace(a_diff(), specs=a_diff().specs[:1])),
    "advice": lambda: advice.page(an_advice()),
    "obstacle": lambda: advice.page(an_advice("1M")),
    "memory": lambda: memory.page(a_plan()),
    "exploration": lambda: exploration.page(an_exploration()),
    "batches": lambda: sweep.page(swept("yamnet-batches")),
    "runtimes": lambda: sweep.page(swept("yamnet-runtimes")),
    "trend": lambda: trend.page(a_trend()),
    "long trend": lambda: trend.page(a_trend(20)),
}
ALL = [
    *(chart for made in PAGES.values() for chart in charts(made())),
    Chart("roofline", Roofline((a_profile(),), BOUNDS)),
    Chart("network", Network((), (a_profile(),))),
    comparison.scatter(a_comparison(), "macs", "latency", [None] * len(a_comparison().models)),
]


def test_the_pages_have_every_kind_of_chart() -> None:
    assert {chart.kind for chart in ALL} == set(chart_names())
    assert [chart.kind for chart in charts(PAGES["resnet50"]())] == [
        "bars", "savings", "network", "graph", "memory", "roofline",
    ]  # fmt: skip


@pytest.mark.parametrize("chart", ALL, ids=lambda chart: chart.kind)
def test_a_drawing_holds_only_what_a_policy_allows_and_stays_within_its_size(chart: Chart) -> None:
    for panel in chart_named(chart.kind).panels(chart.data):
        drawing = panel.draw()
        text = svg(drawing)
        assert text == svg(panel.draw())
        root = fromstring(text)
        for each in root.iter():
            assert set(each.attrib) <= DRAWN[each.tag]
            assert all(re.fullmatch(r"#[\w.:/~-]+", each.get("href", "")) for _ in each.attrib if each.tag == "a")
        for place in places(root):
            assert -0.6 <= place[0] <= drawing.width + 0.6, place
            assert -0.6 <= place[1] <= drawing.height + 0.6, place


def places(root: Element) -> list[tuple[float, float]]:
    """Return the corners of boxes, the ends of lines, the middles of dots."""
    found = []
    for each in root.iter():
        if each.tag == "circle":
            found.append((float(each.get("cx", "")), float(each.get("cy", ""))))
        for x, y, width, height, _ in BOX.findall(each.get("d", "")):
            found += [(float(x), float(y)), (float(x) + float(width), float(y) + float(height))]
        if each.tag == "path" and "L" in each.get("d", ""):
            numbers = [float(number) for number in re.findall(r"-?[\d.]+", each.get("d", ""))]
            found += zip(numbers[::2], numbers[1::2], strict=True)
    return found


@pytest.mark.parametrize("chart", ALL, ids=lambda chart: chart.kind)
def test_a_chart_has_its_figures_as_a_table(chart: Chart) -> None:
    kind = chart_named(chart.kind)
    panels = kind.panels(chart.data)
    if panels:
        table = kind.table(chart.data)
        assert table.rows
        assert any(column.unit.numeric for column in table.columns)
        assert kind.title
        assert len({(panel.fold, panel.name) for panel in panels}) == len(panels)


def test_an_arena_is_drawn_to_scale() -> None:
    found = a_plan()
    drawing = drawn(Chart("arena", found))
    boxes = {mark.title.partition(":")[0]: mark.shapes[0].boxes[0] for mark in shapes(drawing, Mark)}  # type: ignore[union-attr]
    assert set(boxes) == {one.name for one in found.tensors}
    stem, conv = (next(one for one in found.tensors if one.name == name) for name in ("stem", "stack1.conv1"))
    per_byte = boxes["stem"][3] / stem.bytes
    assert boxes["stack1.conv1"][3] == pytest.approx(per_byte * conv.bytes, rel=0.02)
    lowest = {name: top + high for name, (_, top, _, high) in boxes.items()}
    assert lowest["stack1.conv1"] - lowest["stem"] == pytest.approx(per_byte * (stem.offset - conv.offset), rel=0.02)
    assert boxes["stack1.conv1"][0] > boxes["stem"][0]


def test_bars_are_as_long_as_their_figures() -> None:
    found = stored("yamnet")
    chart = charts(report.page(found))[0]
    panels = {panel.name: panel for panel in chart_named("bars").panels(chart.data)}
    assert [*panels] == ["params", "MACs", "weights", "peak activations", "median time"]
    widths = [shape.boxes[0][2] for shape in shapes(panels["MACs"].draw(), Boxes) if shape.style != "track"]
    macs = [model.totals.macs or 0 for model in found.counts]
    assert widths == pytest.approx([300 * each / max(macs) for each in macs])
    said = [words.text for words in shapes(panels["median time"].draw(), Words)]
    assert (said[0], said[2]) == ("as-written = separable", "standard")
    assert re.fullmatch(r"[\d.]+ ms( · .+)?, [\d.]+ ms", ", ".join(said[1:4:2]))
    assert len(shapes(panels["median time"].draw(), Rule)) == 3 * len(macs)  # an interval and its two ends


def test_a_figure_that_is_not_known_is_said_to_be() -> None:
    chart = charts(comparison.page(a_comparison()))[0]
    panel = next(each for each in chart_named("bars").panels(chart.data) if each.name == "params")
    texts = [words.text for words in shapes(panel.draw(), Words)]
    assert texts[texts.index("file") + 1] == "not known"
    macs = next(each for each in chart_named("bars").panels(chart.data) if each.name == "MACs")
    texts = [words.text for words in shapes(macs.draw(), Words)]
    assert texts[texts.index("bound") + 1] == "≥ 20"


def test_time_that_falls_as_macs_do_is_on_the_diagonal() -> None:
    models = (Saving("even", 0, 0.25, 0.25), Saving("slow", 1, 0.25, 0.5, 0.45, 0.55, "faster"))
    chart = Chart("savings", Savings("base", models))
    drawing = drawn(chart)
    (diagonal,) = (rule for rule in shapes(drawing, Rule) if rule.dashed)
    (left, low), (right, high) = diagonal.points
    dots = {mark.title.split(":")[0]: mark.shapes[0] for mark in shapes(drawing, Mark)}
    along = (dots["even"].x - left) / (right - left)
    assert dots["even"].y == pytest.approx(low + along * (high - low))
    assert dots["slow"].y < dots["even"].y
    assert dots["slow"].x == dots["even"].x
    assert [*chart_named("savings").says(chart.data)][1] == (
        "slow is the farthest away, with 0.250× the MACs and 0.500× the time, above it: less time is saved than MACs."
    )


@pytest.mark.parametrize("name", ["yamnet", "resnet50", "speech_embedding", "mobilenet_v1"])
def test_blocks_of_all_variants_add_up_to_their_totals(name: str) -> None:
    found = stored(name)
    lanes, order = aligned(Network(found.counts, found.layer_times))
    assert len(order) == len(set(order)) <= 64
    for lane, model in zip(lanes, found.counts, strict=True):
        for metric in ("macs", "params", "traffic_bytes"):
            assert sum(lane.cost(block, metric) for block in order) == getattr(model.totals, metric)
    for times in found.layer_times:
        lane = next(lane for lane in lanes if lane.name.split(" = ")[0] == times.variant)
        assert lane.total("microseconds") == pytest.approx(sum(row.microseconds for row in times.rows if row.kernels))


def test_a_block_stands_at_one_place_in_all_variants() -> None:
    found = stored("resnet50")
    drawing = drawn(Chart("network", Network(found.counts)))
    lefts: dict[str, set[float]] = {}
    for mark in shapes(drawing, Mark):
        block = mark.title.split(": ")[0].rsplit(" ", 1)[1]
        lefts.setdefault(block, set()).add(mark.shapes[0].boxes[0][0])
    assert len(lefts) == 20
    assert {len(places) for places in lefts.values()} == {1}
    assert next(mark.address for mark in shapes(drawing, Mark)) == "row-resnet50-as-written-stem"


def test_a_network_of_many_rows_is_drawn_in_runs() -> None:
    found = blocks([[f"/Conv_{place}" for place in range(1000)]])
    assert len(set(found.values())) <= 64
    assert found["/Conv_0"] == found["/Conv_15"] == "Conv_0 – Conv_15"


def test_a_dot_lies_under_the_roof_as_far_as_its_rate_is_below_it() -> None:
    profile = a_profile()
    drawing = drawn(Chart("roofline", Roofline((profile,), BOUNDS)))
    roof = next(rule for rule in shapes(drawing, Rule) if rule.width > 1 and not rule.dashed)
    (ridge_x, peak_y), (right, _) = roof.points[-2:]
    dots = {mark.title.split(":")[0]: mark.shapes[0] for mark in shapes(drawing, Mark)}
    stem = profile.rows[0]
    assert stem.gmacs_per_s and stem.macs_per_byte  # noqa: PT018
    decade = (right - ridge_x) / log10(100 / BOUNDS.ridge_macs_per_byte)  # the axis ends at 100
    assert dots["stem"].x == pytest.approx(ridge_x + decade * log10(stem.macs_per_byte / BOUNDS.ridge_macs_per_byte))
    assert dots["stem"].y > peak_y
    assert "stage2.add" not in dots
    assert [dot.style for dot in (dots["stage2.depthwise"], dots["stage2.pointwise"])] == ["c1", "c0"]


def test_a_profile_without_bounds_says_how_to_get_them() -> None:
    data = Roofline((a_profile(),))
    assert "measure them by costlens machine" in str(next(iter(chart_named("roofline").says(data))))
    assert not [rule for rule in shapes(drawn(Chart("roofline", data)), Rule) if rule.width > 1]


@pytest.mark.parametrize("name", ["yamnet", "resnet50", "speech_embedding"])
def test_the_peak_of_memory_is_marked_and_said(name: str) -> None:
    found = stored(name)
    panels = chart_named("memory").panels(found.counts)
    for model, panel in zip(found.counts, panels, strict=True):
        at = [row.name for row in model.rows if row.live_bytes == model.totals.peak_activation_bytes]
        (marked,) = (each for each in shapes(panel.draw(), Boxes) if each.style == "alarm")
        assert len(marked.boxes) == len(at)
        steps = [mark for mark in shapes(panel.draw(), Mark) if mark.title.startswith(f"{at[0]}:")]
        left, top, width, height = marked.boxes[0]
        assert steps[0].shapes[0].boxes[0][:3] == (left, top + height, width)  # it lies on the step
        assert f" at {at[0]}" in panel.says


def test_of_very_many_rows_the_highest_of_each_run_is_drawn() -> None:
    first = stored("yamnet").counts[0]
    rows = tuple(replace(first.rows[0], name=f"n{place}", live_bytes=place) for place in range(25_000))
    data = (replace(first, rows=rows),)
    marks = shapes(drawn(Chart("memory", data)), Mark)
    assert len(marks) == 1_000 == len(chart_named("memory").table(data).rows)
    assert (marks[0].address, marks[-1].address) == ("row-yamnet-as-written-n24", "row-yamnet-as-written-n24999")


def test_who_is_in_the_peak_adds_up() -> None:
    (panel, *_) = chart_named("memory").panels(stored("yamnet").counts)
    assert panel.says == (
        "as-written = separable has its peak of 576.0 KiB at stage1.pointwise: its input 48×32×32 (192.0 KiB), "
        "its output 48×32×64 (384.0 KiB). To lower it, change this row; the next highest is stage2.depthwise with "
        "480.0 KiB."
    )


def test_nothing_is_drawn_of_nothing() -> None:
    (model,) = (replace(a_report().counts[0], rows=()),)
    empty = [
        ("memory", (model,)), ("network", Network((model,))), ("network", Network(())), ("savings", Savings("", ())),
        ("roofline", Roofline(())), ("memory", ()),
    ]  # fmt: skip
    for kind, data in empty:
        assert [*chart_named(kind).panels(data)] == []


def test_a_panel_is_drawn_when_it_is_asked_for() -> None:
    def never() -> Drawing:
        raise AssertionError

    assert Panel("", never).name == ""
    assert svg(Drawing(1, 1, [Dot(0, 0, 1, "c0")])).startswith('<svg width="1" height="1"')
