"""``costlens diff`` in a git repository: what each head of a pull request is told to be, and how the command ends.

Renew the golden files after a wanted change with: COSTLENS_RENEW_GOLDEN=1 python -m pytest tests/tasks/test_diff.py
"""

import json
import os
import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest

from costlens.formats import comment as comment_file
from costlens.results.diff import Diff, SpecDiff
from costlens.results.page import Page, Say
from tests import places
from tests.fakes.command_line import Done, Run
from tests.fakes.diff_repository import ALONE, BASE, HEADS, NET, TINY
from tests.fakes.git_repository import commit, git, write
from tests.places import ROOT

GOLDEN = places.GOLDEN / "diff"
EXITS = {"broken": 2, "no_yaml": 2}
"""Of the heads that do not end with 0."""
_HASH = re.compile(r"\b[0-9a-f]{40}\b|\b[0-9a-f]{12}\b")


def same_as_golden(name: str, text: str) -> None:
    path, told = GOLDEN / name, _HASH.sub(lambda found: "0" * len(found[0]), text)
    if os.environ.get("COSTLENS_RENEW_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(told, encoding="utf-8")
    assert told.encode() == path.read_bytes()


def trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def told(done: Done) -> Diff:
    return Diff.from_json(done.stdout)


def only(diff: Diff) -> SpecDiff:
    (spec,) = diff.specs
    return spec


@pytest.mark.parametrize("head", HEADS)
def test_each_head_in_every_format(head: str, place: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    write(place, HEADS[head])
    comment, summary = place / "comment.md", place / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    shown = {
        ".txt": run("diff", "--base", "main"),
        ".json": run("diff", "--base", "main", "--format", "json"),
        ".xml": run("diff", "--base", "main", "--format", "junit"),
        ".annotations": run("diff", "--base", "main", "--format", "github", "--comment", str(comment)),
    }
    assert {done.returncode for done in shown.values()} == {EXITS.get(head, 0)}
    assert len({done.stderr for done in shown.values()}) == 1
    assert bool(shown[".txt"].stderr) == (head in EXITS)
    for suffix, done in shown.items():
        same_as_golden(f"{head}{suffix}", trimmed(done.stdout) if suffix == ".txt" else done.stdout)
    same_as_golden(f"{head}.md", comment.read_text())
    assert summary.read_text().strip() in comment.read_text()
    assert max(map(len, shown[".txt"].stdout.splitlines())) <= 80


def test_a_swapped_block_is_one_change_that_explains_everything(place: Path, run: Run) -> None:
    write(place, HEADS["swapped"])
    spec = only(told(run("diff", "--base", "main", "--format", "json")))
    (change,) = spec.changes
    assert (change.change, change.name, change.was) == ("changed", "block3", "")
    assert (change.base_rows, change.head_rows) == (("block3.depthwise", "block3.pointwise"), ("block3",))
    assert {one.field: (one.base, one.head) for one in change.fields} == {
        "kind": ("separable", "standard"), "kernel": ("3×3 + 1×1", "3×3"), "groups": ("32 + 1", "1"),
    }  # fmt: skip
    # 3·3·32 + 32·32 kernels and two norms of 4·32 against 3·3·32·32 and one, at 8×8 positions
    assert change.params.delta == (9 * 32 * 32 + 128) - (9 * 32 + 32 * 32 + 256)
    assert change.macs.delta == 64 * (9 * 32 * 32 - 9 * 32 - 32 * 32)
    assert (change.params_share, change.macs_share) == (1.0, 1.0)
    macs = spec.total("macs")
    assert macs is not None
    assert (macs.delta, macs.sure) == (change.macs.delta, True)


def test_a_renamed_knob_changes_no_cost(place: Path, run: Run) -> None:
    write(place, HEADS["knob"])
    spec = only(told(run("diff", "--base", "main", "--format", "json")))
    assert (spec.same_graph, spec.changes) == (True, ())
    assert [(knob.was, knob.name, knob.base, knob.head) for knob in spec.knobs] == [("width", "alpha", 1.0, 1.0)]
    assert "No change in cost: the network is the same" in run("diff", "--base", "main").stdout


def test_a_broken_spec_is_annotated_on_its_line_and_keeps_no_other_from_being_told(place: Path, run: Run) -> None:
    write(place, HEADS["broken"])
    done = run("diff", "--base", "main", "--format", "github")
    error, notice, _ = done.stdout.splitlines()
    line = next(n for n, text in enumerate(NET.splitlines(), 1) if text.startswith("  - separable: {name: block2"))
    assert error.startswith(
        f"::error file=specs/net.yaml,line={line},col=52,title=costlens::layers[2].separable: kernal"
    )
    assert notice.startswith("::notice file=specs/tiny.yaml,line=1")
    assert done.stderr.startswith(f"specs/net.yaml:{line}:52: layers[2].separable: kernal: unknown field")


def test_a_spec_that_is_broken_in_base_stands_alone(place: Path, run: Run) -> None:
    commit(place, {"specs/net.yaml": NET.replace("kernel: 3", "kernel: none")}, "broken")
    git(place, "branch", "--force", "main", "HEAD")
    write(place, {"specs/net.yaml": NET, "specs/tiny.yaml": TINY.replace("units: 3", "units: 4")})
    done = run("diff", "--base", "main", "--format", "json")
    net, tiny = told(done).specs
    assert (done.returncode, net.standing, tiny.standing) == (0, "base_broken", "changed")
    assert net.base_problem.startswith("main:specs/net.yaml:")
    params = net.total("params")
    assert params is not None
    assert (params.base, params.head, params.delta) == (None, 3290, None)
    assert "base cannot be read, so only head is shown" in run("diff", "--base", "main").stdout
    assert "::warning file=specs/net.yaml,line=1" in run("diff", "--base", "main", "--format", "github").stdout


def test_a_spec_that_is_broken_on_both_sides_alike_does_not_differ(place: Path, run: Run) -> None:
    commit(place, {"specs/net.yaml": "name: ["}, "broken")
    git(place, "branch", "--force", "main", "HEAD")
    done = run("diff", "--base", "main")
    assert (done.returncode, done.stdout) == (0, "No spec differs from main; 3 are the same.\n")


def test_line_ends_are_no_difference(place: Path, run: Run) -> None:
    (place / "specs" / "net.yaml").write_bytes(NET.replace("\n", "\r\n").encode())
    assert told(run("diff", "--base", "main", "--format", "json")).specs == ()


def test_a_broken_blocks_file_breaks_what_includes_it(place: Path, run: Run) -> None:
    write(place, {"specs/parts.blocks.yaml": "blocks: [\n"})
    done = run("diff", "--base", "main", "--format", "json")
    assert done.returncode == 2
    assert {spec.path: spec.standing for spec in told(done).specs} == {
        "specs/net.yaml": "broken", "specs/tiny.yaml": "broken",
    }  # fmt: skip
    assert {problem.file for spec in told(done).specs for problem in spec.problems} == {"specs/parts.blocks.yaml"}


@pytest.mark.parametrize("link", ["/etc/passwd", "../../outside.yaml"])
def test_a_head_that_links_out_of_the_repository_is_broken(link: str, place: Path, run: Run) -> None:
    (place.parent / "outside.yaml").write_text("name: secret\n")
    (place / "specs" / "tiny.yaml").unlink()
    (place / "specs" / "tiny.yaml").symlink_to(link)
    done = run("diff", "--base", "main")
    assert done.returncode == 2
    assert "specs/tiny.yaml: is a symbolic link that leaves the repository" in done.stderr
    assert "secret" not in done.stdout + done.stderr


def test_an_include_that_leaves_the_repository_is_refused(place: Path, run: Run) -> None:
    write(place.parent, {"outside.blocks.yaml": "blocks: {secret: {layers: [relu]}}\n"})
    write(place, {"specs/tiny.yaml": TINY.replace("parts", "../../outside")})
    done = run("diff", "--base", "main")
    assert done.returncode == 2
    assert "specs/tiny.yaml:2:10: include: ../outside.blocks.yaml: leaves the repository" in done.stderr


def test_a_moved_spec_is_the_same_by_its_text_or_its_name(place: Path, run: Run) -> None:
    write(place, {"specs/tiny.yaml": None, "specs/small.yaml": TINY, "specs/net.yaml": None, "specs/a.yaml": ALONE})
    write(place, {"specs/net2.yaml": NET.replace("units: classes", "units: 7")})
    diff = told(run("diff", "--base", "main", "--format", "json"))
    assert {(spec.was, spec.path, spec.standing) for spec in diff.specs} == {
        ("", "specs/a.yaml", "added"),
        ("specs/net.yaml", "specs/net2.yaml", "changed"),
        ("specs/tiny.yaml", "specs/small.yaml", "same_cost"),
    }
    assert diff.unchanged == 1


def test_two_revisions(place: Path, run: Run) -> None:
    commit(place, HEADS["swapped"], "swap")
    commit(place, HEADS["knob"], "knob")
    write(place, {"specs/net.yaml": "name: ["})
    diff = told(run("diff", "--base", "main", "--head", "HEAD~1", "--format", "json"))
    assert (diff.head.name, diff.head.commit) == ("HEAD~1", git(place, "rev-parse", "HEAD~1"))
    assert only(diff).changes[0].name == "block3"
    assert only(told(run("diff", "--base", "main", "--head", "HEAD", "--format", "json"))).standing == "same_cost"


def test_the_base_is_where_histories_parted(place: Path, run: Run) -> None:
    git(place, "switch", "--quiet", "main")
    commit(place, {"specs/tiny.yaml": TINY.replace("units: 3", "units: 9")}, "later")
    git(place, "switch", "--quiet", "work")
    commit(place, HEADS["swapped"], "swap")
    diff = told(run("diff", "--base", "main", "--format", "json"))
    assert only(diff).path == "specs/net.yaml"
    assert diff.notes[0].startswith("main has moved on: compared with where both parted, ")
    git(place, "switch", "--quiet", "--orphan", "other")
    commit(place, {**BASE, **HEADS["swapped"]}, "other")
    diff = told(run("diff", "--base", "main", "--format", "json"))
    assert {spec.path for spec in diff.specs} == {"specs/net.yaml", "specs/tiny.yaml"}
    assert diff.notes == ("main has no history in common with HEAD: compared with main itself",)


def test_places_are_from_here_and_names_from_the_root(place: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    write(place, HEADS["broken"])
    monkeypatch.chdir(place / "specs" / "deep")
    done = run("diff", "--base", "main", "../net.yaml", "--format", "github")
    assert done.stdout.startswith("::error file=specs/net.yaml,line=11")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(place.parent))
    done = run("diff", "--base", "main", "../net.yaml", "--format", "github")
    assert done.stdout.startswith("::error file=repository/specs/net.yaml,line=11")
    assert run("diff", "--base", "main", ".", "--format", "json").returncode == 0
    assert "outside of the repository" in run("diff", "--base", "main", str(place.parent)).stderr


def test_without_a_place_those_of_the_project_count(place: Path, run: Run) -> None:
    commit(place, {"specs/deep/other.yaml": TINY.replace("parts", "../parts")}, "more")
    git(place, "branch", "--force", "main", "HEAD")
    write(place, {"specs/tiny.yaml": None, "specs/deep/other.yaml": None})
    every = told(run("diff", "--base", "main", "--format", "json"))
    assert [spec.path for spec in every.specs] == ["specs/deep/other.yaml", "specs/tiny.yaml"]
    write(place, {"pyproject.toml": '[tool.costlens]\nspecs = ["specs/*.yaml"]\n'})
    some = told(run("diff", "--base", "main", "--format", "json"))
    assert ([spec.path for spec in some.specs], some.unchanged) == (["specs/tiny.yaml"], 1)
    write(place, {"specs/net.yaml": None, "pyproject.toml": None})
    for name in ("specs/deep/alone.yaml", "specs/parts.blocks.yaml"):
        write(place, {name: None})
    shutil.rmtree(place / "specs")
    assert {spec.standing for spec in told(run("diff", "--base", "main", "--format", "json")).specs} == {"deleted"}


def test_a_file_of_blocks_stands_for_the_specs_that_include_it(place: Path, run: Run) -> None:
    write(place, HEADS["blocks"])
    write(
        place,
        {"specs/deep/alone.yaml": ALONE.replace("filters: 4", "filters: 5"), "specs/idle.blocks.yaml": "blocks: {}\n"},
    )
    diff = told(run("diff", "--base", "main", "specs/parts.blocks.yaml", "--format", "json"))
    assert [spec.path for spec in diff.specs] == ["specs/net.yaml", "specs/tiny.yaml"]
    assert run("diff", "--base", "main", "specs/idle.blocks.yaml").stdout == "No spec differs from main.\n"
    assert "no spec (*.yaml) and no model file there" in run("diff", "--base", "main", "specs/none.blocks.yaml").stderr


def test_a_file_a_revision_and_knobs(place: Path, run: Run) -> None:
    write(place, HEADS["swapped"])
    diff = told(run("diff", "main:specs/net.yaml", "specs/net.yaml?width=2", "--format", "json"))
    spec = only(diff)
    assert (diff.base.name, diff.head.name) == ("main:specs/net.yaml", "specs/net.yaml?width=2")
    assert (spec.was, spec.path) == ("main:specs/net.yaml", "specs/net.yaml?width=2")
    assert [(knob.name, knob.base, knob.head) for knob in spec.knobs] == [("width", 1.0, 2)]
    same = only(told(run("diff", "main:specs/net.yaml?width=2", "main:specs/net.yaml?width=2", "--format", "json")))
    assert (same.standing, same.same_graph) == ("same_cost", True)
    done = run("diff", "main:specs/net.yaml?hight=2", "specs/net.yaml")
    assert (done.returncode, "hight" in done.stderr) == (2, True)


def test_mistakes_of_a_revision_name_it(place: Path, run: Run) -> None:
    commit(place, {"specs/parts.blocks.yaml": "blocks: 7\n"}, "broken")
    done = run("diff", "HEAD:specs/net.yaml", "specs/tiny.yaml")
    assert done.returncode == 2
    assert "HEAD:specs/parts.blocks.yaml:1:9: blocks: expected" in done.stderr
    done = run("diff", "main:specs/net.yaml", "HEAD:specs/net.yaml", "--format", "junit")
    assert done.returncode == 2
    (error,) = ElementTree.fromstring(done.stdout).iter("error")
    assert "HEAD:specs/parts.blocks.yaml:1:9: blocks: expected" in error.get("message", "")


REPORT = ROOT / "tests" / "golden" / "report.json"


def test_reports(place: Path, run: Run) -> None:
    name = json.loads(REPORT.read_text())["name"]
    (place / "specs" / f"{name}.yaml").write_text((ROOT / "specs" / f"{name}.yaml").read_text())
    for blocks in (ROOT / "specs").glob("*.blocks.yaml"):
        shutil.copy(blocks, place / "specs")
    commit(place, {"reports/net/report.json": REPORT.read_text()}, "report")
    for side in (str(REPORT), "HEAD:reports/net/report.json", "reports/net"):
        spec = only(told(run("diff", side, f"specs/{name}.yaml", "--format", "json")))
        assert (spec.name, spec.standing, spec.changes) == (name, "same_cost", ())
    assert "has no knobs" in run("diff", f"{REPORT}?a=1", str(REPORT)).stderr
    done = run("diff", str(REPORT), str(REPORT), "--bench")
    assert "report.json: a report holds no file to run; name its spec" in done.stderr


def test_why_orders_layers_by_what_they_contributed(place: Path, run: Run) -> None:
    write(place, {"specs/net.yaml": NET.replace("units: classes", "units: 5 * classes").replace(
        "{name: block1, filters: 16 * width", "{name: block1, filters: 24 * width")})  # fmt: skip
    by_macs, by_params = (
        only(told(run("diff", "--base", "main", "--why", "--sort", figure, "--format", "json")))
        for figure in ("macs", "params")
    )
    for spec, figure in ((by_macs, "macs"), (by_params, "params")):
        deltas = [abs(getattr(change, figure).delta) for change in spec.changes]
        assert deltas == sorted(deltas, reverse=True)
        assert sum(getattr(change, f"{figure}_share") for change in spec.changes) == pytest.approx(1)
    assert by_macs.changes != by_params.changes
    shown = run("diff", "--base", "main", "--why").stdout
    # 8·8 more at 16×16, 9·8 and 8·32 more at 8×8, 40·32 more
    assert f"contributed to the difference in MACs: +{64 * 256 + (72 + 256) * 64 + 1280:,}" in " ".join(shown.split())
    assert "Δ MACs   of it" in shown


@pytest.mark.parametrize(("arguments", "words"), [
    ((), "diff compares two networks, received 0; name two, or compare all with --base main"),
    (("specs/net.yaml",), "received 1: specs/net.yaml"),
    (("a", "b", "c"), "received 3: a, b, c"),
    (("specs/net.yaml", "specs"), "specs: holds 3 networks; name one, or compare all with --base REVISION specs"),
    (("specs/net.yaml", "specs/net.yml"), 'specs/net.yml: no such file (did you mean "specs/net.yaml"?)'),
    (("main:specs/net.yml", "specs/net.yaml"), '(did you mean "main:specs/net.yaml"?)'),
    (("mian:specs/net.yaml", "specs/net.yaml"), 'mian: no such revision (did you mean "main"?)'),
    (("--", "--output=x:specs/net.yaml", "specs/net.yaml"), "is not a revision"),
    (("specs/net.yaml", "--", "-x.yaml"), "-x.yaml: no such file"),
    (("main:../x.yaml", "specs/net.yaml"), "../x.yaml: leaves the repository"),
    (("main:/etc/passwd", "specs/net.yaml"), "/etc/passwd: leaves the repository"),
    ((":specs/net.yaml", "specs/net.yaml"), "is not a revision"),
    (("x.onnx", "specs/net.yaml"), "x.onnx: no such file; name an ONNX file that is there"),
    (("--base=--output=x",), "is not a revision"),
    (("--base=-n",), "is not a revision"),
    (("--base", "", "specs/"), "'': is not a revision"),
    (("--base", "main", "--head", ""), "'': is not a revision"),
    (("--base", "nowhere"), "nowhere: no such revision"),
    (("--base", "main", "--head", "nowhere"), "nowhere: no such revision"),
    (("--base", "main", "nothing/"), "nothing: no spec (*.yaml) and no model file there, neither in main nor in the"),
    (("--base", "main", "/"), "outside of the repository"),
    (("--head", "main", "a", "b"), "--head goes with --base"),
    (("--base", "main", "--format", "jsn"), 'csv, github, html, json, junit, markdown (did you mean "json"?)'),
])  # fmt: skip
def test_mistakes_are_told_with_their_remedy(arguments: tuple[str, ...], words: str, place: Path, run: Run) -> None:
    done = run("diff", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert not list(place.glob("x*"))


def test_the_comment_is_one_section_that_is_replaced(place: Path, run: Run) -> None:
    comment = place / "comment.md"
    comment_file.include(comment, "check", Page("", [Say("the check")]))
    for head in ("swapped", "deleted"):
        write(place, HEADS[head])
        assert run("diff", "--base", "main", "--comment", str(comment)).returncode == 0
    text = comment.read_text()
    assert text.startswith("<!-- costlens -->\n<!-- costlens:check -->\nthe check\n")
    assert text.count("<!-- costlens:diff -->") == text.count("<!-- /costlens:diff -->") == 1
    assert "1 changed, 1 deleted" in text
