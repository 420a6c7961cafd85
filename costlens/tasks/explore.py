"""``costlens explore``: a spec and a space → points → counts, a front and reasons.

What a run has counted is kept, so the same command goes on where it stopped. Points are counted in any order and told
in that of the space, so a result does not depend on what counted it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from costlens.arithmetic.precision import Precision
from costlens.arithmetic.units import plural
from costlens.errors import BenchError, SpecError, UsageError, did_you_mean
from costlens.network.variants import reach, sites, unmatched
from costlens.results.counts import FIGURES
from costlens.results.exploration import PREDICTED, Exploration, FrontAxis
from costlens.sources._word import Word
from costlens.sources._word import word as word_of
from costlens.sources.find import one_file, source_of
from costlens.spec.family import Family
from costlens.tasks._tools import Tools
from costlens.tasks.exploration.constraint import constraint
from costlens.tasks.exploration.counting import CHUNK, Executor, Job, chunks
from costlens.tasks.exploration.journal import Journal
from costlens.tasks.exploration.lines import Counted, Line, read
from costlens.tasks.exploration.listed import read_points
from costlens.tasks.exploration.outcome import outcome
from costlens.tasks.exploration.pool import Here, Pool
from costlens.tasks.exploration.reading import read_family
from costlens.tasks.exploration.space import Space, axis, kind_axis, space

FRONT = ("macs", "params")
_IN_ONE_PROCESS = 4 * CHUNK
"""So few points are counted before a second process has started."""
_LARGER = ":max"
_TIME = ("latency", "latency_ms")
"""Other words for a predicted time."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What to explore: axes as options have them, or a file of points; constraints; and what the front is of.

    sample: so many points of the space, drawn by the seed. workers: processes; as many as there are cores where None.
    cluster: the Dask cluster that counts in their place (``Cluster``).
    precision: of sizes; the spec's own where None. arena, predict: plan one, and predict milliseconds, for each point,
    where nothing here names them either.
    """

    set: Sequence[str] = ()
    kinds: Sequence[str] = ()
    sample: int | None = None
    seed: int = 0
    sampler: str = "sobol"
    points: Path | None = None
    where: Sequence[str] = ()
    front: Sequence[str] = FRONT
    workers: int | None = None
    cluster: str = ""
    precision: Precision | None = None
    arena: bool = False
    predict: bool = False

    def space(self) -> Space:
        """Return the points; UsageError where they are none."""
        if self.points is None:
            axes = [*map(axis, self.set), *map(kind_axis, self.kinds)]
            return space(axes, self.sample, seed=self.seed, sampler=self.sampler)
        if self.set or self.kinds or self.sample is not None:
            raise UsageError("--from lists the points; leave out --set, --kind and --sample")
        return read_points(self.points)


def explore(given: str | Word, wish: Wish, *, tools: Tools, executor: Executor | None = None) -> Exploration:
    """Count every point of a space.

    UsageError for a word that is no spec, and for a space, a constraint or a figure of the front that cannot be;
    SpecError for what is wrong with the spec whatever the point is. A point that cannot be keeps its reason.
    """
    word = spec_word(given)
    points = wish.space()
    with executor or _executor(wish, len(points.points)) as counting:
        family, texts = read_family(word)
        spec = family.at(word.settings)
        settings = {name: str(value) for name, value in word.settings.items()}
        _require_axes(points, family, settings)
        _require_kinds(points, sites(spec.graph))
        limits = [constraint(one, spec.knobs) for one in wish.where]
        axes = [_front_axis(one, spec.knobs) for one in wish.front]
        planned = wish.arena or any("arena" in one for one in (*wish.where, *wish.front))
        timed = wish.predict or any(one.is_of_time for one in limits) or any(one.name == PREDICTED for one in axes)
        job = Job(
            word.path.as_posix(),
            texts,
            tuple(settings.items()),
            points.names,
            wish.precision,
            planned,
            _table() if timed else "",
        )
        knobs = {**spec.knobs, **settings}
        with Journal(job, points.described, len(points.points)) as journal:
            counted = _counted(job, points, family, journal, counting, tools)
            made = outcome(points, counted, limits, axes, knobs)
    return Exploration(
        Exploration.SCHEMA,
        spec.name,
        spec.title,
        points.names,
        {name: value for name, value in knobs.items() if name not in points.names},
        tuple(wish.where),
        tuple(axes),
        made,
    )


def spec_word(given: str | Word) -> Word:
    """Return what names one spec, alone; UsageError for anything else."""
    one = one_file([given], "explore")
    word = one if isinstance(one, Word) else word_of(one)
    if word.code or word.live is not None or not source_of(word).has_knobs:
        raise UsageError(f"{word.text}: has no knobs; explore walks the family of a spec (.yaml)")
    if word.variant or word.kinds:
        raise UsageError(f"{word.text}: names a variant; write the spec alone, and --kind '*={word.variant or 'KIND'}'")
    return word


def _require_axes(points: Space, family: Family, settings: Mapping[str, str]) -> None:
    """Refuse knobs that are none, and values that a knob cannot have."""
    for one in points.axes:
        if one.glob:
            continue
        if one.name in settings:
            raise UsageError(f"--set {one.name}: is set behind ? in the word, too; keep one")
        for value in one.values:
            try:
                family.knobs({one.name: value} if value else {})
            except SpecError as error:
                raise UsageError(str(error)) from None


def _require_kinds(points: Space, names: Sequence[str]) -> None:
    """Refuse globs that match nothing, where no knob can change that."""
    globs = [one.glob for one in points.axes]
    if all(globs):
        for glob, reached in reach(globs, names).items():
            if not reached:
                raise UsageError(f"--kind {unmatched(glob, names)}")


def _table() -> str:
    """Return the text of this machine's table of kernels, of one thread; UsageError where no kernel was timed."""
    from costlens.prediction.table import load, place
    from costlens.tasks._kernels import here

    key, says = here(1)
    if load(key, says) is None:
        raise UsageError(
            f"{PREDICTED}: no kernel was timed on this machine yet; time those of the spec first, which takes some "
            "minutes: costlens machine --kernels SPEC"
        )
    return place(key).read_text(encoding="utf-8")


