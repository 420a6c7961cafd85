"""``costlens bench``: words → models → exported where they are specs → timed side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from costlens.errors import BenchError, UsageError, did_you_mean
from costlens.sources.find import by_name, models, require
from costlens.tasks._timing import least_times, prepare, require_runtime, suited, time_side_by_side, with_failed
from costlens.tasks._tools import Tools

if TYPE_CHECKING:
    from costlens.bench.protocol import Protocol
    from costlens.results.bounds import LeastTime
    from costlens.results.latency import LatencyReport
    from costlens.results.run import Run
    from costlens.sources._source import Asked, Model
    from costlens.sources._word import Word

TASK = "bench runs model files"


@dataclass(frozen=True, slots=True)
class Measured:
    """What was timed, the least times of the models whose counts are known, and what their proofs disagree on.

    models: those that have a file, with their counts.
    """

    latency: LatencyReport
    least: tuple[LeastTime, ...]
    disagreements: tuple[str, ...] = ()
    models: tuple[Model, ...] = ()

    @property
    def run(self) -> Run:
        """What is kept of it."""
        from costlens.results.run import Run, TimedModel

        kept = (
            TimedModel(one.label, replace(one.count, rows=()), dict(one.knobs), one.file_bytes) for one in self.models
        )
        return Run(Run.SCHEMA, tuple(kept), self.latency)


def bench(words: Sequence[str | Word], asked: Asked, plan: Protocol, *, baseline: str = "", tools: Tools) -> Measured:
    """Time the models that words name side by side.

    The baseline is the one named, else the standard variant of a single network, else the first model. UsageError
    before any export where a word cannot be read, or no model has the baseline's label.
    """
    require_runtime(plan)
    found = models(words, asked)
    require([model for model in found if not model.is_exported], "file", TASK)
    plan = suited(plan, found)
    wanted = baseline_of(found, baseline)
    ready = prepare(found, tools, plan)
    if not ready.models:
        raise BenchError("not timed: " + "\n".join(f"{one.label}: {one.reason}" for one in ready.failed))
    labels = [model.label for model in ready.models]
    latency = time_side_by_side(ready.models, wanted if wanted in labels else labels[0], plan, tools)
    disputed = tuple(f"{model.label}: {model.disagreement}" for model in ready.models if model.disagreement)
    return Measured(with_failed(latency, ready.failed), least_times(ready.models, latency), disputed, ready.models)


def baseline_of(found: Sequence[Model], name: str = "") -> str:
    """Return the label of the model that the others are compared with; UsageError where none has that name."""
    alone = len({model.word for model in found}) == 1
    wanted = name or ("standard" if alone else found[0].label)
    model = by_name(found, wanted)
    if model is None and name:
        known = ", ".join(one.label for one in found)
        hint = did_you_mean(name, [word for one in found for word in (one.label, *one.count.also)])
        raise UsageError(f"--baseline {name}: no model has that label{hint}; known: {known}")
    return (model or found[0]).label
