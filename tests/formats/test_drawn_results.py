"""The charts of sweeps, diffs, checks and of networks by two figures: each shape is where its figure says."""

from collections.abc import Sequence
from dataclasses import replace
from math import log2
from typing import Any

import pytest

from costlens.formats.charts import chart_named
from costlens.formats.charts._axes import scale, ticks, written
from costlens.formats.charts._labels import Named, labels
from costlens.formats.charts._shapes import Boxes, Drawing, Mark, Rule, Words
from costlens.formats.pages import check, comparison, diff
from costlens.formats.pages import sweep as sweep_page
from costlens.results.charts import Budgets, Change, Changes, Used
from costlens.results.columns import BYTES, COUNT, MS
from costlens.results.page import Chart, Page
from costlens.results.sweep import Sweep, measured
from tests.cases.results import a_check, a_comparison, a_diff
from tests.places import ROOT


def swept(name: str) -> Sweep:
    return Sweep.from_json((ROOT / "reports" / "sweeps" / name / "sweep.json").read_text(encoding="utf-8"))


def chart(page: Page, kind: str) -> Chart:
    return next(block for block in page.blocks if isinstance(block, Chart) and block.kind == kind)


def panels(found: Chart) -> dict[str, Drawing]:
    return {panel.name: panel.draw() for panel in chart_named(found.kind).panels(found.data)}


def marks(drawing: Drawing) -> list[Mark]:
    return [shape for shape in drawing.shapes if isinstance(shape, Mark)]


def words(drawing: Drawing) -> list[str]:
    return [shape.text for shape in drawing.shapes if isinstance(shape, Words)]