def _front_axis(written: str, knobs: Mapping[str, object]) -> FrontAxis:
    """Read a figure or a knob, ``:max`` behind it where more is better."""
    name = written.strip().removesuffix(_LARGER)
    name = PREDICTED if name in _TIME else name
    known = (*FIGURES, PREDICTED, *(knob for knob, value in knobs.items() if isinstance(value, int | float)))
    if name not in known:
        raise UsageError(
            f"--front {written}: {name or 'nothing'}: unknown figure{did_you_mean(name, known)}"
            f"; known: {', '.join(known)}"
        )
    return FrontAxis(name, larger=written.strip().endswith(_LARGER))


def _executor(wish: Wish, points: int) -> Executor:
    if wish.cluster:
        from costlens.tasks.exploration.cluster import Cluster

        return Cluster(wish.cluster, wish.workers)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    number = wish.workers or cores
    return Here() if number == 1 or (wish.workers is None and points <= _IN_ONE_PROCESS) else Pool(number)


def _counted(
    job: Job, points: Space, family: Family, journal: Journal, executor: Executor, tools: Tools
) -> Iterator[Counted]:
    """Yield the points that earlier runs counted, then the others; each chunk is kept as it comes."""
    number = len(points.points)
    known = set()
    for one in journal.known():
        known.add(one.number)
        yield one
    if 0 < len(known) < number:
        tools.note(f"{len(known):,} of {number:,} points were counted before; going on from there")
    elif not known:
        for stopped in journal.others():
            tools.note(f"{job.file}: an earlier run stopped at {stopped}; this one begins anew")
    left = [place for place in range(number) if place not in known]
    for line in _watched(executor.map(job, chunks(points, left, family)), len(known), number, tools):
        journal.add(line.text)
        yield from read(line.text) or ()


def _watched(lines: Iterator[Line], done: int, number: int, tools: Tools) -> Iterator[Line]:
    """Pass lines on, and tell how many points are counted, at what rate, and how long the rest takes."""
    began, before = time.monotonic(), done
    tools.observe("explore", done, number, plural(number, "point"))
    for line in lines:
        done += line.points
        yield line
        rate = (done - before) / max(time.monotonic() - began, 1e-3)
        tools.observe("explore", done, number, f"{rate:,.0f} points/s, {(number - done) / rate:,.0f} s left")
    if done < number:
        raise BenchError(f"{plural(number - done, 'point')} of {number:,} were not counted; the same command goes on")
