"""The caches of this machine's first core, as the system reports them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

from costlens.results.bounds import CacheFacts

_ROOT = Path("/")
_Kind = Literal["data", "instruction", "unified"]
_KINDS: tuple[_Kind, ...] = get_args(_Kind)
_UNITS = {"K": 2**10, "M": 2**20, "G": 2**30}


def caches(root: Path = _ROOT) -> tuple[CacheFacts, ...]:
    """Read the caches, by level; empty where the system does not report them. ``root`` is where ``sys`` is."""
    folders = sorted((root / "sys/devices/system/cpu/cpu0/cache").glob("index*"))
    return tuple(sorted((c for c in map(_cache, folders) if c), key=lambda c: (c.level, c.kind)))


def last_level(found: tuple[CacheFacts, ...]) -> CacheFacts | None:
    """Return the largest cache that holds data."""
    return max((c for c in found if c.kind != "instruction"), key=lambda c: c.bytes, default=None)


def own_cache(found: tuple[CacheFacts, ...]) -> CacheFacts | None:
    """Return the largest cache that holds data of the first core alone."""
    return last_level(tuple(c for c in found if c.shared_by == 1))


def cores_of(listed: str) -> int:
    """Count the cores of a list as Linux writes it; ValueError for other text.

    >>> [cores_of(listed) for listed in ("0", "0-3", "0-1,8-9", "0,4")]
    [1, 4, 4, 2]
    """
    ranges = [part.split("-") for part in listed.split(",")]
    return sum(int(ends[-1]) - int(ends[0]) + 1 for ends in ranges)


def _cache(folder: Path) -> CacheFacts | None:
    """Read one cache; None where a file is missing or holds something unknown."""
    try:
        text = {name: (folder / name).read_text("utf-8").strip() for name in ("level", "type", "size")}
        kind = next(kind for kind in _KINDS if kind == text["type"].lower())
        number, unit = text["size"][:-1], text["size"][-1]
        return CacheFacts(
            level=int(text["level"]),
            kind=kind,
            bytes=int(number) * _UNITS[unit],
            shared_by=cores_of((folder / "shared_cpu_list").read_text("utf-8").strip()),
        )
    except (OSError, ValueError, KeyError, IndexError, StopIteration):
        return None