def line_of(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return the slope and the start of the line through points; an error where they are on none."""
    (x, y), *_, (last, end) = sorted(points)
    slope = (end - y) / (last - x)
    for across, up in points:
        assert up == pytest.approx(y + slope * (across - x))
    return slope, y - slope * x


def test_a_sweep_has_a_dot_for_each_line_at_its_figure() -> None:
    sweep = swept("yamnet-batches")
    drawn = panels(chart(sweep_page.page(sweep), "sweep"))
    assert [*drawn] == [
        "examples/s over the batch", "time of one example over the batch",
        "examples/s over the threads", "time of one example over the threads",
    ]  # fmt: skip
    found = list(measured(sweep).values())
    for name, of in (("examples/s", lambda one: 1e3 / one.example_ms), ("time of one example", lambda o: o.example_ms)):
        dots = [mark.shapes[0] for mark in marks(drawn[f"{name} over the batch"])]
        curves = {each.line.variant + str(each.line.condition.threads): [] for each in found}  # type: ignore[var-annotated]
        for each in found:
            curves[each.line.variant + str(each.line.condition.threads)].append(each)
        placed = [each for curve in curves.values() for each in curve]
        assert len(dots) == len(placed) == len(found)
        slope, _ = line_of([(of(each), dot.y) for each, dot in zip(placed, dots, strict=True)])
        assert slope < 0  # up is more
        for curve in range(4):
            four = slice(4 * curve, 4 * curve + 4)
            pairs = zip(placed[four], dots[four], strict=True)
            line_of([(log2(one.line.condition.batch), dot.x) for one, dot in pairs])


def test_the_interval_of_a_line_is_that_of_its_time() -> None:
    sweep = swept("yamnet-batches")
    drawing = panels(chart(sweep_page.page(sweep), "sweep"))["time of one example over the batch"]
    of_two = [mark.title for mark in marks(drawing) if "2 threads, separable" in mark.title]
    title = next(title for title in of_two if "batch 4" in title)
    assert title.splitlines()[1] == "a call takes 3.2 ms [3.05, 9.8]"
    upright = [one for one in drawing.shapes if isinstance(one, Rule) and one.width == 1.5 and len(one.points) == 2]
    assert len(upright) > 2 * len(measured(sweep))


def test_a_sweep_without_numbers_is_bars() -> None:
    sweep = swept("yamnet-runtimes")
    (drawing,) = panels(chart(sweep_page.page(sweep), "bars")).values()
    found = list(measured(sweep).values())
    longest = max(each.latency.median_interval_ms[1] for each in found)
    bars = [each.boxes[0][2] for each in drawing.shapes if isinstance(each, Boxes) and each.style != "track"]
    assert bars == pytest.approx([max(1.0, 300 * each.example_ms / longest) for each in found])


def test_the_table_of_a_sweep_has_its_figures() -> None:
    sweep = swept("yamnet-batches")
    table = chart_named("sweep").table(sweep)
    shown = {column.name: [column.cell(row) for row in table.rows] for column in table.columns}
    assert shown["throughput_per_s"][:2] == ["58", "613"]
    assert shown["example_ms"][:2] == ["17.4 ms", "1.63 ms"]


def test_changes_are_bars_from_one_line_the_largest_first() -> None:
    one = replace(a_diff(), specs=a_diff().specs[:1])
    found = chart(diff.page(one), "changes")
    (spec,) = one.specs
    for figure, name in (("macs", "MACs"), ("params", "parameters")):
        deltas = {each.name: getattr(each, figure).delta for each in spec.changes if getattr(each, figure).delta}
        drawing = panels(found)[name]
        drawn = {mark.title.split(": ")[0]: mark.shapes[0] for mark in marks(drawing)}
        assert [*drawn] == sorted(deltas, key=lambda each: -abs(deltas[each]))
        zero = next(shape for shape in drawing.shapes if isinstance(shape, Rule)).points[0][0]
        for each, box in drawn.items():
            left, _, width, _ = box.boxes[0]
            start, end = (left, left + width) if deltas[each] > 0 else (left + width, left)
            assert start == pytest.approx(zero)
            assert (end > zero) == (deltas[each] > 0)
            assert box.style == ("c1" if deltas[each] > 0 else "c0")
        signed = [text for text in words(drawing) if text[0] in "+−"]
        assert signed == [f"{'+' if delta > 0 else '−'}{abs(delta):,}"
                          for delta in sorted(deltas.values(), key=lambda delta: -abs(delta))]  # fmt: skip
        assert sum(deltas.values()) == spec.total(figure).delta  # type: ignore[union-attr]


def test_both_sides_of_a_diff_are_bars_with_their_time() -> None:
    one = replace(a_diff(), specs=a_diff().specs[:1])
    drawn = panels(chart(diff.page(one), "bars"))
    assert [*drawn] == ["params", "MACs", "weights", "peak activations", "median time"]
    totals = {total.figure: total for total in one.specs[0].totals}
    assert words(drawn["MACs"]) == [
        "base: main", f"{totals['macs'].base:,}", "head: working tree", f"{totals['macs'].head:,}",
    ]  # fmt: skip
    assert words(drawn["median time"])[-1].endswith("· slower")


def test_several_specs_are_drawn_by_their_totals() -> None:
    drawn = panels(chart(diff.page(a_diff()), "changes"))
    assert [*drawn][:3] == ["MACs", "parameters", "specs/a.yaml: MACs"]
    titles = [mark.title for mark in marks(drawn["MACs"])]
    assert any(title.startswith("specs/f.yaml: MACs +") and title.endswith("(new)") for title in titles)
    assert any(title.startswith("specs/g.yaml: MACs −") and title.endswith("(gone)") for title in titles)
    assert not [title for title in titles if title.startswith(("specs/d.yaml", "specs/h.yaml", "specs/i.yaml"))]


def test_of_many_changes_the_smallest_are_one_line() -> None:
    many = tuple(Change(f"block{place}", 0, place * (-1) ** place) for place in range(1, 41))
    found = Chart("changes", Changes("block", {"MACs": many}))
    (panel,) = chart_named("changes").panels(found.data)
    drawing = panel.draw()
    assert len(marks(drawing)) == 25
    assert "16 others" in words(drawing)
    assert marks(drawing)[-1].title == "16 others: MACs +8"
    assert panel.says == "MACs: 20 blocks grew by 420, 20 blocks shrank by 400; together +20."


def test_a_budget_is_as_long_as_it_is_used() -> None:
    checked = a_check()
    found = chart(check.page(checked), "budgets")
    figures = [one for spec in checked.specs for one in spec.figures if one.used is not None]
    assert len(found.data.limits) == len(figures)
    for figure, drawing in panels(found).items():
        bars = [mark.shapes[0] for mark in marks(drawing)]
        used = sorted((one for one in figures if one.figure == figure), key=lambda one: -(one.used or 0))
        limits = [shape.points[0][0] for shape in drawing.shapes if isinstance(shape, Rule)]
        assert len(bars) == len(used) == len(limits)
        for one, bar, mark in zip(used, bars, limits, strict=True):
            assert bar.boxes[0][2] == pytest.approx(max(1.0, mark * min(2.0, one.used or 0)), abs=0.1)
            assert bar.style == {"kept": "c0", "missed": "alarm", "inconclusive": "c4"}[one.verdict]
        signs = [text[0] for text in words(drawing)[::2]]
        assert signs == [{"kept": "✓", "missed": "✗", "inconclusive": "?"}[one.verdict] for one in used]


def test_a_name_and_its_figures_have_room_beside_each_other() -> None:
    used = Used("a_very_long_name_of_a_network", "weight_bytes", "≤ 20MB", "1 GiB", 12.476, "218.9 MiB over", "missed")
    (drawing,) = panels(Chart("budgets", Budgets((used,)))).values()
    assert words(drawing) == ["✗ a_very…network", "1,248% · 218.9 MiB over"]


def test_dots_are_where_their_figures_are_and_bounds_are_said() -> None:
    found = a_comparison()
    drawing = panels(comparison.scatter(found, "macs", "params", [None] * len(found.models)))[""]
    dots = {mark.title.split(": ")[0]: mark.shapes[0] for mark in marks(drawing)}
    known = {one.label: one.figures for one in found.models if one.figures.params and one.figures.macs}
    assert [*dots] == [*known]
    line_of([(log2(known[name].macs or 0), dot.x) for name, dot in dots.items()])
    line_of([(log2(known[name].params or 0), dot.y) for name, dot in dots.items()])
    assert "bound ≥" in words(drawing)
    data = comparison.scatter(found, "macs", "params", [None] * len(found.models)).data
    assert "Not drawn, because MACs or params is not known: file." in chart_named("scatter").says(data)


def test_the_front_is_stairs_through_the_best() -> None:
    found = a_comparison()
    front = [one.label in {"stored", "failed"} for one in found.models]
    kept = comparison.scatter(found, "macs", "params", front)
    drawing = panels(kept)[""]
    dots = {mark.title.split(": ")[0]: mark.shapes[0] for mark in marks(drawing)}
    (stairs,) = (shape for shape in drawing.shapes if isinstance(shape, Rule) and shape.dashed)
    best = [dots["failed"], dots["stored"]]
    assert stairs.points == [(best[0].x, best[0].y), (best[1].x, best[0].y), (best[1].x, best[1].y)]
    assert chart_named("scatter").says(kept.data)[0] == "On the Pareto front of MACs and params: stored, failed."


@pytest.mark.parametrize("many", [1, 5, 30, 60])
def test_names_stand_apart(many: int) -> None:
    dots = [Named(100 + (37 * place) % 600, 60 + (53 * place) % 380, 5, f"network_{place}") for place in range(many)]
    placed = list(labels(dots, (0, 0, 800, 500), "small"))
    assert [shape.text for shape in placed if isinstance(shape, Words)] == [dot.name for dot in dots]
    boxes = [box_of(shape) for shape in placed if isinstance(shape, Words)]
    for place, one in enumerate(boxes):
        assert one[0] >= 0 and one[2] <= 800 and one[1] >= 0 and one[3] <= 500  # noqa: PT018
        for other in boxes[:place]:
            assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def box_of(shape: Words) -> tuple[float, float, float, float]:
    width = 5.8 * len(shape.text)
    left = {"start": shape.x, "middle": shape.x - width / 2, "end": shape.x - width}[shape.anchor]
    return left, shape.y - 6, left + width, shape.y + 6


@pytest.mark.parametrize(("values", "unit", "log", "shown"), [
    ([69e6, 15e9], COUNT, True, ["100M", "300M", "1G", "3G", "10G"]),
    ([1.55, 16.7], MS, True, ["2 ms", "5 ms", "10 ms", "20 ms"]),
    ([600 * 1024, 900 * 1024], BYTES, False, ["600 KiB", "800 KiB", "1000 KiB"]),
    ([2, 9], COUNT, False, ["0", "2", "4", "6", "8"]),
    ([5, 5], COUNT, False, ["4.8", "4.9", "5", "5.1", "5.2"]),
])  # fmt: skip
def test_axes_have_round_figures(values: list[float], unit: Any, log: bool, shown: list[str]) -> None:
    axis = scale(values, 0, 100)
    assert axis.log == log
    assert [written(tick, unit) for tick in ticks(axis, unit)] == shown
    assert all(-1e-6 <= axis(tick) <= 100 + 1e-6 for tick in ticks(axis, unit))


@pytest.mark.parametrize("unit", [COUNT, BYTES, MS])
@pytest.mark.parametrize("least", [1e-3, 1.0, 7e5, 3e11])
@pytest.mark.parametrize("times", [1, 1.01, 3, 40, 1e4, 1e9])
def test_an_axis_has_two_to_seven_lines_within_it(unit: Any, least: float, times: float) -> None:
    axis = scale([least, least * times], 0, 100)
    found = ticks(axis, unit)
    assert len(found) <= 8
    assert len(found) >= (2 if times > 3 or not axis.log else 1)
    assert sorted(set(found)) == found
    assert axis.low <= least <= least * times <= axis.high
