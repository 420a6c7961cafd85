"""Hostile names in every document: an independent reader finds the same structure as with harmless names."""

import csv
import io
import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from costlens.formats import comment as comment_file
from costlens.formats import escape
from costlens.formats.pages import check, count, layer_times, report
from costlens.results.layer_times import LayerTimes
from costlens.results.page import Page, Say
from costlens.results.report import Report
from costlens.results.stored import to_json
from tests.cases.hostile import HOSTILE, INVISIBLE, KEPT, MARKDOWN, everywhere, structure
from tests.cases.html_pages import read
from tests.cases.html_pages import structure as elements
from tests.cases.onnx_drafts import Draft
from tests.cases.results import RESULTS, a_check, printed, profiled_report, written
from tests.fakes.command_line import Run

pytestmark = pytest.mark.many

BODY = "input: [8, 8, 3]\nlayers: [{conv: {filters: 4, kernel: 3, bias: false}}]\n"
ALL = a_check()
COUNTS = list(profiled_report().counts)
HARMLESS = "name"
FIRST = {
    "script", "pipe", "backticks", "newline", "mention", "long", "right_to_left", "formula", "command", "undecodable",
}  # fmt: skip
named = pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if what in FIRST else pytest.mark.many) for what, name in HOSTILE.items()],
    ids=HOSTILE,
)
OURS = {"kinds", "kind", "published", "diff", "explained", "explained-layer"}
"""Results whose words are the spec language's, that have a test of their own, or that are read from our own files."""
NAMED = [name for name in RESULTS if name not in OURS]


_ADVICE = {"kind", "chosen", "figure", "figures", "written", "planned", "curve_of", "objective", "kinds"}
WORDS = {
    "machine": {"kind", "unit"}, "comparison": {"front_of", "note"}, "sweep": {"note"}, "advice": _ADVICE,
    "obstacle": _ADVICE, "prediction": {"basis", "shares"}, "history-change": {"what"},
}  # fmt: skip
"""Fields of these results whose words are ours; a note has a sentence a line, and each becomes an item."""


def with_names(result: Any, name: str, kept: frozenset[str] = frozenset(KEPT)) -> Any:
    if isinstance(result, list):
        return [everywhere(each, name, kept) for each in result]
    return everywhere(result, name, kept)


@cache
def made(kind: str) -> Any:
    """Return a result; all names are put into the same one, which nothing changes."""
    return RESULTS[kind][0]()


def page_of(kind: str, name: str) -> Page:
    return RESULTS[kind][1](with_names(made(kind), name, frozenset(KEPT | WORDS.get(kind, set()))))


@cache
def harmless(kind: str, format_: str) -> str:
    """Return a page with harmless names in a format."""
    return written(page_of(kind, HARMLESS), format_)


@cache
def harmless_structure(kind: str) -> list[str]:
    return structure(harmless(kind, "markdown"))


@cache
def harmless_elements(kind: str) -> list[tuple[str, ...]]:
    return elements(read(harmless(kind, "html")))


@named
@pytest.mark.parametrize("kind", NAMED)
def test_a_page_has_the_structure_that_it_has_with_harmless_names(kind: str, name: str) -> None:
    text = written(page_of(kind, name), "markdown")
    assert structure(text) == harmless_structure(kind)
    assert not INVISIBLE.search(text)
    for token in MARKDOWN.parse(text):
        for child in token.children or ():
            if child.type == "link_open":
                assert str(child.attrGet("href")).split(":")[0] not in {"javascript", "http"}
    assert text.encode()
    assert len(text) < 200 * len(harmless(kind, "markdown"))


@named
@pytest.mark.parametrize("kind", NAMED)
@pytest.mark.parametrize("width", [80, pytest.param(140, marks=pytest.mark.many)])
def test_a_page_keeps_to_the_terminal(kind: str, name: str, width: int) -> None:
    shown = printed(page_of(kind, name), width)
    assert not INVISIBLE.search(shown)
    assert "::add-mask" not in shown
    assert "##[" not in shown
    assert shown.encode()
    assert max(map(len, shown.splitlines())) <= width


@named
@pytest.mark.parametrize("kind", NAMED)
def test_csv_has_the_same_cells_and_no_formula(kind: str, name: str) -> None:
    text = written(page_of(kind, name), "csv")
    rows, others = (list(csv.reader(io.StringIO(each))) for each in (text, harmless(kind, "csv")))
    assert [len(row) for row in rows] == [len(row) for row in others]
    assert not [cell for row in rows for cell in row if re.match(r"\s*[=+@]|\s*-(?!\d)", cell)]
    if kind == "count":
        assert rows[1][rows[0].index("name")].replace("'", "") == escape.plain(name).replace("'", "")


@named
@pytest.mark.parametrize("kind", NAMED)
def test_html_has_no_element_and_no_attribute_more(kind: str, name: str) -> None:
    text = written(page_of(kind, name), "html")
    shown = read(text)
    assert elements(shown) == harmless_elements(kind)
    assert not INVISIBLE.search(text)
    for link in shown.iter("a"):
        assert re.match(r"#|https?://|[^:]*$", str(link.get("href")))
    assert len(text) < 200 * len(harmless(kind, "html"))


@named
def test_json_keeps_the_name_itself(name: str) -> None:
    if "\udce9" in name:
        pytest.skip("half a character is refused where a spec is read")
    text = written(count.page(with_names(COUNTS, name)), "json")
    assert {row["name"] for model in json.loads(text)["models"] for row in model["rows"]} == {name}
    document = written(check.page(everywhere(ALL, name)), "json")
    assert {spec["name"] for spec in json.loads(document)["specs"]} == {name}


