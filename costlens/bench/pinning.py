"""Processes that keep to some cores while they time, so that the system moves none of them to another one."""

import os


def can_pin() -> bool:
    """Say whether this system lets a process choose its cores."""
    return hasattr(os, "sched_setaffinity")


def pin(threads: int) -> None:
    """Keep this process, and those that it starts, to as many of its cores as it has threads, the last ones.

    The first core is where most systems do other work.
    """
    if can_pin():
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-threads:])
