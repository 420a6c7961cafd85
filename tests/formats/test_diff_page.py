"""What a reader finds in each format of a diff: every standing and outcome, bounds, hostile names, very many specs."""

import json
import os
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator

from costlens.analysis.difference import layers
from costlens.errors import UsageError
from costlens.formats import comment as comment_file
from costlens.formats import format_names
from costlens.formats.pages._diff_columns import layer_lines, layer_name, relative, signed, what
from costlens.formats.pages.diff import page
from costlens.results.diff import Diff, End, by_contribution
from costlens.results.page import Page, Say
from costlens.results.stored import stored_schema, to_json
from tests.cases.hostile import HOSTILE, INVISIBLE, KEPT, everywhere, structure
from tests.cases.results import a_diff, compared, diff_sides, partial, printed, spec_counted, written
from tests.fakes.command_line import Run
from tests.fakes.diff_repository import ALONE, NET, PARTS, repository
from tests.fakes.git_repository import write

CHOSEN = KEPT | {"standing", "change", "figure", "outcome", "why", "base_status", "head_status", "inputs"}
"""Fields whose words are ours."""
HARMLESS = "name"
named = pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)


BASE, HEAD = diff_sides()


@pytest.fixture(scope="module")
def everything() -> Diff:
    """Return a diff that has everything a diff can have."""
    return a_diff()


def test_every_standing_is_told_in_every_format(everything: Diff) -> None:
    shown = {name: written(page(everything), name) for name in format_names()}
    shown["terminal"] = printed(page(everything), 200)
    for name, text in shown.items():
        for spec in everything.specs:
            assert spec.path in text, (name, spec.path)
    for name in ("terminal", "markdown"):
        text = " ".join(shown[name].split())
        for words in (
            "10 specs differ from main: 5 changed, 1 of the same cost, 1 added, 1 deleted, 1 broken, 1 broken in base",
            "specs/c.yaml → specs/b.yaml", "1.200× [1.200, 1.200] slower", "too noisy", "no space left",
            "the counts disagree", "base cannot be read, so only head is shown: it is broken", "unsure",
            "head, not counted: stem: no rule for it", "main has moved on",
        ):  # fmt: skip
            assert words in text, (name, words)
    assert re.search(r"- `specs/e.yaml:3:7`: layers.*: unknown field", shown["markdown"])


def test_every_failure_is_one_in_junit_and_in_annotations(everything: Diff) -> None:
    suite = ElementTree.fromstring(written(page(everything), "junit"))
    ends = {
        case.get("name"): next((end.tag for end in case if end.tag != "system-out"), "")
        for case in suite.iter("testcase")
    }
    assert ends == {
        "specs/a.yaml": "failure", "specs/b.yaml": "failure", "specs/d.yaml": "", "specs/e.yaml": "error",
        "specs/f.yaml": "", "specs/g.yaml": "", "specs/h.yaml": "", "specs/i.yaml": "", "specs/j.yaml": "error",
        "specs/k.yaml": "error",
    }  # fmt: skip
    told = re.findall(r"^::(\w+) (?:file=([^,]*),line=(\d+))?", written(page(everything), "github"), re.MULTILINE)
    assert [(path, line) for level, path, line in told if level == "error"] == [
        ("specs/e.yaml", "3"), ("specs/e.yaml", "3"), ("specs/j.yaml", "1"), ("specs/k.yaml", "1"),
        ("specs/a.yaml", "1"), ("specs/b.yaml", "1"),
    ]  # fmt: skip
    lenient = written(page(replace(everything, lenient=True)), "github")
    assert "::warning file=specs/b.yaml" in lenient
    assert "::error file=specs/b.yaml" not in lenient
    assert sorted(type(failure).__name__ for failure in everything.failures) == [
        "BenchError", "MachineTooNoisy", "RegressionError", "SpecError", "VerificationError",
    ]  # fmt: skip
    assert len(replace(everything, lenient=True).failures) == 4


