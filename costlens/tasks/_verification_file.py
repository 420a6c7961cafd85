"""The ledger of many specs on disk: ``verification.json``, and what a reader sees of it beside it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from costlens.errors import UsageError
from costlens.results.verification import (
    SCHEMA,
    Verification,
    VerifiedSpec,
    verification_from_json,
    verification_to_json,
)
from costlens.storage.files import write_whole

_SUFFIX = ".md"


def prepare(page: Path) -> None:
    """Make the folder of a ledger before the work for it is done; UsageError where that cannot be."""
    if page.suffix != _SUFFIX:
        raise UsageError(f"{page}: expected a name that ends in {_SUFFIX}; the JSON file is written beside it")
    try:
        page.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{page}: cannot be written: {error.strerror}; choose another file with -o") from error


def read(page: Path) -> Verification:
    """Read the ledger of a page; an empty one where there is none, or that of another version."""
    with suppress(OSError, UnicodeDecodeError, UsageError):
        return verification_from_json(page.with_suffix(".json").read_text(encoding="utf-8"))
    return Verification(SCHEMA, ())


def include(page: Path, spec: VerifiedSpec) -> Verification:
    """Put a spec in the place it has in a ledger, and leave out those whose files have gone.

    Each file is written whole, the page last: an interrupted run leaves what it had found.
    """
    from costlens.formats import markdown
    from costlens.formats.pages.verification import page as shown

    before = read(page)
    there = tuple(other for other in before.specs if not _gone(Path(other.file)))
    verification = Verification(SCHEMA, there).including(spec)
    try:
        write_whole(page.with_suffix(".json"), verification_to_json(verification))
        write_whole(page, markdown.render(shown(verification)))
    except OSError as error:
        raise UsageError(f"{page}: cannot be written: {error.strerror}; choose another file with -o") from error
    return verification


def _gone(file: Path) -> bool:
    """Say whether a file has left its folder; elsewhere than where the ledger was begun there is no such folder."""
    return file.parent.is_dir() and not file.exists()
