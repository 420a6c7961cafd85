"""The time that inputs take to the device, and outputs from it: figures of their own, not part of a run."""

from __future__ import annotations

import statistics
from collections.abc import Callable

from costlens.runtimes import DeviceSession, Session

_DISCARDS = 3
_CALLS = 20


def copies_ns(session: Session, clock: Callable[[], int], calls: int = _CALLS) -> tuple[int, int] | None:
    """Return the median nanoseconds of copying all inputs in, and all outputs out; None where there is no device.

    The session has run before, so that its outputs are there. Host memory is pageable, as NumPy's is.
    """
    if session.fingerprint.device == "cpu" or not isinstance(session, DeviceSession):
        return None
    return _median(session.copy_in, session, clock, calls), _median(session.copy_out, session, clock, calls)


def _median(copy: Callable[[], None], session: Session, clock: Callable[[], int], calls: int) -> int:
    taken = []
    for _ in range(_DISCARDS + calls):
        session.synchronize()
        before = clock()
        copy()
        session.synchronize()
        taken.append(clock() - before)
    return round(statistics.median(taken[_DISCARDS:]))
