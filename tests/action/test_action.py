"""The action, by the files of docs/ci.md: created from its text in a fresh repository, every script of theirs run."""

import os
import re
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

import pytest

from costlens import __version__
from tests.fakes import fake_github
from tests.fakes.actions_runner import ROOT, Job
from tests.fakes.git_repository import git
from tests.fakes.pull_request import FILES, FIRST, SECOND, PullRequest

TINY = """name: tiny
input: [8, 8, 3]
layers:
  - conv: {filters: 4, kernel: 3, bias: false}
budget:
  params: 120
"""
"""108 parameters, 6,912 MACs."""
WIDER = TINY.replace("filters: 4", "filters: 8")
BROKEN = TINY.replace("kernel", "kernal")
OTHER = TINY.replace("tiny", "other").replace("120", "1k")
BASE = {"specs/tiny.yaml": TINY, "specs/other.yaml": OTHER}
WORKFLOW = FILES[FIRST].replace("- uses: OWNER/costlens@v1", "- id: costlens\n        uses: OWNER/costlens@v1")
"""The first workflow of docs/ci.md, with a name for the step whose outputs are read here."""


def ran(request: PullRequest, given: Mapping[str, str] = {}, depth: str = "2", name: str = "checked") -> Job:
    """Run the first workflow, with other inputs where they are given; a run of its own."""
    request.artifacts.clear()
    workflow = WORKFLOW.replace("fetch-depth: 2 ", f"fetch-depth: {depth} ")
    inputs = "".join(f"          {name}: {_quoted(value)}\n" for name, value in given.items())
    workflow = workflow.replace("          specs: specs/\n", inputs or "          specs: specs/\n")
    return request.first_job(name).run(workflow, "costlens")


def _quoted(text: str) -> str:
    return '"' + text.encode("unicode_escape").decode().replace('"', '\\"') + '"'


def outputs(job: Job) -> tuple[str, str, str]:
    found = job.outputs["costlens"]
    return found["exit-code"], found["changed"], found["summary"]


def comment(job: Job) -> str:
    return Path(job.outputs["costlens"]["comment-file"]).read_text(encoding="utf-8")


def commented(request: PullRequest, *names: str, workflow: str = FILES[SECOND]) -> tuple[fake_github.GitHub, Job]:
    """Run the second workflow for a fork's request, once for each name of a job; return the site and the last job."""
    with fake_github.running() as site:
        site.request(1, f"someone:{request.branch}", request.head, repository=2)
        for name in names or ("commented",):
            job = request.second_job(site, name).run(workflow, "comment")
            assert not job.failed, job.log
    return site, job


def test_a_broken_budget_ends_as_3_with_a_mark_on_its_line_and_one_comment(tmp_path: Path) -> None:
    request = PullRequest(tmp_path, BASE, {"specs/tiny.yaml": WIDER})
    job = ran(request)
    assert job.failed
    assert outputs(job) == ("3", "1", "1 spec changed; a budget or an expectation is missed")
    (error,) = re.findall(r"^::error .*$", job.log, re.MULTILINE)
    assert "file=specs/tiny.yaml,line=6," in error
    assert "216" in error
    written = comment(job)
    assert written.startswith("<!-- costlens -->\n")
    for section in ("check", "diff"):
        assert written.count(f"<!-- costlens:{section} -->") == 1
    assert "other" not in written.partition("<!-- costlens:diff -->")[2]
    assert "6,912" in written
    assert "tiny" in job.summary.read_text(encoding="utf-8")
    site, _ = commented(request, "first", "again")
    assert site.written == [("POST", written)]
    assert [key.rpartition("-")[0] for key in request.restored] == [
        f"costlens-environment-linux-{os.uname().machine}-{sys.version.split()[0]}-count"
    ]


def test_no_change_passes_and_gets_no_comment(tmp_path: Path) -> None:
    request = PullRequest(tmp_path, BASE, {"README.md": "nothing of specs"})
    job = ran(request)
    assert not job.failed, job.log
    assert outputs(job) == ("0", "0", "0 specs changed; all kept")
    assert "::error" not in job.log
    site, second = commented(request)
    assert site.written == []
    assert "nothing changed" in second.log


def test_broken_yaml_ends_as_2_on_its_line(tmp_path: Path) -> None:
    request = PullRequest(tmp_path, BASE, {"specs/tiny.yaml": BROKEN, "specs/other.yaml": OTHER.replace("1k", "7")})
    job = ran(request)
    assert job.failed
    assert outputs(job)[0] == "2"
    assert re.search(r"^::error file=specs/tiny.yaml,line=4,.*kernal", job.log, re.MULTILINE)
    assert re.search(r"^::error file=specs/other.yaml,line=6,", job.log, re.MULTILINE)
    assert "kernal" in comment(job)


def test_a_deleted_spec_is_told_whether_a_folder_or_a_glob_is_named(tmp_path: Path) -> None:
    request = PullRequest(tmp_path, BASE, {"specs/other.yaml": None})
    for name, specs in (("folder", "specs/"), ("glob", "**/t*.yaml\nspecs/*.yaml")):
        job = ran(request, {"specs": specs}, name=name)
        assert not job.failed, job.log
        assert outputs(job)[:2] == ("0", "1")
        assert "other" in comment(job)


