"""What a spec says, once read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from costlens.graph import Graph
from costlens.results.counts import FIGURES
from costlens.units import Figure

EXPECTED = tuple(FIGURES)
"""The counts a published figure can be given for."""
LIMITED = ("params", "macs", "weight_bytes", "peak_activation_bytes", "latency_ms")
"""What a budget can limit."""


@dataclass(frozen=True, slots=True)
class Expect:
    """Published figures by the name of the count, in the spec's order, and where they are published."""

    figures: Mapping[str, Figure]
    source: str = ""


@dataclass(frozen=True, slots=True)
class Budget:
    """What the network may cost at most, by name; bytes in bytes, ``latency_ms`` in milliseconds."""

    figures: Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class Spec:
    """A network as its spec describes it; ``knobs`` after settings, ``file`` as it was given."""

    name: str
    title: str
    source: str
    file: str
    knobs: Mapping[str, int | float | str]
    graph: Graph
    expect: Expect | None = None
    budget: Budget | None = None
