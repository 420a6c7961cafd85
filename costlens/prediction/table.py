"""The table of kernels of one machine: what each takes in its caches and out of them; one file, lines of JSON.

The first line holds the conditions, which must be those of the machine that asks; every other line is a kernel. Lines
are added only, and the last one of a kernel counts.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from itertools import pairwise
from math import log
from pathlib import Path
from types import MappingProxyType

from costlens.errors import BenchError, UsageError
from costlens.runtimes._operation import Operation
from costlens.storage.cache import directory
from costlens.storage.files import reason, write_whole
from costlens.storage.lock import alone

SCHEMA = "costlens.kernels/1"
BUNDLE, PROFILE = "bundle", "profile"
_AGAIN = "measure its kernels here: costlens machine --kernels SPEC"


@dataclass(frozen=True, slots=True)
class Conditions:
    """What the times of a table depend on, and what of the machine is measured once for all kernels.

    key: which machine, build of the runtime and number of threads; ``says`` is that in words. block: the channels that
    the runtime keeps together. call_us: a call without any kernel. cold: where between its times a kernel is, by the
    bytes that a call uses: at -1 all is in the core's own cache, at 0 in the last one, at 1 in neither. pace_us: the
    machine's best pace when the table was begun, 0 where it was not asked.
    """

    key: str
    says: str
    threads: int = 1
    block: int = 8
    call_us: float = 0.0
    cold: tuple[tuple[int, float], ...] = ((2**22, 0.0), (2**25, 1.0))
    pace_us: float = 0.0

    def coldness(self, working_set_bytes: int) -> float:
        """Return how far out of the cache a call of a working set is, from -1 to 1; linear in the logarithm of bytes.

        >>> [round(Conditions("k", "a machine").coldness(n * 2**20), 2) for n in (1, 8, 32, 100)]
        [0.0, 0.33, 1.0, 1.0]
        """
        first, last = self.cold[0], self.cold[-1]
        if working_set_bytes <= first[0]:
            return first[1]
        for (low, below), (high, above) in pairwise(self.cold):
            if working_set_bytes <= high:
                return below + (above - below) * log(working_set_bytes / low) / log(high / low)
        return last[1]


_CONDITIONS = frozenset(each.name for each in fields(Conditions))
_NEAR_TIMES, _WARM_PART = 4, 3 / 8
"""Times the core's own cache, and part of the last one: chosen by 160 networks on caches of 1 and 32 MiB."""


