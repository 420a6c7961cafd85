"""Global average pool."""

from __future__ import annotations

from typing import ClassVar

from costlens.network.layers._pool import GlobalPool


class GlobalAvgPool(GlobalPool):
    """Global average pool: the mean of each channel: ``(H, W, C) -> (C,)``."""

    printed_as: ClassVar[str] = "Avg Pool"
    also_called: ClassVar[tuple[str, ...]] = ("gap", "global_average_pooling")
    word: ClassVar[str] = "Average"
