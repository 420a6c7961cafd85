from costlens.network.layers._pool import Pool


class MaxPool(Pool):
    """Max pool: the largest value of each window; padded cells never win: ``(H, W, C) -> (H', W', C)``."""

    word = "Max"
    fill = float("-inf")
