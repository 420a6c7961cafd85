"""Where a result comes from: the commit, whether files differ from it, and a digest of the files of each network."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from costlens.errors import UsageError
from costlens.sources._word import Word
from costlens.sources.find import files, source_of
from costlens.sources.git.revisions import Commit, Repository, here

_MOST = 2**30
_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Origin:
    """The commit of what was counted, empty where there is none, and digests by a word's text and its file's stem.

    dirty: a file differs from that commit. at: when it was so: the time of a revision is its commit's. ``sole``: the
    digest where there is one file alone.
    """

    at: datetime
    commit: str = ""
    dirty: bool = False
    digests: Mapping[str, str] = field(default_factory=dict)
    sole: str = ""

    def digest(self, *names: str) -> str:
        """Return the digest of a network's files, by the word that named it or by its name."""
        return self.sole or next((found for name in names if (found := self.digests.get(name))), "")


def origin(words: Sequence[str | Word]) -> Origin:
    """Look at the files of words, and at the repository of the working directory."""
    found = [one for one in files(words) if isinstance(one, Word)]
    contents = {one: _contents(one) for one in found}
    stems = Counter(one.path.stem for one in found)
    digests = {}
    for one, parts in contents.items():
        digest = hashlib.sha256(b"\0".join(parts.values())).hexdigest()[:_DIGITS] if parts else ""
        digests[one.text] = digest
        if stems[one.path.stem] == 1:
            digests[one.path.stem] = digest
    sole = next(iter(digests.values()), "") if len(found) == 1 else ""
    commit = _of_revision(found)
    if commit:
        return Origin(commit.made, commit.hash, False, digests, sole)
    now = datetime.now(UTC)
    with suppress(UsageError, FileNotFoundError):  # no repository, one without commits, no working directory
        repository = here()
        head = repository.commit("HEAD")
        on_disk = {path: content for one, parts in contents.items() if not one.tree for path, content in parts.items()}
        return Origin(now, head.hash, _differs(repository, head, on_disk), digests, sole)
    return Origin(now, digests=digests, sole=sole)


def _of_revision(found: Sequence[Word]) -> Commit | None:
    """Return the commit that all words are of; None where they are of several, or of the working tree."""
    trees = {one.tree for one in found}
    tree = trees.pop() if len(trees) == 1 else None
    return tree if isinstance(tree, Commit) else None


def _contents(one: Word) -> dict[Path, bytes]:
    """Return the files that a word is read from; nothing of code, and of what cannot be read."""
    if one.code or one.live is not None:
        return {}
    try:
        if one.tree:
            return {one.path: one.tree.read(one.path.as_posix(), _MOST)}
        return {path: path.read_bytes() for path in source_of(one).parts(one) if path.is_file()}
    except (UsageError, OSError):
        return {}


def _differs(repository: Repository, head: Commit, on_disk: Mapping[Path, bytes]) -> bool:
    """Say whether a file of the repository is not as it is in a commit."""
    root = repository.root.resolve()
    inside = {}
    for path, content in on_disk.items():
        place = Path(os.path.realpath(path))
        if place.is_relative_to(root):
            inside[place.relative_to(root).as_posix()] = content
    kept = head.contents(inside, _MOST)
    return any(kept[path] != content for path, content in inside.items())
