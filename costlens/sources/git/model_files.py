"""Which model files differ between two states of a repository. Of one that Git LFS keeps elsewhere its digest tells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from glob import has_magic
from hashlib import sha256

from costlens.errors import UsageError
from costlens.sources.git.changed import Changed, Tree, Twins
from costlens.spec.paths import folder_of, is_named

_MOST_BYTES = 2**31
_OID = re.compile(rb"version https://git-lfs\.github\.com/spec/.*\noid sha256:([0-9a-f]+)\n")
"""A pointer (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md)."""


def changed(base: Tree, head: Tree, places: Sequence[str], suffixes: Sequence[str]) -> Changed:
    """Compare the model files at some places, whose names end in one of the suffixes; without hidden ones.

    A file that is gone and one that is new with the same content are one file that was moved.
    """
    at = {place: (_files(base, place, suffixes), _files(head, place, suffixes)) for place in places}
    ours, theirs = (sorted({path for found in at.values() for path in found[side]}) for side in (0, 1))
    before, after = ({path: _digest(tree, path) for path in paths} for tree, paths in ((base, ours), (head, theirs)))
    both = [path for path in ours if path in after]
    edited = [path for path in both if before[path] != after[path]]
    gone = {path: digest for path, digest in before.items() if path not in after}
    new = {path: digest for path, digest in after.items() if path not in before}
    moved = _moved(gone, new)
    found = [Twins(path, path) for path in edited]
    found += [Twins(path, None) for path in gone if path not in moved.values()]
    found += [Twins(moved.get(path), path) for path in new]
    empty = tuple(place for place in places if not any(at[place]))
    return Changed(tuple(found), len(both) - len(edited), empty)


def together(specs: Changed, files: Changed) -> Changed:
    """Return what differs of both, by path; a place is empty where it holds neither."""
    twins = sorted((*specs.twins, *files.twins), key=lambda one: one.head or one.base or "")
    empty = tuple(place for place in specs.empty if place in files.empty)
    return Changed(tuple(twins), specs.unchanged + files.unchanged, empty, specs.unreadable)


def _files(tree: Tree, place: str, suffixes: Sequence[str]) -> list[str]:
    """Return the model files that a file, a folder (``.`` is the root) or a glob stands for."""
    ends = tuple(suffixes)

    def wanted(path: str, folder: str) -> bool:
        below = path if folder == "." else path.removeprefix(f"{folder.rstrip('/')}/")
        return path.lower().endswith(ends) and not any(part.startswith(".") for part in below.split("/"))

    if not has_magic(place) or place in tree.files(place):
        return [path for path in tree.files(place) if wanted(path, place)]
    return [path for path in tree.files(folder_of(place)) if is_named(path, place, wanted)]


def _digest(tree: Tree, path: str) -> str:
    """Return the digest of a file's content, or that which a pointer names; one of its own for what cannot be read."""
    try:
        content = tree.read(path, _MOST_BYTES)
    except UsageError as error:
        return f"{tree.label(path)}: {error}"
    pointer = _OID.match(content)
    return pointer[1].decode() if pointer else sha256(content).hexdigest()


def _moved(gone: dict[str, str], new: dict[str, str]) -> dict[str, str]:
    """Return the old path by the new one, where no other path of its side has that content."""
    olds, news = Counter(gone.values()), Counter(new.values())
    at = {digest: path for path, digest in gone.items() if olds[digest] == 1}
    return {path: at[digest] for path, digest in new.items() if digest in at and news[digest] == 1}
