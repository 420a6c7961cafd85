"""Files of a git revision, read by the ``git`` program. Nothing is checked out or read outside the repository.

A revision is first turned into a commit's hash. Only hashes, and paths inside the repository, reach other commands.
These are plumbing (``rev-parse``, ``rev-list``, ``merge-base``, ``ls-tree``, ``ls-files``, ``cat-file``). They run no
filter, hook, pager or diff driver that the repository's configuration names.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from posixpath import dirname, normpath
from typing import IO, cast

from costlens.errors import UsageError, did_you_mean

_HASH = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_REVISION_PATH = re.compile(r"((?:[^:{}]|\{[^}]*\})*):(.*)", re.DOTALL)
_FROM_HERE = re.compile(r"\.\.?(?:/|$)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SUBMODULE = b"160000 "
_SHOWN = 200
_LOCAL = {
    "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE", "GIT_SHALLOW_FILE", "GIT_GRAFT_FILE", "GIT_CONFIG",
    "GIT_CONFIG_PARAMETERS", "GIT_REPLACE_REF_BASE", "GIT_IMPLICIT_WORK_TREE", "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS",
}  # fmt: skip
"""Variables that lead git to another repository or change how it reads paths. In a hook some of them are set."""
_FIXED = {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_LITERAL_PATHSPECS": "1"}
SHALLOW = (
    "; this clone is shallow and may lack that history: git fetch --unshallow, "
    "or fetch-depth: 0 where actions/checkout made it"
)


def split(word: str) -> tuple[str, str] | None:
    """Split ``REVISION:path``; None for another word, such as a path with a drive's letter.

    >>> split("main:specs/a.yaml"), split("HEAD@{at 12:00}:a.yaml"), split("C:/specs/a.yaml"), split("a.yaml")
    (('main', 'specs/a.yaml'), ('HEAD@{at 12:00}', 'a.yaml'), None, None)
    """
    match = _REVISION_PATH.fullmatch(word)
    return None if match is None or _DRIVE.match(word) else (match[1], match[2])


def inside(path: str) -> str:
    """Return a path from a repository's root in its shortest form; UsageError where it leaves the repository.

    >>> inside("specs/../specs/a.yaml")
    'specs/a.yaml'
    """
    if not path or _CONTROL.search(path):
        raise UsageError(f"{path[:_SHOWN]!r}: names no file; expected one such as specs/a.yaml")
    shortest = normpath(path)
    if shortest.startswith(("/", "\\", "../")) or shortest == ".." or _DRIVE.match(shortest):
        raise UsageError(f"{path[:_SHOWN]}: leaves the repository; name a file inside it, from its root")
    return shortest


def within(folder: str) -> tuple[str, ...]:
    """Return a folder as an argument of git; none for the root."""
    return () if folder == "." else (inside(folder),)


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository with a working tree: its root, and the folder below it where the command runs (``""``, ``sub/``)."""

    root: Path
    prefix: str = ""

    def commit(self, revision: str) -> Commit:
        """Return the commit that a revision names; UsageError where it is unknown or not a revision."""
        shown = revision[:_SHOWN]
        if not revision or revision.startswith("-") or _CONTROL.search(revision):
            raise UsageError(f"{shown!r}: is not a revision; expected a branch, a tag or a commit, such as main")
        ask = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        found = _said(self.root, *ask)
        if not _HASH.fullmatch(found):
            raise UsageError(f"{shown}: no such revision{self._meant(revision)}")
        return Commit(self, revision, found)

    def merge_base(self, one: Commit, other: Commit) -> Commit | None:
        """Return the commit where two histories parted, under the first one's name; None where they share no commit.

        A shallow clone lacks the parents of its oldest commits, but a commit still says which parents it has.
        """
        found = _said(self.root, "merge-base", one.hash, other.hash).split()
        if found and _HASH.fullmatch(found[0]):
            return Commit(self, one.name, found[0])
        return one if one.hash in other.parents else None

    def last_change(self, path: str) -> Commit | None:
        """Return the newest commit that changed a file; None where none did."""
        found = _said(self.root, "rev-list", "--max-count=1", "HEAD", "--", inside(path))
        return Commit(self, found, found) if _HASH.fullmatch(found) else None

    @property
    def shallow(self) -> bool:
        """Whether the clone's history was cut off."""
        return _said(self.root, "rev-parse", "--is-shallow-repository") == "true"

    def path(self, path: str) -> str:
        """Return a path from the root; one that begins with ``./`` or ``../`` is given from the working directory."""
        return inside(f"{self.prefix}{path}" if _FROM_HERE.match(path) else path)

    def _meant(self, revision: str) -> str:
        known = _said(self.root, "for-each-ref", "--format=%(refname:short)").split()
        remote = next((name for name in known if name.endswith(f"/{revision}")), None)
        meant = f' (did you mean "{remote}"?)' if remote else did_you_mean(revision[:_SHOWN], known)
        return (meant or "; expected a branch, a tag or a commit, such as main") + (SHALLOW if self.shallow else "")


