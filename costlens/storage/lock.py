"""One process at a time, where several read a file, add to it and write it back."""

import errno
import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE_S = 60.0
"""A file is added to in well under a second: a process that holds a lock for longer is stopped or hangs."""
_PAUSE_S = 0.01

if sys.platform == "win32":
    import msvcrt

    def _open(folder: Path) -> int:
        """Open the file that stands for a folder, since Windows locks files only."""
        name = hashlib.sha256(str(folder).lower().encode()).hexdigest()[:16]
        return os.open(Path(tempfile.gettempdir()) / f"costlens-{name}.lock", os.O_RDWR | os.O_CREAT)

    def _take(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _open(folder: Path) -> int:
        """Open the folder itself, so that no file is left behind."""
        return os.open(folder, os.O_RDONLY)

    def _take(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def alone(folder: Path, patience_s: float | None = None) -> Iterator[None]:
    """Make a folder, wait until no other process of this machine holds it, and hold it.

    The system frees what a killed process held. On a file system without locks nobody waits. OSError where the folder
    cannot be made or opened, TimeoutError (an OSError too) where another process holds it for a minute, or for as many
    seconds as are given.
    """
    folder.mkdir(parents=True, exist_ok=True)
    handle = _open(folder.resolve())
    try:
        _wait(handle, PATIENCE_S if patience_s is None else patience_s)
        yield
    finally:
        os.close(handle)


def _wait(handle: int, patience_s: float) -> None:
    end = time.monotonic() + patience_s
    while True:
        try:
            return _take(handle)
        except (BlockingIOError, PermissionError):  # what Unix, and what Windows says of a lock that is held
            if time.monotonic() > end:
                raise TimeoutError(errno.ETIMEDOUT, "another process of costlens holds it; end that one") from None
            time.sleep(_PAUSE_S)
        except OSError:
            return None
