"""``costlens machine``: what this machine is and can do at most, measured where it is not known yet."""

from __future__ import annotations

from typing import Literal

from costlens import runtimes
from costlens.bench import bounds
from costlens.errors import BenchError
from costlens.results.bounds import MachineBounds
from costlens.tasks._tools import Tools


def machine(
    device: Literal["cpu", "cuda"] = "cpu", *, again: bool = False, tools: Tools
) -> tuple[MachineBounds, tuple[BenchError, ...]]:
    """Return what is stored of this machine, else what is measured now, which is stored; and why it could not be."""
    known = None if again else bounds.here(device)
    if known:
        return known, ()
    runtimes.get(runtimes.DEFAULT).require(device)
    found = bounds.measure(
        device, on_progress=lambda done, total, message: tools.observe("bounds", done, total, message)
    )
    try:
        bounds.store(found)
    except BenchError as error:  # what was measured is printed first
        return found, (error,)
    return found, ()


def machines() -> tuple[MachineBounds, ...]:
    """Return every machine whose bounds are stored here, the youngest first."""
    return bounds.stored()
