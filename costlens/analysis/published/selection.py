"""Which rows of a count a published figure is of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from costlens.analysis.published.document import Rows
from costlens.arithmetic.shapes import times
from costlens.errors import UsageError, did_you_mean
from costlens.results.counts import CountRow, ModelCount


class NoSuchRowsError(UsageError):
    """A ``field`` of a figure asks for rows that the network does not have."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)


def selected(model: ModelCount, rows: Rows, without: Sequence[str]) -> tuple[CountRow, ...]:
    """Return the rows that fit all of ``rows`` and none of ``without``; NoSuchRowsError where a word fits none."""
    for field, word, known in _asked(model, rows, without):
        if word not in known:
            hint = did_you_mean(word, sorted(known))
            raise NoSuchRowsError(field, f"{word}: no row of {model.name} is called so or is of that kind{hint}")
    found = tuple(row for row in model.rows if _fits(row, rows) and not any(word in _names(row) for word in without))
    if not found:
        raise NoSuchRowsError("rows", f"no row of {model.name} is left; ask for less")
    return found


def _asked(model: ModelCount, rows: Rows, without: Sequence[str]) -> Iterator[tuple[str, str, set[str]]]:
    """Yield every word asked for with its field and what the rows are called in that respect."""
    names = {name for row in model.rows for name in _names(row)}
    yield from (("without", word, names) for word in without)
    yield from (("rows", word, names) for word in rows.name)
    for word, known in (
        (rows.kind, {row.kind for row in model.rows}),
        (rows.kernel, {_kernel(row) for row in model.rows}),
        (rows.section, {row.section for row in model.rows}),
    ):
        if word:
            yield "rows", word, known


def _fits(row: CountRow, rows: Rows) -> bool:
    return (
        rows.kind in ("", row.kind)
        and rows.section in ("", row.section)
        and rows.kernel in ("", _kernel(row))
        and (not rows.name or any(name in _names(row) for name in rows.name))
    )


def _names(row: CountRow) -> tuple[str, ...]:
    """Return what a row answers to: its section, and its name with all that it begins with."""
    parts = row.name.split(".")
    return (*(".".join(parts[: length + 1]) for length in range(len(parts))), row.section)


def _kernel(row: CountRow) -> str:
    return times(row.kernel).replace("×", "x") if row.kernel else ""
