"""The grammar of words: ``[REVISION:]path[?knob=value&…]``, where the path is a file, a folder or a glob.

``python:package.module:function[?…]`` names what Python code makes. ``name[?…]`` is a spec that costlens ships, where
no file has that name. ``path:variant`` and ``name:variant`` name one variant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from os.path import exists
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costlens.errors import UsageError, did_you_mean
from costlens.network.variants import kind_names
from costlens.results.counts import AS_WRITTEN
from costlens.spec import shipped
from costlens.storage.files import utf8

if TYPE_CHECKING:
    from costlens.sources.git.changed import Tree
    from costlens.sources.git.revisions import Commit


PYTHON = "python:"
"""Begins a word that names code. Such code is run, so only a word that somebody wrote can be one, never a path."""


@dataclass(frozen=True, slots=True)
class Word:
    """What one word names: a file, the knobs that are set, and the state of the repository that holds the file.

    text: the word as a command line can repeat it. tree: None for a file on disk; else the path starts at its root.
    named: whether somebody wrote this path. A file that was found in a folder or by a glob must be in the
    repository. variant: the one that the word itself names. kinds: those of a mix that only Python can hand over.
    is_shipped: whether the path is that of a spec that costlens ships. code: ``package.module:function`` of a word
    that names code; its path is none. live: a model of this process, which only Python can hand over.
    """

    text: str
    path: Path
    settings: Mapping[str, object] = field(default_factory=dict, hash=False)
    tree: Tree | None = None
    named: bool = True
    variant: str = ""
    is_shipped: bool = False
    code: str = ""
    kinds: tuple[tuple[str, str], ...] = ()
    live: Any = field(default=None, hash=False, repr=False)

    @property
    def name(self) -> str:
        """The file as messages name it, or the name of a shipped spec; bytes that are not UTF-8 become escapes."""
        if self.is_shipped:
            return self.path.stem
        return utf8(self.tree.label(self.path.as_posix()) if self.tree else str(self.path))

    @property
    def knobs(self) -> str:
        """The knobs as a label shows them: ``alpha=0.5, resolution=128``."""
        return ", ".join(f"{name}={value}" for name, value in self.settings.items())

    def at(self, path: Path) -> Word:
        """Return the word for a file that this one led to."""
        found = replace(self, path=path, named=False)
        knobs = "&".join(f"{name}={value}" for name, value in self.settings.items())
        whole = f"{found.name}:{self.variant}" if self.variant else found.name
        return replace(found, text=f"{whole}?{knobs}" if knobs else whole)


def word(text: str) -> Word:
    """Read a word; UsageError for knobs, a revision or a variant that are not valid.

    Where a file has exactly this name, with its ``?`` and ``:``, the word means that file. A revision goes before a
    variant, and a file before a shipped spec.

    >>> word("specs/a.yaml?alpha=0.5&resolution=128").settings
    {'alpha': '0.5', 'resolution': '128'}
    >>> word("python:models.small:make?x:1=100").code
    'models.small:make'
    """
    if not text.strip():
        raise UsageError("an empty word names nothing; name a spec, a model file, a report, or a folder of them")
    named, settings = (text, {}) if exists(text) else _knobs(text)
    if named.startswith(PYTHON) and not exists(named):
        return Word(utf8(text), Path(named), settings, code=named.removeprefix(PYTHON))
    commit, path, variant = _parts(named)
    spec = None if commit or exists(path) else shipped.find(path)
    return Word(utf8(text), spec or Path(path), settings, commit, variant=variant, is_shipped=spec is not None)


def _parts(named: str) -> tuple[Commit | None, str, str]:
    """Split a word without knobs into a commit, a path and a variant, where it has them."""
    path, colon, variant = named.rpartition(":")
    if not colon:
        return None, named, ""
    try:
        return *_of_revision(named), ""
    except UsageError:
        spec = shipped.find(path)
        if not (exists(path) or spec):
            raise
        known = (AS_WRITTEN, *kind_names(), *_own_variants(spec or Path(path)))
        if variant not in known and not _holds_variants(path):
            guess = did_you_mean(variant, known) or f"; known: {', '.join(known)}"
            raise UsageError(f"{named}: no such revision, and no variant {variant}{guess}") from None
        return None, path, variant


def _holds_variants(path: str) -> bool:
    """Say whether only reading a file tells its variants: a report's, or those of the specs in a folder."""
    return Path(path).is_dir() or path.endswith(".json")


def _own_variants(path: Path) -> tuple[str, ...]:
    """Return the variants that a spec names itself."""
    from costlens.spec.include import outline
    from costlens.spec.source import from_disk

    try:
        return outline(from_disk(str(path)).decode(errors="replace"), path.as_posix()).variants
    except UsageError:
        return ()


def _of_revision(named: str) -> tuple[Commit | None, str]:
    """Return the commit and the path that ``REVISION:path`` names; no commit where it is the name of a file.

    UsageError where both exist: the author of such a file could choose what is read.
    """
    from costlens.sources.git.revisions import here, split

    parts = split(named)
    if parts is None:
        return None, named
    revision, path = parts
    try:
        repository = here()
        commit = repository.commit(revision)
    except UsageError:
        if exists(named):
            return None, named
        raise
    if exists(named):
        raise UsageError(f"{named}: is both a file and a path at revision {revision}; write ./{named} for the file")
    return commit, repository.path(path or ".")


def _knobs(text: str) -> tuple[str, dict[str, object]]:
    """Split a word into the path and the knobs, whose values the spec reads."""
    name, mark, knobs = text.partition("?")
    if not mark or ("=" not in knobs and "." not in Path(name).name):  # ``a?.yaml`` is a glob
        return text, {}
    settings: dict[str, object] = {}
    for pair in utf8(knobs).split("&"):
        knob, equals, value = (part.strip() for part in pair.partition("="))
        if not (knob and equals and value):
            raise UsageError(f"{text}: expected NAME=VALUE after ?, joined by &, received {pair!r}: {name}?alpha=0.5")
        if knob in settings:
            raise UsageError(f"{text}: {knob} is set twice; keep one")
        settings[knob] = value
    return name, settings
