"""The highest resident memory this process has had, and a limit to what it may take."""

import contextlib
import os
import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")
_FORGET = Path("/proc/self/clear_refs")


def peak_resident_bytes() -> int | None:
    """Return the peak resident set of this process in bytes; None where the system does not report it.

    On Linux this is VmHWM, since ``ru_maxrss`` of a child starts with its parent's: 2 GB after TensorFlow.
    """
    if _STATUS.is_file():
        for line in _STATUS.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def forget_peak() -> bool:
    """Reset the peak to what is resident now; False where the system cannot (Linux 4.0 and later can)."""
    try:
        _FORGET.write_text("5", encoding="ascii")
    except OSError:
        return False
    return True


def limit_memory(share: float) -> None:
    """Let this process take no more than a share of the machine's memory, where the system has such a limit."""
    with contextlib.suppress(ImportError, AttributeError, OSError, ValueError):
        import resource

        most = int(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") * share)
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
