"""GitHub's REST API, asked with the token of the job and Python's own library."""

from __future__ import annotations

import io
import json
import os
import zipfile
from http.client import HTTPException, HTTPMessage
from typing import IO, Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

import job

_PAGE = 100
_PAGES = 100
_TIMEOUT_S = 30
_BYTES = 1_000_000
"""The most that is read of a file; what we look for is smaller."""
_FOUND = 302


class _NoRedirect(HTTPRedirectHandler):
    """The token is for one host."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        """Follow none."""


def listed(path: str, within: str = "", **query: str) -> list[dict[str, Any]]:
    """Return all pages of a list. ``within`` names the field that holds it, where one does."""
    found: list[dict[str, Any]] = []
    for page in range(1, _PAGES + 1):
        answer = ask("GET", f"{path}?{urlencode({**query, 'per_page': _PAGE, 'page': page})}")
        some = answer[within] if within else answer
        found += some
        if len(some) < _PAGE:
            break
    return found


def ask(method: str, path: str, text: str | None = None) -> Any:
    """Return GitHub's answer. Stopped says why there is none and what to do."""
    try:
        return json.loads(_answer(method, path, text))
    except ValueError as error:
        raise job.Stopped(f"{method} {path.partition('?')[0]}: {error}; run the job again") from None


def content(path: str) -> bytes:
    """Return the one file of an artifact, of a long file its beginning; Stopped where it does not hold one file."""
    try:
        with zipfile.ZipFile(io.BytesIO(_answer("GET", path))) as archive:
            names = archive.namelist()
            if len(names) != 1:
                raise job.Stopped(f"the run left {len(names)} entries where one file was expected: nothing posted")
            with archive.open(names[0]) as file:
                return file.read(_BYTES)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise job.Stopped(f"what the run left cannot be unpacked: {error}: nothing posted") from None


def _answer(method: str, path: str, text: str | None = None) -> bytes:
    """Return what GitHub answers. A redirect of an artifact is followed once, without the token."""
    where = f"{method} {path.partition('?')[0]}"
    url = f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['GITHUB_REPOSITORY']}/{path}"
    headers = {
        "Authorization": f"Bearer {os.environ['GITHUB_TOKEN']}",
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
    }
    data = None if text is None else json.dumps({"body": text}).encode()
    try:
        try:
            return _sent(Request(url, data=data, headers=headers, method=method))  # noqa: S310  # the runner's host
        except HTTPError as error:
            if error.code != _FOUND or not path.endswith("/zip"):
                raise
            return _sent(_elsewhere(error.headers.get("Location", "")))
    except HTTPError as error:
        needed = "actions: read" if path.startswith("actions/") else "pull-requests: write"
        remedy = f"; the workflow needs permissions: {needed}" if error.code in (401, 403) else ""
        raise job.Stopped(f"{where}: {error.code} {_reason(error)}{remedy}") from None
    except (OSError, HTTPException, ValueError) as error:
        raise job.Stopped(f"{where}: {error or type(error).__name__}; run the job again") from None


def _elsewhere(place: str) -> Request:
    """Return the request for the address that a redirect names; ValueError where it is no web address."""
    if not place.startswith(("https://", f"{os.environ['GITHUB_API_URL']}/")):
        raise ValueError("the answer leads nowhere")
    return Request(place)  # noqa: S310


def _sent(request: Request) -> bytes:
    """Send a request; send it again where the connection was lost, but not a POST, which might be done twice."""
    for last in (request.get_method() == "POST", True):
        try:
            with build_opener(_NoRedirect).open(request, timeout=_TIMEOUT_S) as answer:
                return bytes(answer.read(64 * _BYTES))
        except HTTPError:
            raise
        except (OSError, HTTPException):
            if last:
                raise
    raise AssertionError


def _reason(error: HTTPError) -> str:
    try:
        return str(json.load(error)["message"])
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        return error.reason
