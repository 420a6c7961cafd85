"""Points → counts, in any process: a job is plain text, and the same wherever it is done."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, Protocol

from costlens.arithmetic.precision import Precision
from costlens.errors import CostlensError, SpecError, UsageError, first_line
from costlens.results.counts import Totals
from costlens.spec.family import Family, family
from costlens.spec.source import decoded
from costlens.tasks.exploration.members import Members, Rules

_CALLED = re.compile(r" \((?:in (\S+), called at|included by) [^)]*\)$")
CHUNK = 100
"""The most points that go to a process at once: what it costs to send them is nothing beside counting."""


@dataclass(frozen=True, slots=True)
class Job:
    """A spec, by its name and with the texts of all files that it includes, and what of it is counted.

    precision: of sizes; the spec's own where None. with_arena: whether an arena is planned.
    """

    file: str
    texts: tuple[tuple[str, bytes], ...]
    precision: Precision | None = None
    with_arena: bool = False

    def family(self) -> Family:
        """Read the spec; SpecError with what nothing can be read behind."""
        held = dict(self.texts)

        def read(name: str) -> bytes:
            if name not in held:
                raise UsageError(f"{name}: was not read when the exploration began")
            return held[name]

        return family(decoded(held[self.file], self.file), self.file, read)


class Asked(NamedTuple):
    """A point to count: its number, its knobs and its kinds by globs."""

    number: int
    settings: Mapping[str, str]
    kinds: Rules


class Counted(NamedTuple):
    """What a point is: the same ``identity`` where the network is, and its totals; or why there is no network."""

    number: int
    identity: str
    totals: Totals | None
    reason: str


class Executor(Protocol):
    """Counts the chunks of a job somewhere, in any order."""

    def map(self, job: Job, chunks: Sequence[Sequence[Asked]]) -> Iterator[list[Counted]]:
        """Yield what the points of each chunk are, each chunk once; to close the iterator ends what is under way."""


def count(job: Job, chunk: Sequence[Asked]) -> list[Counted]:
    """Count the points of a chunk."""
    members = _members(job)
    return [_counted(members, asked) for asked in chunk]


def _counted(members: Members, asked: Asked) -> Counted:
    try:
        member = members.member(asked.settings, asked.kinds)
    except CostlensError as error:
        return Counted(asked.number, "", None, _why(error))
    except (ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError, TypeError, ValueError) as error:
        why = f"an internal error, please report: {type(error).__name__}: {first_line(error)}"
        return Counted(asked.number, "", None, why)
    return Counted(asked.number, member.identity, member.totals, "")


def _why(error: CostlensError) -> str:
    """Return the first thing that is wrong, its file by name, and how many others there are."""
    if not isinstance(error, SpecError):
        return first_line(error)
    first, *others = error.problems
    more = f" (and {len(others)} more)" if others else ""
    said = _CALLED.sub(lambda found: f" (in {found[1]})" if found[1] else "", first.message)
    return f"{Path(first.file).name}:{first.line}: {first.path + ': ' if first.path else ''}{said}{more}"


@lru_cache(maxsize=1)
def _members(job: Job) -> Members:
    return Members(job.family(), job.precision, with_arena=job.with_arena)
