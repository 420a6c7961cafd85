"""What lies in the cache's folder, and clearing it: only what costlens made, and nothing that another process makes."""

import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from costlens.storage.cache import directory
from costlens.storage.files import DAY_S
from costlens.storage.lock import alone

_MACHINE = r"bounds-[0-9a-f]{16}\.json|kernels-[0-9a-f]{16}\.jsonl"
_SORTS = {
    "exports": re.compile(r"[0-9a-f]{64}"),
    "proofs": re.compile(r"[0-9a-f]{64}\.facts"),
    "times": re.compile(r"times"),
    "explorations": re.compile(r"explorations"),
    "machine": re.compile(_MACHINE),
    "drafts": re.compile(rf"\.(?:[0-9a-f]{{12}}|broken|cleared)-\w+|\.(?:{_MACHINE})\.costlens-\w+"),
}
"""How costlens names what it keeps there."""
OTHERS = "of others"
"""What has another name, or is a link: it is counted and never removed."""


@dataclass(frozen=True, slots=True)
class Item:
    """A file or a folder of the cache: its sort, its bytes, and when it was last used, in seconds since 1970."""

    path: Path
    sort: str
    bytes: int
    used: float

    @property
    def is_busy(self) -> bool:
        """Whether another process may be making it: a draft of less than a day, or points that are being counted."""
        if self.sort == "explorations":
            return any(map(_is_held, self.path.iterdir()))
        return self.sort == "drafts" and time.time() - self.used <= DAY_S


def items() -> list[Item]:
    """Return what the folder holds, by name; nothing where there is no such folder. OSError where it is no folder."""
    try:
        with os.scandir(directory()) as entries:
            return sorted(_items(entries), key=lambda item: item.path)
    except FileNotFoundError:
        return []


def clear() -> list[Item]:
    """Remove what costlens keeps in the folder, and return what was removed; OSError where that fails.

    While it works, the folder is locked. Each item is renamed before it is removed, so no reader finds half of one.
    Drafts of less than a day, points that are being counted, and what is not costlens's own stay.
    """
    if not directory().is_dir():
        return []
    removed = []
    with alone(directory()), tempfile.TemporaryDirectory(prefix=".cleared-", dir=directory()) as aside:
        for item in items():
            if item.sort == OTHERS or item.is_busy:
                continue
            with suppress(FileNotFoundError):  # another process has removed it
                item.path.rename(Path(aside) / item.path.name)
                removed.append(item)
    return removed


def _is_held(folder: Path) -> bool:
    """Say whether another process holds a folder."""
    try:
        with alone(folder, patience_s=0.0):
            return False
    except TimeoutError:
        return True
    except OSError:
        return False


def _items(entries: Iterator[os.DirEntry[str]]) -> Iterator[Item]:
    for entry in entries:
        with suppress(FileNotFoundError):
            is_link = entry.is_symlink()
            sort = next((sort for sort, name in _SORTS.items() if name.fullmatch(entry.name) and not is_link), OTHERS)
            used = entry.stat(follow_symlinks=False)
            inside = Path(entry.path).rglob("*") if entry.is_dir(follow_symlinks=False) else ()
            size = sum(file.lstat().st_size for file in inside if not file.is_dir())
            yield Item(Path(entry.path), sort, size if entry.is_dir() else used.st_size, used.st_mtime)
