"""The history: ``history`` as a function, and what ``record=True`` of the others keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from costlens.errors import CostlensError, UsageError, most_severe

if TYPE_CHECKING:
    from costlens.results.history import History, StoredRun
    from costlens.results.history_change import HistoryChange
    from costlens.results.history_diff import HistoryDiff
    from costlens.results.trend import Trend
    from costlens.sources._source import Model as Found
    from costlens.sources._word import Word
    from costlens.tasks.history.accepted import Accepted
    from costlens.tasks.history.ask import Action
    from costlens.tasks.history.record import Recorder

Place = Path | str | None
"""An SQLite file, or ``postgresql://…``; None is ``COSTLENS_DB``, else what the project says, else this user's file."""


@overload
def history(
    action: Literal["list"] = "list",
    *words: str,
    db: Place = None,
    variant: str | None = None,
    since: str | None = None,
    last: int | None = None,
) -> History: ...
@overload
def history(action: Literal["show"], *words: str | int, db: Place = None) -> StoredRun: ...
@overload
def history(action: Literal["diff"], *words: str | int, db: Place = None) -> HistoryDiff: ...
@overload
def history(
    action: Literal["plot"],
    *words: str,
    db: Place = None,
    variant: str | None = None,
    since: str | None = None,
    last: int | None = None,
    figure: str | None = None,
) -> Trend: ...
@overload
def history(
    action: Literal["export", "prune", "import"],
    *words: str | Path,
    db: Place = None,
    variant: str | None = None,
    since: str | None = None,
    last: int | None = None,
    before: str | None = None,
    output: Path | str | None = None,
) -> HistoryChange: ...
def history(
    action: Action = "list",
    *words: str | int | Path,
    db: Place = None,
    variant: str | None = None,
    since: str | None = None,
    last: int | None = None,
    figure: str | None = None,
    before: str | None = None,
    output: Path | str | None = None,
) -> History | StoredRun | HistoryDiff | Trend | HistoryChange:
    """Return what the history holds, or change it: as the command of this name, whose actions and options it has.

    words: networks by name; of ``show`` and ``diff`` runs by number; of ``import`` files and folders. since, before:
    ``"2026-01-31"`` or an age such as ``"90d"``. last: the newest runs, so many. output: of ``export``, a file.
    """
    from typing import get_args

    from costlens.errors import did_you_mean
    from costlens.tasks.history.ask import Action, Wish, ask

    if action not in get_args(Action):
        known = get_args(Action)
        raise UsageError(f"history: no action {action}{did_you_mean(str(action), known)}; it has {', '.join(known)}")
    wish = Wish(variant, since, last, figure, before, None if output is None else Path(output))
    return ask(action, [str(word) for word in words], wish, db)


def accepted_runs(db: Place) -> Accepted:
    """Return the accepted runs of the history; UsageError where there is none."""
    from costlens.tasks.history import place

    database = place.database(db)
    from costlens.tasks.history.accepted import Accepted

    return Accepted(database)


class Keep:
    """Keeps a result of a function in the history where that is wanted; it raises what prevents it."""

    def __init__(
        self, command: str, words: Sequence[str | Word], record: bool, db: Place, *, is_read: bool = False
    ) -> None:
        """Look at the database before the work is done."""
        self._recorder: Recorder | None = None
        if record:
            from costlens.tasks.history.record import recorder

            self._recorder = recorder(command, words, record=True, db=db)
        elif db is not None and not is_read:
            raise UsageError(f"{command}: db says where to record, and nothing is recorded; add record=True")

    def __call__(
        self, result: Any, failures: Iterable[CostlensError] = (), models: Callable[[], Sequence[Found]] = list
    ) -> None:
        """Keep a result."""
        if self._recorder and (errors := self._recorder.keep(result, failures, models)):
            raise most_severe(errors)
