"""The charts of a family in a real browser: axes are chosen and ranges set by pointer and keyboard, quietly.

The script draws again what Python draws, by rules of its own: both must give the same shapes.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest

from costlens.formats.charts import chart_named
from costlens.formats.charts._svg import svg
from costlens.formats.pages._family import cloud
from costlens.formats.pages.exploration import page
from costlens.results.exploration import Exploration
from tests.cases.family import family
from tests.cases.results import an_exploration, written
from tests.fakes.browser import Opened, opened

FAMILIES = {"plain": lambda: family(500, front=12, kinds=3), "timed": an_exploration}
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
DRAWN = """(figure) => [...figure.querySelectorAll("svg path, svg circle, svg text")].map((each) =>
  [each.tagName, each.getAttribute("class") ?? "", each.getAttribute("stroke-dasharray") ?? "",
   ["d", "cx", "cy", "r", "x", "y", "transform"].map((name) => each.getAttribute(name) ?? "").join("|"),
   each.tagName === "text" ? each.textContent : ""])"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("points")
    for name, made in FAMILIES.items():
        (found / f"{name}.html").write_text(written(page(made()), "html"), encoding="utf-8")
    return found


@pytest.fixture
def shown(chromium: Any, folder: Path) -> Iterator[Opened]:
    with opened(chromium, folder / "plain.html") as found:
        yield found
    assert found.heard == []


def of_python(found: Exploration, kind: str, panel: str, x: str, y: str) -> list[tuple[str, ...]]:
    """Return the shapes that Python draws."""
    data = cloud(found, x, y)
    chosen = next(each for each in chart_named(kind).panels(data) if each.name == panel)
    names = ("d", "cx", "cy", "r", "x", "y", "transform")
    return [
        (each.tag, each.get("class", ""), each.get("stroke-dasharray", ""), "|".join(each.get(n, "") for n in names),
         (each.text or "") if each.tag == "text" else "")
        for each in fromstring(svg(chosen.draw())).iter()
        if isinstance(each, Element) and each.tag in ("path", "circle", "text")
    ]  # fmt: skip


def without_names(kind: str, shapes: list[Any]) -> list[tuple[str, ...]]:
    """Return shapes without the numbers beside dots, which the script leaves out."""
    names = [shape for shape in shapes if shape[:3] in (["text", "small", ""], ["path", "line soft", ""])]
    return sorted(tuple(each) for each in shapes if kind != "front" or each not in names)


def same(ours: list[tuple[str, ...]], theirs: list[tuple[str, ...]]) -> None:
    """Compare shapes by words, and by numbers up to a tenth of a pixel that is rounded otherwise."""
    def words(shape: tuple[str, ...]) -> tuple[str, ...]:
        return (*shape[:3], NUMBER.sub("#", shape[3]), shape[4])

    def numbers(shape: tuple[str, ...]) -> list[float]:
        return [float(each) for each in NUMBER.findall(shape[3])]

    ours, theirs = (sorted(each, key=lambda shape: (words(shape), numbers(shape))) for each in (ours, theirs))
    assert [words(each) for each in ours] == [words(each) for each in theirs]
    for one, other in zip(ours, theirs, strict=True):
        assert numbers(one) == pytest.approx(numbers(other), abs=0.11)


@pytest.mark.parametrize(("name", "x", "y"), [
    ("plain", "params", "weight_bytes"), ("plain", "width", "macs"), ("timed", "latency_ms", "macs"),
    ("timed", "weight_bytes", "alpha"), ("timed", "intensity", "peak_activation_bytes"),
    ("timed", "alpha", "macs"), ("timed", "macs", "alpha"),
])  # fmt: skip
def test_the_script_draws_what_python_draws(chromium: Any, folder: Path, name: str, x: str, y: str) -> None:
    made = FAMILIES[name]()
    with opened(chromium, folder / f"{name}.html") as found:
        found.page.get_by_label("To the right").select_option("traffic_bytes")  # so that all is drawn anew
        found.page.get_by_label("Upwards").select_option(y)
        found.page.get_by_label("To the right").select_option(x)
        figure = found.page.locator("figure[data-points=front]")
        ours = [[*shape] for shape in of_python(made, "front", "", x, y)]
        same(without_names("front", ours), without_names("front", figure.evaluate(DRAWN)))
        for knob in found.page.locator("figure[data-points=knob]").all():
            panel = knob.locator("figcaption").text_content()
            same(of_python(made, "knobs", panel, x, y), [tuple(each) for each in knob.evaluate(DRAWN)])
    assert found.heard == []