def by_caches(last_bytes: int, own_bytes: int | None) -> tuple[tuple[int, float], ...]:
    """Return where between its times a kernel is, by the bytes that a call uses, from the sizes of the caches.

    All is near up to four times the core's own cache, as the last one hands on what is read in order. From the size of
    the last cache on, all is out of it. Kernels of a warm bundle are at three eighths of it.

    >>> by_caches(2**25, 2**20)
    ((4194304, -1.0), (12582912, 0.0), (33554432, 1.0))
    >>> by_caches(2**25, None)
    ((12582912, 0.0), (33554432, 1.0))
    >>> by_caches(2**23, 2**20)[0]
    (1572864, -1.0)
    """
    if own_bytes is None:
        return (round(_WARM_PART * last_bytes), 0.0), (last_bytes, 1.0)
    warm_bytes = round(_WARM_PART * last_bytes)
    return (min(_NEAR_TIMES * own_bytes, warm_bytes // 2), -1.0), (warm_bytes, 0.0), (last_bytes, 1.0)


@dataclass(frozen=True, slots=True)
class Times:
    """Microseconds of a kernel with its weights in the last cache and out of it; ``spread`` is their relative error.

    near_us: where as much of what is used as fits is in the core's own cache; None of a kernel that is too large.
    source: how it was measured, in a ``BUNDLE`` or in the ``PROFILE`` of a network. at: when, in UTC.
    """

    warm_us: float
    cold_us: float
    spread: float = 0.0
    at: str = ""
    source: str = BUNDLE
    near_us: float | None = None


@dataclass(frozen=True, eq=False)
class Table:
    """The times of kernels by their text, under conditions."""

    conditions: Conditions
    times: Mapping[str, Times] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "times", MappingProxyType(dict(self.times)))

    def find(self, operation: Operation) -> Times | None:
        """Return a kernel's times; None where they were not measured."""
        return self.times.get(operation.text)

    def missing(self, operations: Iterable[Operation]) -> tuple[Operation, ...]:
        """Return the kernels that are not in it and can be measured, each once."""
        return tuple(dict.fromkeys(one for one in operations if one.is_known and one.text not in self.times))

    def not_in_bundles(self, operations: Iterable[Operation]) -> tuple[Operation, ...]:
        """Return those that were timed in no bundle: missing ones, and those of profiles."""
        sure = {text for text, times in self.times.items() if times.source == BUNDLE}
        return replace(self, times={text: self.times[text] for text in sure}).missing(operations)

    def grown(self, times: Mapping[str, Times]) -> "Table":
        """Return it with more kernels."""
        return replace(self, times={**self.times, **times})


def now() -> str:
    """Return the minute, in UTC."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%MZ")


def place(key: str) -> Path:
    """Return the file of a machine's table."""
    return directory() / f"kernels-{key}.jsonl"


def load(key: str, says: str = "", path: Path | None = None) -> Table | None:
    """Return the table of a machine by its key, None where there is none; ``path``: a file in place of its own.

    UsageError where the file is another machine's, another version's or is not a table.
    """
    chosen = path or place(key)
    try:
        text = chosen.read_text(encoding="utf-8")
    except FileNotFoundError:
        if path is None:
            return None
        raise UsageError(f"{path}: no such table of kernels; {_AGAIN}") from None
    except OSError as error:
        raise UsageError(f"{chosen}: the table cannot be read: {reason(error)}; {_AGAIN}") from error
    table = parse(text, str(chosen))
    if table.conditions.key != key:
        here = f", and this is {says}" if says else ""
        raise UsageError(
            f"{chosen}: expected the times of this machine, received those of {table.conditions.says}{here}; {_AGAIN}"
        )
    return table


def parse(text: str, what: str = "table") -> Table:
    """Read a table's text; a last line that was cut off is left out. UsageError for anything else."""
    first, *others = text.splitlines() or [""]
    try:
        head = json.loads(first)
        if head.pop("schema") != SCHEMA:
            raise ValueError
        head["cold"] = tuple((int(size), float(share)) for size, share in head["cold"])
        conditions = Conditions(**{name: value for name, value in head.items() if name in _CONDITIONS})
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UsageError(f"{what}: line 1: expected a table of kernels ({SCHEMA}); {_AGAIN}") from None
    return Table(conditions, dict(_entries(others)))


def _entries(lines: Iterable[str]) -> Iterator[tuple[str, Times]]:
    for line in lines:
        try:
            told = json.loads(line)
            yield json.dumps(told.pop("kernel"), separators=(",", ":")), Times(near_us=told.pop("near_us"), **told)
        except (ValueError, KeyError, TypeError, AttributeError):
            continue  # cut off, or of another version: that kernel is measured again


def store(table: Table, more: Mapping[str, Times]) -> Path:
    """Add kernels to the file of a table, which is begun where it is not there; BenchError where that fails."""
    path = place(table.conditions.key)
    try:
        with alone(path.parent):
            lines = [_line(text, times) for text, times in more.items()]
            if not path.exists() or not path.stat().st_size:
                head = json.dumps({"schema": SCHEMA, **asdict(table.conditions)})
                write_whole(path, "\n".join([head, *lines, ""]))
            elif lines:
                with path.open("a", encoding="utf-8") as file:
                    file.write("\n".join([*lines, ""]))
    except OSError as error:
        raise BenchError(
            f"{path}: the kernels cannot be kept there: {reason(error)}; free space, or set COSTLENS_CACHE"
        ) from error
    return path


def forget(key: str) -> None:
    """Remove a machine's table; BenchError where that fails."""
    try:
        place(key).unlink(missing_ok=True)
    except OSError as error:
        raise BenchError(f"{place(key)}: the table cannot be removed: {reason(error)}; remove it") from error


def _line(text: str, times: Times) -> str:
    return json.dumps({"kernel": json.loads(text), **asdict(times)}, separators=(",", ":"))
