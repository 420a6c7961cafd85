"""The second workflow: post the comments that the first one left on its pull request, or update the posted ones.

The code of the pull request made these comments, and a stranger may have written that code. So they are read as text,
and nothing in them decides where they are posted. GitHub's record of the run gives its repository, branch and commit,
and these give the pull request. The script needs only Python's standard library and the permissions ``actions: read``
and ``pull-requests: write``.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import job
from github import ask, content, listed
from mentions import undone

from costlens.formats.comment import LIMIT, MARKER

AUTHOR = "github-actions[bot]"
"""The author of comments that are posted with a job's token. Comments of other authors are never changed."""

_ARTIFACT = re.compile(rf"{job.ARTIFACT}(?:-({job.NAME.pattern}))?")
_MOST = 20
"""The most comments of one run; more would flood a pull request."""


def main() -> None:
    """Post, update, or say why there is nothing to do."""
    run = json.loads(Path(os.environ["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8")).get("workflow_run") or {}
    if run.get("event") != "pull_request":
        job.say("not the run of a pull request: nothing to post")
        return
    left = _left_by(run)
    if not left:
        job.say("the run left no comment: nothing to post")
        return
    number = _request_of(run)
    if number is None:
        job.say("no open pull request has that commit as its head, it was closed or has moved on: nothing to post")
        return
    texts = {name: _text(name, content(f"actions/artifacts/{artifact}/zip")) for name, artifact in left.items()}
    ours = [one for one in listed(f"issues/{number}/comments") if (one.get("user") or {}).get("login") == AUTHOR]
    for name, text in texts.items():
        job.say(f"pull request {number}{name and f', {name}'}: {_posted(number, text, _top(name), ours)}")


def _left_by(run: dict[str, Any]) -> dict[str, int]:
    """Return the numbers of the artifacts that hold comments, by the comments' names."""
    found: dict[str, int] = {}
    for artifact in listed(f"actions/runs/{run['id']}/artifacts", "artifacts"):
        if match := _ARTIFACT.fullmatch(artifact["name"]):
            name = match[1] or ""
            found[name] = max(artifact["id"], found.get(name, 0))  # the last one, where a job ran again
    if len(found) > _MOST:
        raise job.Stopped(f"the run left {len(found)} comments, more than {_MOST}: nothing posted")
    return dict(sorted(found.items()))


def _posted(number: int, text: str, top: str, comments: list[dict[str, Any]]) -> str:
    ours = [one for one in comments if _is(one.get("body") or "", top)]
    if not ours and job.UNCHANGED in text:
        return "nothing changed, and nothing said so far: nothing to post"
    if ours and ours[0]["body"] == text:
        return "the comment says that already"
    if ours:
        done, what = ask("PATCH", f"issues/comments/{ours[0]['id']}", text), "updated"
    else:
        done, what = ask("POST", f"issues/{number}/comments", text), "made"
    return f"comment {what}: {done.get('html_url', '')}"


def _top(name: str) -> str:
    """Return the first lines of a comment; they identify the comment that is to be updated."""
    return f"{MARKER}\n<!-- costlens of {name} -->\n**{name}**\n" if name else f"{MARKER}\n"


def _is(body: str, top: str) -> bool:
    """Say whether a comment begins with these lines; GitHub may have changed the line ends."""
    lines, wanted = body.splitlines(), top.splitlines()
    named = len(lines) > 1 and lines[1].startswith("<!-- costlens of ")
    return lines[: len(wanted)] == wanted and (len(wanted) > 1 or not named)


def _text(name: str, held: bytes) -> str:
    """Return the text to post, in which nobody is mentioned; Stopped where it is not a comment of costlens."""
    if len(held) > 4 * LIMIT:
        raise job.Stopped(f"what the run left is longer than the {LIMIT:,} characters of a comment: nothing posted")
    try:
        text = held.decode()
    except UnicodeDecodeError:
        raise job.Stopped("what the run left is not UTF-8: nothing posted") from None
    if not text.startswith(f"{MARKER}\n"):
        raise job.Stopped(f"what the run left does not begin with {MARKER}: nothing posted")
    text = _top(name) + undone(text.removeprefix(f"{MARKER}\n"))
    if len(text) > LIMIT:
        raise job.Stopped(f"what the run left is longer than the {LIMIT:,} characters of a comment: nothing posted")
    return text


def _request_of(run: dict[str, Any]) -> int | None:
    """Return the number of the open pull request of the run; None where no pull request has that head any more."""
    repository, branch, commit = run.get("head_repository") or {}, run.get("head_branch"), run.get("head_sha")
    if not (repository and branch and commit):
        return None
    owner = repository["owner"]["login"]
    found = [
        request["number"]
        for request in listed("pulls", state="open", head=f"{owner}:{branch}")
        if request["head"]["sha"] == commit and (request["head"]["repo"] or {}).get("id") == repository["id"]
    ]
    if len(found) > 1:  # for branches of the repository itself, GitHub lists the requests of a run
        told = {request["number"] for request in run.get("pull_requests") or ()}
        found = [number for number in found if number in told] or found
    if len(found) > 1:
        raise job.Stopped(f"pull requests {', '.join(map(str, found))} have the same head: which is meant is not known")
    return found[0] if found else None


if __name__ == "__main__":
    sys.exit(job.ended(main))
