from costlens.network.layers._pool import GlobalPool


class GlobalAvgPool(GlobalPool):
    """Global average pool: the mean of each channel: ``(H, W, C) -> (C,)``."""

    printed_as = "Avg Pool"
    also_called = ("gap", "global_average_pooling", "global_average_pool")
    word = "Average"
