"""The drawing of a graph in a real browser: depths, colours and folds are used by pointer and keyboard, quietly."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from costlens.formats.pages import count
from tests.cases.counted import counts, load
from tests.cases.results import written
from tests.fakes.browser import Opened, opened
from tests.places import SPECS


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("graph") / "graph.html"
    found = counts(load(SPECS / "resnet50.yaml"), ("as-written", "separable"))
    path.write_text(written(count.page(found), "html"), encoding="utf-8")
    return path


@pytest.fixture
def shown(chromium: Any, page: Path) -> Iterator[Opened]:
    with opened(chromium, page) as found:
        yield found
    assert found.heard == []


def drawings(found: Opened) -> Any:
    return found.page.locator("details", has=found.page.locator("svg .node")).first


def test_one_depth_is_shown_at_a_time(shown: Opened) -> None:
    first = drawings(shown)
    figures = first.locator("figure")
    assert [figure.is_visible() for figure in figures.all()] == [False, True, False]
    assert figures.nth(1).locator("figcaption").text_content() == "20 blocks"
    first.get_by_role("button", name="all 72 rows").press("Enter")
    assert [figure.is_visible() for figure in figures.all()] == [False, False, True]
    assert figures.nth(2).locator("a.node").count() == 72


def test_colours_and_figures_are_those_of_the_metric_that_is_chosen(shown: Opened) -> None:
    first = drawings(shown)
    box = first.locator("figure:visible a.node").last
    fill = "(each) => getComputedStyle(each.querySelector('path')).fill"
    by_macs = box.evaluate(fill)
    assert [each.text_content() for each in box.locator("text:visible").all()][-1].endswith("M MACs, 0.1%")
    button = first.get_by_role("button", name="parameters")
    button.focus()
    shown.page.keyboard.press("Space")
    assert box.evaluate(fill) != by_macs
    assert [each.text_content() for each in box.locator("text:visible").all()][-1] == "2.05M parameters, 8.0%"
    assert first.locator("figure:visible g.key:visible text").first.text_content() == "parameters of a box, up to"
    pressed = [each.text_content() for each in first.locator("[aria-pressed=true]").all()]
    assert pressed == ["20 blocks", "parameters"]


def test_a_box_leads_to_its_row(shown: Opened) -> None:
    first = drawings(shown)
    first.get_by_role("button", name="all 72 rows").click()
    first.locator("figure:visible a.node").nth(5).click()
    row = shown.page.locator("tr:target")
    row.wait_for(state="visible")
    assert row.locator("th").text_content() == "stage1.project1.project"


def test_variants_are_folded_and_unfolded_by_the_keyboard(shown: Opened) -> None:
    folds = shown.page.locator("details", has=shown.page.locator("svg .node"))
    assert [fold.evaluate("(each) => each.open") for fold in folds.all()] == [True, False]
    summary = folds.nth(1).locator("summary").first
    summary.focus()
    shown.page.keyboard.press("Enter")
    assert folds.nth(1).locator("svg:visible").count() == 1


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_a_drawing_is_within_its_window(chromium: Any, page: Path, width: int) -> None:
    with opened(chromium, page, width=width, dark=True) as found:
        found.unfold()
        assert found.overflow() <= 0
    assert found.heard == []


def test_without_javascript_each_depth_is_drawn_by_macs(chromium: Any, page: Path) -> None:
    with opened(chromium, page, script=False) as found:
        first = drawings(found)
        assert [figure.is_visible() for figure in first.locator("figure").all()] == [True] * 3
        assert first.locator(".of-m:visible").count() > 0
        assert first.locator(".of-p:visible").count() == 0
    assert found.heard == []
