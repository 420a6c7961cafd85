"""What onnxruntime's arenas hold, read from its log: no call of its Python interface (1.31) returns it."""

import contextlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator

_GROWS = re.compile(r"Extending BFCArena for (\w+)\.|Total allocated bytes: (\d+)")


@contextlib.contextmanager
def logged() -> Iterator[Callable[[], str]]:
    """Keep what the process writes to stderr, native code included; yield a function that returns it."""
    kept = os.dup(2)
    with tempfile.TemporaryFile() as log:
        os.dup2(log.fileno(), 2)
        try:
            # Read without moving the place at which the process writes.
            yield lambda: os.pread(log.fileno(), os.fstat(log.fileno()).st_size, 0).decode("utf-8", errors="replace")
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def arena_totals(log: str) -> dict[str, int]:
    r"""Return the bytes each arena had in the end, by its name.

    Weights are set aside in an arena without making it grow, so what it grew by is for activations and scratch.

    >>> arena_totals("Extending BFCArena for Cpu. bin_num:8\nTotal allocated bytes: 1048576")
    {'Cpu': 1048576}
    """
    totals: dict[str, int] = {}
    name = ""
    for found in _GROWS.finditer(log):
        name = found[1] or name
        if found[2] and name:
            totals[name] = int(found[2])
    return totals
