"""A GitHub on the loopback interface: as much of its REST API as posting a comment asks for."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

REPOSITORY = "owner/nets"
TOKEN = "a-token"
BOT = "github-actions[bot]"


@dataclass
class GitHub:
    """What is on the site, and what it was asked to write."""

    url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)
    written: list[tuple[str, str]] = field(default_factory=list)
    refuses: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Method → the status and the body that it is answered with."""

    def request(self, number: int, head: str, sha: str, *, state: str = "open", repository: int = 1) -> None:
        """Add a pull request from ``owner:branch``."""
        described = {"label": head, "sha": sha, "repo": {"id": repository}}
        self.requests.append({"number": number, "state": state, "head": described})

    def comment(self, number: int, body: str, author: str = BOT) -> int:
        """Add a comment on a pull request."""
        made = {"id": 100 + len(self.comments), "number": number, "body": body, "user": {"login": author}}
        self.comments.append(made)
        return 100 + len(self.comments) - 1

    def answer(self, method: str, target: str, body: str) -> tuple[int, Any]:
        """Return the status and the document that answer a request."""
        if method in self.refuses:
            status, text = self.refuses[method]
            return status, text
        path, asked = urlsplit(target).path, {key: value[0] for key, value in parse_qs(urlsplit(target).query).items()}
        parts = path.removeprefix(f"/repos/{REPOSITORY}/").split("/")
        if method == "GET":
            first = (int(asked["page"]) - 1) * int(asked["per_page"])
            return 200, self._listed(parts, asked)[first : first + int(asked["per_page"])]
        text = json.loads(body)["body"]
        if method == "POST" and parts[0] == "issues" and parts[2] == "comments":
            self.comment(int(parts[1]), text)
        elif method == "PATCH" and parts[:2] == ["issues", "comments"]:
            next(one for one in self.comments if one["id"] == int(parts[2]))["body"] = text
        else:
            return 404, {"message": "Not Found"}
        self.written.append((method, text))
        return 201, {"html_url": f"{self.url}/{REPOSITORY}/comment"}

    def _listed(self, parts: list[str], asked: dict[str, str]) -> list[dict[str, Any]]:
        if parts == ["pulls"]:
            wanted = (asked["state"], asked["head"])
            return [one for one in self.requests if (one["state"], one["head"]["label"]) == wanted]
        return [one for one in self.comments if str(one["number"]) == parts[1]]


@contextmanager
def running() -> Iterator[GitHub]:
    """Serve a site without requests and comments."""
    site = GitHub()

    class Handler(BaseHTTPRequestHandler):
        def _answered(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            authorised = self.headers["Authorization"] == f"Bearer {TOKEN}"
            status, document = site.answer(self.command, self.path, body) if authorised else (401, {"message": "Bad"})
            self.send_response(status)
            if status == 302:
                self.send_header("Location", document)
            self.end_headers()
            self.wfile.write(document.encode() if isinstance(document, str) else json.dumps(document).encode())

        do_GET = do_POST = do_PATCH = _answered  # noqa: N815  # the names that the library calls

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
