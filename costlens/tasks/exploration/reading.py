"""The family that a word names, with the texts of its files: other processes read these again, not the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costlens.spec.loading import load_family
from costlens.spec.source import Read, beside, from_disk

if TYPE_CHECKING:
    from costlens.sources._word import Word
    from costlens.spec.family import Family

Texts = tuple[tuple[str, bytes], ...]


def read_family(word: Word) -> tuple[Family, Texts]:
    """Return the family of a spec, on disk or in git, and the texts of all files that it is made of, by their names."""
    texts: dict[str, bytes] = {}
    family = load_family(word.path.as_posix(), _keeping(word, texts))
    return family, tuple(texts.items())


def _keeping(word: Word, texts: dict[str, bytes]) -> Read:
    """Return what reads files from where the word says, and keeps what was read."""
    tree, file = word.tree, word.path.as_posix()

    def read(name: str) -> bytes:
        if tree is not None:
            from costlens.sources.git.changed import MOST

            texts[name] = tree.read(name, MOST)
        else:
            texts[name] = (from_disk if name == file else beside(file))(name)
        return texts[name]

    return read
