"""Points from a CSV file: a column for each knob and each ``kind:GLOB``; what ``explore`` writes is read, too."""

import csv
from pathlib import Path

from costlens.errors import UsageError
from costlens.results.counts import FIGURES
from costlens.results.exploration import KIND
from costlens.storage.files import reason
from costlens.tasks.exploration.space import Space, listed

BESIDE = ("point", "same_as", "holds", "front", "reason", "predicted_ms", "latency_ms", *FIGURES)
"""Columns of a written exploration that name no axis."""
_MOST_BYTES = 256 * 2**20


def read_points(path: Path) -> Space:
    """Read points; UsageError where the file is none of points."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise UsageError(f"{path}: larger than 256 MiB; keep the columns of the knobs alone")
        with path.open(encoding="utf-8-sig", newline="") as stream:
            names, *rows = [row for row in csv.reader(stream) if row] or [[]]
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {reason(error)}; name a CSV file of points") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path}: is no CSV file in UTF-8: {error}; write one with a column a knob") from None
    kept = [place for place, name in enumerate(names) if name.strip() and name.strip() not in BESIDE]
    axes = [names[place].strip() for place in kept]
    if not axes or not rows:
        raise UsageError(f"{path}: holds no points; write the knobs into the first line, and a point into each other")
    if len(set(axes)) < len(axes):
        raise UsageError(f"{path}: a column is there twice; keep one")
    for line, row in enumerate(rows, 2):
        if len(row) != len(names):
            raise UsageError(
                f"{path}: row {line}: {len(row)} values for {len(names)} columns; empty ones have a comma, too"
            )
    if empty := next((name for name in axes if name.startswith(KIND) and not name.removeprefix(KIND)), ""):
        raise UsageError(f"{path}: column {empty}: expected kind:GLOB, such as kind:stage3 or kind:*")
    return listed(axes, [tuple(row[place].strip() for place in kept) for row in rows])
