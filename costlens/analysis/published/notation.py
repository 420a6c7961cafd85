"""A layer in the notation of the MobileNet paper's table 1: type / stride, filter, input."""

from costlens.arithmetic.shapes import times
from costlens.network.layers import Layer, layer_kind
from costlens.network.layers._pool import GlobalPool
from costlens.results.counts import CountRow, known

_IMAGE = 3


def layer(row: CountRow) -> str:
    """Write a layer as such tables do: ``Conv dw / s2, 3×3×64 dw, 112×112×64``; sides of an image are one stride."""
    read = known(row.input)
    given = (1,) * (_IMAGE - len(read)) + read
    stride = times(tuple(dict.fromkeys(row.stride or (1,))))
    kind = layer_kind(row.kind)
    return f"{kind.printed_as or row.kind} / s{stride}, {_filter(row, kind, given)}, {times(given)}"


def _filter(row: CountRow, kind: type[Layer], given: tuple[int, ...]) -> str:
    if kind.filters_each_channel:
        return f"{times((*(row.kernel or ()), given[-1]))} dw"
    if issubclass(kind, GlobalPool):
        return f"Pool {times(given[:-1])}"
    return times((*(row.kernel or ()), given[-1] // (row.groups or 1), known(row.output)[-1]))


def same(one: str, other: str) -> bool:
    """Say whether two layers are written alike, whatever the spaces and the sign of multiplication.

    >>> same("Conv / s1, 1 x 1 x 32 x 64, 112 × 112 × 32", "Conv / s1, 1×1×32×64, 112×112×32")
    True
    """
    return _bare(one) == _bare(other)


def _bare(text: str) -> str:
    return "".join(text.split()).replace("×", "x").lower()
