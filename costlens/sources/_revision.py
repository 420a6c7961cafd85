"""``REVISION:path``: a file of a commit, read by git; nothing is checked out."""

from __future__ import annotations

from pathlib import Path

from costlens.errors import UsageError
from costlens.sources._word import exists
from costlens.sources.git.revisions import Commit, here, split


def at_revision(named: str) -> tuple[Commit, str] | None:
    """Return the commit and the path in it that ``REVISION:path`` names; None for a file, which may have that name.

    UsageError where both are there: whoever commits such a file would choose what is read.
    """
    parts = split(named)
    if parts is None:
        return None
    is_file = exists(Path(named))
    try:
        repository = here()
        commit = repository.commit(parts[0])
    except UsageError:
        if is_file:
            return None
        raise
    if is_file:
        raise UsageError(f"{named}: is both a file and a path at revision {parts[0]}; write ./{named} for the file")
    return commit, repository.path(parts[1] or ".")
