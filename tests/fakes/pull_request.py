"""A pull request in git, as GitHub offers it to a job, and what stands in for GitHub's own actions there."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fakes import fake_github
from tests.fakes.actions_runner import ROOT, Action, Job, Values, program
from tests.fakes.git_repository import ISOLATED, commit, git

IN_CI = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
FILES: dict[str, str] = dict(re.findall(r"`([\w./-]+)`:\n\n```yaml\n(.*?)```", IN_CI, re.DOTALL))
"""The files that docs/ci.md tells to create, by their paths."""
FIRST, SECOND = ".github/workflows/costlens.yml", ".github/workflows/costlens-comment.yml"


@dataclass
class PullRequest:
    """A repository whose default branch holds the files of docs/ci.md, and a pull request with other changes."""

    place: Path
    base_files: Mapping[str, str | None]
    head_files: Mapping[str, str | None]
    branch: str = "wider"
    kept: dict[str, str] = field(default_factory=dict)
    """Keys under which something was saved for other jobs, and what."""
    restored: list[str] = field(default_factory=list)
    artifacts: dict[str, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.origin.mkdir(parents=True)
        git(self.origin, "init", "--template=", "--quiet", "--initial-branch=main")
        git(self.origin, "config", "uploadpack.allowAnySHA1InWant", "true")
        self.base = commit(self.origin, {**FILES, **self.base_files})
        git(self.origin, "switch", "--quiet", "--create", "work")
        self.head = commit(self.origin, self.head_files)
        git(self.origin, "update-ref", f"refs/heads/{self.branch}", self.head)
        git(self.origin, "switch", "--quiet", "--detach", "main")
        git(self.origin, "merge", "--quiet", "--no-ff", "--message=merge", self.head)
        self.merge = git(self.origin, "rev-parse", "HEAD")
        git(self.origin, "update-ref", "refs/pull/1/merge", self.merge)
        git(self.origin, "switch", "--quiet", "main")

    @property
    def origin(self) -> Path:
        """The repository on GitHub."""
        return self.place / "origin"

    def move_on(self, files: Mapping[str, str | None]) -> str:
        """Commit to the default branch what the pull request has not seen; return the commit."""
        return commit(self.origin, files)

    def first_job(self, name: str = "checked", actions: Mapping[str, Action] | None = None) -> Job:
        """Return a job of the first workflow, not run yet."""
        event = {"pull_request": {"number": 1, "base": {"sha": self.base, "ref": "main"}, "head": {"sha": self.head}}}
        github = {"event_name": "pull_request", "ref": "refs/pull/1/merge", "sha": self.merge, "base_ref": "main"}
        return self._job(name, event, github | {"head_ref": self.branch, "run_attempt": "1"}, actions)

    def second_job(self, site: fake_github.GitHub, name: str = "commented") -> Job:
        """Return a job of the second workflow, not run yet: the first one ran for a fork."""
        fork = {"id": 2, "owner": {"login": "someone"}, "full_name": "someone/nets"}
        run = {"id": 5, "event": "pull_request", "head_branch": self.branch, "head_sha": self.head}
        event = {"workflow_run": {**run, "head_repository": fork, "pull_requests": []}}
        github = {"event_name": "workflow_run", "ref": "refs/heads/main", "sha": self.base, "api_url": site.url}
        site.artifacts |= self.artifacts
        return self._job(name, event, github | {"token": fake_github.TOKEN})

    def _job(
        self, name: str, event: dict[str, Any], github: dict[str, Any], actions: Mapping[str, Action] | None = None
    ) -> Job:
        workspace, temp = self.place / name / "workspace", self.place / name / "temp"
        workspace.mkdir(parents=True)
        temp.mkdir()
        told = temp / "event.json"
        told.write_text(json.dumps(event), encoding="utf-8")
        github |= {"event_path": str(told), "event": event, "repository": fake_github.REPOSITORY}
        stand_ins: dict[str, Action] = {
            "actions/checkout": lambda given: self.check_out(
                workspace, given | {"ref": given.get("ref", github["ref"])}
            ),
            "actions/setup-python": lambda _: self._python(temp / "python"),
            "actions/cache/restore": self._restored,
            "actions/cache/save": self._saved,
            "actions/upload-artifact": lambda given: self._uploaded(name, given),
        }
        return Job(workspace, temp, github, stand_ins | dict(actions or {}), dict(ISOLATED))

    def check_out(self, workspace: Path, given: Values) -> Values:
        """Do what actions/checkout does."""
        depth, wanted = given.get("fetch-depth", "1"), given.get("ref", "refs/pull/1/merge")
        git(workspace, "init", "--template=", "--quiet")
        git(workspace, "remote", "add", "origin", self.origin.as_uri())
        deep = () if depth == "0" else (f"--depth={depth}",)
        branches = ("+refs/heads/*:refs/remotes/origin/*",) if depth == "0" else ()
        named = f"+{wanted}:{wanted}" if wanted.startswith("refs/pull/") else wanted
        git(workspace, "fetch", "--quiet", "--no-tags", *deep, "origin", named, *branches)
        git(workspace, "checkout", "--quiet", "--detach", "FETCH_HEAD")
        return {}

    def _python(self, path: Path) -> Values:
        """Bring a Python without any package, as a new one is."""
        program(path, sys.executable, "-S")
        return {"python-path": str(path)}

    def _restored(self, given: Values) -> Values:
        """Bring the environment of another job, which is the one that the tests run in; nothing else was kept."""
        self.restored.append(given["key"])
        if not given["key"].startswith("costlens-environment-"):
            return {"cache-hit": ""}
        environment = Path(given["path"])
        program(environment / "bin" / "costlens", sys.executable, "-P", "-m", "costlens")
        (environment / "whole").touch()
        return {"cache-hit": "true"}

    def _saved(self, given: Values) -> Values:
        self.kept[given["key"]] = given["path"]
        return {}

    def _uploaded(self, job: str, given: Values) -> Values:
        if given["name"] in self.artifacts and given["overwrite"] != "true":
            raise subprocess.CalledProcessError(1, f"artifact {given['name']} exists")
        kept = self.place / job / given["name"]
        kept.mkdir()
        if Path(given["path"]).exists():
            shutil.copy(given["path"], kept)
            self.artifacts[given["name"]] = kept
        return {}
