"""What a spec's text shows before it is read: its name, and the files that it includes."""

from __future__ import annotations

from dataclasses import dataclass
from os.path import abspath, relpath
from pathlib import Path

from costlens.errors import SpecError, UsageError
from costlens.spec import tree
from costlens.spec.document import MAX_BYTES, compose
from costlens.spec.include import beside
from costlens.spec.paths import files_in
from costlens.spec.problems import Problems
from costlens.spec.source import from_disk
from costlens.spec.tree import Scalar, Tree


@dataclass(frozen=True, slots=True)
class Outline:
    """A spec's name, empty where it has none, and the paths of the files that it includes."""

    name: str = ""
    includes: tuple[str, ...] = ()


def outline(text: str, file: str) -> Outline:
    """Return the outline of a text; an empty one where it is not YAML.

    >>> outline("{name: tiny, include: [a.blocks.yaml]}", "specs/tiny.yaml")
    Outline(name='tiny', includes=('specs/a.blocks.yaml',))
    """
    try:
        document = compose(text, Problems(file)) if len(text) <= MAX_BYTES else None
    except SpecError:
        return Outline()
    if not isinstance(document, tree.Mapping):
        return Outline()
    given = [entry.value for key, entry in document.entries.items() if key == "include"]
    items = [item for value in given for item in (value.items if isinstance(value, tree.Sequence) else (value,))]
    names = [entry.value for key, entry in document.entries.items() if key == "name"]
    return Outline("".join(map(_word, names)), tuple(beside(file, _word(item)) for item in items if _word(item)))


def including(blocks: Path) -> list[Path]:
    """Return the specs of the repository of a blocks file that include it; without one, those in its folder or below.

    What cannot be read includes nothing.
    """
    name, wanted = blocks.name.encode(), _posix(abspath(blocks))
    found = []
    for path in files_in(_root(Path(abspath(blocks.parent)))):
        try:
            content = from_disk(str(path))
        except UsageError:
            continue
        if name in content and wanted in outline(content.decode(errors="replace"), _posix(str(path))).includes:
            found.append(path if blocks.is_absolute() else Path(relpath(path)))
    return found


def _root(folder: Path) -> Path:
    return next((above for above in (folder, *folder.parents) if (above / ".git").exists()), folder)


def _posix(path: str) -> str:
    return Path(path).as_posix()


def _word(item: Tree) -> str:
    return item.value if isinstance(item, Scalar) and isinstance(item.value, str) else ""
