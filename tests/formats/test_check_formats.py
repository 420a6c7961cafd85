"""A check in every format: golden files, byte for byte, and what independent readers find in them.

Renew the files after a wanted change with: COSTLENS_RENEW_GOLDEN=1 python -m pytest tests/formats/test_check_formats.py
"""

from __future__ import annotations

import io
import json
import os
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt
from rich.console import Console

from costlens.errors import gravest
from costlens.formats import comment as comment_file
from costlens.formats import rendering, rendering_names
from costlens.formats.checks import markdown, terminal
from costlens.results.check import Checked
from costlens.results.documents import stored_schema
from tests import places
from tests.cases.checked import BODY, lines
from tests.cases.checks import ALL, BROKEN, KEEPS, MISSES, NOISY, PARTIAL, PLAIN
from tests.fakes.command_line import Run

GOLDEN = places.GOLDEN / "check"
SUFFIXES = {"github": ".txt", "json": ".json", "junit": ".xml", "markdown": ".md"}
FATES = [
    (replace(ALL, specs=(KEEPS, PLAIN), troubles=()), None, "✓"),
    (replace(ALL, specs=(NOISY, KEEPS), troubles=()), 7, "?"),
    (replace(ALL, specs=(NOISY, KEEPS), troubles=(), allowed=True), None, "✓"),
    (replace(ALL, specs=(NOISY, PARTIAL), troubles=()), 3, "✗"),
    (replace(ALL, specs=(NOISY, MISSES), troubles=(), allowed=True), 3, "✗"),
    (ALL, 2, "✗"),
]


