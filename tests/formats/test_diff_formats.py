"""What a reader finds in each format of a diff: every standing and outcome, bounds, hostile names, very many specs."""

from __future__ import annotations

import io
import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator
from rich.console import Console

from costlens.analysis.difference import Counted, fields_of, knob_changes, layers, peak_at, totals
from costlens.bench.protocol import Protocol
from costlens.errors import Problem, UsageError
from costlens.formats import comment as comment_file
from costlens.formats import rendering, rendering_names
from costlens.formats.diff import github, markdown, terminal
from costlens.network.count import count
from costlens.results.diff import Diff, End, SpecDiff, by_contribution, diff_from_json, diff_to_json
from costlens.results.diff_columns import layer_lines, layer_name, relative, signed, what
from costlens.results.documents import stored_schema
from costlens.spec.loading import loads
from tests.cases.hostile import HOSTILE, INVISIBLE, KEPT, everywhere, structure
from tests.fakes.command_line import Run
from tests.fakes.diff_repository import ALONE, HEADS, NET, PARTS, repository
from tests.fakes.fake_bench import Conductor
from tests.fakes.git_repository import write

CHOSEN = KEPT | {"standing", "change", "figure", "outcome", "why", "base_status", "head_status", "inputs"}
"""Fields whose words are ours."""
HARMLESS = "name"
named = pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)


def counted(text: str) -> Counted:
    spec = loads(text, file="specs/net.yaml", read=lambda _: PARTS.encode())
    return Counted(count(spec.graph), spec.knobs, fields_of(spec.graph))


def compared(base: Counted, head: Counted, **more: Any) -> SpecDiff:
    found = layers(base, head)
    return SpecDiff(
        path="specs/net.yaml",
        was="",
        name=head.count.name,
        standing="changed",
        totals=totals(base.count, head.count),
        peak_at=peak_at(base.count, head.count),
        knobs=knob_changes(base.knobs, head.knobs),
        changes=found.changes,
        unchanged_rows=found.unchanged,
        base_uncounted=base.count.uncounted,
        head_uncounted=head.count.uncounted,
        **more,
    )


def partial(given: Counted) -> Counted:
    first, *rest = given.count.rows
    rows = (replace(first, uncounted=("no rule for it",)), *rest)
    status = dict.fromkeys(given.count.status, "partial")
    model = replace(given.count, rows=rows, status=status, uncounted=("stem: no rule for it",))
    return replace(given, count=model)


BASE = counted(NET)
HEAD = counted(str(HEADS["swapped"]["specs/net.yaml"]).replace("width", "alpha").replace("filters: 8", "filters: 12"))


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory, nothing_of_other_tests_is_collected: None) -> Diff:
    """Return a diff that has everything a diff can have."""
    folder = tmp_path_factory.mktemp("timed")
    slower = Conductor({"base": 1.0, "head": 1.2}, folder)
    noisy = Conductor(slower.call_ms, folder, lambda _, label: 1.1 if label == "copy of base" else 1.0)
    plan = Protocol(looks=1, processes=7, blocks=2)
    latency = [conductor.run(plan, baseline="base") for conductor in (slower, noisy)]
    changed = compared(BASE, HEAD)
    problem = Problem("specs/e.yaml", 3, 7, "layers[0]", "unknown field")
    one_sided = (totals(None, HEAD.count), peak_at(None, HEAD.count))
    return Diff(
        "costlens.diff/1",
        End("main", "0" * 40),
        End("working tree"),
        (
            replace(changed, path="specs/a.yaml").measured(latency[0]),
            replace(changed, path="specs/b.yaml", was="specs/c.yaml").measured(latency[1]),
            replace(compared(partial(BASE), partial(HEAD)), path="specs/d.yaml"),
            SpecDiff("specs/e.yaml", "", "e", "broken", problems=(problem, replace(problem, path=""))),
            SpecDiff("specs/f.yaml", "", "f", "added", False, *one_sided, untimed="one side"),
            SpecDiff("specs/g.yaml", "", "g", "deleted", False, totals(BASE.count, None), peak_at(BASE.count, None)),
            SpecDiff("specs/h.yaml", "", "h", "base_broken", False, *one_sided, base_problem="it is broken"),
            replace(compared(BASE, BASE), path="specs/i.yaml", standing="same_cost", same_graph=True),
            replace(changed, path="specs/j.yaml", failed="no space left"),
            replace(changed, path="specs/k.yaml", disagreement="the roads disagree"),
        ),
        exit_code=2,
        unchanged=3,
        notes=("main has moved on",),
    )


