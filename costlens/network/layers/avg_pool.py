from costlens.network.layers._pool import Pool


class AvgPool(Pool):
    """Average pool, the mean of each window: ``(H, W, C) -> (H', W', C)``.

    ``same`` leaves padded cells out of the mean; explicit zeros, and ``same`` beside another word, count in it.
    """

    also_called = ("average_pool", "average_pooling")
    word = "Average"
    fill = 0.0
