"""``costlens watch``: one word → a count at each save of its files → what changed since the last save and the first.

Files are asked for their times twenty times a second. That costs nothing for the few files of a network, needs no
package, and works where a system tells no changes, as on shared folders and in containers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from os import stat
from pathlib import Path
from typing import TYPE_CHECKING

from costlens.errors import UsageError
from costlens.results.watched import Watched
from costlens.sources._word import Word
from costlens.sources.find import files, models, source_of
from costlens.tasks.diff import of_models

if TYPE_CHECKING:
    from costlens.sources._source import Asked, Model

POLL_S = 0.05
_SETTLE_S = 0.02
"""A file that is still being written has changed again after this time."""
_GRACE = 10
"""Polls for which a file may be gone: editors write a new one and give it the old one's name."""

_Stamps = tuple[tuple[int, int, int] | None, ...]


def watch(given: str | Word, asked: Asked, *, wait: Callable[[float], object] = time.sleep) -> Iterator[Watched]:
    """Yield a network as it is, and again at each save of its files, without end; ``wait`` sleeps some seconds.

    A network that cannot be read at a save is yielded with its problem. UsageError where the word names no file on
    disk, or several.
    """
    word = _one(given)
    if not word.path.exists():
        models([word], asked)  # whose error says what is there instead
    first: Model | None = None
    last: Model | None = None
    for save, parts in enumerate(_saves(word, wait)):
        named = tuple(map(str, parts))
        try:
            model, *others = models([word], asked)
            if others:
                raise UsageError(f"{word.name}: has {1 + len(others)} variants here; watch one of them with --variant")
        except UsageError as error:
            yield Watched(word.name, named, save, problem=str(error))
            continue
        since_last, since_start = (of_models(old, model, word.name) if old else None for old in (last, first))
        yield Watched(word.name, named, save, model.count, "", since_last, since_start)
        first, last = first or model, model


def _one(given: str | Word) -> Word:
    """Return the word of the one file on disk that a word leads to."""
    found = list(files([given]))
    one = found[0] if found else None
    if len(found) != 1 or not isinstance(one, Word):
        text = given.text if isinstance(given, Word) else given
        raise getattr(one, "problem", None) or UsageError(f"{text}: holds {len(found)} networks; name one to watch")
    if one.code or one.tree or one.live is not None:
        raise UsageError(f"{one.text}: nothing there is ever saved; name a file on disk to watch")
    return one


def _saves(word: Word, wait: Callable[[float], object]) -> Iterator[Sequence[Path]]:
    """Yield the files that a word is read from, at once and whenever one of them was saved."""
    source, gone = source_of(word), 0
    parts = source.parts(word)
    seen = _stamps(parts)
    yield parts
    while True:
        wait(POLL_S)
        now = _stamps(parts)
        gone = gone + 1 if now.count(None) > seen.count(None) else 0
        if now == seen or 0 < gone < _GRACE:
            continue
        wait(_SETTLE_S)
        if _stamps(parts) == now:
            parts = list(dict.fromkeys([*source.parts(word), *parts]))  # a spec that is broken tells no parts
            seen = _stamps(parts)
            yield parts


def _stamps(parts: Sequence[Path]) -> _Stamps:
    return tuple(map(_stamp, parts))


def _stamp(part: Path) -> tuple[int, int, int] | None:
    """Return what differs after a save: the time, the size, and the file itself; None where there is none."""
    try:
        found = stat(part)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
