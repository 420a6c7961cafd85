"""Hostile names in every document: an independent reader finds the same structure as with harmless names."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from rich.console import Console

from costlens.formats import comment as comment_file
from costlens.formats import escape, rendering, terminal, text_format
from costlens.formats import markdown as page
from costlens.formats.checks import markdown as check_page
from costlens.formats.checks import terminal as check_table
from costlens.formats.sweep import markdown as sweep_page
from costlens.formats.sweep import terminal as sweep_table
from costlens.formats.verification import markdown as verification_page
from costlens.results.report import Report, report_from_json, report_to_json
from costlens.results.sweep import Condition, Sweep, SweepLine
from tests.cases.checked import BODY
from tests.cases.checks import ALL
from tests.cases.hostile import HOSTILE, INVISIBLE, MARKDOWN, everywhere, structure
from tests.cases.layer_times import net_times
from tests.cases.onnx_drafts import Draft
from tests.cases.verified import MIXED
from tests.fakes.command_line import Run
from tests.places import GOLDEN

pytestmark = pytest.mark.many

_STORED = report_from_json((GOLDEN / "report.json").read_text(encoding="utf-8"))
REPORT = replace(
    _STORED,
    counts=tuple(replace(count, rows=count.rows[:4]) for count in _STORED.counts[:2]),
    ledgers=_STORED.ledgers[:1],
    layer_times=(net_times(),),
    not_profiled=("separable: it cannot",),
)
COUNTS = list(REPORT.counts)
HARMLESS = "name"
FIRST = {
    "script", "pipe", "backticks", "newline", "mention", "long", "right_to_left", "formula", "command", "undecodable",
}  # fmt: skip
named = pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if what in FIRST else pytest.mark.many) for what, name in HOSTILE.items()],
    ids=HOSTILE,
)


def sweep() -> Sweep:
    assert REPORT.latency is not None
    (one, *_) = REPORT.latency.models
    timed = SweepLine(Condition("r", 1, 1, "fp32"), one.label, 0, one.label, remark="odd")
    failed = SweepLine(Condition("r", 2, 1, "int8"), "none", problem="it cannot")
    latency = replace(REPORT.latency, models=(one,), ratios=())
    return Sweep("costlens.sweep/1", "name", "title", (timed, failed), (latency,), 1.0)


def of_one_note(sweep: Sweep) -> Sweep:
    """Return a sweep whose note is one line: a note has a sentence a line, and each becomes an item."""
    (latency,) = sweep.comparisons
    return replace(sweep, comparisons=(replace(latency, note=" ".join(latency.note.split())),))


PAGES: dict[str, tuple[Any, Callable[[Any], str]]] = {
    "report": (REPORT, page.render),
    "counts": (COUNTS, page.render_counts),
    "index": ({"folder": REPORT}, page.index),
    "overview": ({"folder": REPORT}, lambda reports: page.overview(reports, link="reports/{folder}/report.md")),
    "time per layer": (REPORT.layer_times[0], page.render_layer_times),
    "check": (ALL, check_page.render),
    "sweep": (sweep(), lambda sweep: sweep_page.render(of_one_note(sweep))),
    "verification": (MIXED, verification_page.render),
}
TABLES: dict[str, tuple[Any, Callable[[Any, int], Any]]] = {
    "report": (REPORT, lambda result, width: terminal.report(result, width, rows=True)),
    "counts": (COUNTS, lambda result, width: terminal.counts(result, width, rows=True)),
    "time per layer": (REPORT.layer_times[0], terminal.layer_times),
    "ledger": (REPORT.ledgers[0], terminal.ledger),
    "check": (ALL, lambda result, _: check_table.render(result)),
    "sweep": (sweep(), sweep_table.render),
}


def with_names(result: Any, name: str) -> Any:
    if isinstance(result, list):
        return [everywhere(each, name) for each in result]
    return everywhere(result, name)


@named
@pytest.mark.parametrize("kind", PAGES)
def test_a_page_has_the_structure_that_it_has_with_harmless_names(kind: str, name: str) -> None:
    result, render = PAGES[kind]
    written = render(with_names(result, name))
    assert structure(written) == structure(render(with_names(result, HARMLESS)))
    assert not INVISIBLE.search(written)
    for token in MARKDOWN.parse(written):
        for child in token.children or ():
            if child.type == "link_open":
                assert str(child.attrGet("href")).split(":")[0] not in {"javascript", "http"}
    assert written.encode()
    assert len(written) < 200 * len(render(with_names(result, HARMLESS)))


@named
@pytest.mark.parametrize("kind", TABLES)
@pytest.mark.parametrize("width", [80, pytest.param(140, marks=pytest.mark.many)])
def test_a_table_keeps_to_the_terminal(kind: str, name: str, width: int) -> None:
    result, render = TABLES[kind]
    console = Console(width=width, file=io.StringIO(), color_system=None, highlight=False)
    console.print(render(with_names(result, name), width))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert not INVISIBLE.search(shown)
    assert "::add-mask" not in shown
    assert "##[" not in shown
    assert shown.encode()


@named
def test_csv_has_the_same_cells_and_no_formula(name: str) -> None:
    text = text_format("csv").render_counts(with_names(COUNTS, name))
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) == len(text.splitlines()) == 1 + sum(len(model.rows) for model in COUNTS)
    assert {len(row) for row in rows} == {len(rows[0])}
    for row in rows:
        for cell in row:
            assert not re.match(r"\s*[=+@-]", cell)
    header, first = rows[:2]
    assert first[header.index("name")].replace("'", "") == escape.plain(name).replace("'", "")


@named
def test_json_keeps_the_name_itself(name: str) -> None:
    if "\udce9" in name:
        pytest.skip("half a character is refused where a spec is read")
    text = text_format("json").render_counts(with_names(COUNTS, name))
    assert {row["name"] for model in json.loads(text)["models"] for row in model["rows"]} == {name}
    document = rendering("checks", "json").render(everywhere(ALL, name))
    assert {spec["name"] for spec in json.loads(document)["specs"]} == {name}


@named
def test_junit_and_annotations(name: str) -> None:
    checked = everywhere(ALL, name)
    suites = ElementTree.fromstring(rendering("checks", "junit").render(checked))
    assert len(suites.findall("testsuite/testcase")) == 13
    assert {case.get("classname") for case in suites.iter("testcase")} == {escape.shorten(escape.plain(name), 200)}
    text = rendering("checks", "github").render(checked)
    assert len(text.splitlines()) == len(rendering("checks", "github").render(everywhere(ALL, HARMLESS)).splitlines())
    commands = [line for line in text.splitlines() if line.startswith("::")]
    assert len(commands) == 9
    for command in commands:
        found = re.fullmatch(r"::(?:error|notice) file=([^,:]*)(,line=\d+,col=\d+)?,title=([^,:]*)::(.*)", command)
        assert found, command
    assert not INVISIBLE.search(text)


@named
def test_a_comment_keeps_its_sections(name: str, tmp_path: Path) -> None:
    path = tmp_path / "comment.md"
    comment_file.include(path, "diff", "kept")
    comment_file.include(path, "check", *check_page.comment(everywhere(ALL, name)))
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
    hostile = everywhere(REPORT, name)
    read: Report = report_from_json(report_to_json(replace(hostile, schema=REPORT.schema)))
    assert structure(page.render(read)) == structure(page.render(everywhere(REPORT, HARMLESS)))


@pytest.mark.parametrize("format_", ["table", "markdown", "json"])
def test_nodes_of_an_onnx_file(run: Run, tmp_path: Path, format_: str) -> None:
    names = dict(enumerate(name for name in HOSTILE.values() if name.isprintable() or "\udce9" not in name))
    tensors = ["x", *(f"t{place}" for place in names)]
    nodes = [("Conv", f"{tensors[place]} w", tensors[place + 1], {"pads": [1] * 4}) for place in names]
    file = Draft({"x": [1, 8, 16, 16]}, nodes, {"w": (8, 8, 3, 3)}, names=names).write(tmp_path / "x.onnx")
    done = run("profile", str(file), "--format", format_)
    assert (done.returncode, done.stderr) == (0, "")
    assert not INVISIBLE.search(done.stdout)
    assert "##[" not in done.stdout
    if format_ == "json":
        (times,) = json.loads(done.stdout)
        assert set(names.values()) <= {row["row"] for row in times["rows"]}
    if format_ == "markdown":
        kinds = [token.type for token in MARKDOWN.parse(done.stdout)]
        assert kinds.count("table_open") == 1
        assert kinds.count("tr_open") >= 1 + len(names)
        found = set(structure(done.stdout))
        assert not found & {"link_open", "html_block", "<script>", "image", "em_open", "s_open"}


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
    for kind in ("table", "json", "junit", "github", "markdown"):
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
    for format_ in ("table", "markdown", "csv", "json"):
        done = run("count", str(spec), "--format", format_)
        if "\udce9" in name:
            assert (done.returncode, "unprintable character U+DCE9" in done.stderr) == (2, True)
            continue
        assert done.returncode == 0, done.stderr
        assert format_ == "json" or not INVISIBLE.search(done.stdout)
    if "\udce9" not in name:
        assert run("check", str(spec), "--format", "junit").returncode == 3
