"""Which specs differ between two states of a repository: in their own text, or in a file that they include."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from glob import has_magic
from pathlib import Path
from posixpath import basename, splitext

from costlens.errors import SpecError, UsageError, did_you_mean
from costlens.sources.git.revisions import Commit, Repository, inside, run_git, within
from costlens.spec.document import MAX_BYTES
from costlens.spec.include import Outline, outline
from costlens.spec.paths import BLOCKS, folder_of, is_named, is_spec
from costlens.spec.source import decoded

MOST = MAX_BYTES + 1
"""The most bytes that are read of a file: one more than a spec may have."""

Contents = Mapping[str, bytes | UsageError]


@dataclass(frozen=True, slots=True)
class WorkingTree:
    """The files as they are on disk."""

    repository: Repository

    def label(self, path: str) -> str:
        """Return a file's path."""
        return path

    def files(self, folder: str) -> list[str]:
        """Return the files in a folder and below it, or the one file of that name.

        These are the files that git tracks or would track. It leaves out what it ignores, submodules, and other working
        trees.
        """
        root, kinds = self.repository.root, ("--cached", "--others", "--exclude-standard")
        ask = ("-c", "core.fsmonitor=false", "ls-files", "-z", *kinds, "--", *within(folder))
        listed = {os.fsdecode(name) for name in run_git(root, *ask).stdout.split(b"\0") if name}
        return sorted(name for name in listed if os.path.isfile(root / name) or os.path.islink(root / name))

    def read(self, path: str, most: int) -> bytes:
        """Return the first bytes of a file; UsageError where it cannot be read, or a link leaves the repository."""
        root = self.repository.root
        place = root / inside(path)
        try:
            if not place.resolve().is_relative_to(root.resolve()):
                raise UsageError(f"{path}: is a symbolic link that leaves the repository; name a file inside it")
            with place.open("rb") as stream:
                return stream.read(most)
        except FileNotFoundError:
            raise UsageError(f"{path}: no such file{did_you_mean(path, _beside(root, place))}") from None
        except (OSError, RuntimeError) as error:
            reason = (getattr(error, "strerror", None) or str(error)).lower()
            raise UsageError(f"{path}: cannot be read: {reason}; name a spec file") from None

    def contents(self, paths: Iterable[str], most: int) -> dict[str, bytes | UsageError]:
        """Return the first ``most`` bytes of many files, or the error of a file that cannot be read."""
        found: dict[str, bytes | UsageError] = {}
        for path in paths:
            try:
                found[path] = self.read(path, most)
            except UsageError as error:
                found[path] = error
        return found


Tree = Commit | WorkingTree
"""A state of a repository. Paths start at its root."""


def _beside(root: Path, place: Path) -> list[str]:
    try:
        return sorted(path.relative_to(root).as_posix() for path in place.parent.glob("*.yaml"))
    except (OSError, ValueError):
        return []


@dataclass(frozen=True, slots=True)
class Twins:
    """The paths of one spec on both sides; None where that side does not have it."""

    base: str | None
    head: str | None


@dataclass(frozen=True, slots=True)
class Changed:
    """The specs that differ, sorted by path, the number of those that do not, and the places without any spec.

    unreadable: specs that exist on both sides, where the spec or a file that it includes can be read on neither.
    """

    twins: tuple[Twins, ...]
    unchanged: int
    empty: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()


