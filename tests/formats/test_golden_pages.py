"""What people and machines see: a golden file for each result and format, byte for byte.

Renew the files after a wanted change with: COSTLENS_RENEW_GOLDEN=1 python -m pytest tests/formats/test_golden_pages.py
"""

import csv
import io
import json
from collections.abc import Callable
from xml.etree import ElementTree

import pytest

from costlens.formats import comment, format_named, format_names
from costlens.formats.pages import advice, check, comparison, count, report
from costlens.results.page import Page
from costlens.tasks import compare as comparing
from tests.cases.results import (
    RESULTS,
    a_check,
    a_comparison,
    a_report,
    an_advice,
    counts,
    printed,
    same_as_golden,
    written,
)
from tests.places import SPECS

JUDGING = {"check", "diff", "verification", "published"}
"""Results with findings."""


def counted() -> Page:
    """Return networks with knobs of their own."""
    from costlens.sources._source import ALL, Asked
    from costlens.tasks._tools import Tools

    words = ["specs/mobilenet_v1.yaml", "specs/mobilenet_v1.yaml?alpha=0.5", "specs/yamnet.yaml"]
    asked = Asked(("as-written", "standard"), {}, alone=(ALL,))
    return comparison.page(comparing.compare(words, asked, None, tools=Tools()))


GOLDEN: dict[str, tuple[Callable[[], Page], str]] = {
    **{f"count-{name}": (lambda name=name: count.page(counts(name), rows=True), "markdown csv json") for name in (
        "yamnet", "separable_example", "speech_embedding")},
    "count-terminal": (lambda: count.page(counts("speech_embedding"), rows=True), "80 140"),
    "report": (lambda: report.page(a_report()), "markdown json"),
    "report-terminal": (lambda: report.page(a_report()), "80 140"),
    "compare-counted": (counted, "markdown csv json 80 140"),
    "compare-timed": (lambda: comparison.page(a_comparison()), "markdown csv json 80 140"),
    "advice": (lambda: advice.page(an_advice()), "json 140"),
    "check/all": (lambda: check.page(a_check()), "markdown json junit github"),
    "check/all-terminal": (lambda: check.page(a_check()), "80 120"),
    "pages/prediction": (lambda: RESULTS["prediction"][1](RESULTS["prediction"][0]()), "markdown csv json 80"),
    "pages/exploration": (lambda: RESULTS["exploration"][1](RESULTS["exploration"][0]()), "markdown csv json 80 140"),
    "pages/memory": (lambda: RESULTS["memory"][1](RESULTS["memory"][0]()), "markdown csv 80"),
    **{f"pages/{name}": (lambda name=name: RESULTS[name][1](RESULTS[name][0]()), "markdown csv 80") for name in (
        "advice", "obstacle", "latency", "layer-times", "machine", "sweep", "verification", "explained",
        "explained-layer", "published", "kind")},
}  # fmt: skip
FILES = [(name, format_) for name, (_, formats) in GOLDEN.items() for format_ in formats.split()]


@pytest.fixture(autouse=True)
def _in_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(SPECS.parent)


@pytest.mark.parametrize(("name", "format_"), FILES)
def test_a_page_is_its_golden_file(name: str, format_: str) -> None:
    page = GOLDEN[name][0]()
    if format_.isdecimal():
        text = printed(page, int(format_))
        same_as_golden(f"{name}-{format_}.txt", text)
        assert max(map(len, text.splitlines())) <= int(format_)
    else:
        same_as_golden(f"{name}{format_named(format_).suffix}", written(page, format_))


def test_formats_are_found_by_being_there() -> None:
    assert format_names() == ("terminal", "csv", "github", "html", "json", "junit", "markdown")


@pytest.mark.parametrize("name", RESULTS)
def test_every_result_has_every_format(name: str) -> None:
    made, page_of = RESULTS[name]
    page = page_of(made())
    for width in (40, 80, 200):
        assert max(map(len, printed(page, width).splitlines())) <= width
    rows = list(csv.reader(io.StringIO(written(page, "csv"))))
    assert len({len(row) for row in rows}) == 1
    assert "|" in written(page, "markdown")
    if page.document is not None:
        json.loads(written(page, "json"))
    assert (page.findings is not None) == (name in JUDGING)
    if page.findings:
        suite = ElementTree.fromstring(written(page, "junit"))
        names = [(case.get("classname"), case.get("name")) for case in suite.iter("testcase")]
        assert len(names) == len(set(names)) > 0
        assert written(page, "github").splitlines()[-1] == page.summary


@pytest.mark.parametrize("name", sorted(JUDGING))
def test_annotations_tests_and_the_exit_code_say_the_same(name: str) -> None:
    made, page_of = RESULTS[name]
    result = made()
    page = page_of(result)
    failed = bool(result.failures)
    suite = ElementTree.fromstring(written(page, "junit"))
    assert (suite.get("failures") != "0" or suite.get("errors") != "0") == failed
    assert ("::error" in written(page, "github")) == failed


def test_the_comment(tmp_path: object) -> None:
    path = tmp_path / "comment.md"  # type: ignore[operator]
    comment.include(path, "check", check.page(a_check()))
    same_as_golden("check/comment.md", path.read_text(encoding="utf-8"))
