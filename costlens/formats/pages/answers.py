"""Answers: models beside a first one, in one sentence. The numbers of a table that a reader came for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING

from costlens.results.columns import times
from costlens.results.counts import AS_WRITTEN
from costlens.results.verdict import CONFIDENCE

if TYPE_CHECKING:
    from costlens.results.comparison import TimeRatio
    from costlens.results.latency import LatencyRatio

_APART = log(1.1)
"""MACs and time whose ratios are closer than this say the same."""
_ALIKE = 0.05
"""MACs that differ by less are as good as equal."""


@dataclass(frozen=True, slots=True)
class Beside:
    """A model over the first: its MACs and parameters, None where not known, and its time where there is one."""

    label: str
    macs: float | None
    time: LatencyRatio | TimeRatio | None = None
    params: float | None = None


def sentence(first: str, others: Sequence[Beside]) -> str:
    """Say what sets models apart most from the first: their time where it is known, else their MACs.

    A model that needs fewer MACs and is no faster, or more MACs and is no slower, is named besides.

    >>> from costlens.results.comparison import TimeRatio
    >>> faster, slower = TimeRatio(0.1, 0.099, 0.101, 0.98, "faster"), TimeRatio(1.03, 1.02, 1.04, 0.98, "slower")
    >>> sentence("standard", [Beside("separable", 0.1, faster)])
    'standard takes 10.0 [9.90, 10.1] times as long as separable.'
    >>> sentence("standard", [Beside("grouped", 0.27, slower)])
    'grouped needs 0.270 times the MACs of standard and takes 1.030 [1.020, 1.040] times as long.'
    >>> sentence("standard", [Beside("separable", 0.1)])
    'standard needs 10.0 times the MACs of separable.'
    """
    known = [one for one in others if one.time and one.time.verdict not in (None, "inconclusive")]
    if known:
        lead = max(known, key=lambda one: abs(log(one.time.ratio)) if one.time else 0.0)
        strange = [one for one in known if one is not lead and _surprises(one)]
        said = [lead, *([max(strange, key=_gap)] if strange else [])]
        return f"{'; '.join(_timed(first, one) for one in said)}."
    stored = [one for one in others if one.time and one.time.low is None]
    if stored:
        lead = max(stored, key=lambda one: abs(log(one.time.ratio)) if one.time else 0.0)
        return f"By stored medians {_timed(first, lead)}."
    if any(one.time for one in others):
        return f"No model is known to be faster or slower than {_called(first)}."
    return _counted(first, others)


def _counted(first: str, others: Sequence[Beside]) -> str:
    """Say which model differs most from the first in MACs; nothing where no MACs are known."""
    found = [one for one in others if one.macs]
    if not found:
        return ""
    lead = max(found, key=lambda one: abs(log(one.macs or 1)))
    if lead.macs == 1:
        return f"The MACs are those of {_called(first)}."
    turned = -1 if (lead.macs or 1) < 1 else 1
    more, less = (first, lead.label) if turned < 0 else (lead.label, first)
    params = f" and {factor(lead.params**turned)} times the parameters" if lead.params else ""
    return f"{_called(more)} needs {factor((lead.macs or 1) ** turned)} times the MACs{params} of {_called(less)}."


def _timed(first: str, one: Beside) -> str:
    """Say how much longer the slower of two takes; its MACs too where they say something else."""
    time = one.time
    if time is None:
        return ""
    turned = -1 if time.ratio < 1 and time.verdict != "equivalent" else 1
    slow, fast = (first, one.label) if turned < 0 else (one.label, first)
    ends = sorted(end**turned for end in (time.low, time.high) if end is not None)
    interval = f" [{', '.join(map(factor, ends))}]" if ends else ""
    longest = f"{factor(time.ratio**turned)}{interval} times"
    same = time.verdict == "equivalent"
    few = time.confidence is not None and time.confidence < CONFIDENCE
    look = f" (quick look, {100 * (time.confidence or 0):.0f} %)" if few else ""
    if one.macs and _gap(one) > _APART:
        longer = f"as long ({longest})" if same else f"{longest} as long"
        macs = factor(one.macs**turned)
        return f"{_called(slow)} needs {macs} times the MACs of {_called(fast)} and takes {longer}{look}"
    longer = f"as long as {_called(fast)} ({longest})" if same else f"{longest} as long as {_called(fast)}"
    return f"{_called(slow)} takes {longer}{look}"


def _surprises(one: Beside) -> bool:
    """Say whether MACs and time point apart."""
    verdict = one.time.verdict if one.time else None
    if one.macs is None or abs(one.macs - 1) < _ALIKE:
        return False
    return verdict != ("faster" if one.macs < 1 else "slower")


def _gap(one: Beside) -> float:
    return abs(log(one.macs / one.time.ratio)) if one.macs and one.time else 0.0


def _called(label: str) -> str:
    return "the network as written" if label == AS_WRITTEN else label


def factor(ratio: float) -> str:
    """Write a ratio for a sentence that says "times".

    >>> factor(10.8), factor(1.03)
    ('10.8', '1.030')
    """
    return times(ratio).removesuffix("×")
