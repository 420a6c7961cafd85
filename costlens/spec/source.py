"""Where the text of specs and of the blocks files they include comes from."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from costlens.errors import UsageError, did_you_mean
from costlens.spec import shipped
from costlens.spec.document import MAX_BYTES
from costlens.spec.paths import BLOCKS, SUFFIXES
from costlens.spec.problems import START, Problems
from costlens.spec.tree import Place

OUTSIDE = "lies outside the repository, and is not read; put a copy inside it"
Read = Callable[[str], bytes]
"""Returns the first ``MAX_BYTES + 1`` bytes of a file; UsageError where it cannot be read."""


def from_disk(file: str) -> bytes:
    """Read a file; UsageError, with the file that was probably meant, where that fails."""
    try:
        with Path(file).open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise UsageError(f"{file}: no such file{_sibling(Path(file))}") from None
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise UsageError(f"{file}: cannot be read: {reason}; name a spec file") from None


def beside(file: str) -> Read:
    """Return what reads the files that a spec includes, which must be inside the spec's repository."""

    def read(name: str) -> bytes:
        held(name, file)
        return from_disk(name)

    return read


def held(file: str, named_in: str) -> None:
    """Raise UsageError for a file, found or named in another one, that lies outside that one's repository."""
    if is_outside(file, named_in):
        raise UsageError(f"{file}: {OUTSIDE}")


def is_outside(file: str, named_in: str) -> bool:
    """Say whether a file lies outside the repository of another file that names it; links are followed.

    That is the repository of the working directory, or of the other file's own folder if it is not in that one.
    Without a repository no file is outside.
    """
    place = Path(os.path.abspath(named_in))
    starts = [place.parent]
    with suppress(FileNotFoundError):  # a working directory that has been deleted
        starts.insert(0, Path.cwd())
    root = next((root for start in starts if (root := repository(start)) and place.is_relative_to(root)), None)
    try:
        return root is not None and not Path(os.path.realpath(file)).is_relative_to(os.path.realpath(root))
    except ValueError:  # not a path at all, which reading it reports
        return False


def repository(folder: Path) -> Path | None:
    """Return the folder, or the one above it, that holds ``.git``; None where there is none."""
    return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), None)


def _sibling(path: Path) -> str:
    """Return the end of a message: the file beside, or the shipped spec, that was probably meant."""
    sort = BLOCKS if path.name.endswith(BLOCKS) else SUFFIXES
    try:
        others = [str(other) for other in sorted(path.parent.iterdir()) if other.name.endswith(sort)]
    except OSError:
        others = []
    if sort == SUFFIXES and shipped.find(path.stem):  # specs/yamnet.yaml, as documents write it, without a checkout
        others, path = [path.stem], Path(path.stem)
    remedy = "" if sort == BLOCKS else "; costlens new writes one to begin with"
    if len(path.parts) == 1 and not path.suffix:
        others += shipped.names()
        remedy = "; costlens list shows the specs that have a name"
    return did_you_mean(str(path), others) or remedy


def decoded(content: bytes, file: str) -> str:
    """Return the text of a file; SpecError where it is too large or not UTF-8."""
    if len(content) > MAX_BYTES:
        Problems(file).stop(START, "", f"larger than {MAX_BYTES:,} bytes; use repeat and blocks")
    return text_of(content, file)


def text_of(content: bytes, file: str) -> str:
    """Return the text of a file of any size; SpecError where it is not UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, start = content.count(b"\n", 0, error.start) + 1, content.rfind(b"\n", 0, error.start)
        message = f"byte 0x{content[error.start]:02x} is not UTF-8; save the file as UTF-8"
        Problems(file).stop(Place(line, error.start - start, ""), "", message)
