"""The words for two times beside each other, and when they are an answer."""

from typing import Literal

Verdict = Literal["faster", "slower", "equivalent", "inconclusive"]
CONFIDENCE = 0.95
"""The confidence that an interval must hold with to settle a verdict."""


def conclusion(verdict: Verdict | None, confidence: float | None) -> str:
    """Write a verdict; one of fewer processes than an answer needs with the confidence of its interval.

    >>> conclusion("faster", 0.98), conclusion("faster", 0.75), conclusion("inconclusive", 0.75), conclusion(None, None)
    ('faster', 'faster (quick look, 75 %)', 'inconclusive', '')
    """
    if verdict is None or verdict == "inconclusive" or confidence is None or confidence >= CONFIDENCE:
        return verdict or ""
    return f"{verdict} (quick look, {100 * confidence:.0f} %)"
