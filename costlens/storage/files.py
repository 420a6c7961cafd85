"""Files written whole or not at all: a reader finds the old one or the new one, never a part."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from costlens.errors import UsageError


def utf8(name: str) -> str:
    r"""Return a file's name, which need not be UTF-8, with bytes that are none written out.

    >>> utf8("caf\udce9.yaml")
    'caf\\udce9.yaml'
    """
    return name.encode("utf-8", "backslashreplace").decode()


def write_whole(path: Path, text: str) -> None:
    """Write a text with Unix line ends; OSError where that fails."""
    with _beside(path) as draft:
        draft.write_text(text, encoding="utf-8", newline="\n")


def copy_whole(source: Path, target: Path) -> None:
    """Copy a file; UsageError where the target cannot be written."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _beside(target) as draft:
            shutil.copyfile(source, draft)
    except OSError as error:
        raise UsageError(f"{target}: cannot be written: {error.strerror}; choose another file with -o") from error


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """Yield an empty file beside the target that takes its place once it is filled."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    draft = Path(name)
    try:
        yield draft
        draft.chmod(0o644)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