@dataclass(frozen=True, slots=True)
class Commit:
    """The files of a commit, by their paths from the repository's root; ``name`` is the revision as it was given."""

    repository: Repository
    name: str
    hash: str

    @property
    def parents(self) -> tuple[str, ...]:
        """The hashes of its parents, also of those that a shallow clone lacks."""
        return tuple(line.removeprefix("parent ") for line in self._head if line.startswith("parent "))

    @property
    def made(self) -> datetime:
        """When it was committed, in UTC."""
        (line,) = (line for line in self._head if line.startswith("committer "))
        return datetime.fromtimestamp(int(line.split()[-2]), UTC)

    @property
    def _head(self) -> list[str]:
        return _said(self.repository.root, "cat-file", "commit", self.hash).partition("\n\n")[0].split("\n")

    def label(self, path: str) -> str:
        """Return a file's name for people: ``main:specs/a.yaml``."""
        return f"{self.name[:_SHOWN]}:{path}"

    def files(self, folder: str) -> list[str]:
        """Return the files of a folder and below it, or the one file of that name; ``.`` is the root."""
        ask = ("ls-tree", "-r", "-z", "--full-tree", self.hash, "--", *within(folder))
        listed = (entry.partition(b"\t") for entry in run_git(self.repository.root, *ask).stdout.split(b"\0") if entry)
        return [os.fsdecode(name) for what, _, name in listed if not what.startswith(_SUBMODULE)]

    def read(self, path: str, most: int) -> bytes:
        """Return the first ``most`` bytes of a file; UsageError where there is none in the repository."""
        found = self.contents([path], most)[path]
        if isinstance(found, UsageError):
            raise found
        return found

    def contents(self, paths: Iterable[str], most: int) -> dict[str, bytes | UsageError]:
        """Return the first ``most`` bytes of many files, or the error of a file that cannot be read.

        One process of git reads them all. After a file that is longer than ``most`` a new process is started.
        """
        command = [_program(), "cat-file", "--batch", "--follow-symlinks"]
        pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
        found: dict[str, bytes | UsageError] = {}
        left = list(paths)
        while left:
            process = subprocess.Popen(
                command, cwd=self.repository.root, env=_environment(), stdin=pipe, stdout=pipe, stderr=nowhere
            )
            size = 0
            try:
                while left and size <= most:
                    path = left.pop(0)
                    try:
                        size, found[path] = self._answer(process, inside(path), most)
                    except UsageError as error:
                        found[path] = error
            finally:
                process.kill()
                process.communicate()
        return found

    def _answer(self, git: subprocess.Popen[bytes], path: str, most: int) -> tuple[int, bytes | UsageError]:
        """Return the size of what git finds at a path, and the first bytes of the file, or the error."""
        ask, answer = cast("IO[bytes]", git.stdin), cast("IO[bytes]", git.stdout)
        with suppress(BrokenPipeError):
            ask.write(os.fsencode(f"{self.hash}:{path}\n"))
            ask.flush()
        header = answer.readline().decode(errors="replace").split()
        if len(header) < 2 or not header[-1].isdigit():  # noqa: PLR2004  # [hash] type size
            return 0, self._refusal(path, header[-1] if header else "")
        size = int(header[-1])
        content = answer.read(min(size, most))
        if size <= most:
            answer.readline()
        return size, content if header[-2] == "blob" else self._refusal(path, header[-2], content)

    def _refusal(self, path: str, found: str, content: bytes = b"") -> UsageError:
        if found in ("missing", "notdir", "ambiguous"):
            return self.missing(path)
        target, shallow = os.fsdecode(content)[:_SHOWN], SHALLOW if self.repository.shallow else ""
        no_file = "is a symbolic link to no file; name the file itself"
        reasons = {
            "symlink": f"is a symbolic link that leaves the repository, to {target}; name a file inside it",
            "dangling": no_file,
            "loop": no_file,
            "tree": "is a folder; name a spec in it",
        }
        return UsageError(f"{self.label(path)}: {reasons.get(found, f'cannot be read by git{shallow}')}")

    def missing(self, path: str) -> UsageError:
        """Return the error for a file that does not exist; it names the file that was probably meant."""
        here = self.repository.prefix + path
        if self.repository.prefix and here in self.files(here):
            return UsageError(f'{self.label(path)}: no such file (did you mean "{self.label(f"./{path}")}"?)')
        others = [name for name in self.files(dirname(path) or ".") if dirname(name) == dirname(path)]
        meant = did_you_mean(path, others).replace('"', f'"{self.name[:_SHOWN]}:', 1)
        return UsageError(f"{self.label(path)}: no such file{meant or '; paths are from the root of the repository'}")


def here() -> Repository:
    """Return the repository of the working directory; UsageError where there is none."""
    cwd = Path.cwd()
    found = run_git(cwd, "rev-parse", "--show-toplevel", "--show-prefix")
    lines = os.fsdecode(found.stdout).split("\n")
    if found.returncode or not lines[0]:
        raise UsageError(_no_repository(cwd, os.fsdecode(found.stderr).strip()))
    return Repository(Path(lines[0]), lines[1])


def _no_repository(folder: Path, said: str) -> str:
    if "dubious ownership" in said:
        remedy = f"git config --global --add safe.directory '{folder}'"
        return f"{folder}: git reads no repository of another owner; if you trust it: {remedy}"
    if "work tree" in said:
        return f"{folder}: this repository has no working tree; run this in a clone of it"
    if not said or "not a git repository" in said:
        return f"{folder}: no git repository; run this inside one, or name two files"
    return f"{folder}: git says: {said.splitlines()[-1]}"


def run_git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run git in a folder, whatever it answers; UsageError where it cannot be run."""
    command = [_program(), *arguments]
    try:
        return subprocess.run(command, cwd=folder, env=_environment(), capture_output=True, check=False)
    except OSError as error:
        raise UsageError(f"git: cannot be run: {(error.strerror or str(error)).lower()}") from None


def _said(folder: Path, *arguments: str) -> str:
    return run_git(folder, *arguments).stdout.decode(errors="replace").strip()


def _program() -> str:
    found = shutil.which("git")
    if found is None:
        raise UsageError("git: no such program; install it, or name two files: costlens diff old.yaml new.yaml")
    return found


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in _LOCAL} | _FIXED
