"""``costlens plot``: words → models side by side by two figures, or the result that has the chart that is asked for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costlens.analysis.pareto import LATENCY, front_of
from costlens.bench.verdict import margin_of
from costlens.errors import BenchError, UsageError
from costlens.sources.find import models
from costlens.sources.report import STEM
from costlens.tasks import explain
from costlens.tasks import profile as profiling
from costlens.tasks.compare import compare

if TYPE_CHECKING:
    from costlens.bench.protocol import Protocol
    from costlens.results.comparison import Comparison
    from costlens.results.layer_times import LayerTimes
    from costlens.results.memory import MemoryExplanation
    from costlens.results.stored import Document
    from costlens.sources._source import Asked
    from costlens.tasks._tools import Tools

NO_TIMES = "none of these has a time; add --bench, or name reports or runs that hold times"
_LAYER_TIMES = "it needs the time of each layer; add --bench, or name a report that holds it"
_RUN = "costlens.run/"


def compared(words: Sequence[str], asked: Asked, plan: Protocol | None, *, timed: str = "", tools: Tools) -> Comparison:
    """Compare the models that words name, with a plan timed.

    timed: the option that needs times; UsageError where no model has one.
    """
    found = compare(words, asked, plan, tools=tools)
    if timed and all(model.time is None for model in found.models):
        raise UsageError(f"{timed}: {NO_TIMES}")
    return found


def front(comparison: Comparison, x: str, y: str) -> list[bool | None]:
    """Say of each model whether no other is better in both figures; None where one of them is not sure."""
    timing = comparison.timing
    if LATENCY in (x, y) and timing and timing.too_noisy:
        return [None] * len(comparison.models)
    return front_of(comparison.models, (x, y), margin_of(timing.protocol.threshold) if timing else 0.0)


def counted(words: Sequence[str], asked: Asked) -> list[Any]:
    """Return the counts of the models that words name."""
    return [model.count for model in models(words, asked)]


def planned(words: Sequence[str], asked: Asked) -> MemoryExplanation:
    """Return the arena plan of the one model that words name; UsageError where they name several."""
    found = models(words, asked)
    if len(found) != 1:
        raise UsageError(f"--chart arena: is of one network, received {len(found)}; name one")
    return explain.memory(found[0])


def profiled(words: Sequence[str], asked: Asked, plan: Protocol | None, *, tools: Tools) -> tuple[LayerTimes, ...]:
    """Time the layers of the models that words name; UsageError without a plan, BenchError where that failed."""
    if plan is None:
        raise UsageError(f"--chart roofline: {_LAYER_TIMES}")
    found = profiling.profile(words, asked, plan, tools=tools)
    if found.problems:
        raise BenchError("not profiled: " + "\n".join(found.problems))
    return found.times


def stored(words: Sequence[str]) -> Document | None:
    """Return the result that a single word's file holds, as a command wrote it; None where it holds no such result.

    A report's folder stands for its report; of a list of results there must be one. A run is models to be compared, and
    no result to be shown. UsageError for a result of another version.
    """
    (word, *others) = words
    path = Path(word) / f"{STEM}.json" if Path(word).is_dir() else Path(word)
    if others or path.suffix.lower() != ".json" or not path.is_file():
        return None
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if isinstance(held, list):
        if len(held) != 1:
            raise UsageError(f"{path}: holds {len(held)} results; keep a single one, of one network")
        (held,) = held
    from costlens.results.stored import document_of

    return None if _is_run(held) else document_of(held, str(path))


def _is_run(held: Any) -> bool:
    return isinstance(held, dict) and str(held.get("schema", "")).startswith(_RUN)
