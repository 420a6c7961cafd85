"""What a task is doing: drawn on a terminal, one line that changes in a notebook, a line for each step elsewhere.

An interrupt says what was done.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

from costlens.tasks._tools import Observer, silent

if TYPE_CHECKING:
    from typing import Any

_STAGES = {
    "export": ("exporting", "models", "exported"),
    "convert": ("converting", "files", "converted"),
    "verify": ("verifying", "variants", "verified"),
    "time": ("timing", "processes", "measured"),
    "layers": ("timing the layers of", "processes", "measured"),
    "bounds": ("measuring", "steps", "measured"),
    "kernels": ("timing", "kernels", "timed"),
    "explore": ("exploring", "points", "counted"),
    "points": ("measuring", "points", "measured"),
}
"""What a stage does, to what, and what these are afterwards."""
_BY_ITEM = ("export", "convert", "verify", "points")
"""The stages whose every step is another model, kept in the cache; the steps of the others are one measurement."""
_NOTEBOOK = "JPY_PARENT_PID"
"""Set where a notebook's kernel started this process. It hands out a terminal that cannot move its cursor."""


@contextmanager
def progress(written: Callable[[], str]) -> Iterator[Observer]:
    """Yield an observer ``(stage, done, total, message)`` that shows each step on standard error.

    An interrupt says what was done so far, and what was ``written``.
    """
    is_terminal = sys.stderr.isatty() and not os.environ.get("CI") and not os.environ.get(_NOTEBOOK)
    with _drawn() if is_terminal else _printed() as show, _told(show, written) as observe:
        yield observe


@contextmanager
def of_python() -> Iterator[Observer]:
    """Yield an observer for code: it shows each step in a notebook and in an interactive session, and nothing else."""
    with _where_python_is() as show, _told(show, str) as observe:
        yield observe


def _where_python_is() -> AbstractContextManager[Observer]:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if getattr(shell, "kernel", None) is not None:
        return _displayed()
    is_terminal = hasattr(sys, "ps1") and sys.stderr.isatty()
    return _drawn() if is_terminal else nullcontext(silent)


@contextmanager
def _told(show: Observer, written: Callable[[], str]) -> Iterator[Observer]:
    """Yield an observer that keeps the last step, which an interrupt then tells."""
    last = ("", 0, 0, "")

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
            print(f"{_step(stage, done, total, message)}", file=sys.stderr, flush=True)  # noqa: T201
        last = (stage, done > 0)

    yield show


def _step(stage: str, done: int, total: int, message: str) -> str:
    count = f" ({done + 1} of {total})" if stage in _BY_ITEM and total > 1 else ""
    return f"{_STAGES[stage][0]} {message}{count}"


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


@contextmanager
def _displayed() -> Iterator[Observer]:
    """Show the step in one line of a notebook's output, which changes; at the end it says how long each stage took.

    Nothing is shown of a task that has no steps.
    """
    line = _NotebookLine()
    try:
        yield line.step
    except BaseException:
        line.end("stopped")
        raise
    line.end("done")


class _NotebookLine:
    """A line of a notebook's output: the step and the seconds so far, then the seconds of each stage."""

    def __init__(self) -> None:
        self._began = self._stage_began = time.monotonic()
        self._stage = ""
        self._handle: Any = None
        self._took: dict[str, float] = {}

    def step(self, stage: str, done: int, total: int, message: str) -> None:
        """Show a step and how far it is; a message holds the ratios so far behind its first line."""
        self._turn_to(stage)
        if done < total:
            self._show(f"{_far(stage, done, total, message)} · {time.monotonic() - self._began:.0f} s")

    def end(self, how: str) -> None:
        """Say how a task ended and how long it took."""
        self._turn_to("")
        if self._took:
            took = ((_STAGES[stage][0].removesuffix(" of"), seconds) for stage, seconds in self._took.items())
            self._show(f"{how}: {', '.join(f'{doing} {seconds:.0f} s' for doing, seconds in took)}")

    def _turn_to(self, stage: str) -> None:
        """Begin a stage where another one was, and keep how long that took."""
        if stage == self._stage:
            return
        now = time.monotonic()
        if self._stage:
            self._took[self._stage] = self._took.get(self._stage, 0.0) + now - self._stage_began
        self._stage, self._stage_began = stage, now

    def _show(self, said: str) -> None:
        from html import escape

        from IPython.display import display

        shown = {"text/plain": said, "text/html": f'<div style="opacity: .7">{escape(said)}</div>'}
        if self._handle is None:
            self._handle = display(shown, raw=True, display_id=True)
        else:
            self._handle.update(shown, raw=True)


def _far(stage: str, done: int, total: int, message: str) -> str:
    """Say a step and how far it is, in one line."""
    first, *ratios = message.splitlines() or [""]
    if stage == "time":
        return "; ".join((f"timing: {first}", *ratios))
    if stage == "layers":
        return f"{_step(stage, done, total, first)} (process {done + 1} of {total})"
    return _step(stage, done, total, first)


def _done(stage: str, done: int, total: int) -> Iterator[str]:
    """Say how far a stage had come; nothing before the first."""
    if stage:
        _, things, ended = _STAGES[stage]
        kept = " and kept in the cache" if stage in _BY_ITEM else ""
        yield f"{done} of {total} {things} were {ended}{kept}" if done else f"nothing was {ended}"
