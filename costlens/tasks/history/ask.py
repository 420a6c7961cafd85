"""``costlens history``: an action, what it is about, and the options that it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from costlens.errors import UsageError
from costlens.tasks.history.dates import moment
from costlens.tasks.history.place import database

if TYPE_CHECKING:
    from costlens.results.history import History, StoredRun
    from costlens.results.history_change import HistoryChange
    from costlens.results.history_diff import HistoryDiff
    from costlens.results.trend import Trend
    from costlens.storage.history.database import Database
    from costlens.storage.history.runs import Wanted

    Answer = History | StoredRun | HistoryDiff | Trend | HistoryChange

Action = Literal["list", "show", "diff", "plot", "export", "prune", "import"]
_TAKES: dict[Action, tuple[str, ...]] = {
    "list": ("variant", "since", "last"),
    "show": (),
    "diff": (),
    "plot": ("variant", "since", "last", "figure"),
    "export": ("variant", "since", "last", "output"),
    "prune": ("last", "before"),
    "import": (),
}


_LOOKS: tuple[Action, ...] = ("list", "show", "diff", "plot")


@dataclass(frozen=True, slots=True)
class Wish:
    """The options of an action, as they are given; ``last``: the newest runs, so many."""

    variant: str | None = None
    since: str | None = None
    last: int | None = None
    figure: str | None = None
    before: str | None = None
    output: Path | None = None


def ask(action: Action, words: Sequence[str], wish: Wish, db: str | Path | None) -> Answer:
    """Do what is asked of the history; UsageError for an option that the action does not take."""
    for each in fields(wish):
        if getattr(wish, each.name) is not None and each.name not in _TAKES[action]:
            takers = ", ".join(name for name, taken in _TAKES.items() if each.name in taken)
            raise UsageError(f"history {action}: --{each.name} is for {takers}; leave it out")
    if wish.last is not None and wish.last < 1:
        raise UsageError(f"--last {wish.last}: expected a whole number from 1")
    if action == "export" and wish.output is None:
        raise UsageError("history export: where to? -o history.jsonl, or .csv and .parquet for figures alone")
    numbers = _numbers(action, words)
    before = _moment("--before", wish.before)
    place = database(db)
    if action in _LOOKS:
        return _looked(action, place, numbers, _wanted(words, wish), wish)
    return _moved(action, place, words, _wanted(words, wish), before, wish)


def _looked(action: Action, place: Database, numbers: Sequence[int], wanted: Wanted, wish: Wish) -> Answer:
    from costlens.results.history import LISTED
    from costlens.tasks.history import read
    from costlens.tasks.history.trend import trend

    if action == "list":
        return read.listed(place, replace(wanted, last=wanted.last or LISTED))
    if action == "plot":
        return trend(place, wanted, wish.figure)
    return read.shown(place, *numbers) if action == "show" else read.differing(place, *numbers)


def _moved(
    action: Action, place: Database, words: Sequence[str], wanted: Wanted, before: datetime | None, wish: Wish
) -> Answer:
    from costlens.tasks.history import move

    if action == "prune":
        return move.pruned(place, before, wish.last)
    if action == "export":
        return move.exported(place, wanted, wish.output or Path())
    return move.imported(place, words)


def _wanted(words: Sequence[str], wish: Wish) -> Wanted:
    from costlens.storage.history.runs import Wanted

    return Wanted(tuple(words), wish.variant or "", _moment("--since", wish.since), wish.last)


def _moment(option: str, text: str | None) -> datetime | None:
    return None if text is None else moment(option, text)


def _numbers(action: Action, words: Sequence[str]) -> list[int]:
    """Return the runs that are named by number; UsageError for too few, too many or others."""
    takes = {"show": 1, "diff": 2}.get(action, 0)
    if action == "prune" and words:
        raise UsageError(f"history prune: {words[0]}: it is about all networks; leave it out")
    if not takes:
        return []
    if len(words) != takes:
        wanted = "a run by its number" if takes == 1 else "two runs by their numbers"
        raise UsageError(
            f"history {action}: expected {wanted}, received {len(words)}; costlens history list shows them"
        )
    wrong = next((word for word in words if not (word.isascii() and word.isdigit() and len(word) < 19)), None)  # noqa: PLR2004  # no such number
    if wrong is not None:
        raise UsageError(f"history {action} {wrong}: expected the number of a run; costlens history list shows them")
    return [int(word) for word in words]
