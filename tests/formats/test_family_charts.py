"""The charts of a family: where points are, which are drawn, what a box is, and which are on the front."""

import re
from base64 import b64decode
from dataclasses import replace
from math import log10
from statistics import quantiles
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest

from costlens.errors import UsageError
from costlens.formats import html
from costlens.formats.charts import chart_named
from costlens.formats.charts._shapes import Boxes, Dot, Drawing, Mark, Rule, Words
from costlens.formats.pages._family import cloud
from costlens.formats.pages.exploration import page
from costlens.results.charts import Cloud
from costlens.results.exploration import Exploration, FrontAxis
from costlens.results.point_times import PointTime, PredictedTime, ordered_alike, typical_off
from tests.cases.family import family
from tests.cases.results import an_exploration


def data(found: Exploration, x: str = "", y: str = "") -> Cloud:
    made = cloud(found, x, y)
    assert made is not None
    return made


def drawing(kind: str, of: Cloud, panel: str = "") -> Drawing:
    return next(each for each in chart_named(kind).panels(of) if each.name == panel).draw()


def dots(drawn: Drawing) -> dict[str, Dot]:
    marks = [shape for shape in drawn.shapes if isinstance(shape, Mark)]
    return {mark.title: each for mark in marks for each in mark.shapes if isinstance(each, Dot)}


def test_all_of_a_small_family_and_a_fixed_sample_of_a_large_one_is_drawn() -> None:
    assert len(data(family(300)).table.rows) == 300
    large = data(family(9000, front=40))
    numbers = [number for number, _ in large.table.rows]
    assert numbers[:40] == [*range(1, 41)]
    assert len(numbers) == len(set(numbers)) == 1500
    assert [number for number, _ in data(family(9000, front=40)).table.rows] == numbers
    assert chart_named("front").says(large)[0] == (
        "1,500 of 9,000 networks are drawn: all of the front, and of the others a sample."
    )


def test_the_front_has_no_end_but_a_page_has() -> None:
    made = data(family(9000, front=8000))
    assert sum(made.front) == len(made.table.rows) == 3000
    assert "3,000 of the 8,000 of the front" in str(chart_named("front").says(made)[0])


def test_a_page_of_ten_thousand_points_is_light() -> None:
    assert len(html.render(page(family(10_000, front=60, kinds=12)))) < 2_000_000


def test_a_notebook_shows_the_charts_as_pictures() -> None:
    shown = html.part(page(family(30, kinds=1)))
    pictures = re.findall(r'<img src="data:image/svg\+xml;base64,([^"]+)" alt="([^"]+)">', shown)
    titles = [fromstring(b64decode(drawn)).findtext("{http://www.w3.org/2000/svg}title") for drawn, _ in pictures]
    assert titles == ["By two figures", "Parallel coordinates", "width", "kind of stage0"]
    assert pictures[2][1] == "Knob by knob: width"


def test_dots_are_where_their_figures_are() -> None:
    made = data(family(300))
    found = dots(drawing("front", made))
    assert len(found) == 300
    one, ten, hundred = (found[f"point {number}"] for number in (1, 10, 100))
    assert hundred.x - ten.x == pytest.approx(ten.x - one.x)  # MACs are on a logarithmic axis
    assert [each.style for each in (one, ten)] == ["c1", "c0"]
    other = dots(drawing("front", data(family(300), "width", "macs")))
    at = {each.x for title, each in other.items()}
    assert len(at) == 7
    assert next(iter(chart_named("front").panels(data(family(300), "width", "macs")))).facts["x"] == "width"


@pytest.mark.parametrize(("larger", "corner"), [(False, (1, 0)), (True, (0, 1))])
def test_stairs_are_on_the_worse_side(larger: bool, corner: tuple[int, int]) -> None:
    """Between two of the front the line goes first along the axis on which more is worse."""
    found = family(2, front=2)
    axes = (FrontAxis("macs", larger), FrontAxis("params"))
    made = data(replace(found, front_of=axes))
    drawn = drawing("front", made)
    spots = [(dot.x, dot.y) for dot in dots(drawn).values()]
    spots.sort()
    (stairs,) = (shape for shape in drawn.shapes if isinstance(shape, Rule) and shape.dashed)
    assert stairs.points == [spots[0], (spots[corner[0]][0], spots[corner[1]][1]), spots[1]]
    assert not [s for s in drawing("front", data(found, "macs", "flops")).shapes if isinstance(s, Rule) and s.dashed]


