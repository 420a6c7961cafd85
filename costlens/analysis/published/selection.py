"""Which rows of a count a published figure is of."""

from collections.abc import Sequence

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
    asked = {"name": rows.name, "kind": (rows.kind,), "kernel": (rows.kernel,), "section": (rows.section,)}
    asked = {field: words for field, words in asked.items() if any(words)}
    called = [_called(row) for row in model.rows]
    for place, field, words in (("without", "name", without), *(("rows", *one) for one in asked.items())):
        known = set().union(*(names[field] for names in called))
        for word in words:
            if word not in known:
                hint = did_you_mean(word, sorted(known))
                raise NoSuchRowsError(place, f"{word}: no row of {model.name} is called so or is of that kind{hint}")
    found = tuple(
        row
        for row, names in zip(model.rows, called, strict=True)
        if names["name"].isdisjoint(without)
        and not any(names[field].isdisjoint(words) for field, words in asked.items())
    )
    if not found:
        raise NoSuchRowsError("rows", f"no row of {model.name} is left; ask for less")
    return found


def _called(row: CountRow) -> dict[str, set[str]]:
    """Return what a row answers to; as a name to its section, and to its own with all that it begins with."""
    parts = row.name.split(".")
    return {
        "name": {row.section, *(".".join(parts[: length + 1]) for length in range(len(parts)))},
        "kind": {row.kind},
        "kernel": {times(row.kernel).replace("×", "x") if row.kernel else ""},
        "section": {row.section},
    }