def test_json_validates_and_comes_back_whole(everything: Diff) -> None:
    text = to_json(everything)
    validator = Draft202012Validator(json.loads(stored_schema("diff")))
    assert [error.message for error in validator.iter_errors(json.loads(text))] == []
    assert Diff.from_json(text) == everything
    assert to_json(Diff.from_json(text)) == text
    with pytest.raises(UsageError, match=r"expected schema costlens.diff/1, received 'costlens.diff/2'; make it again"):
        Diff.from_json(text.replace("costlens.diff/1", "costlens.diff/2"))


def test_the_difference_of_bounds_is_unsure() -> None:
    spec = compared(partial(BASE), HEAD)
    (params,) = (total for total in spec.totals if total.figure == "params")
    assert (params.base_status, params.head_status, params.sure) == ("partial", "complete", False)
    shown = printed(page(Diff("costlens.diff/1", End("a"), End("b"), (spec,))))
    assert re.search(r"params +≥ 3,290 +\d[\d,]* +unsure", shown)
    assert "base, not counted: stem: no rule for it" in shown
    assert "unsure" in re.search(r"stem .*", shown)[0]  # type: ignore[index]
    assert "block3" in shown


def test_layers_that_changed_alike_share_a_line_with_their_sum() -> None:
    block = "  - separable: {name: block3"
    repeated = "  - repeat: {times: TIMES, layers: [{separable: {filters: 32, kernel: 3}}]}"
    text = NET.replace(block, f"{repeated}\n{block}")
    base, head = (spec_counted(text.replace("TIMES", str(times))) for times in (2, 6))
    found = layers(base, head)
    (line,) = layer_lines(found.changes)
    assert len(found.changes) == 4
    assert layer_name(line) == "separable3 … separable6 (4)"
    assert what(line) == "added: depthwise 3×3 + conv 1×1 → 8×8×32"
    assert line.macs.delta == sum(change.macs.delta for change in found.changes)
    assert line.macs_share == pytest.approx(1)


def test_fields_that_are_no_geometry_are_told() -> None:
    relu = "activation: relu, padding: same}"
    for changed, field, before, after in (
        ("activation: gelu, padding: same}", "norm and activation", "batch_norm, relu", "batch_norm, gelu"),
        ("activation: relu, padding: valid}", "padding", "same", "valid"),
    ):
        spec = compared(BASE, spec_counted(NET.replace(relu, changed)))
        assert any((one.field, one.base, one.head) == (field, before, after) for one in spec.changes[0].fields)
    report = replace(BASE, fields=None)
    swish = compared(report, spec_counted(NET.replace(relu, "activation: gelu, padding: same}")))
    assert [one.field for one in swish.changes[0].fields] == ["flops"]
    dilated = spec_counted(NET.replace("{name: block3,", "{name: block3, dilation: 2,"))
    (change,) = compared(BASE, dilated).changes
    assert [(one.field, one.base, one.head) for one in change.fields] == [("dilation", "1", "2")]
    assert change.macs.delta == change.params.delta == 0


def test_contributions_may_offset_each_other() -> None:
    head = spec_counted(NET.replace("block1, filters: 16", "block1, filters: 24").replace("units: classes", "units: 2"))
    ordered = by_contribution(compared(BASE, head).changes, "params")
    deltas = [change.params.delta for change in ordered]
    assert min(deltas) < 0 < max(deltas)
    assert [abs(delta) for delta in deltas] == sorted((abs(delta) for delta in deltas), reverse=True)
    assert sum(change.params_share or 0 for change in ordered) == pytest.approx(1)
    assert any((change.params_share or 0) < 0 for change in ordered)


@pytest.mark.parametrize(("value", "text"), [(1.0, "+100%"), (12.3, "+1,230%"), (-1.0, "−100%"), (0.0999, "+10.0%")])
def test_shares(value: float, text: str) -> None:
    assert relative(value) == text
    assert signed(-1234) == "−1,234"


def hostile(diff: Diff, name: str) -> Diff:
    made: Diff = everywhere(diff, name, frozenset(CHOSEN))
    return made


@pytest.fixture(scope="module")
def harmless(everything: Diff) -> tuple[list[str], int]:
    """Return the structure of the page, and the number of annotations, with harmless names."""
    good = hostile(everything, HARMLESS)
    return structure(written(page(good), "markdown")), len(written(page(good), "github").splitlines())


