"""The second workflow: put the comment that the first one wrote on its pull request, or update the one that is there.

The file was made by a run of the request's own code, maybe a stranger's: it is read as text, and nothing in it says
where it goes. The pull request is looked up by what GitHub says of that run: the repository, branch and commit it
ran on. Needs nothing but Python's own library and the permission ``pull-requests: write``.
"""

from __future__ import annotations

import json
import os
import re
import sys
from http.client import HTTPMessage
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

import job

from costlens.comment_file import LIMIT, MARKER

AUTHOR = "github-actions[bot]"
"""Who writes with the token of a job. A comment of anybody else is left alone, whatever it begins with."""

_MENTION = re.compile(r"@(?!\u200b)|&#0*64(?!\d);?|&#x0*40(?![\da-f]);?|&commat;", re.IGNORECASE)
_APART = "@\u200b"
"""GitHub notifies whoever is named in the rendered text; a blank of no width behind the mark keeps it from that."""

_PAGE = 100
_PAGES = 100
_TIMEOUT_S = 30
_BYTES = 4 * LIMIT


def main() -> None:
    """Post, update, or say why there is nothing to do."""
    job.say(_posted())


def _posted() -> str:
    run = json.loads(Path(os.environ["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8")).get("workflow_run") or {}
    if run.get("event") != "pull_request":
        return "not the run of a pull request: nothing to post"
    folder = Path(os.environ["COMMENT"])
    if not folder.is_dir():
        return "the run left no comment: nothing to post"
    text = _text(folder)
    number = _request_of(run)
    if number is None:
        return "no open pull request has that commit as its head, it was closed or has moved on: nothing to post"
    ours = [one for one in _all(f"issues/{number}/comments") if _is_ours(one)]
    if not ours and job.UNCHANGED in text:
        return f"pull request {number}: nothing changed, and nothing said so far: nothing to post"
    if ours and ours[0]["body"] == text:
        return f"pull request {number}: the comment says that already"
    if ours:
        done, what = _ask("PATCH", f"issues/comments/{ours[0]['id']}", text), "updated"
    else:
        done, what = _ask("POST", f"issues/{number}/comments", text), "made"
    return f"pull request {number}: comment {what}: {done.get('html_url', '')}"


def _text(folder: Path) -> str:
    """Return the text of the one file in the folder, mentioning nobody; Stopped where it is no comment of costlens."""
    files = list(folder.iterdir())
    if len(files) != 1 or files[0].is_symlink() or not files[0].is_file():
        raise job.Stopped(f"the run left {len(files)} entries where one file was expected: nothing posted")
    with files[0].open("rb") as file:
        held = file.read(_BYTES + 1)
    try:
        text = held.decode()
    except UnicodeDecodeError:
        raise job.Stopped("what the run left is not UTF-8: nothing posted") from None
    if not text.startswith(f"{MARKER}\n"):
        raise job.Stopped(f"what the run left does not begin with {MARKER}: nothing posted")
    text = _MENTION.sub(_APART, text)
    if len(held) > _BYTES or len(text) > LIMIT:
        raise job.Stopped(f"what the run left is longer than the {LIMIT:,} characters of a comment: nothing posted")
    return text


def _request_of(run: dict[str, Any]) -> int | None:
    """Return the number of the open pull request that the run was for; None where none has that head any more."""
    repository, branch, commit = run.get("head_repository") or {}, run.get("head_branch"), run.get("head_sha")
    if not (repository and branch and commit):
        return None
    owner = repository["owner"]["login"]
    found = [
        request["number"]
        for request in _all("pulls", state="open", head=f"{owner}:{branch}")
        if request["head"]["sha"] == commit and (request["head"]["repo"] or {}).get("id") == repository["id"]
    ]
    if len(found) > 1:
        raise job.Stopped(f"pull requests {', '.join(map(str, found))} have the same head: which is meant is not known")
    return found[0] if found else None


def _is_ours(comment: dict[str, Any]) -> bool:
    return (comment.get("user") or {}).get("login") == AUTHOR and (comment.get("body") or "").startswith(MARKER)


def _all(path: str, **query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for page in range(1, _PAGES + 1):
        some = _ask("GET", f"{path}?{urlencode({**query, 'per_page': _PAGE, 'page': page})}")
        found += some
        if len(some) < _PAGE:
            break
    return found


class _NoRedirect(HTTPRedirectHandler):
    """The token is for one host."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        """Follow none."""


def _ask(method: str, path: str, text: str | None = None) -> Any:
    """Return GitHub's answer; Stopped with its reason and what to do."""
    url = f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['GITHUB_REPOSITORY']}/{path}"
    headers = {
        "Authorization": f"Bearer {os.environ['GITHUB_TOKEN']}",
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
    }
    data = None if text is None else json.dumps({"body": text}).encode()
    request = Request(url, data=data, headers=headers, method=method)  # noqa: S310  # the runner names the host
    try:
        with build_opener(_NoRedirect).open(request, timeout=_TIMEOUT_S) as answer:
            return json.load(answer)
    except HTTPError as error:
        remedy = "; the workflow needs permissions: pull-requests: write" if error.code in (401, 403) else ""
        raise job.Stopped(f"{method} {url.partition('?')[0]}: {error.code} {_reason(error)}{remedy}") from None
    except (URLError, TimeoutError, json.JSONDecodeError) as error:
        raise job.Stopped(f"{method} {url.partition('?')[0]}: {error}; run the job again") from None


def _reason(error: HTTPError) -> str:
    try:
        return str(json.load(error)["message"])
    except (ValueError, KeyError, TypeError):
        return error.reason


if __name__ == "__main__":
    sys.exit(job.ended(main))