def rows(found: Opened, table: int) -> list[str]:
    """Return the numbers of the rows that a table shows."""
    return found.page.evaluate(
        "(table) => [...document.querySelectorAll('table')[table].tBodies[0].rows]"
        ".filter((row) => !row.hidden).map((row) => row.cells[0].textContent)",
        table,
    )


def kept(found: Opened, shapes: str) -> int:
    return found.page.locator(f"{shapes}:not(.out)").count()


def test_a_range_is_set_by_the_keyboard_and_filters_all_that_is_shown(shown: Opened) -> None:
    front, points = rows(shown, 0), rows(shown, 1)
    assert (len(front), len(points)) == (12, 500)
    boxes = shown.page.locator("figure[data-points=knob]").first.locator("path.faint")
    assert boxes.count() == 7
    shown.page.locator("summary", has_text="Ranges").press("Enter")
    slider = shown.page.get_by_label("width to")
    assert slider.get_attribute("aria-valuetext") == "7"
    for _ in range(4):
        slider.press("ArrowLeft")
    assert slider.get_attribute("aria-valuetext") == "3"
    status = shown.page.get_by_role("status").filter(has_text="networks")
    status.wait_for()
    left = rows(shown, 1)
    assert status.text_content() == f"{len(left)} of 500 networks"
    assert {(int(number.replace(",", "")) - 1) % 7 for number in left} == {0, 1, 2}
    assert rows(shown, 0) == [number for number in front if (int(number) - 1) % 7 < 3]
    assert kept(shown, "path.pt") == kept(shown, "figure[data-points=front] a") == len(left)
    assert boxes.count() == 3  # of the other widths no network is left
    assert shown.page.locator("rect.brush").count() == 1
    shown.page.get_by_role("button", name="Show all").press("Enter")
    shown.page.locator(".out").first.wait_for(state="detached")
    assert rows(shown, 1) == points
    assert boxes.count() == 7


def test_a_range_is_set_by_the_pointer_and_removed_by_a_click(shown: Opened) -> None:
    drawing = shown.page.locator("figure[data-points=parallel] svg")
    drawing.scroll_into_view_if_needed()
    box = drawing.bounding_box()
    x, top, high = box["x"] + 24, box["y"] + 48, 320
    shown.page.mouse.move(x, top + high * 0.4)
    shown.page.mouse.down()
    shown.page.mouse.move(x, top + high * 0.9, steps=4)
    shown.page.mouse.up()
    shown.page.locator(".out").first.wait_for(state="attached")
    values = {(int(number.replace(",", "")) - 1) % 7 + 1 for number in rows(shown, 1)}
    assert values == {2, 3, 4}  # of 1 to 7, the least at the bottom
    output = shown.page.locator("fieldset", has_text="width").first.locator("output")
    assert output.text_content() == "2 – 4"
    shown.page.mouse.click(x, top + high * 0.5)
    shown.page.locator(".out").first.wait_for(state="detached")


def test_a_filter_and_a_range_hold_together(shown: Opened) -> None:
    boxes = shown.page.get_by_role("searchbox", name="Filter rows")
    boxes.first.fill("separable")
    by_words = rows(shown, 0)
    shown.page.locator("summary", has_text="Ranges").click()
    shown.page.get_by_label("width from").press("End")
    shown.page.locator(".out").first.wait_for(state="attached")
    assert rows(shown, 0) == [number for number in by_words if (int(number) - 1) % 7 == 6]


def test_a_dot_leads_to_its_row(shown: Opened) -> None:
    shown.page.locator("figure[data-points=front] a[href='#point-3']").click()
    row = shown.page.locator("tr:target")
    row.wait_for(state="visible")
    assert row.locator("td").first.text_content() == "3"


def test_without_javascript_the_pictures_are_there_and_nothing_to_use(chromium: Any, folder: Path) -> None:
    with opened(chromium, folder / "plain.html", script=False) as found:
        assert found.page.locator("select, button, input").count() == 0
        assert found.page.locator("figure[data-points=front] circle").count() == 500
        assert found.page.locator("path.pt").count() == 500
        assert found.page.locator("figure[data-points=knob] path.faint:visible").count() == 7 + 3 * 2
    assert found.heard == []