@named
def test_hostile_names_change_no_structure(
    everything: Diff, name: str, tmp_path: Path, harmless: tuple[list[str], int]
) -> None:
    bad = hostile(everything, name)
    text = written(page(bad), "markdown")
    assert structure(text) == harmless[0]
    assert not INVISIBLE.search(text)
    path = tmp_path / "comment.md"
    comment_file.include(path, "check", Page("", [Say("kept")]))
    comment_file.include(path, "diff", page(bad))
    text = path.read_text(encoding="utf-8")
    assert len(text) <= comment_file.LIMIT
    assert [line for line in text.splitlines() if line.startswith("<!--")] == [
        "<!-- costlens -->", "<!-- costlens:check -->", "<!-- /costlens:check -->",
        "<!-- costlens:diff -->", "<!-- /costlens:diff -->",
    ]  # fmt: skip
    suites = ElementTree.fromstring(written(page(bad), "junit"))
    assert {case.get("classname") for case in suites.iter("testcase")} == {"costlens.diff"}
    commands = written(page(bad), "github")
    assert len(commands.splitlines()) == harmless[1]
    for command in commands.splitlines()[:-1]:
        assert re.fullmatch(r"::(error|warning|notice) (file=[^,:]*(,line=\d+(,col=\d+)?)?,)?title=[^,:]*::.*", command)
    assert not INVISIBLE.search(commands)


@named
def test_hostile_names_keep_to_the_terminal(everything: Diff, name: str) -> None:
    shown = printed(page(hostile(everything, name)), 80)
    assert not INVISIBLE.search(shown)
    assert "::add-mask" not in shown
    assert "##[" not in shown
    assert shown.encode()


FILES = {what: name for what, name in HOSTILE.items() if "/" not in name and "\0" not in name and len(name) < 200}
FILES |= {"long": "x" * 200, "script": "<script>alert(1)", "option": "--output=x", "pathspec": ":(glob)*", "star": "*"}
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def test_files_of_hostile_names_in_a_repository(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = repository(tmp_path / "repository", {"specs/parts.blocks.yaml": PARTS})
    monkeypatch.chdir(place)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    names = [os.fsdecode(os.fsencode(name)) for name in FILES.values()]
    write(place, {f"specs/{name}.yaml": ALONE for name in names})
    write(place, {"specs/broken.yaml": ALONE.replace("name: alone", "name: '|<script>`x`'")})
    shown = {}
    for kind in ("terminal", "json", "junit", "github", "markdown"):
        done = run("diff", "--base", "main", "--format", kind, "--comment", str(tmp_path / "comment.md"))
        assert done.returncode == 2, done.stderr
        for text in (done.stdout, done.stderr):
            assert not INVISIBLE.search(text)
            assert not re.search(r"^\s*::(?!error |notice )|##\[", text, re.MULTILINE)
        shown[kind] = done.stdout
    standings = [spec["standing"] for spec in json.loads(shown["json"])["specs"]]
    refused = sum(bool(CONTROL.search(name)) for name in names)
    assert (standings.count("broken"), standings.count("added")) == (refused + 1, len(names) - refused)
    assert len(list(ElementTree.fromstring(shown["junit"].encode()).iter("testcase"))) == len(names) + 1
    assert len(re.findall(r"^::(?:error|notice) file=[^,:]+,line=1", shown["github"], re.MULTILINE)) == len(names) + 1
    rows = [line for line in shown["markdown"].splitlines() if line.startswith("| ")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {5}


def test_very_many_specs_keep_their_totals_and_fit_a_comment(everything: Diff, tmp_path: Path) -> None:
    changed, broken = everything.specs[0], everything.specs[3]
    many = [replace(changed, path=f"specs/{n:04}.yaml", latency=None, outcome=None) for n in range(1000)]
    diff = replace(everything, specs=(*many, replace(broken, path="specs/zzz.yaml")))
    path = tmp_path / "comment.md"
    comment_file.include(path, "diff", page(diff))
    text = path.read_text(encoding="utf-8")
    assert len(text) <= comment_file.SECTION_LIMIT + 100
    assert "1001 specs differ from main: 1000 changed, 1 broken" in text
    assert "specs/e.yaml:3:7" in text
    assert "details left out: a comment holds 65,536 characters" in text
    assert text.count("| changed |") >= 59
