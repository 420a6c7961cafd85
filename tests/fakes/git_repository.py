"""Git repositories that tests make: the program itself, without the settings of this machine."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

ISOLATED = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
_IDENTITY = {f"GIT_{who}_{what}": "a@b.c" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
_DATES = {"GIT_AUTHOR_DATE": "2026-01-01T00:00Z", "GIT_COMMITTER_DATE": "2026-01-01T00:00Z"}


def git(place: Path, *arguments: str) -> str:
    """Run git; return what it printed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", "-C", str(place), "-c", "init.defaultBranch=main", *arguments]
    environment = kept | _IDENTITY | _DATES | ISOLATED
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.strip()


def write(place: Path, files: Mapping[str, str | None]) -> None:
    """Write files below a folder; None deletes one."""
    for name, text in files.items():
        path = place / name
        if text is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


def commit(place: Path, files: Mapping[str, str | None], message: str = "files") -> str:
    """Write and commit files; return the commit."""
    write(place, files)
    git(place, "add", "--all")
    git(place, "commit", "--quiet", "--allow-empty", f"--message={message}")
    return git(place, "rev-parse", "HEAD")
