"""Max pool."""

from __future__ import annotations

from typing import ClassVar

from costlens.network.layers._pool import Pool


class MaxPool(Pool):
    """Max pool: the largest value of each window; padded cells never win: ``(H, W, C) -> (H', W', C)``."""

    word: ClassVar[str] = "Max"
    fill: ClassVar[float] = float("-inf")
