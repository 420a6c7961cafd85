"""The sentences that more than one format says about a diff."""

from __future__ import annotations

from collections import Counter

from costlens.arithmetic import units
from costlens.formats import _prose
from costlens.results.diff import HASH_SHOWN, Diff, End, KnobChange, LayerChange, SpecDiff, TotalDelta
from costlens.results.diff_columns import delta, share, side, time_ratio, total_name

MAIN = ("params", "macs", "weight_bytes", "peak_activation_bytes")
"""The totals that stand outside the fold, moved or not."""
_UNCOUNTED = "no difference in what is counted"
UNREADABLE = "can be read on neither side, so nobody knows whether it is the same"
_COUNTED = {
    "changed": "changed",
    "same_cost": "of the same cost",
    "added": "added",
    "deleted": "deleted",
    "broken": "broken",
    "base_broken": "broken in base",
}
_WHY = {"macs": "MACs", "params": "parameters"}


def summary(diff: Diff) -> str:
    """Say in one sentence what differs.

    >>> from costlens.results.diff import End
    >>> summary(Diff("costlens.diff/1", End("main"), End("working tree"), (), unchanged=3))
    'No spec differs from main; 3 are the same.'
    """
    same = (
        f"; {units.plural(diff.unchanged, 'is', '')} the same"
        if diff.unchanged == 1
        else f"; {diff.unchanged} are the same"
    )
    same = same if diff.unchanged else ""
    if not diff.specs:
        return f"No spec differs from {end(diff.base)}{same}."
    found = Counter(str(spec.standing) for spec in diff.specs)
    told = ", ".join(f"{found[standing]} {word}" for standing, word in _COUNTED.items() if found[standing])
    differs = "differs" if len(diff.specs) == 1 else "differ"
    return f"{units.plural(len(diff.specs), 'spec')} {differs} from {end(diff.base)}: {told}{same}."


def ends(diff: Diff) -> str:
    """Name both sides."""
    return f"{end(diff.base)} → {end(diff.head)}"


def end(end: End) -> str:
    """Name a side; of a commit's whole number the beginning says enough."""
    return end.name[:HASH_SHOWN] if end.name == end.commit else end.name


def shown_totals(spec: SpecDiff) -> list[TotalDelta]:
    """Return the main totals; where none of them moved, also the others that did."""
    moved = any(total.delta or not total.sure for total in spec.totals if total.figure in MAIN)
    return [total for total in spec.totals if total.figure in MAIN or (total.delta and not moved)]


def cost(spec: SpecDiff) -> str:
    """Say what the totals of a spec that moved were and are, in one sentence without details."""
    if spec.standing == "same_cost":
        return "no change in cost" + (": the network is the same" if spec.same_graph else "")
    if spec.counted_alike:
        return _UNCOUNTED
    told = []
    for total in shown_totals(spec):
        if total.delta or not total.sure:
            before, after = side(total, "base"), side(total, "head")
            difference = ", ".join(part for part in (delta(total), share(total)) if part)
            figures = f"{before} → {after} ({difference})" if before and after else after or before
            told.append(f"{total_name(total)} {figures}")
    return "; ".join(told) or "the same totals, layer by layer another cost"


def notes(diff: Diff) -> list[str]:
    """Say what a reader must know of the whole diff."""
    return [*diff.notes, *(f"{path}: {UNREADABLE}" for path in diff.unreadable)]


def knobs(spec: SpecDiff) -> list[str]:
    """Say which knobs are set otherwise."""
    return [_knob(knob) for knob in spec.knobs]


def _knob(knob: KnobChange) -> str:
    if knob.base is None or knob.head is None:
        return f"knob {knob.name}: {f'new, {knob.head}' if knob.base is None else f'gone, was {knob.base}'}"
    if knob.was:
        return f"knob {knob.name} = {knob.head}: was called {knob.was}"
    return f"knob {knob.name}: {knob.base} → {knob.head}"


def doubts(spec: SpecDiff) -> list[str]:
    """Say what keeps differences from being told for sure, or at all."""
    told = [f"base cannot be read, so head stands alone: {spec.base_problem}"] if spec.base_problem else []
    told += [f"base, not counted: {what}" for what in spec.base_uncounted]
    told += [f"head, not counted: {what}" for what in spec.head_uncounted]
    return told


def remarks(spec: SpecDiff) -> list[str]:
    """Say what a reader must know besides the tables."""
    told = []
    if spec.standing == "same_cost":
        layers = [change for change in spec.changes if change.change == "changed"]
        if spec.same_graph:
            told.append("No change in cost: the network is the same, layer for layer.")
        elif layers:
            told.append(f"No change in cost, though {units.plural(len(layers), 'layer')} changed.")
        elif spec.changes:
            told.append("No change in cost: layers have other names.")
        else:
            told.append("No change in cost.")
    if spec.counted_alike:
        told.append(f"{_UNCOUNTED.capitalize()}; what is not counted may differ.")
    peak = spec.total("peak_activation_bytes")
    if spec.peak_at and peak and peak.delta is not None and spec.peak_at.base != spec.peak_at.head:
        told.append(f"most is alive at {spec.peak_at.head}, in base at {spec.peak_at.base}")
    return [*told, *knobs(spec)]


def times(spec: SpecDiff) -> list[str]:
    """Say what the measurement found, or why there is none."""
    latency = spec.latency
    if latency is None:
        why = spec.failed or spec.disagreement or spec.untimed
        return [f"not timed: {why}"] if why else []
    medians = " → ".join(units.milliseconds(model.median_ms) for model in latency.models)
    told = [f"time: {time_ratio(spec)} ({medians})"] if spec.ratio else []
    return [*told, *unsettled(spec), *([] if latency.too_noisy else [_prose.resolution(latency)])]


def unsettled(spec: SpecDiff) -> list[str]:
    """Say what keeps a measurement from being an answer."""
    latency = spec.latency
    if latency is None:
        return [f"not timed: {spec.failed or spec.disagreement}"] if spec.failed or spec.disagreement else []
    noisy = [_prose.resolution(latency)] if latency.too_noisy else []
    return [*noisy, *_prose.open_verdicts(latency), *_prose.failures(latency)]


def measured(spec: SpecDiff) -> list[str]:
    """Say on what and how times were taken."""
    latency = spec.latency
    return [_prose.measured(latency), " ".join(latency.note.splitlines())] if latency else []


def order(diff: Diff, spec: SpecDiff) -> str:
    """Say by what layers are ordered, where that is not their place in the network."""
    total = spec.total(diff.why) if diff.why else None
    if total is None or not spec.changes:
        return ""
    return f"Layers by what they contributed to the difference in {_WHY[total.figure]}: {delta(total)}."


def layers(changes: tuple[LayerChange, ...], unchanged: int) -> str:
    """Say how many layers differ, and how.

    >>> layers((), 12)
    'no layer differs, 12 rows are the same'
    """
    found = Counter(change.change for change in changes)
    told = ", ".join(f"{count} {word}" for word, count in sorted(found.items())) or "no layer differs"
    return f"{told}, {units.plural(unchanged, 'row')} {'is' if unchanged == 1 else 'are'} the same"