def test_the_base_is_found_at_every_depth_and_is_what_the_merge_was_made_from(tmp_path: Path) -> None:
    request = PullRequest(tmp_path, BASE, {"specs/tiny.yaml": WIDER})
    seen = {}
    for name, depth, given in (
        ("shallow", "1", {}),
        ("two", "2", {}),
        ("whole", "0", {}),
        ("branch", "1", {"base": "main"}),
        ("commit", "1", {"base": request.base}),
        ("back", "0", {"base": "HEAD^1"}),
    ):
        job = ran(request, {"specs": "specs/", **given}, depth, name)
        assert outputs(job)[:2] == ("3", "1"), job.log
        seen[name] = comment(job).replace("main", request.base[:12])
    assert len({text for name, text in seen.items() if name in {"shallow", "two", "whole", "back"}}) == 1


@pytest.mark.parametrize(("base", "words"), [
    ("--upload-pack=touch pwned", "no name of a branch"),
    ("-x", "cannot be fetched"),
    ("no/such", "cannot be fetched from origin"),
    ("a\n::error::forged", "no name of a branch"),
    ("$(touch${IFS}pwned)`pwned`;touch", "cannot be fetched"),
    ("+main:refs/heads/forged", "no name of a branch"),
    ("f" * 40, "fetch-depth"),
    ("x" * 10_000, "cannot be fetched"),
])  # fmt: skip
def test_a_base_that_is_none_is_refused_and_nothing_else_happens(tmp_path: Path, base: str, words: str) -> None:
    request = PullRequest(tmp_path, BASE, {"specs/tiny.yaml": WIDER})
    job = ran(request, {"base": base})
    assert job.failed
    assert outputs(job)[0] == "2"
    (line,) = re.findall(r"^::error.*$", job.log, re.MULTILINE)
    assert words in line
    assert list(tmp_path.rglob("pwned")) == []
    assert git(job.workspace, "for-each-ref", "--format=%(refname)") == "refs/pull/1/merge"


def test_what_the_base_has_moved_on_by_is_not_the_request_s(tmp_path: Path) -> None:
    request = PullRequest(tmp_path, BASE, {"specs/tiny.yaml": WIDER})
    request.move_on({"specs/other.yaml": OTHER.replace("filters: 4", "filters: 6")})
    job = ran(request, {"specs": "specs/", "base": "main"})
    assert outputs(job)[:2] == ("3", "1"), job.log
    told = comment(job).partition("<!-- costlens:diff -->")[2]
    assert f"compared with where both parted, {request.base[:12]}" in told.replace("&#45;", "-")
    assert "other" not in told


def test_two_uses_in_one_workflow_have_two_comments(tmp_path: Path) -> None:
    request = PullRequest(tmp_path, BASE, {"specs/tiny.yaml": WIDER})
    use = WORKFLOW[WORKFLOW.index("      - id: costlens") :]
    later = use.replace("id: costlens", "id: later\n        if: always()").replace("specs/", "specs/tiny.yaml")
    again = later.replace("id: later", "id: again")
    other = later.replace("specs: ", "name: mobile\n          specs: ")
    job = request.first_job().run(WORKFLOW + other + again, "costlens")
    assert [job.outputs[name]["exit-code"] for name in ("costlens", "later", "again")] == ["3", "3", "2"], job.log
    assert request.artifacts.keys() == {"costlens-comment", "costlens-comment-mobile"}
    site, _ = commented(request)
    assert len(site.comments) == 2
    elsewhere = request.first_job("elsewhere").run(WORKFLOW, "costlens")
    assert "artifact costlens-comment exists" in elsewhere.log, "another job does not take its place in silence"


HOSTILE = (
    "specs/$(touch pwned).yaml",
    "specs/-rf.yaml",
    "specs/`touch pwned`|@all<b>.yaml",
    "--debug.yaml",
)


def test_hostile_names_of_files_and_branches_run_and_forge_nothing(tmp_path: Path) -> None:
    branch = "--upload-pack=touch;$(touch${IFS}pwned)"
    files = {**BASE, **dict.fromkeys(HOSTILE, WIDER)}
    request = PullRequest(tmp_path, BASE | {HOSTILE[0]: TINY}, files, branch)
    job = ran(request, {"specs": "specs/\n*.yaml", "base": "main", "budgets": "macs=1M"})
    assert outputs(job)[:2] == ("3", "4"), job.log
    errors = re.findall(r"^::error (.*?)::", job.log, re.MULTILINE)
    assert len(errors) == len(HOSTILE)
    assert all("title=" in error for error in errors)
    assert list(tmp_path.rglob("pwned")) == []
    written = comment(job)
    assert "<b>" not in written
    assert "@all" not in written
    assert "\n::error" not in written
    site, _ = commented(request)
    assert [method for method, _ in site.written] == ["POST"]