def changed(base: Tree, head: Tree, places: Sequence[str]) -> Changed:
    """Compare the specs at some places, see ``specs_at``.

    A spec that is gone and one that is new are taken for one spec that was moved where both have the same text or the
    same ``name:``, and no other of them has it.
    """
    at = {place: (specs_at(base, place), specs_at(head, place)) for place in places}
    ours, theirs = (sorted({path for found in at.values() for path in found[side]}) for side in (0, 1))
    before, after = base.contents(ours, MOST), head.contents(theirs, MOST)
    both = [path for path in ours if path in after]
    alike = [path for path in both if _text(before[path]) == _text(after[path])]
    parts = {path: {path, *_outline(before[path], path).includes} for path in alike}
    files = sorted({file for several in parts.values() for file in several}.difference(alike))
    one, other = before | base.contents(files, MOST), after | head.contents(files, MOST)
    touched = {file for file in files if _text(one[file]) != _text(other[file])}
    closed = {file for file in (*alike, *files) if _is_closed(one[file], other[file])}
    edited = {path for path in both if path not in parts or touched.intersection(parts[path])}
    unreadable = {path for path in alike if closed.intersection(parts[path])} - edited
    gone = {path: before[path] for path in ours if path not in after}
    new = {path: after[path] for path in theirs if path not in before}
    moved = _moved(gone, new)
    found = [Twins(path, path) for path in edited]
    found += [Twins(old, path) for path, old in moved.items()]
    found += [Twins(path, None) for path in gone if path not in moved.values()]
    found += [Twins(None, path) for path in new if path not in moved]
    listed = sorted(found, key=lambda twins: twins.head or twins.base or "")
    empty = [place for place in places if not any(at[place]) and not _is_idle(place, base, head)]
    unchanged = len(both) - len(edited) - len(unreadable)
    return Changed(tuple(listed), unchanged, tuple(empty), tuple(sorted(unreadable)))


def _is_closed(base: bytes | UsageError, head: bytes | UsageError) -> bool:
    """Say whether a file can be read on neither side: nobody knows whether it is the same."""
    return isinstance(base, UsageError) and isinstance(head, UsageError)


def _is_idle(place: str, base: Tree, head: Tree) -> bool:
    """Say whether a place is a file of blocks that no spec includes."""
    return place.endswith(BLOCKS) and bool(base.files(place) or head.files(place))


def specs_at(tree: Tree, place: str) -> list[str]:
    """Return the specs that a file, a folder (``.`` is the root) or a glob stands for, without hidden ones.

    A blocks file stands for the specs of the repository that include it. A link to a folder stands for none.
    """
    literal = not has_magic(place) or place in tree.files(place)
    if place.endswith(BLOCKS) and literal:
        every, name = tree.contents(specs_at(tree, "."), MOST), basename(place).encode()
        near = {path: content for path, content in every.items() if isinstance(content, bytes) and name in content}
        return [path for path, content in near.items() if place in _outline(content, path).includes]
    if literal:
        named = place if splitext(place)[1] else None  # a link to a folder has the folder's name
        return [path for path in tree.files(place) if path == named or is_spec(path, place)]
    return [path for path in tree.files(folder_of(place)) if is_named(path, place)]


def _text(content: bytes | UsageError) -> bytes:
    """Return a file's text with Unix line ends, as git may store it; a zero byte for a file that cannot be read."""
    return b"\0" if isinstance(content, UsageError) else content.replace(b"\r\n", b"\n")


def _outline(content: bytes | UsageError, path: str) -> Outline:
    if isinstance(content, UsageError):
        return Outline()
    try:
        return outline(decoded(content, path), path)
    except SpecError:
        return Outline()


def _moved(gone: Contents, new: Contents) -> dict[str, str]:
    """Return the old path of each spec that was moved, by its new path."""
    moved = _matched({path: _text(c) for path, c in gone.items()}, {path: _text(c) for path, c in new.items()})
    left = {path: _outline(content, path).name for path, content in gone.items() if path not in moved.values()}
    right = {path: _outline(content, path).name for path, content in new.items() if path not in moved}
    return moved | _matched(left, right)


def _matched(old: Mapping[str, bytes | str], new: Mapping[str, bytes | str]) -> dict[str, str]:
    """Return the old path by the new one, where both have a value that no other path of their side has."""
    values, others = [*old.values()], [*new.values()]
    at = {value: path for path, value in old.items() if value and values.count(value) == 1}
    return {path: at[value] for path, value in new.items() if value in at and others.count(value) == 1}
