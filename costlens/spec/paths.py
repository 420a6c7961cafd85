"""Which files are specs, and which of them a folder or a glob names; the same on disk, in git and in the action."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from glob import has_magic
from itertools import takewhile
from pathlib import Path

SUFFIX = ".blocks.yaml"
"""How the name of a file ends that specs include and that is none itself."""


def is_spec(path: str, folder: str = ".") -> bool:
    """Say whether a path is that of a spec in a folder, or below it: hidden files and folders aside.

    >>> [is_spec(path, "specs") for path in ("specs/a.yaml", "specs/.a/b.yaml", "specs/a.blocks.yaml", "specs/a.yml")]
    [True, False, False, False]
    """
    below = path if folder == "." else path.removeprefix(f"{folder.rstrip('/')}/")
    hidden = any(part.startswith(".") for part in below.split("/"))
    return path.endswith(".yaml") and not path.endswith(SUFFIX) and not hidden


def folder_of(glob: str) -> str:
    """Return the folder that all files of a glob are in or below.

    >>> folder_of("specs/*/a?.yaml"), folder_of("*.yaml"), folder_of("/a/*")
    ('specs', '.', '/a')
    """
    return "/".join(takewhile(lambda part: not has_magic(part), glob.split("/"))) or ("/" if glob[0] == "/" else ".")


def is_named(path: str, glob: str) -> bool:
    """Say whether a path is that of a spec that a glob names, or that is below a folder that it names.

    >>> [is_named("a/b/c.yaml", glob) for glob in ("a/**/*.yaml", "a/b*", "**/c.yaml", "a/*.yaml", "**/*.blocks.yaml")]
    [True, True, True, False, False]
    """
    return is_spec(path, folder_of(glob)) and _matches(path.split("/"), glob.split("/"))


def _matches(path: Sequence[str], pattern: Sequence[str]) -> bool:
    if not pattern:
        return True
    if pattern[0] == "**":
        return any(_matches(path[start:], pattern[1:]) for start in range(len(path)))
    return bool(path) and fnmatchcase(path[0], pattern[0]) and _matches(path[1:], pattern[1:])


def files_in(folder: Path) -> list[Path]:
    """Return the specs in a folder and below it, by name."""
    return sorted(path for path in folder.rglob("*.yaml") if is_spec(path.relative_to(folder).as_posix()))


def files_of(glob: Path) -> list[Path]:
    """Return the specs that a glob names, by name."""
    pattern = glob.as_posix()
    return sorted(path for path in Path(folder_of(pattern)).rglob("*.yaml") if is_named(path.as_posix(), pattern))
