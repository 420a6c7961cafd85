"""The commit that a pull request is compared with, fetched where a shallow clone lacks it.

A branch is named by whoever made it. A name reaches git behind ``--`` or ``--end-of-options``, or as a part of a full
reference, so that it is no option, no refspec and no path; from here on it is a commit's number.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import job

from costlens.formats.escape import NAME, shorten

_NUMBER = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_MERGE_OF_REQUEST = re.compile(r"refs/pull/\d+/merge")
_PARENTS_OF_MERGE = 2


def commit() -> str:
    """Return the base commit by the beginning of its number: that of the input, else of the pull request, else nothing.

    Stopped where there is one that is nowhere to be had.
    """
    number = _number()
    return _said("rev-parse", "--short=12", number) if number else ""


def _number() -> str:
    named = job.given("BASE")
    if named:
        return _here(named) or _of_name(named)
    if number := _merged_into():
        return _here(number) or _fetched(os.environ["GITHUB_SHA"], depth=2, wanted=number)
    number = _of_event()
    return (_here(number) or _fetched(number)) if number else ""


def _merged_into() -> str:
    """Return the first parent of the pull request's merge commit: what the request would be merged into.

    The event names a base as well, but the merge commit may have been made from a later one. A shallow clone has cut
    the parent off; the commit itself still says which it is.
    """
    if not _MERGE_OF_REQUEST.fullmatch(os.environ.get("GITHUB_REF", "")):
        return ""
    if _said("rev-parse", "HEAD") != os.environ.get("GITHUB_SHA"):
        return ""
    head = _said("cat-file", "commit", "HEAD").partition("\n\n")[0]
    parents = re.findall(r"^parent (\w+)$", head, re.MULTILINE)
    return parents[0] if len(parents) == _PARENTS_OF_MERGE else ""


def _of_event() -> str:
    event = os.environ.get("GITHUB_EVENT_PATH")
    request = json.loads(Path(event).read_text(encoding="utf-8")).get("pull_request") if event else None
    number = request["base"]["sha"] if request else ""
    return number if _NUMBER.fullmatch(number) else ""


def _here(revision: str) -> str:
    """Return the number of a commit that this clone has; a branch of origin before one of the same name here."""
    for name in (f"refs/remotes/origin/{revision}", revision):
        if number := _said("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"):
            return number
    return ""


def _of_name(name: str) -> str:
    if _NUMBER.fullmatch(name):
        return _fetched(name)
    if _git("check-ref-format", f"refs/heads/{name}").returncode:
        shown = shorten(name, NAME)
        raise job.Stopped(f"base {shown}: no commit of this clone, no name of a branch; name a branch, tag or commit")
    return _fetched(f"refs/heads/{name}", f"refs/tags/{name}")


def _fetched(*references: str, depth: int = 1, wanted: str = "FETCH_HEAD") -> str:
    """Fetch the first of these that origin has, with as many generations; return the number of the one wanted."""
    options = ("--quiet", "--no-tags", "--no-recurse-submodules", f"--depth={depth}")
    for reference in references:
        done = _git("fetch", *options, "--", "origin", reference)
        if done.returncode == 0:
            return _said("rev-parse", "--verify", f"{wanted}^{{commit}}")
    raise job.Stopped(
        f"base {shorten(references[0], NAME)}: not in this clone, and cannot be fetched from origin; actions/checkout "
        "brings the base of a pull request with fetch-depth: 2, every branch with fetch-depth: 0\n"
        f"git: {shorten(done.stderr.strip(), NAME)}"
    )


def _said(*arguments: str) -> str:
    """Return what git printed; empty where it failed."""
    done = _git(*arguments)
    return "" if done.returncode else done.stdout.strip()


def _git(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run git; where it wants a password it fails instead of waiting."""
    environment = os.environ | {"GIT_TERMINAL_PROMPT": "0"}
    return subprocess.run(
        ["git", *arguments], capture_output=True, text=True, errors="surrogateescape", env=environment, check=False
    )
