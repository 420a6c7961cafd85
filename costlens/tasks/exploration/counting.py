"""Points → counts, in any process: a job is plain text, and the same wherever it is done."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import NamedTuple, Protocol, Self

from costlens.arithmetic.precision import Precision
from costlens.errors import CostlensError, SpecError, UsageError, first_line
from costlens.results.counts import figures_of
from costlens.spec.family import Family, family
from costlens.spec.source import decoded
from costlens.storage.cache import code_key
from costlens.tasks.exploration.lines import Counted, Line, written
from costlens.tasks.exploration.members import Members, in_layers
from costlens.tasks.exploration.space import Point, Space, kinds, settings

_CALLED = re.compile(r" \((?:in (\S+), called at|included by) [^)]*\)$")
CHUNK = 100
"""The most points that go to a process at once: what it costs to send them is nothing beside counting."""

_COUNTS = (
    "network/**/*.py", "prediction/**/*.py", "spec/**/*.py", "arithmetic/*.py", "results/counts.py",
    "tasks/exploration/counting.py", "tasks/exploration/lines.py", "tasks/exploration/members.py",
)  # fmt: skip
"""The code that the counts come from."""


@dataclass(frozen=True, slots=True)
class Job:
    """A spec, by its name and with the texts of all files that it includes; its settings, and the axes of points.

    precision: of sizes; the spec's own where None. with_arena: whether an arena is planned. kernels: the table of
    kernels by which milliseconds are predicted; none where it is empty.
    """

    file: str
    texts: tuple[tuple[str, bytes], ...]
    settings: tuple[tuple[str, str], ...]
    axes: tuple[str, ...]
    precision: Precision | None = None
    with_arena: bool = False
    kernels: str = ""

    def family(self) -> Family:
        """Read the spec; SpecError with what nothing can be read behind."""
        held = dict(self.texts)

        def read(name: str) -> bytes:
            if name not in held:
                raise UsageError(f"{name}: was not read when the exploration began")
            return held[name]

        return family(decoded(held[self.file], self.file), self.file, read)


class Asked(NamedTuple):
    """A point to count: its number, and its values on the axes of the job."""

    number: int
    values: Point


Chunk = Sequence[Asked]


class Executor(Protocol):
    """Counts the chunks of a job somewhere, in any order; a context, within which there is somebody who counts."""

    def map(self, job: Job, chunks: Iterable[Chunk]) -> Iterator[Line]:
        """Yield the line of each chunk, each once; chunks are taken as there is somebody to count them.

        To close the iterator ends what is under way.
        """
        ...

    def __enter__(self) -> Self:
        """Begin what counts; nothing where that is this process."""
        return self

    def __exit__(self, *_: object) -> None:
        """End what counts."""
        return


def chunks(points: Space, left: Iterable[int], family: Family) -> Iterator[Chunk]:
    """Yield the points that are left in chunks; those of the same layers are in one, as these are expanded once."""
    read = in_layers(family)
    deciding = [place for place, axis in enumerate(points.axes) if axis.glob or axis.name in read]

    def layers(asked: Asked) -> list[str]:
        return [asked.values[place] for place in deciding]

    chunk: list[Asked] = []
    for _, alike in groupby(sorted((Asked(number, points.points[number]) for number in left), key=layers), key=layers):
        group = [*alike]
        if chunk and len(chunk) + len(group) > CHUNK:
            yield chunk
            chunk = []
        chunk += group
        while len(chunk) > CHUNK:
            yield chunk[:CHUNK]
            chunk = chunk[CHUNK:]
    if chunk:
        yield chunk


def code() -> str:
    """Return a digest of the code that counts: where it is equal, so are the lines of a chunk."""
    return code_key(_COUNTS)


def count(job: Job, chunk: Chunk) -> Line:
    """Count the points of a chunk."""
    members = _members(job)
    return written(_counted(members, job, asked) for asked in chunk)


def _counted(members: Members, job: Job, asked: Asked) -> Counted:
    try:
        found = settings(job.axes, asked.values)
        member = members.member({**dict(job.settings), **found}, kinds(job.axes, asked.values))
    except CostlensError as error:
        return Counted(asked.number, "", None, _why(error))
    except (ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError, TypeError, ValueError) as error:
        why = f"an internal error, please report: {type(error).__name__}: {first_line(error)}"
        return Counted(asked.number, "", None, why)
    return Counted(asked.number, member.identity, figures_of(member.totals), "", member.predicted_ms)


def _why(error: CostlensError) -> str:
    """Return the first thing that is wrong, its file by name; how many others there are would tell equal ones apart."""
    if not isinstance(error, SpecError):
        return first_line(error)
    first = error.problems[0]
    said = _CALLED.sub(lambda found: f" (in {found[1]})" if found[1] else "", first.message)
    return f"{Path(first.file).name}:{first.line}: {first.path + ': ' if first.path else ''}{said}"


@lru_cache(maxsize=1)
def _members(job: Job) -> Members:
    if not job.kernels:
        return Members(job.family(), job.precision, with_arena=job.with_arena)
    from costlens.prediction.table import parse

    return Members(job.family(), job.precision, with_arena=job.with_arena, kernels=parse(job.kernels))
