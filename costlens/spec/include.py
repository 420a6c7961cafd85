"""``include``: files of blocks that several specs share.

Such a file holds ``blocks`` and the ``defaults`` of their layers, nothing else: what a block means does not depend on
who includes it.
"""

from dataclasses import dataclass
from os.path import abspath, relpath
from pathlib import Path
from posixpath import dirname, join, normpath

from costlens.errors import SpecError, UsageError
from costlens.spec import language, tree
from costlens.spec.document import MAX_BYTES, compose
from costlens.spec.parse import Fields
from costlens.spec.paths import BLOCKS, files_in
from costlens.spec.problems import Problems
from costlens.spec.source import Read, decoded, from_disk, repository
from costlens.spec.tree import Line, Place, Tree

MAX_INCLUDES = 16
_EXPECTED = f"expected the name of a file that ends in {BLOCKS[0]}, relative to this one"


def included(top: Fields, problems: Problems, read: Read) -> tuple[Fields, ...]:
    """Read the blocks files that a spec includes, in its order; SpecError for one that is not YAML."""
    if "include" not in top:
        return ()
    given = top["include"].value
    items = tree.items_of(given)
    if not 1 <= len(items) <= MAX_INCLUDES:
        problems.add(given, "include", f"expected 1 to {MAX_INCLUDES} files, received {len(items)}")
        return ()
    found: dict[str, Fields] = {}
    for item in items:
        name = tree.word_of(item)
        file = beside(problems.file, name)
        if not name.endswith(BLOCKS) or name.startswith("/") or "\\" in name:
            problems.add(item, "include", f"{_EXPECTED}, received {tree.show(item)}")
        elif file in found:
            problems.add(item, "include", f"{tree.show(item)}: included twice; keep one")
        else:
            try:
                found[file] = _blocks_file(compose(decoded(read(file), file), file, included=True), problems)
            except SpecError as error:  # not YAML at all: none of its blocks is known
                for problem in error.problems:
                    at = Place(Line(problem.line, file), problem.column, problem.path)
                    problems.add(at, problem.path, problem.message)
                raise problems.error() from None
            except UsageError as error:
                problems.add(item, "include", str(error))
    return tuple(found.values())


def beside(file: str, name: str) -> str:
    """Return the path of a file whose name is relative to another file.

    >>> beside("specs/resnet18.yaml", "../shared/resnet.blocks.yaml")
    'shared/resnet.blocks.yaml'
    """
    return normpath(join(dirname(file.replace("\\", "/")), name))


def _blocks_file(document: Tree, problems: Problems) -> Fields:
    if not isinstance(document, tree.Mapping):
        problems.add(document, "", f"expected blocks:, received {tree.what(document)}")
        return {}
    for key, entry in document.entries.items():
        if key not in language.BLOCKS_FILE:
            otherwise = f"; a blocks file holds {', '.join(language.BLOCKS_FILE)}"
            problems.unknown(entry, "", key, language.BLOCKS_FILE, otherwise)
    if "blocks" not in document.entries:
        problems.add(document, "", "blocks: missing; a blocks file needs them")
    return document.entries


@dataclass(frozen=True, slots=True)
class Outline:
    """What a spec's text shows before it is read: its name, the files it includes, and the variants that it names."""

    name: str = ""
    includes: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()


def outline(text: str, file: str) -> Outline:
    """Return the outline of a text; an empty one where it is not YAML.

    >>> outline("{name: tiny, include: [a.blocks.yaml]}", "specs/tiny.yaml")
    Outline(name='tiny', includes=('specs/a.blocks.yaml',), variants=())
    """
    try:
        document = compose(text, file) if len(text) <= MAX_BYTES else None
    except SpecError:
        document = None
    top = document.entries if isinstance(document, tree.Mapping) else {}
    name = tree.word_of(top["name"].value) if "name" in top else ""
    items = tree.items_of(top["include"].value) if "include" in top else ()
    named = top["variants"].value if "variants" in top else None
    variants = tuple(named.entries) if isinstance(named, tree.Mapping) else ()
    return Outline(name, tuple(beside(file, word) for item in items if (word := tree.word_of(item))), variants)


def including(blocks: Path) -> list[Path]:
    """Return the specs of the repository of a blocks file that include it; without one, those in its folder or below.

    What cannot be read includes nothing.
    """
    name, wanted = blocks.name.encode(), Path(abspath(blocks)).as_posix()
    folder = Path(abspath(blocks.parent))
    found = []
    for path in files_in(repository(folder) or folder):
        try:
            content = from_disk(str(path))
        except UsageError:
            continue
        if name in content and wanted in outline(content.decode(errors="replace"), path.as_posix()).includes:
            found.append(path if blocks.is_absolute() else Path(relpath(path)))
    return found
