"""A family whose figures are plain functions of a point's number, as large as a test needs it."""

from dataclasses import replace

from costlens.results.counts import Totals
from costlens.results.exploration import Exploration, ExploredPoint, FrontAxis


def without_arena(totals: Totals) -> Totals:
    """Return totals as those of a point, for which no arena is planned unless it is asked for."""
    return replace(totals, arena_bytes=None, arena_bytes_int8=None)


def family(points: int, front: int = 5, kinds: int = 2) -> Exploration:
    """Return a family of points whose MACs and params are plain functions of their number."""
    axes = ("width", *(f"kind:stage{place}" for place in range(kinds)))
    made = [
        ExploredPoint(
            (str(1 + place % 7), *(("standard", "separable")[(place >> bit) % 2] for bit in range(kinds))),
            Totals(
                **{
                    name: (place + 1) * 1000 if name == "macs" else 10 * points - place
                    for name in Totals.__dataclass_fields__
                }
            ),
            front=place < front,
        )
        for place in range(points)
    ]
    of = (FrontAxis("macs"), FrontAxis("params"))
    return Exploration(Exploration.SCHEMA, "x", "", axes, {}, (), of, tuple(made))
