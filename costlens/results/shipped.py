"""A spec that costlens ships, as ``costlens list`` shows it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ShippedSpec:
    """Its name, what the network is, its knobs as the spec sets them; its totals where it was counted."""

    name: str
    title: str
    knobs: Mapping[str, int | float | str]
    params: int | None = None
    macs: int | None = None