def test_a_box_is_from_the_first_to_the_third_quartile() -> None:
    made = data(family(70, kinds=1), y="macs")
    drawn = drawing("knobs", made, "width")
    boxes = [shape.boxes[0] for shape in drawn.shapes if isinstance(shape, Boxes)]
    assert len(boxes) == 7
    macs = [point.totals.macs or 0 for _, point in made.table.rows if point.values[0] == "1" and point.totals]
    low, _, high = quantiles(macs, method="inclusive")
    lines = [shape for shape in drawn.shapes if isinstance(shape, Rule) and shape.style == "c0"]
    (_, least), (_, most) = lines[0].points
    by = (least - most) / log10(max(macs) / min(macs))
    _, top, _, height = boxes[0]
    assert height == pytest.approx(by * log10(high / low))
    assert least - (top + height) == pytest.approx(by * log10(low / min(macs)))
    rows = chart_named("knobs").table(made).rows
    middle = sorted(macs)[4:6]
    assert next(row[1].at(0.5) for row in rows if row[0] == "width") == pytest.approx(sum(middle) / 2)


def test_of_a_knob_with_very_many_values_several_share_a_box() -> None:
    found = family(400, kinds=0)
    points = tuple(replace(point, values=(str(place),)) for place, point in enumerate(found.points))
    drawn = drawing("knobs", data(replace(found, points=points)), "width")
    assert len([shape for shape in drawn.shapes if isinstance(shape, Boxes)]) == 40
    assert "0 – 9" in [shape.text for shape in drawn.shapes if isinstance(shape, Words)]


def test_a_line_leads_through_the_values_of_its_network() -> None:
    made = data(family(20))
    drawn = drawing("parallel", made)
    lines = [shape for shape in drawn.shapes if isinstance(shape, Rule) and shape.style.endswith("pt")]
    assert len(lines) == 20
    assert [line.style for line in lines[-5:]] == ["c1 pt"] * 5
    first = lines[-1].points  # the first point of the front is drawn last
    assert len(first) == len(made.axes)
    by_kind = {line.points[1][1]: None for line in lines}
    assert len(by_kind) == 2
    macs = made.axes.index("macs")
    assert first[macs][1] == max(line.points[macs][1] for line in lines)  # the fewest MACs are lowest


def test_times_are_axes_where_points_were_timed() -> None:
    made = data(an_exploration(), "latency_ms", "predicted_ms")
    assert [*dots(drawing("front", made))] == ["point 11", "point 9"]
    assert "without measured time or predicted time" in " ".join(map(str, chart_named("front").says(made)))


@pytest.mark.parametrize(("x", "y", "message"), [
    ("mac", "", '--x mac: no such figure or knob of numbers (did you mean "macs"?)'),
    ("macs", "macs", "--y macs: is to the right already"),
    ("", "latency_ms", "--y latency_ms: no such figure or knob of numbers"),
])  # fmt: skip
def test_axes_that_a_family_does_not_have(x: str, y: str, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        page(family(4), x, y)
    assert message in str(raised.value)


def timed(number: int, predicted: float, measured: float) -> PointTime:
    return PointTime(number, PredictedTime(predicted, 0.9, 1.1), "", measured, (measured - 0.1, measured + 0.1))


@pytest.mark.parametrize(("times", "off", "alike"), [
    ([], None, (0, 0)),
    ([(1.0, 1.0)], (0.0, 0.0), (0, 0)),
    ([(1.0, 2.0), (3.0, 4.0), (9.0, 3.0)], (0.5, 2.0), (2, 3)),
    ([(1.0, 2.0), (3.0, 2.1)], (0.464, 0.5), (0, 0)),
])  # fmt: skip
def test_how_far_predictions_were_off_and_what_they_order(times: list[Any], off: Any, alike: tuple[int, int]) -> None:
    points = [timed(place, *pair) for place, pair in enumerate(times)]
    assert typical_off(points) == (off and pytest.approx(off, abs=1e-3))
    assert ordered_alike(points) == alike
