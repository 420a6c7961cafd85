"""``costlens predict``: words → models → their kernels → milliseconds, by the table of this machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from costlens.errors import CostlensError, UsageError
from costlens.prediction.sums import predict_kernels
from costlens.sources.find import models
from costlens.tasks import _kernels
from costlens.tasks._timing import called

if TYPE_CHECKING:
    from costlens.prediction.table import Table
    from costlens.results.prediction import Prediction
    from costlens.runtimes._operation import Operation
    from costlens.sources._source import Asked, Model
    from costlens.sources._word import Word
    from costlens.tasks._tools import Tools


@dataclass(frozen=True, slots=True)
class Predicted:
    """What was predicted, why others were not, and what could not be timed for it."""

    predictions: tuple[Prediction, ...]
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def predict(
    words: Sequence[str | Word],
    asked: Asked,
    *,
    threads: int = 1,
    measure: bool | None = None,
    tools: Tools,
) -> Predicted:
    """Predict the latency of every model that words name.

    measure: time the kernels that are missing, or none of them; where it is None, that is done if it takes seconds.
    UsageError where nothing is known of this machine's kernels, or a table is another machine's.
    """
    return predict_models(models(words, asked), asked.batch, threads=threads, measure=measure, tools=tools)


def predict_models(
    found: Sequence[Model], batch: int, *, threads: int = 1, measure: bool | None = None, tools: Tools
) -> Predicted:
    """Predict the latency of models; one that fails does not stop the others."""
    table = _kernels.known(threads)
    together = table.conditions.block if table else _kernels.block()
    ready: list[tuple[Model, _kernels.Found]] = []
    problems = []
    for model in found:
        try:
            ready.append((model, _kernels.found(model, together, threads, batch)))
        except CostlensError as error:
            problems.append(str(error))
    table, notes = _enough(table, [each for _, each in ready], threads, measure, tools)
    if table is None or not table.times:
        why = "".join(f": {one}" for one in notes)
        raise UsageError(
            f"no kernel was timed yet on this machine ({_kernels.here(threads)[1]}){why}; time them first: "
            f"costlens machine --kernels {found[0].word.text}"
        )
    return Predicted(tuple(_predicted(*each, table) for each in ready), tuple(problems), notes)


def _enough(
    table: Table | None, found: Sequence[_kernels.Found], threads: int, measure: bool | None, tools: Tools
) -> tuple[Table | None, tuple[str, ...]]:
    """Return the table with what is missing where that is to be timed, and what a reader must know of it."""
    wanted = [one.operation for each in found for one in each.placed]
    needed_s = 0.0 if measure is False else _kernels.seconds_to_time(table, wanted)
    if not needed_s:
        return table, ()
    if measure is None and needed_s > _kernels.ON_THE_SPOT_S:
        return table, (f"Kernels that are missing are modelled; --measure times them, in about {needed_s:.0f} s.",)
    try:
        table, timed = _kernels.grown(table, wanted, threads, tools)
    except CostlensError as error:
        if measure or table is None:
            raise
        return table, (str(error),)
    return table, tuple(map(str, _kernels.not_timed(timed)))


def _predicted(model: Model, kernels: _kernels.Found, table: Table) -> Prediction:
    count = model.count
    made = predict_kernels(
        kernels.placed, kernels.rows, table, name=count.name, batch=count.batch, weight_bytes=kernels.weight_bytes
    )
    made = replace(made, title=count.title, variant=count.variant, also=count.also)
    return with_bounds(model, made)


def with_bounds(model: Model, made: Prediction) -> Prediction:
    """Return a prediction with the least times of its rows, where this machine's peak and bandwidth are kept."""
    from costlens.analysis.roofline import row_bounds
    from costlens.bench import bounds

    if not bounds.is_kept():
        return made
    machine = bounds.here()
    of_threads = (
        [one for one in machine.bounds if one.threads == made.threads and one.precision == "fp32"] if machine else []
    )
    if not of_threads:
        return made
    found = row_bounds(model.count, of_threads[0], padded=model.graph is None)
    by_row = {row.name: one.time_us / 1e3 for row, one in zip(model.count.rows, found, strict=True) if one is not None}
    rows = tuple(replace(row, bound_ms=by_row.get(row.name)) for row in made.rows)
    whole = sum(by_row.values()) if None not in found else None
    return replace(made, rows=rows, bound_ms=whole)


def fill(words: Sequence[str | Word], asked: Asked, *, threads: int = 1, tools: Tools) -> Filled:
    """Time the kernels of models that this machine's table lacks, each in several processes, and keep them."""
    table = _kernels.known(threads)
    together = table.conditions.block if table else _kernels.block()
    wanted = []
    for model in models(words, asked):
        tools.observe("kernels", 0, 1, called(model))
        wanted += [one.operation for one in _kernels.found(model, together, threads, asked.batch).placed]
    return _filled(table, wanted, threads, tools)


def fill_with_bank(*, threads: int = 1, tools: Tools) -> Filled:
    """Time the kernels of common sizes that this machine's table lacks, so that it tells of others; keep them."""
    from costlens.tasks._bank import bank

    table = _kernels.known(threads)
    return _filled(table, bank(table.conditions.block if table else _kernels.block()), threads, tools)


def _filled(table: Table | None, wanted: Sequence[Operation], threads: int, tools: Tools) -> Filled:
    from costlens.bench.kernels import most_passes

    lacking = len(table.not_in_bundles(wanted)) if table else 1
    if not lacking and table:
        return Filled(table.conditions.says, len(table.times), 0)
    table, timed = _kernels.grown(table, wanted, threads, tools, passes=most_passes(threads))
    own = {one.text for one in wanted}
    added = sum(one.operation.text in own for one in timed.timed)
    return Filled(table.conditions.says, len(table.times), added, _kernels.not_timed(timed))


@dataclass(frozen=True, slots=True)
class Filled:
    """How many kernels this machine's table holds, how many of them were timed now, and why others were not."""

    machine: str
    kernels: int
    timed: int
    failures: tuple[CostlensError, ...] = ()
