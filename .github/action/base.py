"""The commit that a pull request is compared with, and enough history to know where the two parted.

A shallow clone may lack the commit or the history; both are fetched. Anybody may choose the name of a branch. So a name
reaches git only behind ``--`` or ``--end-of-options``, or inside a full reference: git cannot take it for an option, a
refspec or a path. All later steps use the commit's number.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import job

from costlens.errors import UsageError
from costlens.formats.escape import NAME, shorten
from costlens.sources.git.revisions import Commit, Repository, here

_NUMBER = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_MERGE_OF_REQUEST = re.compile(r"refs/pull/\d+/merge")
_PARENTS_OF_MERGE = 2
_DEEPER = ("--deepen=50", "--deepen=500", "--unshallow")
"""How more history is fetched, until it reaches the commit where the two parted."""


def commit() -> str:
    """Return the number of the base commit: from the input, else from the pull request; empty where neither names one.

    Stopped where the commit cannot be found, or where it is not known how its history meets that of the checkout.
    """
    named, of_event = job.given("BASE"), _of_event()
    if not (named or of_event):
        return ""
    try:
        repository = here()
        head = repository.commit("HEAD")
    except UsageError as error:
        remedy = "actions/checkout has to stand before this action, and without path:"
        raise job.Stopped(f"nothing here can be compared with a base: {error}; {remedy}") from None
    depth = 1 if repository.shallow else 0
    if named:
        number = _here(named) or _of_name(named, depth)
    elif number := _merged_into(head):
        number = _here(number) or _fetched(head.hash, depth=2, wanted=number)
    else:
        number = _here(of_event) or _fetched(of_event, depth=depth)
    _reach_back(repository, repository.commit(number), head)
    return number


def _merged_into(head: Commit) -> str:
    """Return the first parent of the pull request's merge commit: the commit that the request would be merged into.

    The event names a base, too, but GitHub may have made the merge commit from a later one.
    """
    if not _MERGE_OF_REQUEST.fullmatch(os.environ.get("GITHUB_REF", "")) or head.hash != os.environ.get("GITHUB_SHA"):
        return ""
    return head.parents[0] if len(head.parents) == _PARENTS_OF_MERGE else ""


def _of_event() -> str:
    event = os.environ.get("GITHUB_EVENT_PATH")
    request = json.loads(Path(event).read_text(encoding="utf-8")).get("pull_request") if event else None
    number = request["base"]["sha"] if request else ""
    return number if _NUMBER.fullmatch(number) else ""


def _here(revision: str) -> str:
    """Return the number of a commit of this clone; a branch of origin goes before a local branch of that name."""
    if _NUMBER.fullmatch(revision):
        return revision if _git("cat-file", "-e", f"{revision}^{{commit}}").returncode == 0 else ""
    for name in (f"refs/remotes/origin/{revision}", revision):
        if number := _said("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"):
            return number
    return ""


def _of_name(name: str, depth: int) -> str:
    if _NUMBER.fullmatch(name):
        return _fetched(name, depth=depth)
    if _git("check-ref-format", f"refs/heads/{name}").returncode:
        shown = shorten(name, NAME)
        raise job.Stopped(f"base {shown}: no commit of this clone, no name of a branch; name a branch, tag or commit")
    return _fetched(f"refs/heads/{name}", f"refs/tags/{name}", depth=depth)


def _fetched(*references: str, depth: int, wanted: str = "FETCH_HEAD") -> str:
    """Fetch the first of these references that origin has; return the number of the wanted commit.

    ``depth`` says how many generations are fetched; 0 means the whole history.
    """
    for reference in references:
        done = _fetch(*((f"--depth={depth}",) if depth else ()), "--", "origin", reference)
        if done.returncode == 0:
            return _said("rev-parse", "--verify", f"{wanted}^{{commit}}")
    raise job.Stopped(
        f"base {shorten(references[0], NAME)}: not in this clone, and cannot be fetched from origin; actions/checkout "
        "brings the base of a pull request with fetch-depth: 2, every branch with fetch-depth: 0\n"
        f"git: {shorten(done.stderr.strip(), NAME)}"
    )


def _reach_back(repository: Repository, base: Commit, head: Commit) -> None:
    """Fetch history until git knows where two commits parted; else the diff would show the base's own changes."""
    for how in _DEEPER:
        if not repository.shallow or repository.merge_base(base, head):
            return
        done = _fetch(how, "--", "origin", base.hash, head.hash)
        if done.returncode:
            raise job.Stopped(
                f"base {base.hash[:12]}: where it and this checkout parted is not known, and their history cannot be "
                f"fetched from origin; give actions/checkout fetch-depth: 0\ngit: {shorten(done.stderr.strip(), NAME)}"
            )


def _fetch(*arguments: str) -> subprocess.CompletedProcess[str]:
    return _git("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", *arguments)


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
