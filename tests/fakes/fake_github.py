"""A GitHub on the loopback interface: as much of its REST API as posting a comment asks for."""

import io
import json
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
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
    """Method, or the beginning of a path → the status and the body that it is answered with."""
    artifacts: dict[str, Path] = field(default_factory=dict)
    """What run 5 left: name → the folder that is in it."""
    drops: int = 0
    """So many requests get no answer."""
    loses: str = ""
    """The method whose requests are carried out, but get no answer."""

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
        within = path.removeprefix(f"/repos/{REPOSITORY}/")
        for beginning, refusal in self.refuses.items():
            if within.startswith(beginning):
                return refusal
        parts = within.split("/")
        if parts[:2] == ["actions", "artifacts"]:
            return 302, f"{self.url}/stored/{parts[2]}"
        if method == "GET":
            first = (int(asked["page"]) - 1) * int(asked["per_page"])
            some = self._listed(parts, asked)[first : first + int(asked["per_page"])]
            return 200, {"artifacts": some} if parts[0] == "actions" else some
        text = json.loads(body)["body"]
        if method == "POST" and parts[0] == "issues" and parts[2] == "comments":
            self.comment(int(parts[1]), text)
        elif method == "PATCH" and parts[:2] == ["issues", "comments"]:
            next(one for one in self.comments if one["id"] == int(parts[2]))["body"] = text
        else:
            return 404, {"message": "Not Found"}
        self.written.append((method, text))
        return 201, {"html_url": f"{self.url}/{REPOSITORY}/comment"}

    def stored(self, number: int) -> bytes:
        """Return an artifact as it is downloaded."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for path in [*self.artifacts.values()][number].iterdir():
                archive.write(path, path.name)
        return packed.getvalue()

    def _listed(self, parts: list[str], asked: dict[str, str]) -> list[dict[str, Any]]:
        if parts == ["actions", "runs", "5", "artifacts"]:
            return [{"id": number, "name": name} for number, name in enumerate(self.artifacts)]
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
            if site.drops:
                site.drops -= 1
                return
            if self.path.startswith("/stored/"):
                assert "Authorization" not in self.headers
                self.send_response(200)
                self.end_headers()
                self.wfile.write(site.stored(int(self.path.rpartition("/")[2])))
                return
            authorised = self.headers["Authorization"] == f"Bearer {TOKEN}"
            status, document = site.answer(self.command, self.path, body) if authorised else (401, {"message": "Bad"})
            if self.command == site.loses:
                return
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
