"""The table of this machine's kernels, grown by what is missing, and the kernels of models that are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from costlens import runtimes
from costlens.arithmetic.units import plural
from costlens.errors import BenchError, CostlensError, MachineSlow, UsageError
from costlens.prediction.kernels import Placed, kernels, stored_bytes
from costlens.prediction.table import Conditions, Table, Times, by_caches, forget, load, now, place, store

if TYPE_CHECKING:
    from pathlib import Path

    from costlens.bench.kernels import Timed, TimedKernels
    from costlens.runtimes._onnxruntime_operations import Run
    from costlens.runtimes._operation import Operation
    from costlens.sources._source import Model
    from costlens.tasks._tools import Tools

LAYOUT = "layout"
"""The row of kernels that belong to no row of a model file."""
ON_THE_SPOT_S = 10.0
"""Kernels that are missing are timed without being asked to where that takes no longer."""
_QUICK_PASSES = 1
_EMPTY = Table(Conditions("", ""))


@dataclass(frozen=True, slots=True)
class Found:
    """The kernels of one model, each with its row, and the rows in their order.

    weight_bytes: of all weights, those that several kernels read once; None where that is not known.
    """

    placed: tuple[Placed, ...]
    rows: tuple[str, ...]
    weight_bytes: int | None


def here(threads: int) -> tuple[str, str]:
    """Return the key of this machine's table for a number of threads, and the machine in words.

    RuntimeUnavailable where the runtime whose kernels are meant is not installed.
    """
    from costlens.bench.machine import kernels_key, machine_facts

    runtime = runtimes.get(runtimes.DEFAULT)
    if not (versions := runtime.versions()):
        runtime.require("cpu")
    return kernels_key(machine_facts(), versions[0], threads)


def known(threads: int) -> Table | None:
    """Return this machine's table; None where no kernel was timed here."""
    return load(*here(threads))


def block() -> int:
    """Return how many channels the runtime probably keeps together, by the processor's vectors; a table knows it."""
    from costlens.bench.machine import machine_facts

    isa = machine_facts().cpu_isa
    return 16 if "avx512f" in isa else 8 if "avx2" in isa or "avx" in isa else 1


def found(model: Model, together: int, threads: int, batch: int) -> Found:
    """Return a model's kernels: those of a graph by the rules, those of a file by one run of it.

    UsageError where a model has neither.
    """
    if model.graph is not None:
        rows = tuple(row.name for row in model.graph.rows())
        placed = kernels(model.graph, block=together, batch=batch)
        return Found(placed, rows, stored_bytes(model.graph, placed))
    if model.file is None or model.runtime:
        raise UsageError(f"{model.word.name}: has no kernels of onnxruntime to predict; name its spec or its ONNX file")
    return _of_file(model, threads)


def _of_file(model: Model, threads: int) -> Found:
    from costlens.bench.attribution.join import assign
    from costlens.tasks._timing import inputs_of, unsettled

    if reason := unsettled(model, None):
        raise UsageError(f"{model.word.name}: {reason}")
    assert model.file is not None  # noqa: S101  # as found() asks
    rows = tuple(row.name for row in model.count.rows)
    run = run_of(model.file, runtimes.Options("cpu", threads, inputs=inputs_of(model)))
    assigned = assign(run.kernels, run.optimised, run.source, rows)
    placed = tuple(
        Placed(one.row or one.reader or LAYOUT, operation)
        for one, operation in zip(assigned, run.operations, strict=True)
    )
    every = (*rows, *([LAYOUT] if any(one.row == LAYOUT for one in placed) else []))
    return Found(placed, every, run.weight_bytes)


def run_of(file: Path, options: runtimes.Options) -> Run:
    """Run a file once and return its kernels; BenchError where it cannot be run."""
    from costlens.runtimes._onnxruntime_operations import operations
    from costlens.storage.files import scratch

    with scratch() as folder:
        return operations(file, options, folder)


def grown(
    table: Table | None, wanted: Iterable[Operation], threads: int, tools: Tools, *, passes: int = _QUICK_PASSES
) -> tuple[Table, TimedKernels]:
    """Time the kernels that a table lacks, keep them, and return the table with them.

    A table that was begun while the machine was slow is begun anew. Raises MachineTooNoisy, RuntimeUnavailable or
    BenchError.
    """
    from costlens.bench.pace import is_slow

    key, says = here(threads)
    wanted = tuple(wanted)
    is_quick = passes == _QUICK_PASSES
    lacking = _lacking(table, wanted) if is_quick else (table or _EMPTY).not_in_bundles(wanted)
    best_us = table.conditions.pace_us if table else 0.0
    try:
        timed = tools.time_kernels(lacking, threads, passes=passes, pace_us=best_us)
    except MachineSlow as slow:
        if not best_us:
            raise
        raise MachineSlow(f"{slow}; where it stays so, remove {place(key)}, which holds its best") from None
    if is_slow(best_us, timed.pace_us):
        forget(key)
        return grown(None, wanted, threads, tools, passes=passes)
    at = now()
    more = {one.operation.text: _times(one, at) for one in timed.timed}
    begun = table or Table(Conditions(key, says, threads, timed.block, timed.call_us, _by_sizes(), timed.pace_us))
    made = begun.grown(more)
    store(made, more)
    return made, timed


def _by_sizes() -> tuple[tuple[int, float], ...]:
    """Return where between their times kernels are, by the bytes that a call uses and the sizes of the caches."""
    from costlens.bench.machine import caches, last_level, own_cache, usable_last

    last, own = last_level(caches()), own_cache(caches())
    if last is None:
        return _EMPTY.conditions.cold
    own_bytes = own.bytes if own and own != last else 0
    return by_caches(usable_last(last.bytes, own_bytes), own_bytes or None)


def _times(one: Timed, at: str) -> Times:
    near_us = None if one.near_us is None else round(one.near_us, 3)
    return Times(round(one.warm_us, 3), round(one.cold_us, 3), round(one.spread, 4), at, near_us=near_us)


def _lacking(table: Table | None, wanted: Iterable[Operation]) -> Sequence[Operation]:
    return (table or _EMPTY).missing(wanted)


def seconds_to_time(table: Table | None, wanted: Iterable[Operation]) -> float:
    """Return about how long the kernels that a table lacks would take to time, once."""
    from costlens.bench.kernels import seconds_for

    lacking = _lacking(table, wanted)
    return seconds_for(len(lacking), _QUICK_PASSES) if lacking else 0.0


def not_timed(timed: TimedKernels) -> tuple[CostlensError, ...]:
    """Return why some kernels have no time: those that the runtime refuses, and those of slow moments."""
    said: list[CostlensError] = []
    if timed.refused:
        names = ", ".join(dict.fromkeys(operation.op for operation, _ in timed.refused))
        said.append(BenchError(f"not timed: {names}: {timed.refused[0][1]}; they are modelled by other kernels"))
    if timed.slow:
        number = plural(len(timed.slow), "kernel")
        why = "this machine was slower than at its best whenever they ran"
        said.append(MachineSlow(f"not timed: {number}: {why}; try again, or they are modelled by other kernels"))
    return tuple(said)
