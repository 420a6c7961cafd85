from costlens.network.layers._pool import GlobalPool


class GlobalMaxPool(GlobalPool):
    """Global max pool: the largest value of each channel: ``(H, W, C) -> (C,)``."""

    word = "Max"