def test_a_name_of_several_lines_is_no_command_of_the_job(tmp_path: Path) -> None:
    request = PullRequest(tmp_path, BASE, {"specs/two\n::error::forged\n::stop-commands::x\nlines.yaml": WIDER})
    job = ran(request)
    assert job.failed
    told = re.findall(r"^::(\S+)", job.log, re.MULTILINE)
    assert told
    assert set(told) <= {"error", "notice", "warning"}
    assert "\n::" not in comment(job)


def test_inputs_that_cannot_be_are_named(tmp_path: Path) -> None:
    request = PullRequest(tmp_path, BASE, {})
    for name, given, words in (
        ("bench", {"bench": "yes"}, "bench: expected true or false, received 'yes'"),
        ("annotations", {"annotations": "on"}, "annotations: expected true or false"),
        ("specs", {"specs": "nets/*.yaml"}, "nets/*.yaml: no spec (*.yaml) and no model file there"),
    ):
        job = ran(request, given, name=name)
        assert job.failed
        assert words in job.log


def test_on_a_push_and_without_annotations_budgets_are_checked_alone(tmp_path: Path) -> None:
    request = PullRequest(tmp_path, BASE, {"specs/tiny.yaml": WIDER})
    job = request.first_job()
    job.github |= {"event_name": "push", "ref": "refs/heads/wider", "sha": request.head, "event": {}}
    Path(job.github["event_path"]).write_text("{}", encoding="utf-8")
    job.run(WORKFLOW.replace("specs: specs/", "annotations: false"), "costlens")
    assert outputs(job) == ("3", "", "a budget or an expectation is missed")
    assert "::error" not in job.log
    assert "no base to compare with" in job.log
    assert "costlens:diff" not in comment(job)
    assert job.summary.read_text(encoding="utf-8") == comment(job)


def test_the_environment_is_made_once_and_counts_without_a_framework(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_BUILD_ISOLATION", "0")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    request = PullRequest(tmp_path, BASE, {"specs/tiny.yaml": WIDER})

    def missed(given: Mapping[str, str]) -> Mapping[str, str]:
        """Bring nothing but the packages that are installed here."""
        if given["key"].startswith("costlens-environment-"):
            site = Path(sysconfig.get_path("purelib", vars={"base": given["path"]}))
            site.mkdir(parents=True)
            (site / "here.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
        return {"cache-hit": ""}

    before = Path(sysconfig.get_path("purelib")).stat().st_mtime_ns
    job = request.first_job(actions={"actions/cache/restore": missed})
    job.run(WORKFLOW, "costlens")
    assert outputs(job)[:2] == ("3", "1"), job.log
    ((key, path),) = request.kept.items()
    assert "-count-" in key
    installed = Path(sysconfig.get_path("purelib", vars={"base": path}))
    assert (installed / "costlens" / "__main__.py").is_file()
    made = {place.name.partition("-")[0] for place in installed.glob("*.dist-info")}
    assert made - {"pip", "setuptools"} == {"costlens_nn"}
    assert Path(sysconfig.get_path("purelib")).stat().st_mtime_ns == before


def test_with_bench_both_sides_are_timed_and_the_exports_kept(tmp_path: Path) -> None:
    request = PullRequest(tmp_path, BASE, {"specs/other.yaml": OTHER.replace("filters: 4", "filters: 64")})
    given = {"bench": "true", "time-budget": "20s", "threshold": "10%", "allow-inconclusive": "true"}
    job = ran(request, {"specs": "specs/", "budgets": "params=10k", **given})
    assert outputs(job)[0] == "3", job.log
    told = comment(job)
    assert "time ÷ base" in told.partition("<!-- costlens:diff -->")[2]
    environment, exports = request.restored
    assert "-bench-" in environment
    assert request.kept == {exports: str(job.temp / "costlens" / "exports")}
    assert exports.startswith(f"costlens-exports-{__version__}-")


def test_the_project_uses_itself(tmp_path: Path) -> None:
    own = [ROOT / "action.yml", ROOT / "pyproject.toml", ROOT / "constraints.txt"]
    own += [path for room in (".github", "costlens", "specs") for path in (ROOT / room).rglob("*.*") if path.is_file()]
    files = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in own
        if path.suffix in {".py", ".yaml", ".yml", ".toml", ".txt"}
    }
    spec = files["specs/alexnet.yaml"]
    request = PullRequest(tmp_path, files, {"specs/alexnet.yaml": f"{spec}# nothing\n"})
    ours = {name: files[f".github/workflows/{name}.yml"] for name in ("ci", "comment")}
    job = request.first_job().run(ours["ci"], "costlens")
    assert not job.failed, job.log
    site, _ = commented(request, workflow=ours["comment"])
    ((_, written),) = site.written
    assert "No change in cost" in written


def test_the_readme_s_files_are_all_tried() -> None:
    assert FILES.keys() == {FIRST, SECOND, ".pre-commit-config.yaml", ".gitlab-ci.yml"}
    assert (ROOT / "action.yml").is_file()
