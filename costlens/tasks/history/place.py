"""Which database the history is in, and whether a project records by itself."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from costlens.errors import UsageError
from costlens.sources._word import Word
from costlens.spec.project import Keeping, keeping

if TYPE_CHECKING:
    from costlens.storage.history.database import Database

VARIABLE = "COSTLENS_DB"
_FILE = "history.db"


def settings(words: Sequence[str | Word]) -> Keeping:
    """Return what the project of the first word that names a file says, else that of the working directory."""
    for word in words:
        path = word.path if isinstance(word, Word) else Path(str(word).partition("?")[0])
        if not (isinstance(word, Word) and (word.is_shipped or word.tree)) and os.path.exists(path):
            return keeping(Path(os.path.abspath(path)).parent)
    return keeping(Path.cwd())


def database(given: str | Path | None, said: Keeping | None = None) -> Database:
    """Return the database of an option, else of ``COSTLENS_DB``, of a project's settings, or of this user.

    UsageError where it can be none of ours, RuntimeUnavailable without the packages of ``costlens-nn[history]``.
    """
    from costlens.errors import not_installed

    try:
        from costlens.storage.history.database import Database
    except ModuleNotFoundError as error:
        raise not_installed(error) or error from None
    if given is not None and not str(given):
        raise UsageError("--db: an empty text names no database; is a variable of the shell unset?")
    chosen = given or os.environ.get(VARIABLE) or (said or keeping(Path.cwd())).db or _own()
    return Database(chosen)


def _own() -> Path:
    """Return the file of this user: ``costlens/history.db`` in ``XDG_DATA_HOME``, else in ``~/.local/share``."""
    base = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    try:
        return Path(base).expanduser() / "costlens" / _FILE
    except RuntimeError:
        raise UsageError(f"{base}: no such home folder; name a file with --db, or set {VARIABLE}") from None
