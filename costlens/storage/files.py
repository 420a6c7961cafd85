"""Files written whole or not at all: a reader finds the old one or the new one, never a part."""

import errno
import glob
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from costlens.errors import BenchError, UsageError
from costlens.storage.lock import alone

DAY_S = 24 * 3600
"""A draft this old belongs to a process that was killed."""
_DRAFT = ".costlens-"
_SCRATCH = "costlens-scratch-"
_ROOM_BYTES = 2**20


def reason(error: OSError) -> str:
    """Return why the system refused, in its words.

    >>> reason(FileNotFoundError(2, "No such file or directory", "a.yaml"))
    'No such file or directory'
    """
    return error.strerror or str(error)


def utf8(name: str) -> str:
    r"""Return a file's name, which need not be UTF-8, with the bytes that are not UTF-8 written out.

    >>> utf8("caf\udce9.yaml")
    'caf\\udce9.yaml'
    """
    return name.encode("utf-8", "backslashreplace").decode()


def write_whole(path: Path, text: str | bytes) -> None:
    """Write a text with Unix line ends, or bytes; OSError where that fails."""
    write_together({path: text})


def write_together(texts: Mapping[Path, str | bytes]) -> None:
    """Write several texts or bytes: no file changes before all of them fit on the disk. OSError where that fails."""
    with ExitStack() as stack:
        drafts = {path: stack.enter_context(_draft(path)) for path in texts}
        for path, draft in drafts.items():
            text = texts[path]
            draft.write_bytes(text if isinstance(text, bytes) else text.encode())
        for path, draft in drafts.items():
            _install(draft, path)


@contextmanager
def writing(place: Path, remedy: str) -> Iterator[None]:
    """Do what writes in a place; UsageError with the remedy where that fails."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"{place}: cannot be written: {reason(error)}; {remedy}") from error


def require_new(path: Path) -> None:
    """Raise UsageError where something has this name."""
    if os.path.lexists(path):
        raise UsageError(f"{path}: is already there; name another file with -o")


def write_new(path: Path, text: str, beside: Mapping[str, bytes]) -> None:
    """Write a file that must not exist yet, and files that it needs in its folder, where equal ones may be.

    UsageError where that fails, and where a file beside it is another one.
    """
    needed = {path.parent / name: content for name, content in beside.items()}
    for place, content in needed.items():
        if place.is_file() and place.read_bytes() != content:
            raise UsageError(f"{place}: is there with other blocks; write into another folder with -o")
    with writing(path, "name another file with -o"):
        for place, content in needed.items():
            place.write_bytes(content)
        with path.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)


def keep(texts: Mapping[Path, str], folder: Path, then: Callable[[], None] = lambda: None) -> None:
    """Write the texts of work that is done, and do what follows, while no other process writes in the folder.

    Where that fails, the texts are written to a new temporary folder, and UsageError says where that is.
    """
    try:
        with alone(folder):
            for path in texts:
                path.parent.mkdir(parents=True, exist_ok=True)
            write_together(texts)
            then()
    except OSError as error:
        raise UsageError(
            f"{folder}: cannot be written: {reason(error)}{kept_elsewhere(texts)}; choose another folder with -o"
        ) from error


def require_room(path: Path, option: str = "-o") -> None:
    """Try to write a file of this name and 1 MiB before the work for it is done; UsageError where that fails."""
    with writing(path, f"choose another place with {option}"):
        path.parent.mkdir(parents=True, exist_ok=True)
        with _draft(path) as draft:
            draft.write_bytes(bytes(_ROOM_BYTES))


def copy_whole(source: Path, target: Path) -> None:
    """Copy a file; UsageError where the target cannot be written."""
    with writing(target, "choose another file with -o"):
        target.parent.mkdir(parents=True, exist_ok=True)
        with _draft(target) as draft:
            shutil.copyfile(source, draft)
            _install(draft, target)


@contextmanager
def scratch() -> Iterator[Path]:
    """Yield a temporary folder that is removed afterwards, like those that killed processes left more than a day ago.

    BenchError where none can be made.
    """
    try:
        for left in Path(tempfile.gettempdir()).glob(f"{_SCRATCH}*"):
            if _is_old(left):
                shutil.rmtree(left, ignore_errors=True)
        made = tempfile.TemporaryDirectory(prefix=_SCRATCH)
    except OSError as error:
        raise BenchError(f"no temporary folder can be made: {reason(error)}; free disk space") from error
    with made as folder:
        yield Path(folder)


@contextmanager
def _draft(path: Path) -> Iterator[Path]:
    """Yield an empty file beside the target, which is removed afterwards unless it became the target."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    prefix = f".{path.name}{_DRAFT}"
    for left in path.parent.glob(f"{glob.escape(prefix)}*"):
        if _is_old(left):
            left.unlink(missing_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=prefix)
    os.close(handle)
    draft = Path(name)
    try:
        yield draft
    finally:
        draft.unlink(missing_ok=True)


def _install(draft: Path, path: Path) -> None:
    draft.chmod(0o644)
    draft.replace(path)


def _is_old(left: Path) -> bool:
    with suppress(OSError):
        return time.time() - left.stat().st_mtime > DAY_S
    return False


def kept_elsewhere(texts: Mapping[Path, str]) -> str:
    """Write texts to a new temporary folder and return the end of a sentence that says where, or an empty string."""
    try:
        folder = Path(tempfile.mkdtemp(prefix="costlens-kept-"))
        write_together({folder / path.name: text for path, text in texts.items()})
    except OSError:
        return ""
    return f"; what was found is kept in {folder}"
