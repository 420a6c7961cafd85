"""Pages in a real browser: nothing is said, asked for or refused, and all of it can be used and read."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from costlens.formats.charts._paint import paint
from costlens.results.page import Page
from tests.cases.results import RESULTS, written
from tests.cases.web_pages import SEVEN
from tests.fakes.browser import Opened, opened

PAGES = (
    *SEVEN, "report", "count", "comparison", "diff", "check", "sweep", "layer-times", "verification", "explained-layer",
    "diff of one",
)  # fmt: skip
WIDTHS = (360, 768, 1440)
FEW = """
document.querySelectorAll("tbody tr:nth-child(n + 9), svg > :nth-child(n + 25)").forEach((each) => each.remove())
"""
"""Leaves a few rows of each table and a few shapes of each drawing, which the others are like: axe takes long."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("pages")
    for name in PAGES:
        (found / f"{name}.html").write_text(written(a_page(name), "html"), encoding="utf-8")
    return found


def a_page(name: str) -> Page:
    """Return a page of real networks, or of a result that has all that it can have."""
    if name in SEVEN:
        return SEVEN[name]()
    made, page = RESULTS[name.partition(" of ")[0]]
    return page(replace(made(), specs=made().specs[:1]) if name == "diff of one" else made())


@pytest.fixture
def counted(chromium: Any, folder: Path) -> Iterator[Opened]:
    """Yield the page of counts with its first layers unfolded."""
    with opened(chromium, folder / "count.html") as found:
        found.unfold()
        yield found
    assert found.heard == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_quiet_fits_each_window_and_can_be_read_by_all(chromium: Any, folder: Path, name: str) -> None:
    with opened(chromium, folder / f"{name}.html") as found:
        found.unfold()
        for width in WIDTHS:
            found.page.set_viewport_size({"width": width, "height": 900})
            assert found.overflow() <= 0, width
        found.page.evaluate(FEW)
        for scheme in ("light", "dark"):
            found.page.emulate_media(color_scheme=scheme)
            wrong = Axe().run(found.page).response["violations"]
            assert [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in wrong] == []
    assert found.heard == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_without_javascript_shows_the_same_figures(chromium: Any, folder: Path, name: str) -> None:
    cells = "[...document.querySelectorAll('td, tbody th')]"
    with opened(chromium, folder / f"{name}.html", script=False) as found:
        found.unfold()
        assert found.page.locator("button, input").count() == 0
        shown = found.page.evaluate(f"{cells}.filter((each) => each.offsetParent).map((each) => each.textContent)")
        assert len(shown) == found.page.locator("td, tbody th").count()
    with opened(chromium, folder / f"{name}.html") as found:
        assert found.page.evaluate(f"{cells}.map((each) => each.textContent)") == shown


CHARTS = {
    "yamnet": {"Side by side", "MACs saved, time saved", "Along the network", "The graph", "Memory over the run",
               "Roofline"},
    "resnet152": {"Side by side", "Along the network", "The graph", "Memory over the run"},
    "onnx": {"Along the network", "The graph", "Memory over the run"},
    "comparison-of-five": {"Side by side"},
    "diff-of-two": {"Side by side", "What grew, what shrank"},
    "sweep-of-batches": {"Over the conditions"},
    "family": {"By two figures", "Parallel coordinates", "Knob by knob"},
}  # fmt: skip
FIGURES = """
[...document.querySelectorAll("details")].filter((each) => each.firstElementChild.textContent.endsWith(": the figures"))
  .map((each) => [each.firstElementChild.textContent, [...each.querySelectorAll("td")].map((cell) => cell.textContent)])
"""


@pytest.mark.parametrize("name", SEVEN)
def test_every_chart_of_a_real_page_is_drawn_and_has_its_numbers(chromium: Any, folder: Path, name: str) -> None:
    with opened(chromium, folder / f"{name}.html", script=False) as found:
        found.unfold()
        figures = dict(found.page.evaluate(FIGURES))
        drawn = [svg.bounding_box()["height"] for svg in found.page.locator("svg").all()]
        texts = found.page.locator("svg text").all_text_contents()
    assert {text.removesuffix(": the figures") for text in figures} == CHARTS[name]
    assert all(any(character.isdigit() for cell in cells for character in cell) for cells in figures.values())
    assert len(drawn) >= len(figures)
    assert min(drawn) > 20
    assert sum(any(character.isdigit() for character in text) for text in texts) > len(drawn)
    assert found.heard == []


def column(found: Opened, place: int, table: int = 1) -> list[str]:
    return found.page.evaluate(
        "([table, place]) => [...document.querySelectorAll('table')[table].tBodies[0].rows]"
        ".filter((row) => !row.hidden).map((row) => row.cells[place].textContent)",
        [table, place],
    )


