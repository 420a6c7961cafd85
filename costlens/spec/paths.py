"""Which files are specs, and which of them a folder or a glob names; the same on disk, in git and in the action."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from fnmatch import fnmatchcase
from glob import has_magic
from itertools import takewhile
from pathlib import Path

SUFFIXES = (".yaml", ".yml")
"""The endings of specs' names."""
BLOCKS = (".blocks.yaml", ".blocks.yml")
"""The endings of names of block files: specs include them, and they are not specs themselves."""
TARGETS = (".target.yaml", ".target.yml")
"""The endings of names of files of boards, which are no specs either."""
Wanted = Callable[[str, str], bool]


def is_spec(path: str, folder: str = ".") -> bool:
    """Say whether a path is that of a spec in a folder or below it; hidden files and folders are left out.

    >>> [is_spec(f"s/{path}", "s") for path in ("a.yaml", ".a/b.yaml", "a.blocks.yaml", "a.target.yaml", "a.yml")]
    [True, False, False, False, True]
    """
    below = path if folder == "." else path.removeprefix(f"{folder.rstrip('/')}/")
    return (
        path.endswith(SUFFIXES)
        and not path.endswith((*BLOCKS, *TARGETS))
        and not any(part.startswith(".") for part in below.split("/"))
    )


def ending_in(name: str) -> Wanted:
    """Return what a path or a glob names by the ending of its name: specs, or files of the ending that it writes out.

    >>> [ending_in(name)("nets/a.tflite", "nets") for name in ("nets/*.tflite", "nets/*", "nets/*.yaml")]
    [True, False, False]
    """
    suffix = Path(name).suffix
    if not suffix or suffix in SUFFIXES or has_magic(suffix):
        return is_spec
    return lambda path, _: path.endswith(suffix)


def folder_of(glob: str) -> str:
    """Return the folder that all files of a glob are in or below.

    >>> folder_of("specs/*/a?.yaml"), folder_of("*.yaml"), folder_of("/a/*")
    ('specs', '.', '/a')
    """
    return "/".join(takewhile(lambda part: not has_magic(part), glob.split("/"))) or ("/" if glob[0] == "/" else ".")


def is_named(path: str, glob: str, wanted: Wanted = is_spec) -> bool:
    """Say whether a path is that of a spec that a glob names, or that is below a folder that it names.

    ``wanted`` says of a path and the glob's folder whether it is a spec, or another file that is looked for.

    >>> [is_named("a/b/c.yaml", glob) for glob in ("a/**/*.yaml", "a/b*", "**/c.yaml", "a/*.yaml", "**/*.blocks.yaml")]
    [True, True, True, False, False]
    """
    return wanted(path, folder_of(glob)) and _matches(path.split("/"), glob.split("/"))


def _matches(path: Sequence[str], pattern: Sequence[str]) -> bool:
    """Match the parts of a path from its start.

    Behind a ``**`` the first match is as good as any later one, so only the last ``**`` is tried again.
    """
    at = wanted = 0
    again: tuple[int, int] | None = None
    while wanted < len(pattern):
        if pattern[wanted] == "**" and at < len(path):
            wanted += 1
            again = at, wanted
        elif pattern[wanted] != "**" and at < len(path) and fnmatchcase(path[at], pattern[wanted]):
            at, wanted = at + 1, wanted + 1
        elif again and again[0] + 1 < len(path):
            at, wanted = again = again[0] + 1, again[1]
        else:
            return False
    return True


def files_in(folder: Path) -> list[Path]:
    """Return the specs in a folder and below it, by name; links to folders are not followed."""
    return sorted(folder / path for path in _below(".", folder, lambda _: True))


def files_of(glob: str, root: Path = Path(), wanted: Wanted = is_spec) -> list[Path]:
    """Return the files that a glob relative to a folder names, by name; ValueError for ``**`` with other characters."""
    pattern = glob.split("/")
    if any("**" in part != "**" for part in pattern):
        raise ValueError("** stands for folders and is a part of a path by itself")

    def may_hold(folder: str) -> bool:
        parts = takewhile(lambda pair: pair[1] != "**", zip(folder.split("/"), pattern, strict=False))
        return all(fnmatchcase(*pair) for pair in parts)

    found = _below(folder_of(glob), root, may_hold, wanted)
    return sorted(root / path for path in found if is_named(path, glob, wanted))


def _below(folder: str, root: Path, enter: Callable[[str], bool], wanted: Wanted = is_spec) -> Iterator[str]:
    """Yield the wanted files in a folder of the root and in those of its folders that are entered."""
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(root / folder) as entries:
        for entry in entries:
            path = entry.name if folder == "." else f"{folder.rstrip('/')}/{entry.name}"
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                with suppress(PermissionError):
                    yield from _below(path, root, enter, wanted) if enter(path) else ()
            elif wanted(entry.name, "."):
                yield path
