"""The ledger of many specs on disk: ``verification.json`` and a page that shows it."""

from contextlib import suppress
from pathlib import Path

from costlens.errors import UsageError
from costlens.results.stored import to_json
from costlens.results.verification import Verification, VerifiedSpec
from costlens.storage.files import require_room, write_together, writing
from costlens.storage.lock import alone

_SUFFIX = ".md"


def prepare(page: Path) -> None:
    """Try to write the files of a ledger before the work for it is done; UsageError where that fails."""
    if page.suffix != _SUFFIX:
        raise UsageError(f"{page}: expected a name that ends in {_SUFFIX}; the JSON file is written beside it")
    for path in (page, page.with_suffix(".json")):
        require_room(path)


def read(page: Path) -> Verification:
    """Return the ledger of a page; an empty one where there is none, or one of another version."""
    with suppress(OSError, UnicodeDecodeError, UsageError):
        return Verification.from_json(page.with_suffix(".json").read_text(encoding="utf-8"))
    return Verification(Verification.SCHEMA, ())


def include(page: Path, spec: VerifiedSpec) -> Verification:
    """Put a spec in its place in a ledger, leave out specs whose files are gone, and return the ledger.

    Processes that do this at once wait for each other, and an interrupted one leaves what it has found so far.
    """
    from costlens.formats import markdown
    from costlens.formats.pages.verification import page as shown

    with writing(page, "choose another file with -o"), alone(page.parent):
        there = tuple(other for other in read(page).specs if not _gone(Path(other.file)))
        verification = Verification(Verification.SCHEMA, there).including(spec)
        json = to_json(verification)
        write_together({page.with_suffix(".json"): json, page: markdown.render(shown(verification))})
    return verification


def _gone(file: Path) -> bool:
    """Say whether a file was removed from its folder. In another working directory the folder is missing too."""
    return file.parent.is_dir() and not file.exists()
