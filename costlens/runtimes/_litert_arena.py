"""The arena of LiteRT's own kernels, by the addresses of its tensors: LiteRT tells no size of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from costlens.runtimes._litert_executed import Keeping

ALIGNMENT = 64
"""Bytes to which LiteRT aligns what lies in its arena."""


def arena_bytes(path: Path, planned: Collection[int], known: int) -> int:
    """Return the span of an interpreter's arena, without a delegate, which would have memory of its own.

    planned: the places of the tensors that lie in it. known: how many tensors the file has; those behind them are what
    kernels ask for, some of which lie elsewhere. BenchError where the file cannot be loaded.
    """
    interpreter = Keeping().ready(path, preserve=False)
    spans = sorted(_spans(interpreter, planned, known))
    first = min(start for start, _, own in spans if own)
    end = first
    for start, stop, own in spans:
        if start >= first and (own or start <= end + ALIGNMENT):
            end = max(end, stop)
    return end - first


def _spans(interpreter: Any, planned: Collection[int], known: int) -> Iterator[tuple[int, int, bool]]:
    for each in interpreter.get_tensor_details():
        place = int(each["index"])
        if place not in planned and place < known:
            continue
        try:
            held = interpreter.tensor(place)()
        except (ValueError, RuntimeError):  # it has no memory
            continue
        start = int(held.__array_interface__["data"][0])
        if held.nbytes:
            yield start, start + held.nbytes, place in planned
