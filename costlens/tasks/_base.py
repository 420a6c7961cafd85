"""The revision that a change is compared with, and a network as it was there."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path

from costlens.analysis.budgets import Base, complete
from costlens.errors import UsageError, first_line
from costlens.results.counts import AS_WRITTEN
from costlens.results.names import HASH_SHOWN
from costlens.sources._source import Asked
from costlens.sources._word import Word
from costlens.sources.find import named
from costlens.sources.git.changed import WorkingTree, changed
from costlens.sources.git.revisions import SHALLOW, Commit, Repository, here
from costlens.storage.files import utf8


def parting(repository: Repository, base: Commit, head: Commit) -> tuple[Commit, tuple[str, ...]]:
    """Return the commit where two histories parted, and what a reader must know where that is not ``base``.

    UsageError where a shallow clone lacks that commit.
    """
    parted = repository.merge_base(base, head)
    if parted is None and repository.shallow:  # the other side's own changes would be shown, reversed
        raise UsageError(f"{base.name}: where its history and that of {head.name} parted is not known{SHALLOW}")
    if parted is None:
        return base, (f"{base.name} has no history in common with {head.name}: compared with {base.name} itself",)
    if parted.hash == base.hash:
        return parted, ()
    return parted, (f"{base.name} has moved on: compared with where both parted, {parted.hash[:HASH_SHOWN]}",)


class Before:
    """The files of the working tree as they were where its history and a revision's parted.

    UsageError where there is no repository, no such revision, or a shallow clone lacks that commit.
    """

    def __init__(self, revision: str) -> None:
        self._repository = here()
        named_ = self._repository.commit(revision)
        self._commit, self.notes = parting(self._repository, named_, self._repository.commit("HEAD"))
        self.name = utf8(revision[:HASH_SHOWN] if revision == named_.hash else revision)

    def base(self, word: Word, asked: Asked) -> Base:
        """Return the count of a network as it was, or why there is none; a network that was moved is found."""
        try:
            path = self._path(word)
            if path is None:
                return Base(self.name, reason=f"it is not in {self.name}")
            (one,) = named([Word(path, Path(path), word.settings, self._commit)], asked)
        except UsageError as error:
            return Base(self.name, reason=first_line(error))
        if one.problem:
            return Base(self.name, reason=f"it cannot be read in {self.name}: {first_line(one.problem)}")
        model = next((model for model in one.models if AS_WRITTEN in model.names or not model.count.variant), None)
        if model is None:
            return Base(self.name, reason="it has no network as written")
        return Base(self.name, complete(model.count))

    def _path(self, word: Word) -> str | None:
        """Return where a file was, from the repository's root; None where it is new."""
        if word.code or word.live is not None or word.tree is not None:
            return None
        folder, name = os.path.split(os.path.abspath(word.path))
        place = Path(os.path.realpath(folder), name)
        root = self._repository.root.resolve()
        if not place.is_relative_to(root):
            raise UsageError(f"it is outside of the repository {self._repository.root}")
        path = place.relative_to(root).as_posix()
        return path if path in self._commit.files(path) else self._moved.get(path)

    @cached_property
    def _moved(self) -> dict[str, str]:
        """The paths that specs had, by those that they have now."""
        found = changed(self._commit, WorkingTree(self._repository), ["."])
        return {twins.head: twins.base for twins in found.twins if twins.head and twins.base}
