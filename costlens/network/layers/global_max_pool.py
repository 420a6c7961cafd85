from costlens.network.layers._pool import GlobalPool


class GlobalMaxPool(GlobalPool):
    """Global max pool: the largest value of each channel: ``(H, W, C) -> (C,)``."""

    also_called = ("global_max_pooling", "gmp")
    word = "Max"