@named
def test_junit_and_annotations(name: str) -> None:
    checked = everywhere(ALL, name)
    suites = ElementTree.fromstring(written(check.page(checked), "junit"))
    assert {case.get("classname") for case in suites.iter("testcase")} == {escape.shorten(escape.plain(name), 200)}
    text = written(check.page(checked), "github")
    assert len(text.splitlines()) == len(written(check.page(everywhere(ALL, HARMLESS)), "github").splitlines())
    commands = [line for line in text.splitlines() if line.startswith("::")]
    assert len(commands) == 9
    for command in commands:
        found = re.fullmatch(r"::(?:error|notice) file=([^,:]*)(,line=\d+,col=\d+)?,title=([^,:]*)::(.*)", command)
        assert found, command
    assert not INVISIBLE.search(text)


@named
def test_a_comment_keeps_its_sections(name: str, tmp_path: Path) -> None:
    path = tmp_path / "comment.md"
    comment_file.include(path, "diff", Page("", [Say("kept")]))
    comment_file.include(path, "check", check.page(everywhere(ALL, name)))
    text = path.read_text(encoding="utf-8")
    assert len(text) <= comment_file.LIMIT
    markers = [line for line in text.splitlines() if line.startswith("<!--")]
    assert markers == [
        "<!-- costlens -->",
        *("<!-- costlens:check -->", "<!-- /costlens:check -->"),
        *("<!-- costlens:diff -->", "<!-- /costlens:diff -->"),
    ]
    assert structure(text)[:-3].count("heading_open") == 1


@named
def test_labels_of_a_stored_report(name: str) -> None:
    if "\udce9" in name:
        name = name.replace("\udce9", "")
    hostile = everywhere(profiled_report(), name)
    read = Report.from_json(to_json(hostile))
    assert structure(written(report.page(read), "markdown")) == harmless_structure("report")


def test_nodes_of_an_onnx_file(run: Run, tmp_path: Path) -> None:
    names = dict(enumerate(name for name in HOSTILE.values() if name.isprintable() or "\udce9" not in name))
    tensors = ["x", *(f"t{place}" for place in names)]
    nodes = [("Conv", f"{tensors[place]} w", tensors[place + 1], {"pads": [1] * 4}) for place in names]
    file = Draft({"x": [1, 8, 16, 16]}, nodes, {"w": (8, 8, 3, 3)}, names=names).write(tmp_path / "x.onnx")
    done = run("profile", str(file), "--format", "json")
    assert (done.returncode, done.stderr.split()) == (0, ["timing", "the", "layers", "of", "x.onnx"])
    (document,) = json.loads(done.stdout)
    assert set(names.values()) <= {row["row"] for row in document["rows"]}
    page = layer_times.page(LayerTimes.from_json(json.dumps(document)))
    markdown = written(page, "markdown")
    for text in (done.stdout, markdown, printed(page, 80)):
        assert not INVISIBLE.search(text)
        assert "##[" not in text
    kinds = [token.type for token in MARKDOWN.parse(markdown)]
    assert kinds.count("table_open") == 1
    assert kinds.count("tr_open") >= 1 + len(names)
    assert not set(structure(markdown)) & {"link_open", "html_block", "<script>", "image", "em_open", "s_open"}


FILES = {what: name for what, name in HOSTILE.items() if "/" not in name and "\0" not in name and len(name) < 200}
FILES |= {"long": "x" * 200, "script": "<script>alert(1)", "command_in_a_line": "a\n::add-mask::e"}


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if what in FIRST else pytest.mark.many) for what, name in FILES.items()],
    ids=FILES,
)
def test_a_file_of_a_hostile_name_is_checked_in_every_format(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    (tmp_path / "specs").mkdir()
    for file, text in ((name, f"name: x\n{BODY}budget: {{params: 107}}\n"), (f"{name}!", "name: x\n")):
        Path(os.fsencode(tmp_path / "specs" / f"{file}.yaml").decode("utf-8", "surrogateescape")).write_text(text)
    shown = {}
    for kind in ("terminal", "json", "junit", "github", "markdown", "html"):
        done = run("check", "--format", kind, "--comment", "comment.md")
        assert done.returncode == 2, done.stderr
        for text in (done.stdout, done.stderr):
            assert not INVISIBLE.search(text)
            assert not re.search(r"^\s*::(?!error )|##\[", text, re.MULTILINE)
        assert "input: missing" in done.stderr
        shown[kind] = done.stdout
    assert len(json.loads(shown["json"])["specs"]) == 2
    assert len(list(ElementTree.fromstring(shown["junit"].encode()).iter("testcase"))) == 3
    annotated = re.findall(r"^::error file=([^,:]*),line=", shown["github"], re.MULTILINE)
    assert len(annotated) == 3
    assert structure(shown["markdown"]) == structure((tmp_path / "summary.md").read_text(encoding="utf-8"))


@named
def test_a_spec_of_a_hostile_title_is_counted_in_every_format(run: Run, tmp_path: Path, name: str) -> None:
    spec = tmp_path / "x.yaml"
    head = f"name: x\ntitle: {json.dumps(name)}\nsource: {json.dumps(name)}\nknobs: {{word: {json.dumps(name)}}}\n"
    spec.write_text(head + BODY + f"expect: {{params: 1, source: {json.dumps(name)}}}\n", encoding="utf-8")
    for format_ in ("terminal", "markdown", "csv", "json", "html"):
        done = run("count", str(spec), "--format", format_)
        if "\udce9" in name:
            assert (done.returncode, "unprintable character U+DCE9" in done.stderr) == (2, True)
            continue
        assert done.returncode == 0, done.stderr
        assert format_ == "json" or not INVISIBLE.search(done.stdout)
    if "\udce9" not in name:
        assert run("check", str(spec), "--format", "junit").returncode == 3
