"""The sentences that more than one format says about a comparison."""

from __future__ import annotations

from collections.abc import Iterable

from costlens.arithmetic import units
from costlens.formats import _prose
from costlens.results.comparison import Comparison

COST_ALONE = "Models are compared by what they cost; their accuracy is not looked at."
_APART = "≈: a quotient of stored medians, without interval and verdict; --bench times models side by side."
_FIGURES = {"params": "parameters", "macs": "MACs", "latency": "latency"}


def title(comparison: Comparison) -> str:
    """Name the network where there is one, else say how many models there are."""
    models = comparison.models
    one = models[0]
    if one.variant and len({(model.name, tuple(model.knobs.items())) for model in models}) == 1:
        return one.title or one.name or one.label
    return units.plural(len(models), "model")


def ratios(comparison: Comparison) -> str:
    """Say what ratios are to."""
    return f"÷ is to {comparison.first}."


def front(comparison: Comparison) -> list[str]:
    """Say which models are on the Pareto front, of what, and of which that cannot be said."""
    if not comparison.front_of:
        return ["No Pareto front: no figure is complete."]
    axes = [_FIGURES[axis] for axis in comparison.front_of]
    of = axes[0] if len(axes) == 1 else f"{', '.join(axes[:-1])} and {axes[-1]}"
    best = [model.label for model in comparison.models if model.front]
    open_ = " Where intervals leave open which of two is faster, neither rules the other out."
    said = [f"On the Pareto front of {of}: {', '.join(best)}.{open_ if 'latency' in comparison.front_of else ''}"]
    which = "one of these" if best else f"one of {of}"
    unsure = [model.label for model in comparison.models if model.front is None and not model.disagreement]
    disputed = [model.label for model in comparison.models if model.front is None and model.disagreement]
    return [
        *(said if best else []),
        *([f"Not placed, since {which} is not known or not complete: {', '.join(unsure)}."] if unsure else []),
        *([f"Not placed, since its verification failed: {label}." for label in disputed]),
    ]


def doubts(comparison: Comparison) -> list[str]:
    """Say what keeps models from being compared: failures, disagreements, open verdicts, ratios not measured."""
    lost = [f"{one.label}: failed: {one.reason}" for one in comparison.failed]
    disputed = [f"{model.label}: {model.disagreement}" for model in comparison.models if model.disagreement]
    timing = comparison.timing
    if timing is None:
        return [*lost, *disputed]
    models = comparison.models
    first = next(model for model in models if model.label == comparison.first)
    untimed = [f"{first.label} has no time, so times have no ratio to it."] if first.time is None else []
    ratios = [(model.label, model.time_ratio) for model in models if model.time_ratio]
    open_ = [f"{label}: inconclusive: {ratio.reason}." for label, ratio in ratios if ratio.verdict == "inconclusive"]
    apart = [_APART] if any(ratio.low is None for _, ratio in ratios) else []
    return [*lost, *_prose.failures(timing), *disputed, *untimed, *open_, *apart]


def resolution(comparison: Comparison) -> str:
    """Say what the machine resolves, where it was measured for this comparison."""
    return _prose.resolution(comparison.timing) if comparison.timing else ""


def measured(comparison: Comparison) -> list[str]:
    """Say on what and how times were taken, and what must be known of them."""
    timing = comparison.timing
    if timing is None:
        return []
    if not timing.measured:
        return [f"{_prose.conditions(timing)}; as stored in reports."]
    return [_prose.measured(timing), *timing.note.splitlines()]


def notes(comparison: Comparison) -> list[str]:
    """Return what a reader must know of models, each sentence once behind those it holds for."""
    return _shared((model.label, note) for model in comparison.models for note in model.notes)


def uncounted(comparison: Comparison) -> list[str]:
    """Return what was not counted, each once behind the models it is missing from."""
    return _shared((model.label, f"not counted: {what}") for model in comparison.models for what in model.uncounted)


def _shared(pairs: Iterable[tuple[str, str]]) -> list[str]:
    by_text: dict[str, list[str]] = {}
    for label, text in pairs:
        by_text.setdefault(text, []).append(label)
    return [f"{', '.join(labels)}: {text}" for text, labels in by_text.items()]
