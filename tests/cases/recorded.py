"""Runs for the history: a few networks, machines and levels, whose figures are known by heart."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from costlens.results.comparison import Figures
from costlens.results.history import MEDIAN, Entry, Recorded

START = datetime(2026, 1, 1, tzinfo=UTC)
CPU, OTHER = "a1b2c3d4e5f60718", "ffffffffffffffff"


def entry(name: str = "net", macs: int | None = 1000, latency_ms: float | None = None, **more: Any) -> Entry:
    """Return a network that was counted and, where it has a latency, timed."""
    if latency_ms is None:
        return Entry(name, figures=Figures(macs=macs, params=10), **more)
    timed = {
        "runtime": "onnxruntime 1.31.1", "device": "cpu", "threads": 1, "batch": 1, "precision": "fp32",
        "statistic": MEDIAN, "fingerprint": CPU, "machine": "a processor, 2 cores", "confidence": 0.98,
        "low_ms": latency_ms * 0.99, "high_ms": latency_ms * 1.01, **more,
    }  # fmt: skip
    return Entry(name, figures=Figures(macs=macs, params=10), latency_ms=latency_ms, **timed)


def recorded(place: int, *entries: Entry, **more: Any) -> Recorded:
    """Return the run of a day, at a commit of its number."""
    at = START + timedelta(days=place)
    given = {
        "number": 0, "key": f"key {place}", "command": "bench", "at": at, "recorded": at, "costlens": "0.1.0",
        "commit": f"{place:040x}", "dirty": False, "exit_code": 0, "schema": "costlens.run/1", **more,
    }  # fmt: skip
    return Recorded(entries=entries or (entry(),), **given)


def noisy(levels: Sequence[tuple[int, float]], noise: float = 0.01, seed: int = 1) -> list[float]:
    """Return times around levels, each given with how many there are of it."""
    random = Random(seed)
    return [level * (1 + random.gauss(0, noise)) for number, level in levels for _ in range(number)]
