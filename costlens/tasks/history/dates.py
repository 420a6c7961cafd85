"""Times as people give them: a day, a time, or how long ago."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from costlens.errors import UsageError

_AGE = re.compile(r"(\d{1,5})\s*([dwhy])")
_HOURS = {"h": 1, "d": 24, "w": 7 * 24, "y": 365 * 24}


def moment(option: str, text: str, now: datetime | None = None) -> datetime:
    """Read ``2026-01-31``, ``2026-01-31 12:00`` (UTC), ``90d`` or ``12w`` ago; UsageError for anything else.

    >>> moment("--since", "2d", datetime(2026, 3, 3, tzinfo=UTC)).day, moment("--since", "2026-01-31").month
    (1, 1)
    """
    if age := _AGE.fullmatch(text.strip()):
        return (now or datetime.now(UTC)) - timedelta(hours=int(age[1]) * _HOURS[age[2]])
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(f"{option} {text}: expected a day such as 2026-01-31, or an age such as 90d") from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
