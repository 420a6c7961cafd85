"""A file that libraries read by its path: as it is on disk, or as a commit has it."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from costlens.errors import UsageError
from costlens.sources._word import Word

if TYPE_CHECKING:
    from costlens.sources.git.changed import Tree

_POINTER = b"version https://git-lfs.github.com/spec/"
"""How a pointer begins (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md)."""
_MOST_BYTES = 2**31
"""The largest file that is taken out of a commit: a protocol buffer can be no larger."""


def on_disk(word: Word) -> Path:
    """Return the file; a file of a commit is written to a temporary folder of this process.

    UsageError where it only points to the file that Git LFS keeps elsewhere.
    """
    path = word.path if word.tree is None else _of_tree(word.tree, word.path.as_posix())
    if path.is_file():
        with path.open("rb") as stream:
            if stream.read(len(_POINTER)) == _POINTER:
                revision = getattr(word.tree, "name", "")
                remedy = f"check {revision} out, and name the file" if revision else "get it with: git lfs pull"
                raise UsageError(f"{word.name}: is a Git LFS pointer, not the file; {remedy}")
    return path


@cache
def _of_tree(tree: Tree, path: str) -> Path:
    from costlens.sources.git.changed import WorkingTree

    if isinstance(tree, WorkingTree):
        tree.read(path, 1)  # it must not lead out of the repository
        return tree.repository.root / path
    return kept(PurePosixPath(path).name, tree.read(path, _MOST_BYTES))


def kept(name: str, content: bytes) -> Path:
    """Write a file of this name to a temporary folder of this process, and return it."""
    folder = Path(tempfile.mkdtemp(prefix="costlens-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / name
    path.write_bytes(content)
    return path