def printed(diff: Diff, width: int = 80) -> str:
    console = Console(width=width, file=io.StringIO(), color_system=None, highlight=False)
    console.print(terminal.render(diff, width))
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]


def test_every_standing_is_told_in_every_format(everything: Diff) -> None:
    shown = {name: rendering("diff", name).render(everything) for name in rendering_names("diff")}
    shown["terminal"] = printed(everything, 200)
    for name, text in shown.items():
        for spec in everything.specs:
            assert spec.path in text, (name, spec.path)
    for name in ("terminal", "markdown"):
        text = " ".join(shown[name].split())
        for words in (
            "10 specs differ from main: 5 changed, 1 of the same cost, 1 added, 1 deleted, 1 broken, 1 broken in base",
            "specs/c.yaml → specs/b.yaml", "1.200 [1.200, 1.200] slower", "too noisy", "no space left",
            "the roads disagree", "base cannot be read, so head stands alone: it is broken", "unsure",
            "head, not counted: stem: no rule for it", "main has moved on",
        ):  # fmt: skip
            assert words in text, (name, words)
    assert re.search(r"- `specs/e.yaml:3:7`: layers.*: unknown field", shown["markdown"])


def test_every_failure_is_one_in_junit_and_in_annotations(everything: Diff) -> None:
    suite = ElementTree.fromstring(rendering("diff", "junit").render(everything))
    ends = {case.get("file"): next((end.tag for end in case), "") for case in suite.iter("testcase")}
    assert ends == {
        "specs/a.yaml": "failure", "specs/b.yaml": "failure", "specs/d.yaml": "", "specs/e.yaml": "error",
        "specs/f.yaml": "", "specs/g.yaml": "", "specs/h.yaml": "", "specs/i.yaml": "", "specs/j.yaml": "error",
        "specs/k.yaml": "error",
    }  # fmt: skip
    told = re.findall(r"^::(\w+) (?:file=([^,]*),line=(\d+))?", github.render(everything), re.MULTILINE)
    assert [(path, line) for level, path, line in told if level == "error"] == [
        ("specs/a.yaml", "1"), ("specs/b.yaml", "1"), ("specs/e.yaml", "3"), ("specs/e.yaml", "3"),
        ("specs/j.yaml", "1"), ("specs/k.yaml", "1"),
    ]  # fmt: skip
    lenient = github.render(replace(everything, lenient=True))
    assert "::warning file=specs/b.yaml" in lenient
    assert "::error file=specs/b.yaml" not in lenient
    assert sorted(type(failure).__name__ for failure in everything.failures) == [
        "BenchError", "MachineTooNoisy", "RegressionError", "SpecError", "VerificationError",
    ]  # fmt: skip
    assert len(replace(everything, lenient=True).failures) == 4


def test_json_validates_and_comes_back_whole(everything: Diff) -> None:
    text = diff_to_json(everything)
    validator = Draft202012Validator(json.loads(stored_schema("diff")))
    assert [error.message for error in validator.iter_errors(json.loads(text))] == []
    assert diff_from_json(text) == everything
    assert diff_to_json(diff_from_json(text)) == text
    with pytest.raises(UsageError, match=r"expected schema costlens.diff/1, received 'costlens.diff/2'; make it anew"):
        diff_from_json(text.replace("costlens.diff/1", "costlens.diff/2"))


