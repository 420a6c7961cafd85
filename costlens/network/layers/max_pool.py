from costlens.network.layers._pool import Pool
from costlens.network.layers._window import Dilated


class MaxPool(Pool, Dilated):
    """Max pool: the largest value of each window; padded cells never win: ``(H, W, C) -> (H', W', C)``."""

    also_called = ("max_pooling",)
    word = "Max"
    fill = float("-inf")
