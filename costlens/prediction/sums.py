"""Kernels → rows → a call: what a network would take, with an interval that says how sure that is."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp, hypot, log

from costlens.errors import UsageError
from costlens.network.graph import Graph
from costlens.prediction.classes import class_of
from costlens.prediction.kernels import Placed, kernels, stored_bytes
from costlens.prediction.model import Guess, Learned
from costlens.prediction.table import BUNDLE, Table, Times
from costlens.results.prediction import BASES, CONFIDENCE, Basis, PredictedRow, Prediction, weakest
from costlens.runtimes._operation import Operation, call_bytes

_SIGMAS = 1.96
"""An interval of 95 % reaches so many standard deviations to each side."""
_MOST_APART = 3.0
"""The logarithm of the largest factor: an interval of 20 times to both sides says that nothing is known."""
COMMON = 0.045
"""The standard deviation that all kernels of a network share: what stands beside them, and the machine's own pace.

Of 160 networks that were timed within two hours of their kernels, predictions were 3.7 % off, root mean square.
"""
LEAST_US = 0.15
"""What the runtime takes from one kernel to the next; what is shorter is so by the error of the profiler's cost."""
_ALIKE = 0.05
"""Times in and out of the cache that differ by less are one measured time."""
_PROFILER_US = 0.3
"""The error of what is taken off each kernel for the profiler; it is one for all kernels, so that it adds up."""
_BETWEEN = 0.25
"""The standard deviation of a time between the two, as a share of their distance."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A kernel's microseconds, their standard deviation, and where they come from."""

    microseconds: float
    sigma: float
    basis: Basis


def predict(graph: Graph, table: Table, threads: int = 1, batch: int = 1) -> Prediction:
    """Predict a graph's latency by a table, which is of one number of threads; UsageError where that is another.

    No kernel is measured here: those that are not in the table are modelled.
    """
    if threads != table.conditions.threads:
        raise UsageError(f"expected a table of {threads} threads, received one of {table.conditions.threads}")
    placed = kernels(graph, block=table.conditions.block, batch=batch)
    rows = [row.name for row in graph.rows()]
    weight_bytes = stored_bytes(graph, placed)
    return predict_kernels(placed, rows, table, name=graph.name, batch=batch, weight_bytes=weight_bytes)


def predict_kernels(
    placed: Sequence[Placed],
    rows: Iterable[str],
    table: Table,
    *,
    name: str = "",
    batch: int = 1,
    weight_bytes: int | None = None,
) -> Prediction:
    """Predict the latency of kernels that were found otherwise, as those of a model file; ``rows`` in their order.

    weight_bytes: of all weights together, where kernels share some; otherwise each has its own.
    """
    used = call_bytes([one.operation for one in placed], weight_bytes)
    cold = table.conditions.coldness(used)
    learned = _learned(table)
    found = [(one, estimate(one.operation, table, cold, learned)) for one in placed]
    by_row: dict[str, list[tuple[Placed, Estimate]]] = {row: [] for row in rows}
    for one, each in found:
        by_row.setdefault(one.row, []).append((one, each))
    predicted = tuple(_row(row, held) for row, held in by_row.items())
    total = sum(each.microseconds for _, each in found)
    milliseconds = (total + table.conditions.call_us) / 1e3
    low, high = _interval(milliseconds, hypot(_sigma(found), COMMON * total) / 1e3)
    spent: dict[Basis, float] = dict.fromkeys(BASES, 0.0)
    for _, each in found:
        spent[each.basis] += each.microseconds
    unknown = (one.operation.op for one, each in found if each.basis == "modelled")
    return Prediction(
        schema=Prediction.SCHEMA,
        name=name,
        title="",
        variant="",
        also=(),
        batch=batch,
        threads=table.conditions.threads,
        fingerprint=table.conditions.key,
        milliseconds=milliseconds,
        low=low,
        high=high,
        confidence=CONFIDENCE,
        call_ms=table.conditions.call_us / 1e3,
        cold=cold,
        working_set_bytes=used,
        shares={basis: us / total if total else 0.0 for basis, us in spent.items()},
        rows=predicted,
        missing=tuple(dict.fromkeys(unknown)),
    )


def estimate(operation: Operation, table: Table, cold: float, learned: Learned | None = None) -> Estimate:
    """Return what one kernel takes: between its times near, warm and out of the cache, or as others like it."""
    cold = own_coldness(operation, cold)
    times = table.find(operation)
    if times is None:
        guess = (learned or Learned(table)).guess(operation)
        us = max(LEAST_US, between(guess, cold))
        return Estimate(us, us * log(guess.factor) / _SIGMAS, "modelled")
    us = max(LEAST_US, between(times, cold))
    apart = abs(between(times, 1.0 if cold > 0 else -1.0) - times.warm_us)
    sigma = times.spread * us
    if times.source == BUNDLE and (apart <= _ALIKE * us or cold in (-1.0, 0.0, 1.0)):
        return Estimate(us, sigma, "measured")
    return Estimate(us, hypot(sigma, _BETWEEN * apart), "interpolated")


def own_coldness(operation: Operation, cold: float) -> float:
    """Return how far out of the cache a kernel is where its network is so far out.

    What reads no weights is never out of it: it reads what was just made, and makes it where others just were.
    """
    return cold if operation.weight_bytes else min(cold, 0.0)


def between(times: Times | Guess, cold: float) -> float:
    """Return the microseconds of a kernel at a working set: -1 is near, 0 warm, 1 cold.

    >>> [between(Times(10.0, 14.0, near_us=9.0), cold) for cold in (-1.0, -0.5, 0.0, 0.5, 1.0)]
    [9.0, 9.5, 10.0, 12.0, 14.0]
    """
    end = times.cold_us if cold > 0 else times.near_us
    return times.warm_us + abs(cold) * ((times.warm_us if end is None else end) - times.warm_us)


def _row(name: str, held: Sequence[tuple[Placed, Estimate]]) -> PredictedRow:
    us = sum(each.microseconds for _, each in held)
    low, high = _interval(us, hypot(_sigma(held), COMMON * us))
    ops = tuple(one.operation.op for one, _ in held)
    basis = weakest([each.basis for _, each in held])
    return PredictedRow(name, us / 1e3, low / 1e3, high / 1e3, basis, ops)


def _interval(time: float, sigma: float) -> tuple[float, float]:
    """Return the interval of a time, the same factor to both sides."""
    factor = exp(min(_MOST_APART, _SIGMAS * sigma / time)) if time else 1.0
    return time / factor, time * factor


def _sigma(held: Sequence[tuple[Placed, Estimate]]) -> float:
    """Return the standard deviation of a sum: errors of measuring are independent, the others are not."""
    modelled: defaultdict[str, float] = defaultdict(float)
    between = 0.0
    measured = []
    for one, each in held:
        if each.basis == "modelled":
            modelled[class_of(one.operation)] += each.sigma
        elif each.basis == "interpolated":
            between += each.sigma
        else:
            measured.append(each.sigma)
    known = sum(each.basis != "modelled" for _, each in held)
    return hypot(between, _PROFILER_US * known, *modelled.values(), *measured)


@lru_cache(maxsize=4)
def _learned(table: Table) -> Learned:
    return Learned(table)
