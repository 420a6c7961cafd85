"""A file that libraries read by its path: as it is on disk, or as a commit has it."""

import atexit
import shutil
import tempfile
from pathlib import Path

from costlens.errors import UsageError
from costlens.sources._word import Word

_POINTER = b"version https://git-lfs.github.com/spec/"
"""How a pointer begins (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md)."""
_MOST_BYTES = 2**31
"""The largest file that is taken out of a commit: a protocol buffer can be no larger."""


def on_disk(word: Word) -> Path:
    """Return the file; a file of a commit is written to a temporary folder of this process.

    UsageError where it only points to the file that Git LFS keeps elsewhere.
    """
    path = word.path if word.tree is None else kept(word.path.name, word.tree.read(word.path.as_posix(), _MOST_BYTES))
    if path.is_file():
        with path.open("rb") as stream:
            if stream.read(len(_POINTER)) == _POINTER:
                raise UsageError(f"{word.name}: is a Git LFS pointer, not the file; get it with: git lfs pull")
    return path


def kept(name: str, content: bytes) -> Path:
    """Write a file of this name to a temporary folder of this process, and return it."""
    folder = Path(tempfile.mkdtemp(prefix="costlens-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / name
    path.write_bytes(content)
    return path