def test_the_difference_of_bounds_is_unsure() -> None:
    spec = compared(partial(BASE), HEAD)
    (params,) = (total for total in spec.totals if total.figure == "params")
    assert (params.base_status, params.head_status, params.sure, spec.sure) == ("partial", "complete", False, False)
    shown = printed(Diff("costlens.diff/1", End("a"), End("b"), (spec,)))
    assert re.search(r"params +≥ 3,290 +\d[\d,]* +unsure", shown)
    assert "base, not counted: stem: no rule for it" in shown
    assert "unsure" in re.search(r"stem .*", shown)[0]  # type: ignore[index]
    assert "block3" in shown


def test_layers_that_changed_alike_share_a_line_with_their_sum() -> None:
    block = "  - separable: {name: block3"
    repeated = "  - repeat: {times: TIMES, layers: [{separable: {filters: 32, kernel: 3}}]}"
    text = NET.replace(block, f"{repeated}\n{block}")
    base, head = (counted(text.replace("TIMES", str(times))) for times in (2, 6))
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
        spec = compared(BASE, counted(NET.replace(relu, changed)))
        assert any((one.field, one.base, one.head) == (field, before, after) for one in spec.changes[0].fields)
    report = replace(BASE, fields=None)
    swish = compared(report, counted(NET.replace(relu, "activation: gelu, padding: same}")))
    assert [one.field for one in swish.changes[0].fields] == ["flops"]
    dilated = counted(NET.replace("{name: block3,", "{name: block3, dilation: 2,"))
    (change,) = compared(BASE, dilated).changes
    assert [(one.field, one.base, one.head) for one in change.fields] == [("dilation", "1", "2")]
    assert change.macs.delta == change.params.delta == 0


def test_contributions_may_offset_each_other() -> None:
    head = counted(NET.replace("block1, filters: 16", "block1, filters: 24").replace("units: classes", "units: 2"))
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
    return structure(markdown.render(good)), len(github.render(good).splitlines())


@named
def test_hostile_names_change_no_structure(
    everything: Diff, name: str, tmp_path: Path, harmless: tuple[list[str], int]
) -> None:
    bad = hostile(everything, name)
    page = markdown.render(bad)
    assert structure(page) == harmless[0]
    assert not INVISIBLE.search(page)
    path = tmp_path / "comment.md"
    comment_file.include(path, "check", "kept")
    comment_file.include(path, "diff", markdown.totals(bad), markdown.blocks(bad))
    text = path.read_text(encoding="utf-8")
    assert len(text) <= comment_file.LIMIT
    assert [line for line in text.splitlines() if line.startswith("<!--")] == [
        "<!-- costlens -->", "<!-- costlens:check -->", "<!-- /costlens:check -->",
        "<!-- costlens:diff -->", "<!-- /costlens:diff -->",
    ]  # fmt: skip
    suites = ElementTree.fromstring(rendering("diff", "junit").render(bad))
    assert len(suites.findall("testsuite/testcase")) == len(everything.specs)
    commands = github.render(bad)
    assert len(commands.splitlines()) == harmless[1]
    for command in commands.splitlines():
        assert re.fullmatch(r"::(error|warning|notice) (file=[^,:]*(,line=\d+(,col=\d+)?)?,)?title=[^,:]*::.*", command)
    assert not INVISIBLE.search(commands)


@named
def test_hostile_names_keep_to_the_terminal(everything: Diff, name: str) -> None:
    shown = printed(hostile(everything, name))
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
    for kind in ("table", "json", "junit", "github", "markdown"):
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
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {7}


def test_very_many_specs_keep_their_totals_and_fit_a_comment(everything: Diff, tmp_path: Path) -> None:
    changed, broken = everything.specs[0], everything.specs[3]
    many = [replace(changed, path=f"specs/{n:04}.yaml", latency=None, outcome=None) for n in range(1000)]
    diff = replace(everything, specs=(*many, replace(broken, path="specs/zzz.yaml")))
    path = tmp_path / "comment.md"
    comment_file.include(path, "diff", markdown.totals(diff), markdown.blocks(diff))
    text = path.read_text(encoding="utf-8")
    assert len(text) <= comment_file.SECTION_LIMIT + 100
    assert "1001 specs differ from main: 1000 changed, 1 broken" in text
    assert "specs/e.yaml:3:7" in text
    assert "details left out: a comment holds 65,536 characters" in text
    assert text.count("| changed |") >= 59
