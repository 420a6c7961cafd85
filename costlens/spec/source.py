"""Where the text of specs and of the blocks files they include comes from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from costlens.errors import UsageError, did_you_mean
from costlens.spec.document import MAX_BYTES
from costlens.spec.problems import Place, Problems

SUFFIX = ".blocks.yaml"
"""How the name of a file ends that specs include and that is none itself."""
Read = Callable[[str], bytes]
"""Returns the first ``MAX_BYTES + 1`` bytes of a file; UsageError where it cannot be read."""


def files_in(folder: Path) -> list[Path]:
    """Return the specs in a folder and below it, by name; hidden folders and blocks files aside."""
    found = (path for path in folder.rglob("*.yaml") if not path.name.endswith(SUFFIX))
    return sorted(path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts))


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


def _sibling(path: Path) -> str:
    try:
        others = [str(other) for other in sorted(path.parent.glob("*.yaml"))]
    except OSError:
        others = []
    return did_you_mean(str(path), others)


def decoded(content: bytes, file: str) -> str:
    """Return the text of a file; SpecError where it is too large or not UTF-8."""
    problems = Problems(file)
    if len(content) > MAX_BYTES:
        problems.add(Place(1, 1, ""), "", f"larger than {MAX_BYTES:,} bytes; use repeat and blocks")
        raise problems.error()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, start = content.count(b"\n", 0, error.start) + 1, content.rfind(b"\n", 0, error.start)
        message = f"byte 0x{content[error.start]:02x} is not UTF-8; save the file as UTF-8"
        problems.add(Place(line, error.start - start, ""), "", message)
        raise problems.error() from None