def place_of(found: Opened, name: str, table: int = 1) -> int:
    heads = found.page.locator("table").nth(table).locator("thead th")
    return [heads.nth(place).get_attribute("data-name") for place in range(heads.count())].index(name)


def test_a_column_is_sorted_by_its_figures_with_the_keyboard_too(counted: Opened) -> None:
    macs = place_of(counted, "macs")
    before = [int(text.replace(",", "") or -1) for text in column(counted, macs)]
    head = counted.page.locator("table").nth(1).locator("thead th").nth(macs)
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    assert [int(text.replace(",", "")) for text in column(counted, macs) if text] == sorted(before, reverse=True)
    counted.page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    assert [int(text.replace(",", "")) for text in column(counted, macs) if text] == sorted(before)
    name = counted.page.locator("table").nth(1).locator("thead th").first
    name.locator("button").focus()
    counted.page.keyboard.press("Space")
    assert (name.get_attribute("aria-sort"), head.get_attribute("aria-sort")) == ("ascending", None)


def test_sizes_are_sorted_by_their_bytes(counted: Opened) -> None:
    place = place_of(counted, "weight_bytes", 0)
    counted.page.locator("table").first.locator("thead th").nth(place).locator("button").click()
    values = counted.page.evaluate(
        f"[...document.querySelectorAll('table')[0].tBodies[0].rows].map((row) => +row.cells[{place}].dataset.v)"
    )
    assert values == sorted(values, reverse=True)


def test_all_columns_are_shown_when_they_are_asked_for(counted: Opened) -> None:
    table = counted.page.locator("table").first
    hidden = table.locator("thead th.m").first
    button = counted.page.get_by_role("button", name="All columns").first
    assert not hidden.is_visible()
    button.click()
    assert (hidden.is_visible(), button.get_attribute("aria-pressed")) == (True, "true")
    button.press("Enter")
    assert not hidden.is_visible()


def test_a_table_is_copied_as_it_stands(counted: Opened) -> None:
    copied = {}
    for name in ("Markdown", "CSV", "TSV"):
        counted.page.get_by_role("button", name=name, exact=True).first.click()
        counted.page.get_by_text(f"Copied as {name}").first.wait_for()
        copied[name] = counted.page.evaluate("navigator.clipboard.readText()")
    rows = list(csv.reader(io.StringIO(copied["CSV"])))
    assert rows[0][:3] == ["variant", "params", "macs"]
    assert rows[1][:3] == ["as-written = separable", "3751369", "69165056"]
    assert [line.split("\t")[:3] for line in copied["TSV"].splitlines()] == [row[:3] for row in rows]
    heads, rule, first, *_ = copied["Markdown"].splitlines()
    assert heads.startswith("| variant | params | MACs |")
    assert rule.startswith("| :-- | --: | --: |")
    assert first.startswith("| as-written = separable | 3,751,369 | 69,165,056 |")


def test_rows_are_filtered(chromium: Any, folder: Path) -> None:
    with opened(chromium, folder / "comparison.html") as found:
        box = found.page.get_by_role("searchbox", name="Filter rows").first
        box.fill("STORED")
        assert column(found, 0, 0) == ["stored"]
        assert found.page.get_by_role("status").first.text_content() == "1 of 8 rows"
        box.fill("")
        assert len(column(found, 0, 0)) == 8


@pytest.mark.parametrize("name", SEVEN)
def test_a_real_page_is_used_by_the_keyboard(chromium: Any, folder: Path, name: str) -> None:
    with opened(chromium, folder / f"{name}.html") as found:
        found.page.get_by_role("button", name="TSV").first.press("Enter")
        found.page.get_by_text("Copied as TSV").first.wait_for()
        first = found.page.locator("table:visible").first
        rows = first.locator("tbody tr").count()
        assert len(found.page.evaluate("navigator.clipboard.readText()").splitlines()) == 1 + rows
        if rows > 1:
            head = first.locator("thead th").nth(1)
            head.locator("button").press("Enter")
            assert head.get_attribute("aria-sort") in {"ascending", "descending"}
        fold = found.page.locator("details", has=found.page.locator("summary", has_text="the figures")).first
        fold.locator("summary").first.press("Enter")
        assert fold.locator("td").first.is_visible()
    assert found.heard == []


