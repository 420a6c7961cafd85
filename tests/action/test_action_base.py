"""The commit that the action compares with, in clones of every depth; the default branch has moved on."""

import json
from pathlib import Path

import pytest

from costlens.sources.git.revisions import here
from tests.cases.action_scripts import Scripts, scripts
from tests.fakes.git_repository import ISOLATED, git
from tests.fakes.pull_request import PullRequest

__all__ = ["scripts"]


@pytest.fixture
def request_(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PullRequest:
    """Return a pull request of two commits; the default branch has gone three commits further."""
    for name, value in ISOLATED.items():
        monkeypatch.setenv(name, value)
    made = PullRequest(tmp_path / "hub", {"specs/tiny.yaml": "name: tiny\n"}, {"specs/tiny.yaml": "name: wider\n"})
    for text in ("one", "two", "three"):
        made.move_on({"specs/other.yaml": f"name: {text}\n"})
    return made


def job(request: PullRequest, place: Path, monkeypatch: pytest.MonkeyPatch, ref: str = "", depth: str = "2") -> Path:
    """Check out in a job of the pull request, and work there."""
    place.mkdir()
    request.check_out(place, {"fetch-depth": depth, "ref": ref or "refs/pull/1/merge"})
    event = place.parent / "event.json"
    now = git(request.origin, "rev-parse", "main")
    event.write_text(json.dumps({"pull_request": {"base": {"sha": now}}}), encoding="utf-8")
    monkeypatch.setenv("GITHUB_EVENT_PATH", str(event))
    monkeypatch.setenv("GITHUB_REF", "refs/pull/1/merge")
    monkeypatch.setenv("GITHUB_SHA", request.merge)
    monkeypatch.chdir(place)
    return place


def parted(number: str) -> str:
    """Return where the history of the checkout and that of a commit parted."""
    repository = here()
    found = repository.merge_base(repository.commit(number), repository.commit("HEAD"))
    return found.hash if found else ""


@pytest.mark.parametrize("depth", ["1", "2", "0"])
@pytest.mark.parametrize("named", ["", "main"])
def test_the_merge_commit_is_compared_with_what_it_was_made_from(
    scripts: Scripts, request_: PullRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, depth: str, named: str
) -> None:
    job(request_, tmp_path / "clone", monkeypatch, depth=depth)
    monkeypatch.setenv("INPUT_BASE", named)
    number = scripts("base").commit()
    assert number == (git(request_.origin, "rev-parse", "main") if named else request_.base)
    assert parted(number) == request_.base


@pytest.mark.parametrize("depth", ["1", "2", "0"])
@pytest.mark.parametrize("pushed", [True, False])
def test_the_head_itself_is_compared_with_where_the_branches_parted(
    scripts: Scripts, request_: PullRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, depth: str, pushed: bool
) -> None:
    job(request_, tmp_path / "clone", monkeypatch, ref=request_.head, depth=depth)
    if pushed:
        (tmp_path / "event.json").write_text("{}", encoding="utf-8")
        monkeypatch.setenv("GITHUB_REF", f"refs/heads/{request_.branch}")
        monkeypatch.setenv("GITHUB_SHA", request_.head)
        monkeypatch.setenv("INPUT_BASE", "main")
    assert parted(scripts("base").commit()) == request_.base


@pytest.mark.parametrize("steps", [("--deepen=1",) * 4, ("--deepen=1", "--unshallow")])
def test_history_is_fetched_step_by_step(
    scripts: Scripts, request_: PullRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: tuple[str, ...]
) -> None:
    job(request_, tmp_path / "clone", monkeypatch, ref=request_.head, depth="1")
    base = scripts("base")
    monkeypatch.setattr(base, "_DEEPER", steps)
    assert parted(base.commit()) == request_.base


def test_history_that_cannot_be_fetched_is_asked_for(
    scripts: Scripts, request_: PullRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = job(request_, tmp_path / "clone", monkeypatch, ref=request_.head, depth="1")
    git(place, "commit", "--quiet", "--allow-empty", "--message=of the job")
    base = scripts("base")
    with pytest.raises(base.job.Stopped, match="give actions/checkout fetch-depth: 0"):
        base.commit()


def test_a_tag_called_as_the_base_s_number_begins_is_not_the_base(
    scripts: Scripts, request_: PullRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = job(request_, tmp_path / "clone", monkeypatch)
    git(place, "tag", request_.base[:12], "HEAD")
    number = scripts("base").commit()
    assert here().commit(number).hash == request_.base


def test_a_folder_that_is_no_repository_is_told_as_that(
    scripts: Scripts, request_: PullRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job(request_, tmp_path / "clone", monkeypatch)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    base = scripts("base")
    with pytest.raises(base.job.Stopped, match=r"no git repository.*without path:"):
        base.commit()
    monkeypatch.delenv("GITHUB_EVENT_PATH")
    assert base.commit() == ""
