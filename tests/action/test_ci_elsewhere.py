"""The pre-commit hook and the GitLab jobs, by the files of docs/ci.md: every command of theirs run."""

import os
import re
import shlex
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.actions_runner import ROOT, program, read
from tests.fakes.git_repository import git, write
from tests.fakes.pull_request import FILES, PullRequest

MANIFEST = {hook["id"]: hook for hook in read((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}
CONFIG = read(FILES[".pre-commit-config.yaml"])
GITLAB = read(FILES[".gitlab-ci.yml"])
BODY = "input: [8, 8, 3]\nlayers: [{conv: {filters: 4, kernel: 3, bias: false}}]\nbudget: {params: 120}\n"
TINY = f"name: tiny\n{BODY}"
WIDER = TINY.replace("filters: 4", "filters: 8")
BLOCKS = "blocks:\n  wide: {params: {filters: 4}, layers: [{conv: {filters: filters, kernel: 3, bias: false}}]}\n"
USER = "name: user\ninclude: own.blocks.yaml\ninput: [8, 8, 3]\nlayers: [wide]\nbudget: {params: 120}\n"


@pytest.fixture(autouse=True)
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a ``costlens`` first in the path."""
    folder = tmp_path / "bin"
    program(folder / "costlens", sys.executable, "-P", "-m", "costlens")
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


def committed(hook: dict[str, Any], place: Path, changed: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run a hook on changed files as pre-commit does."""
    assert hook["types"] == ["yaml"]
    chosen = [name for name in changed if re.search(hook["files"], name) and name.endswith((".yaml", ".yml"))]
    command = [*shlex.split(hook["entry"]), *hook["args"], *chosen] if chosen else ["echo", "skipped"]
    return subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)


class TestTheHook:
    def test_the_documentation_names_hooks_that_there_are(self) -> None:
        (named,) = CONFIG["repos"]
        assert [hook["id"] for hook in named["hooks"]] == ["costlens-check"]
        assert {name: hook["language"] for name, hook in MANIFEST.items()} == {
            "costlens-check": "python",
            "costlens-check-system": "system",
        }

    @pytest.mark.parametrize("hook", MANIFEST.values(), ids=MANIFEST)
    def test_it_checks_what_changed(self, hook: dict[str, Any], tmp_path: Path) -> None:
        write(tmp_path, {"specs/tiny.yaml": TINY, "specs/-x.yaml": WIDER, "specs/user.yaml": USER})
        write(tmp_path, {"specs/own.blocks.yaml": BLOCKS, "other.yaml": "not: ours"})
        others = ["other.yaml", "README.md", "specs/a.json", "specs/labels.yml"]
        assert committed(hook, tmp_path, others).stdout == "skipped\n"
        missed = committed(hook, tmp_path, ["specs/tiny.yaml", "specs/-x.yaml"])
        assert missed.returncode == 3
        assert "specs/-x.yaml:4:10: params is 216, over its budget of 120" in missed.stderr

    def test_a_file_of_blocks_is_the_specs_that_include_it(self, tmp_path: Path) -> None:
        below = USER.replace("own", "../own")
        write(tmp_path, {"specs/user.yaml": USER, "specs/below/user.yaml": below, "specs/tiny.yaml": TINY})
        write(tmp_path, {"specs/own.blocks.yaml": BLOCKS.replace("filters: 4", "filters: 8")})
        done = committed(MANIFEST["costlens-check"], tmp_path, ["specs/own.blocks.yaml", "specs/user.yaml"])
        assert done.returncode == 3
        assert re.findall(r"^(\S+?):.* over its budget", done.stderr, re.MULTILINE) == [
            "specs/below/user.yaml", "specs/user.yaml"
        ]  # fmt: skip

    @pytest.mark.parametrize("hook", MANIFEST.values(), ids=MANIFEST)
    def test_a_file_of_blocks_that_nobody_includes_passes(self, hook: dict[str, Any], tmp_path: Path) -> None:
        write(tmp_path, {"specs/own.blocks.yaml": BLOCKS, "specs/tiny.yaml": TINY})
        done = committed(hook, tmp_path, ["specs/own.blocks.yaml"])
        assert (done.returncode, done.stderr.count("includes these blocks")) == (0, 1)


def job(name: str, place: Path, **told: str) -> int:
    """Run a job of the GitLab file with GitLab's shell and variables; return its exit code."""
    found: dict[str, Any] = {}
    for part in (GITLAB[GITLAB[name]["extends"]], GITLAB[name]):
        found |= part
    variables = {"CI_PROJECT_DIR": str(place), "CI_PIPELINE_SOURCE": "merge_request_event", **told}
    for key, value in found["variables"].items():
        variables[key] = re.sub(r"\$(\w+)", lambda match: variables[match[1]], value)
    script = "\n".join([*found["before_script"], *found["script"]])
    done = subprocess.run(["bash", "-eo", "pipefail", "-c", script], cwd=place, env=os.environ | variables, check=False)
    assert (place / found["artifacts"]["reports"]["junit"]).exists()
    return done.returncode


def test_gitlab_s_jobs_leave_a_report_and_end_as_costlens_does(tmp_path: Path, programs: Path) -> None:
    calls = tmp_path / "pip.txt"
    program(programs / "pip", "sh", "-c", f'echo "$@" >> {shlex.quote(str(calls))}', "pip")
    request = PullRequest(tmp_path, {"specs/tiny.yaml": TINY}, {"specs/tiny.yaml": WIDER})
    place = tmp_path / "gitlab"
    git(tmp_path, "clone", "--quiet", str(request.origin), str(place))
    git(place, "checkout", "--quiet", request.head)
    assert [name for name in GITLAB if not name.startswith(".")] == ["budgets", "changes"]
    told = {"CI_MERGE_REQUEST_DIFF_BASE_SHA": request.base}
    for name, code, failures in (("budgets", 3, "1"), ("changes", 0, "0")):
        assert job(name, place, **told) == code
        suites = ET.parse(place / "costlens.xml").getroot()
        assert (suites.get("tests"), suites.get("failures"), suites.get("errors")) == ("1", failures, "0")
    assert calls.read_text(encoding="utf-8").split("\n")[0].split() == [
        "install", "-c", "https://raw.githubusercontent.com/OWNER/costlens/v1/constraints.txt",
        "git+https://github.com/OWNER/costlens@v1",
    ]  # fmt: skip
