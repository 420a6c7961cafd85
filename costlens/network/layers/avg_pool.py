from costlens.network.fields import field
from costlens.network.layers._pool import Pool
from costlens.network.layers._window import Window


class AvgPool(Pool):
    """Average pool, the mean of each window: ``(H, W, C) -> (H', W', C)``.

    ``same`` leaves padded cells out of the mean; explicit zeros, and ``same`` beside another word, count in it, unless
    ``count_include_pad`` says otherwise. Cells beyond the padding, which ``ceil`` reaches, never count.
    """

    also_called = ("average_pool", "average_pooling")
    word = "Average"
    fill = 0.0

    count_include_pad: bool | None = field(
        default=None, description="whether padded cells count in the mean; those of same do not unless given"
    )

    def counts_padding(self, window: Window, pads: tuple[tuple[int, int], ...]) -> bool:
        return super().counts_padding(window, pads) if self.count_include_pad is None else self.count_include_pad
