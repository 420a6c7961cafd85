"""The second workflow's script, against a GitHub on the loopback interface: where a comment goes, what it may be."""

import importlib
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from costlens.formats.comment import LIMIT, MARKER
from tests.fakes import fake_github
from tests.fakes.fake_github import GitHub
from tests.places import ROOT

SCRIPTS = ROOT / ".github" / "action"
SHA = "c0ffee" + "0" * 34
TEXT = f"{MARKER}\n<!-- costlens:check -->\n**1 spec**\n<!-- /costlens:check -->\n"
UNCHANGED = f"{TEXT}<!-- costlens:unchanged -->\n"
RUN = {
    "id": 5,
    "event": "pull_request",
    "head_branch": "wider",
    "head_sha": SHA,
    "head_repository": {"id": 2, "owner": {"login": "someone"}},
}
"""What GitHub says of a run for a fork's pull request."""
Post = Callable[..., str]


@pytest.fixture
def site() -> Iterator[GitHub]:
    """Return a GitHub with two pull requests from branches of one name: 7 of the fork, 8 of the repository itself."""
    with fake_github.running() as running:
        running.request(7, "someone:wider", SHA, repository=2)
        running.request(8, "owner:wider", SHA, repository=1)
        yield running


@pytest.fixture
def folder(site: GitHub, tmp_path: Path) -> Path:
    """Return what the run's artifact is made from, with the comment in it."""
    made = site.artifacts["costlens-comment"] = tmp_path / "artifact"
    made.mkdir()
    (made / "comment.md").write_text(TEXT, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def script() -> Iterator[Any]:
    """Return the script, which finds the module beside it as it does when it is run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(SCRIPTS)
        patch.setattr(sys, "path", [*sys.path])
        yield importlib.import_module("post")
        for name in ("post", "job", "github", "mentions"):
            del sys.modules[name]


def told(site: GitHub, folder: Path, run: dict[str, Any]) -> dict[str, str]:
    """Return the environment of the second workflow's step."""
    event = folder.parent / "event.json"
    event.write_text(json.dumps({"workflow_run": RUN | run}), encoding="utf-8")
    return {
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_API_URL": site.url,
        "GITHUB_REPOSITORY": fake_github.REPOSITORY,
        "GITHUB_TOKEN": fake_github.TOKEN,
    }


@pytest.fixture
def post(script: Any, site: GitHub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Post:
    """Return the script as a function: what GitHub says of the run → the one line it writes, which is of that level."""

    def posted(folder: Path, level: str = "notice", **run: Any) -> str:
        for name, value in told(site, folder, run).items():
            monkeypatch.setenv(name, value)
        code = script.job.ended(script.main)
        printed = capsys.readouterr()
        (line,) = printed.out.splitlines()
        head, _, message = line.removeprefix("::").partition("::")
        assert (head, code, printed.err) == (f"{level} title=costlens", 2 if level == "error" else 0, "")
        return message

    return posted


def test_it_needs_no_package(site: GitHub, folder: Path) -> None:
    command = [sys.executable, "-S", str(SCRIPTS / "post.py")]
    done = subprocess.run(command, env=told(site, folder, {}), capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert "pull request 7: comment made" in done.stdout
    assert len(site.written) == 1


class TestWhereItGoes:
    def test_a_first_comment_is_made_on_the_fork_s_request(self, post: Post, site: GitHub, folder: Path) -> None:
        assert "pull request 7: comment made: http" in post(folder)
        assert [(one["number"], one["body"]) for one in site.comments] == [(7, TEXT)]

    def test_from_a_branch_of_the_repository_too(self, post: Post, site: GitHub, folder: Path) -> None:
        repository = {"id": 1, "owner": {"login": "owner"}}
        assert "pull request 8: comment made" in post(folder, head_repository=repository)

    def test_the_next_run_updates_it_and_a_third_leaves_it(self, post: Post, site: GitHub, folder: Path) -> None:
        for _ in range(150):
            site.comment(7, "+1", author="someone")
        post(folder)
        (folder / "comment.md").write_text(TEXT.replace("1 spec", "2 specs"), encoding="utf-8")
        assert "comment updated" in post(folder)
        assert "says that already" in post(folder)
        assert [method for method, _ in site.written] == ["POST", "PATCH"]
        assert len(site.comments) == 151
        assert "2 specs" in site.comments[-1]["body"]

    def test_a_comment_of_somebody_else_is_left_alone(self, post: Post, site: GitHub, folder: Path) -> None:
        site.comment(7, TEXT + "not the bot's", author="someone")
        site.comment(7, f"the bot's, about {MARKER}")
        assert "comment made" in post(folder)
        assert [body for _, body in site.written] == [TEXT]

    @pytest.mark.parametrize("run", [
        {"head_sha": "f" * 40},
        {"head_branch": "other"},
        {"head_repository": {"id": 3, "owner": {"login": "someone"}}},
        {"head_repository": None},
    ], ids=["moved", "renamed", "another fork", "deleted fork"])  # fmt: skip
    def test_nothing_where_the_head_is_no_request_s_any_more(
        self, post: Post, site: GitHub, folder: Path, run: dict[str, Any]
    ) -> None:
        assert "no open pull request" in post(folder, **run)
        assert site.written == []

    def test_nothing_on_a_closed_request(self, post: Post, site: GitHub, folder: Path) -> None:
        site.requests[0]["state"] = "closed"
        assert "no open pull request" in post(folder)

    def test_nothing_where_two_requests_have_that_head(self, post: Post, site: GitHub, folder: Path) -> None:
        site.request(9, "someone:wider", SHA, repository=2)
        assert "pull requests 7, 9 have the same head" in post(folder, "error")
        assert "pull request 9: comment made" in post(folder, pull_requests=[{"number": 9}])

    def test_nothing_for_another_event_or_without_a_comment(self, post: Post, site: GitHub, folder: Path) -> None:
        assert "not the run of a pull request" in post(folder, event="push")
        site.artifacts.clear()
        assert "left no comment" in post(folder)

    def test_a_request_that_changes_nothing_gets_no_new_comment(self, post: Post, site: GitHub, folder: Path) -> None:
        (folder / "comment.md").write_text(UNCHANGED, encoding="utf-8")
        assert "nothing changed" in post(folder)
        site.comment(7, TEXT)
        assert "comment updated" in post(folder)


FORGED = [
    (b"buy this", f"does not begin with {MARKER}"),
    (f" {TEXT}".encode(), "does not begin with"),
    (MARKER.encode() + b"x\n", "does not begin with"),
    (TEXT.encode() + b"x" * LIMIT, "longer than the 65,536 characters of"),
    (TEXT.encode() + b"x" * 10_000_000, "longer than the 65,536 characters of"),
    (TEXT.encode() + b"\xff", "not UTF-8"),
    (b"", "does not begin with"),
]
MENTIONS = ("@octocat", "@org/team", "\\@octocat", "&#64;octocat", "&#0064octocat", "&#x40;octocat", "&#X0040octocat",
            "&commat;octocat", "@<!-- -->octocat", "@@octocat")  # fmt: skip

REFERENCES = ("#1", "a/b#1", "&#35;1", "&#x23;1", "&num;1", "#&#49;", "GH-1", "gh-1", "GH&#45;1", "&#71;H-1",
              "https://github.com/a/b/issues/1", "https://github.com/a/b/pull/1", "https://github.com&#47;a/b/pull&sol;1",
              "[x](https://github.com/a/b/discussions/1)", "https://github.com/a/b/iss&#117;es/1")  # fmt: skip
REFERENCE = re.compile(r"#\d|GH-\d|/(?:issues|pull|discussions)/\d", re.IGNORECASE)


class TestWhatItMayBe:
    @pytest.mark.parametrize(("held", "why"), FORGED, ids=range(len(FORGED)))
    def test_what_is_no_comment_of_costlens_is_not_posted(
        self, post: Post, site: GitHub, folder: Path, held: bytes, why: str
    ) -> None:
        (folder / "comment.md").write_bytes(held)
        assert why in post(folder, "error")
        assert site.written == []

    def test_several_files_and_what_is_no_archive_are_not_read(
        self, post: Post, site: GitHub, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (folder / "other.md").write_text(TEXT, encoding="utf-8")
        assert "2 entries where one file was expected" in post(folder, "error")
        monkeypatch.setattr(site, "stored", lambda _: TEXT.encode())
        assert "cannot be unpacked" in post(folder, "error")
        assert site.written == []

    def test_no_issue_is_referred_to(self, post: Post, site: GitHub, folder: Path) -> None:
        (folder / "comment.md").write_text(TEXT + "\n".join(REFERENCES), encoding="utf-8")
        post(folder)
        ((_, body),) = site.written
        lines = body.removeprefix(TEXT).splitlines()
        assert len(lines) == len(REFERENCES)
        for line in lines:
            assert not REFERENCE.search(unescape(line)), line
            assert REFERENCE.search(unescape(line).replace("\u200b", "")), line

    def test_what_is_escaped_stays_so(self, post: Post, site: GitHub, folder: Path) -> None:
        kept = "&#124; &#35; &#45; &#91;x&#93; &amp;lt; ## Title\n| a | b#c |"
        (folder / "comment.md").write_text(TEXT + kept, encoding="utf-8")
        post(folder)
        assert site.written == [("POST", TEXT + kept)]

    def test_nobody_is_mentioned(self, post: Post, site: GitHub, folder: Path) -> None:
        (folder / "comment.md").write_text(TEXT + "\n".join(MENTIONS), encoding="utf-8")
        post(folder)
        ((_, body),) = site.written
        lines = body.removeprefix(TEXT).splitlines()
        assert len(lines) == len(MENTIONS)
        for line in lines:
            assert line.count("@") == line.count("@\u200b") >= 1
            assert "64" not in line
            assert "40" not in line
            assert "commat" not in line


REFUSALS = [
    ("POST", 403, '{"message": "Resource not accessible by integration"}', ("403", "Resource", "pull-requests: write")),
    ("POST", 422, '{"message": "Body is too long"}', ("422", "Body is too long")),
    ("pulls", 404, '{"message": "Not Found"}', ("404 Not Found", "pulls")),
    ("GET", 502, "<html>", ("502 Bad Gateway",)),
    ("pulls", 200, "<html>", ("pulls", "run the job again")),
    ("actions/runs", 403, '{"message": "Not accessible"}', ("403", "Not accessible", "actions: read")),
    ("actions/artifacts", 403, '{"message": "Not accessible"}', ("403", "Not accessible", "actions: read")),
    ("actions/artifacts", 410, '{"message": "Artifact has expired"}', ("410 Artifact has expired",)),
    ("actions/artifacts", 302, "file:///etc/passwd", ("leads nowhere",)),
]


@pytest.mark.parametrize(("method", "status", "body", "words"), REFUSALS)
def test_what_github_says_is_passed_on(
    post: Post, site: GitHub, folder: Path, method: str, status: int, body: str, words: tuple[str, ...]
) -> None:
    site.refuses[method] = (status, body)
    message = post(folder, "error")
    assert all(word in message for word in words), message
    assert fake_github.TOKEN not in message


def test_the_token_does_not_follow_elsewhere(post: Post, site: GitHub, folder: Path) -> None:
    with fake_github.running() as other:
        site.refuses["GET"] = (302, f"{other.url}/repos/owner/nets/pulls")
        other.request(7, "someone:wider", SHA, repository=2)
        assert "302" in post(folder, "error")
        assert other.written == []


def test_a_connection_that_drops_once_is_tried_again_and_twice_is_told(post: Post, site: GitHub, folder: Path) -> None:
    site.drops = 1
    assert "comment made" in post(folder)
    site.drops = 2
    assert "run the job again" in post(folder, "error")


def test_a_post_that_may_have_arrived_is_not_sent_twice(post: Post, site: GitHub, folder: Path) -> None:
    site.loses = "POST"
    assert "run the job again" in post(folder, "error")
    assert len(site.written) == 1
    site.loses = ""
    assert "says that already" in post(folder)


class TestSeveralComments:
    """Of one run, each by the name of its artifact."""

    @pytest.fixture
    def named(self, site: GitHub, folder: Path) -> Path:
        made = site.artifacts["costlens-comment-mobile"] = folder.parent / "named"
        made.mkdir()
        (made / "comment.md").write_text(TEXT.replace("1 spec", "2 specs"), encoding="utf-8")
        return made

    def test_each_is_one_of_its_own_and_is_updated(
        self, script: Any, site: GitHub, folder: Path, named: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        site.artifacts["something-else"] = folder
        for name, value in told(site, folder, {}).items():
            monkeypatch.setenv(name, value)
        assert script.job.ended(script.main) == 0
        plain, mobile = (one["body"] for one in site.comments)
        assert plain == TEXT
        assert mobile.startswith(f"{MARKER}\n<!-- costlens of mobile -->\n**mobile**\n<!-- costlens:check -->")
        assert script.job.ended(script.main) == 0
        assert len(site.written) == 2
        for place in (folder, named):
            (place / "comment.md").write_text(TEXT.replace("1 spec", "3 specs"), encoding="utf-8")
        assert script.job.ended(script.main) == 0
        assert [method for method, _ in site.written] == ["POST", "POST", "PATCH", "PATCH"]
        assert len(site.comments) == 2

    def test_a_run_is_not_given_the_whole_page(self, post: Post, site: GitHub, folder: Path) -> None:
        site.artifacts |= {f"costlens-comment-{number}": folder for number in range(100)}
        assert "left 101 comments" in post(folder, "error")
        assert site.written == []


def test_a_site_that_is_not_there(post: Post, site: GitHub, folder: Path) -> None:
    site.url = "http://127.0.0.1:9"
    assert "run the job again" in post(folder, "error")
