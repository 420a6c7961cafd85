"""Which files a word leads to: those of a folder or a glob, or the specs that include a blocks file; also in git."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from glob import has_magic
from os.path import exists, isdir
from pathlib import Path
from typing import TYPE_CHECKING

from costlens.errors import UsageError
from costlens.sources._word import Word
from costlens.spec.paths import BLOCKS, files_of

if TYPE_CHECKING:
    from costlens.sources._source import Source
    from costlens.sources.git.changed import Tree


def expanded(word: Word, sources: Sequence[Source]) -> list[Word]:
    """Return a word for each file that a word leads to; a word that names a file is returned as it is.

    UsageError where a folder or a glob holds no model, or a folder holds models of two kinds. A blocks file that no
    spec includes leads to no file.
    """
    path = word.path
    if word.code or word.live is not None:
        return [word]
    if word.tree:
        found = _in_tree(word.tree, path.as_posix()) or [path]
    elif isdir(path):
        found = _in_folder(path, sources)
        if word.named and found in [[path / source.marks_folder] for source in sources if source.marks_folder]:
            return [replace(word.at(found[0]), named=True)]  # who names the folder names the model
    elif path.name.endswith(BLOCKS) and exists(path):
        from costlens.spec.include import including

        found = including(path)
    elif has_magic(str(path)) and not exists(path):
        found = _of_glob(path, sources)
    else:
        found = [path]
    return [word] if found == [path] else [word.at(file) for file in found]


def _in_folder(folder: Path, sources: Sequence[Source]) -> list[Path]:
    held_by = [(source, files) for source in sources if (files := source.inside(folder))]
    if not held_by:
        known = ", ".join(source.what for source in sources)
        raise UsageError(f"{folder}: holds nothing to read; name a file, or a folder that holds some: {known}")
    rank = min(source.rank for source, _ in held_by)
    rivals = [(source, files) for source, files in held_by if source.rank == rank]
    if len(rivals) > 1:
        sure = [(source, [file for file in files if source.surely(file)]) for source, files in rivals]
        rivals = [(source, files) for source, files in sure if files]
    (_, files), *others = rivals or held_by[:1]
    if others:
        raise UsageError(f"{folder}: holds {files[0]} as well as {others[0][1][0]}; name those that are meant")
    return files


def _of_glob(path: Path, sources: Sequence[Source]) -> list[Path]:
    suffixes = tuple(suffix for source in sources for suffix in source.suffixes)
    glob = path.as_posix()
    try:
        found = files_of(glob) or files_of(glob, wanted=lambda file, _: file.lower().endswith(suffixes))
    except (OSError, ValueError):  # a name that no file can have
        found = []
    if not found:
        raise UsageError(f"{path}: matches no spec (*.yaml) and no model file; name files, folders of them or globs")
    return found


def _in_tree(tree: Tree, place: str) -> list[Path]:
    """Return the specs that a path of a commit leads to; none where it is a file."""
    from costlens.sources.git.changed import specs_at

    return [] if place in tree.files(place) else [Path(path) for path in specs_at(tree, place)]
