"""``costlens profile``: words → models → the time of every layer, with its bound on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from costlens import runtimes
from costlens.analysis.roofline import row_bounds
from costlens.errors import BenchError, CostlensError
from costlens.results.layer_times import LayerTime, LayerTimes
from costlens.runtimes._profile import HOLD_GRAPHS
from costlens.sources.find import models, require
from costlens.tasks._timing import inputs_of, prepare, require_profiler, require_runtime, suited
from costlens.tasks._tools import Tools

if TYPE_CHECKING:
    from costlens.bench.protocol import Protocol
    from costlens.sources._source import Asked, Model
    from costlens.sources._word import Word


@dataclass(frozen=True, slots=True)
class Profiled:
    """Time per layer of what could be profiled, and why the others could not."""

    times: tuple[LayerTimes, ...]
    problems: tuple[str, ...] = ()


def profile(
    words: Sequence[str | Word], asked: Asked, plan: Protocol, *, processes: int | None = None, tools: Tools
) -> Profiled:
    """Measure the rows of every model that words name; ``plan`` says on what to run.

    Before anything is exported: UsageError where a word cannot be read or a model has no file, RuntimeUnavailable where
    the runtime does not report the time of its kernels.
    """
    runtimes.get(plan.runtime).profiler()
    require_runtime(plan)
    found = models(words, asked)
    require([model for model in found if not model.is_exported], "file", "profile runs model files")
    plan = suited(plan, found)
    require_profiler(plan, found)
    ready = prepare(found, tools, plan, any_batch=True)
    measured = profile_models(ready.models, plan, tools, processes)
    failed = tuple(f"{one.label}: {one.reason}" for one in ready.failed)
    return replace(measured, problems=(*failed, *measured.problems))


def profile_models(found: Sequence[Model], plan: Protocol, tools: Tools, processes: int | None = None) -> Profiled:
    """Measure the rows of models that have files; one that fails does not stop the others.

    Unless ``processes`` says how many, a third as many as time a model measure its rows, three at most.
    """
    from costlens.bench.attribution.run import PROCESSES

    processes = processes or max(1, min(plan.processes // 3, PROCESSES))
    times, problems = [], []
    for model in found:
        try:
            times.append(_layers(model, plan, processes, tools))
        except (CostlensError, OSError) as error:  # what was measured is not lost for it
            problems.append(str(error) if str(error).startswith(model.word.name) else f"{model.label}: {error}")
    return Profiled(tuple(times), tuple(problems))


def _layers(model: Model, plan: Protocol, processes: int, tools: Tools) -> LayerTimes:
    """Measure a model's rows, unfolded; a file at the batch that its inputs have."""
    from costlens.bench.attribution.summary import Named
    from costlens.bench.bounds import find
    from costlens.tasks import _profiled_kernels

    count, file = model.count, model.file
    if file is None:
        raise BenchError("it has no file to run")
    plan = plan if model.graph else replace(plan, batch=count.batch)
    inputs = inputs_of(model)
    options = replace(plan.options, inputs=inputs)
    of_file = Named(model.word.path.name, "", "")
    named = Named(count.name, count.title, count.variant, count.also) if model.graph else of_file
    unmeasured = [
        LayerTime(row.name, row.kind, 0.0, 0.0, (), (), "", row.macs, row.macs_share, row.traffic_bytes)
        for row in count.rows
    ]
    times = tools.profile(named, file, unmeasured, plan.runtime, options, processes)
    _profiled_kernels.keep(file, options, plan.runtime, times)
    times = replace(times, note=runtimes.said(inputs))
    known = find(times.fingerprint)
    if known is None:
        return times
    found = row_bounds(count, known, padded=model.graph is None)
    bounds = {row.name: bound for row, bound in zip(count.rows, found, strict=True) if row.kind not in HOLD_GRAPHS}
    rows = (
        replace(row, bound_us=bound.time_us, limited_by=bound.limited_by) if (bound := bounds.get(row.row)) else row
        for row in times.rows
    )
    return replace(times, rows=tuple(rows))
