"""Progress bars on a terminal; nothing where the error stream is none."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from costlens.tasks._tools import Observer


@contextmanager
def progress() -> Iterator[Observer]:
    """Yield an observer ``(stage, done, total, message)`` that draws one bar a stage."""
    if not sys.stderr.isatty():
        yield lambda stage, done, total, message: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.fields[stage]:<9}"),
        BarColumn(24),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True, refresh_per_second=2) as bars:
        tasks: dict[str, TaskID] = {}

        def observe(stage: str, done: int, total: int, message: str) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(message, total=total, stage=stage)
            bars.update(tasks[stage], completed=done, total=total, description=message)

        yield observe
