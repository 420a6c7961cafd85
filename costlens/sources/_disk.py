"""A file that libraries read by its path: as it is on disk, or as a commit has it."""

import atexit
import shutil
import tempfile
from pathlib import Path

from costlens.sources._word import Word

_MOST_BYTES = 2**31
"""The largest file that is taken out of a commit: a protocol buffer can be no larger."""


def on_disk(word: Word) -> Path:
    """Return the file; a file of a commit is written to a temporary folder of this process."""
    if word.tree is None:
        return word.path
    return kept(word.path.name, word.tree.read(word.path.as_posix(), _MOST_BYTES))


def kept(name: str, content: bytes) -> Path:
    """Write a file of this name to a temporary folder of this process, and return it."""
    folder = Path(tempfile.mkdtemp(prefix="costlens-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / name
    path.write_bytes(content)
    return path