def test_a_chart_of_several_drawings_shows_one_or_all(chromium: Any, folder: Path) -> None:
    with opened(chromium, folder / "yamnet.html") as found:
        figures = found.page.locator("h2#Along-the-network ~ .switched").first.locator("figure")
        assert [figure.is_visible() for figure in figures.all()] == [True, False, False, False]
        tools = found.page.get_by_role("group", name="What is drawn").nth(1)
        tools.get_by_role("button", name="time").press("Enter")
        assert [figure.is_visible() for figure in figures.all()] == [False, False, False, True]
        tools.get_by_role("button", name="all", exact=True).click()
        assert [figure.is_visible() for figure in figures.all()] == [True] * 4
        before = figures.first.locator("svg").bounding_box()["width"]
        tools.get_by_role("button", name="Enlarge").click()
        assert figures.first.locator("svg").bounding_box()["width"] > 1.5 * before
        assert found.overflow() <= 0
    with opened(chromium, folder / "yamnet.html", script=False) as found:
        found.unfold()
        assert found.page.locator("svg").count() == found.page.locator("svg:visible").count() > 15


def test_a_bar_leads_to_its_row_and_tells_its_figure(chromium: Any, folder: Path) -> None:
    with opened(chromium, folder / "yamnet.html") as found:
        bar = found.page.locator("a.hit[href='#row-yamnet-standard-stage7']").first
        assert "standard stage7: 56,623,104" in bar.locator("title").text_content()
        row = found.page.locator("[id='row-yamnet-standard-stage7']")
        assert not row.is_visible()
        bar.click()
        row.wait_for(state="visible")
        assert row.locator("th").text_content() == "stage7"
        box = row.bounding_box()
        assert 0 < box["y"] < 900


PAINTED = """
[...document.querySelectorAll("svg path, svg circle, svg text")].map((each) => {
  const style = getComputedStyle(each);
  const line = each.classList.contains("line");
  const found = (line ? style.stroke : style.fill).match(/[0-9]+/g).slice(0, 3);
  const colour = "#" + found.map((part) => Number(part).toString(16).padStart(2, "0")).join("");
  const heavy = Number(style.fontWeight) >= 600;
  return [each.tagName, each.getAttribute("class") ?? "", colour, parseFloat(style.fontSize), heavy];
})
"""


@pytest.mark.parametrize("name", ["yamnet", "check", "diff of one", "sweep-of-batches"])
def test_a_picture_that_stands_alone_is_painted_as_the_page_is(chromium: Any, folder: Path, name: str) -> None:
    with opened(chromium, folder / f"{name}.html") as found:
        painted = found.page.evaluate(PAINTED)
    assert len({classes for _, classes, *_ in painted}) > 3
    for element, classes, colour, pixels, heavy in painted:
        look = paint(classes.removeprefix("line "))
        assert colour == look.colour, classes
        assert element != "text" or (pixels, heavy) == (look.pixels, look.bold), classes


def test_the_charts_of_a_sweep_a_diff_and_a_check_are_there(chromium: Any, folder: Path) -> None:
    shown = {"sweep-of-batches": "2 threads, separable", "diff of one": "head: working tree", "check": "✗ misses"}
    for name, text in shown.items():
        with opened(chromium, folder / f"{name}.html", script=False) as found:
            assert found.page.locator("svg text", has_text=text).first.is_visible()
            assert found.page.locator("svg").count() == found.page.locator("svg:visible").count() > 1


def test_the_theme_is_switched_and_kept(chromium: Any, folder: Path) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    with opened(chromium, folder / "count.html") as found:
        light = found.page.evaluate(paper)
        for name in ("light", "dark"):
            found.page.get_by_role("button", name="Theme").press("Enter")
            assert found.page.get_by_role("button", name=f"Theme: {name}").is_visible()
        dark = found.page.evaluate(paper)
        assert dark != light
        found.page.reload()
        assert found.page.evaluate(paper) == dark
    with opened(chromium, folder / "count.html", dark=True) as found:
        assert found.page.evaluate(paper) == dark


def test_the_keyboard_reaches_the_content_and_everything_to_use(chromium: Any, folder: Path) -> None:
    with opened(chromium, folder / "report.html") as found:
        found.page.keyboard.press("Tab")
        assert found.page.evaluate("document.activeElement.className") == "skip"
        found.page.keyboard.press("Enter")
        assert found.page.evaluate("document.activeElement.id") == "main"
        reached = set()
        for _ in range(80):
            found.page.keyboard.press("Tab")
            reached.add(found.page.evaluate("document.activeElement.tagName + document.activeElement.className"))
        assert {"BUTTON", "A", "SUMMARY", "DIVscroll"} <= reached


def test_print_shows_what_is_folded(chromium: Any, folder: Path) -> None:
    with opened(chromium, folder / "count.html") as found:
        found.page.emulate_media(media="print")
        assert not found.page.locator(".tools").first.is_visible()
        assert found.page.locator("details td").first.bounding_box()["height"] > 0
