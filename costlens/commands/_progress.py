"""What a command is doing: drawn on a terminal, a line for each step elsewhere; and what was done when interrupted."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from costlens.tasks._tools import Observer

_STAGES = {
    "export": ("exporting", "models", "exported"),
    "convert": ("converting", "files", "converted"),
    "verify": ("verifying", "variants", "verified"),
    "time": ("timing", "processes", "measured"),
    "layers": ("timing the layers of", "processes", "measured"),
    "bounds": ("measuring", "steps", "measured"),
}
"""What a stage does, to what, and what these are afterwards."""
_BY_ITEM = ("export", "convert", "verify")
"""The stages whose every step is another model, kept in the cache; the steps of the others are one measurement."""


@contextmanager
def progress(written: Callable[[], str]) -> Iterator[Observer]:
    """Yield an observer ``(stage, done, total, message)`` that shows each step.

    An interrupt says what was done so far, and what was ``written``.
    """
    last = ("", 0, 0, "")
    with _drawn() if sys.stderr.isatty() and not os.environ.get("CI") else _printed() as show:

        def observe(stage: str, done: int, total: int, message: str) -> None:
            nonlocal last
            last = (stage, done, total, message)
            show(*last)

        try:
            yield observe
        except KeyboardInterrupt:
            raise KeyboardInterrupt("; ".join((*_done(*last[:3]), written() or "nothing was written"))) from None


@contextmanager
def _printed() -> Iterator[Observer]:
    """Print a line where a step begins; a measurement is one step, however many processes it takes."""
    last = ("", False)

    def show(stage: str, done: int, total: int, message: str) -> None:
        nonlocal last
        begins = stage in _BY_ITEM or (done == 0 and last != (stage, False))
        if begins and done < total:
            count = f" ({done + 1} of {total})" if stage in _BY_ITEM and total > 1 else ""
            print(f"{_STAGES[stage][0]} {message}{count}", file=sys.stderr, flush=True)  # noqa: T201
        last = (stage, done > 0)

    yield show


@contextmanager
def _drawn() -> Iterator[Observer]:
    """Draw a line for each stage with a spinner. How long a stage takes is not known, so there is no bar."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn("line"),
        TextColumn("{task.fields[stage]:<9}{task.fields[count]}"),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True, refresh_per_second=4) as lines:
        tasks: dict[str, TaskID] = {}

        def show(stage: str, done: int, total: int, message: str) -> None:
            if stage not in tasks:
                tasks[stage] = lines.add_task(message, total=None, stage=stage, count="")
            several = total > 1 and stage != "time"  # whose message counts its processes
            count = f" {min(done + 1, total)} of {total}" if several else ""
            lines.update(tasks[stage], completed=done, total=total, description=message, count=count)

        yield show


def _done(stage: str, done: int, total: int) -> Iterator[str]:
    """Say how far a stage had come; nothing before the first."""
    if stage:
        _, things, ended = _STAGES[stage]
        kept = " and kept in the cache" if stage in _BY_ITEM else ""
        yield f"{done} of {total} {things} were {ended}{kept}" if done else f"nothing was {ended}"
