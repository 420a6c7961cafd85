"""``costlens machine``: what this machine is and can do at most, measured where it is not known yet."""

from __future__ import annotations

from typing import Literal

from costlens import runtimes
from costlens.bench import bounds
from costlens.results.bounds import MachineBounds
from costlens.tasks._tools import Tools


def machine(device: Literal["cpu", "cuda"] = "cpu", *, again: bool = False, tools: Tools) -> MachineBounds:
    """Return what is stored of this machine, else what is measured now, which is stored."""
    known = None if again else bounds.here(device)
    if known is None:
        runtimes.get(runtimes.DEFAULT).require(device)
        known = bounds.measure(
            device, on_progress=lambda done, total, message: tools.observe("bounds", done, total, message)
        )
        bounds.store(known)
    return known


def machines() -> tuple[MachineBounds, ...]:
    """Return every machine whose bounds are stored here, the youngest first."""
    return bounds.stored()