def same_as_golden(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get("COSTLENS_RENEW_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text.encode() == path.read_bytes()


def test_every_format_has_its_golden_file() -> None:
    assert set(rendering_names("checks")) == set(SUFFIXES)


@pytest.mark.parametrize("name", SUFFIXES)
def test_every_fate_in_every_text_format(name: str) -> None:
    same_as_golden(f"all{SUFFIXES[name]}", rendering("checks", name).render(ALL))


@pytest.mark.parametrize("width", [80, 120])
def test_every_fate_on_the_terminal(width: int) -> None:
    console = Console(width=width, file=io.StringIO(), color_system=None, highlight=False)
    console.print(terminal.render(ALL))
    shown = lines(console.file.getvalue())  # type: ignore[attr-defined]
    assert max(map(len, shown)) <= width
    same_as_golden(f"all-terminal-{width}.txt", "\n".join(shown) + "\n")


def test_the_comment(tmp_path: Path) -> None:
    path = tmp_path / "comment.md"
    comment_file.include(path, "check", *markdown.comment(ALL))
    same_as_golden("comment.md", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("checked", "code", "mark"), FATES)
def test_how_it_ends_is_said_alike(checked: Checked, code: int | None, mark: str) -> None:
    assert (gravest(checked.errors).exit_code if checked.errors else None) == code
    ended = replace(checked, exit_code=code or 0)
    assert markdown.render(ended).startswith(f"### {mark} ")
    suite = ElementTree.fromstring(rendering("checks", "junit").render(ended))
    assert (suite.get("failures") != "0" or suite.get("errors") != "0") == bool(code)
    assert ("::error" in rendering("checks", "github").render(ended)) == bool(code)


def test_junit_is_a_case_a_figure() -> None:
    suites = ElementTree.fromstring(rendering("checks", "junit").render(ALL))
    (suite,) = suites
    counted = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counted == {"tests": "13", "failures": "5", "errors": "3", "skipped": "1"}
    assert len(suite.findall("testcase")) == 13
    kinds = [failure.get("type") for failure in suite.iter("failure")]
    assert kinds == ["missed", "missed", "missed", "partial", "inconclusive"]
    first = suite.find("testcase[@name='macs 6.8k']")
    assert first is not None
    assert (first.get("file"), first.get("line")) == ("specs/misses.yaml", "4")


def test_junit_tells_files_apart_whose_specs_have_one_name() -> None:
    twins = (replace(MISSES, file="a/x.yaml"), replace(MISSES, file="b/x.yaml"), replace(BROKEN, name="misses"))
    suites = ElementTree.fromstring(rendering("checks", "junit").render(replace(ALL, specs=twins)))
    cases = [(case.get("classname"), case.get("name")) for case in suites.iter("testcase")]
    assert len(set(cases)) == len(cases) == 9


def test_json_validates_and_says_all() -> None:
    document = json.loads(rendering("checks", "json").render(ALL))
    assert list(Draft202012Validator(json.loads(stored_schema("check"))).iter_errors(document)) == []
    assert [figure["verdict"] for spec in document["specs"] for figure in spec["figures"]] == [
        "kept", "kept", "kept", "not measured", "missed", "missed", "missed", "partial", "inconclusive",
    ]  # fmt: skip


def test_the_comment_is_one_table_and_folds_the_rest() -> None:
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(markdown.render(ALL))
    opened = [token.type for token in tokens if token.type in {"table_open", "bullet_list_open", "html_block"}]
    assert opened == ["table_open", "bullet_list_open", "bullet_list_open", "html_block", "table_open", "html_block"]


def test_a_comment_on_hundreds_of_specs_stays_short(tmp_path: Path) -> None:
    many = tuple(replace(MISSES, name=f"misses{number}") for number in range(500))
    path = tmp_path / "comment.md"
    comment_file.include(path, "check", *markdown.comment(replace(ALL, specs=many)))
    text = path.read_text(encoding="utf-8")
    assert len(text) <= comment_file.LIMIT
    assert "500 specs, 1500 figures: 1500 missed, errors in pyproject.toml." in text
    assert "and 1450 figures more" in text
    assert re.search(r"\*\d+ details left out: a comment holds 65,536 characters\.\*", text)


# what a runner's environment says, and where it then sees the file
WORKSPACES = [("", "x.yaml"), ("..", "inner/x.yaml"), ("/elsewhere", "x.yaml")]


@pytest.mark.parametrize(("workspace", "file"), WORKSPACES)
def test_annotations_stand_at_the_very_line_of_the_repository(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workspace: str, file: str
) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    monkeypatch.chdir(inner)
    monkeypatch.setenv("GITHUB_WORKSPACE", workspace)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    (inner / "x.yaml").write_text(f"name: x\n{BODY}budget:\n  macs: 7k\n  params: 107\n", encoding="utf-8")
    (tmp_path / "summary.md").write_text("before\n", encoding="utf-8")
    done = run("check", "x.yaml", "--format", "github")
    assert done.returncode == 3
    assert lines(done.stdout) == [
        f"::error file={file},line=6,col=3,title=x%3A params missed::params is 108, over its budget of 107",
        "1 spec, 2 figures: 1 missed",
    ]
    summary = (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert summary.startswith("before\n### ✗ Budgets and published figures\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "/nowhere/summary.md")
    done = run("check", "x.yaml", "--format", "github")
    assert (done.returncode, "/nowhere/summary.md: cannot be written" in done.stderr) == (2, True)


def test_check_and_comment_in_one_go(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.yaml").write_text(f"name: x\n{BODY}budget: {{macs: 7k}}\n", encoding="utf-8")
    assert run("check", "x.yaml", "--comment", "out/comment.md").returncode == 0
    first = (tmp_path / "out" / "comment.md").read_text(encoding="utf-8")
    assert first.startswith("<!-- costlens -->\n<!-- costlens:check -->\n### ✓ Budgets and published figures\n")
    (tmp_path / "x.yaml").write_text(f"name: x\n{BODY}budget: {{macs: 6k}}\n", encoding="utf-8")
    assert run("check", "x.yaml", "--comment", "out/comment.md").returncode == 3
    second = (tmp_path / "out" / "comment.md").read_text(encoding="utf-8")
    assert second.count("costlens:check -->") == 2
    assert "✗ **missed**" in second
    (tmp_path / "mine.md").write_text("mine\n", encoding="utf-8")
    done = run("check", "x.yaml", "--comment", "mine.md")
    assert (done.returncode, "is no comment of costlens" in done.stderr) == (2, True)
