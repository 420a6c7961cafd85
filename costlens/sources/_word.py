"""One grammar of words: ``[REVISION:]path[?knob=value&…]``, where the path is a file, a folder or a glob."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from costlens.errors import UsageError

if TYPE_CHECKING:
    from costlens.sources.git.changed import Tree


@dataclass(frozen=True, slots=True)
class Word:
    """What one word names: a file, the knobs set after it, and the state of a repository it is read from.

    text: the word as a command line can repeat it. tree: None for a file on disk; else the path is from its root.
    named: somebody wrote this path; a file that a folder or a glob led to must be inside the repository.
    """

    text: str
    path: Path
    settings: Mapping[str, object] = field(default_factory=dict, hash=False)
    tree: Tree | None = None
    named: bool = True

    @property
    def name(self) -> str:
        """The file as messages name it; bytes that are not UTF-8 are written as escapes."""
        return writable(self.tree.label(self.path.as_posix()) if self.tree else str(self.path))

    @property
    def knobs(self) -> str:
        """The knobs as a label shows them: ``alpha=0.5, resolution=128``."""
        return ", ".join(f"{name}={value}" for name, value in self.settings.items())

    def at(self, path: Path) -> Word:
        """Return the word for a file that this one led to."""
        knobs = "&".join(f"{name}={value}" for name, value in self.settings.items())
        found = Word("", path, self.settings, self.tree, named=False)
        return Word(f"{found.name}?{knobs}" if knobs else found.name, path, self.settings, self.tree, named=False)


def word(text: str) -> Word:
    """Read a word; UsageError for knobs or a revision that cannot be.

    A file whose name has a ``?`` or a ``:`` in it is that file.

    >>> word("specs/a.yaml?alpha=0.5&resolution=128").settings
    {'alpha': '0.5', 'resolution': '128'}
    """
    if not text.strip():
        raise UsageError("an empty word names nothing; name a spec, a model file, a report, or a folder of them")
    named, settings = (text, {}) if exists(Path(text)) else _knobs(text)
    if ":" in named:
        from costlens.sources._revision import at_revision

        if found := at_revision(named):
            commit, inner = found
            return Word(writable(text), Path(inner), settings, commit)
    return Word(writable(text), Path(named), settings)


def _knobs(text: str) -> tuple[str, dict[str, object]]:
    """Split a word into what it names and knobs; the spec reads their values."""
    name, mark, knobs = text.partition("?")
    if not mark or ("=" not in knobs and "." not in Path(name).name):  # ``a?.yaml`` is a glob
        return text, {}
    settings: dict[str, object] = {}
    for pair in writable(knobs).split("&"):
        knob, equals, value = (part.strip() for part in pair.partition("="))
        if not (knob and equals and value):
            raise UsageError(f"{text}: expected NAME=VALUE after ?, joined by &, received {pair!r}: {name}?alpha=0.5")
        if knob in settings:
            raise UsageError(f"{text}: {knob} is set twice; keep one")
        settings[knob] = value
    return name, settings


def writable(text: str) -> str:
    """Return a text that can be written as UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode()


def exists(path: Path) -> bool:
    """Say whether there is a file or folder of this name; a name that no file can have does not exist."""
    try:
        return path.exists()
    except (OSError, ValueError):  # a name too long, or with a zero in it
        return False
