"""The specs that are found by name."""

from collections.abc import Sequence

from costlens.results.columns import COUNT, Column
from costlens.results.page import Mark, Page, Say, Table
from costlens.results.shipped import ShippedSpec

_LONG = 24  # a table of stages would fill lines


def _knobs(spec: ShippedSpec) -> str:
    shown = {name: str(value) for name, value in spec.knobs.items()}
    return ", ".join(f"{name}={value if len(value) <= _LONG else '[…]'}" for name, value in shown.items())


CHOICES: tuple[Column[ShippedSpec], ...] = (
    Column("name", "name", value=lambda spec: Mark(spec.name)),
    Column("title", "network"),
    Column("knobs", "knobs", value=_knobs),
    Column("params", "params", COUNT),
    Column("macs", "MACs", COUNT),
)
"""The columns, from which a reader can choose."""


def page(specs: Sequence[ShippedSpec]) -> Page:
    """Return the page of some specs."""
    first = next((spec for spec in specs if spec.knobs), specs[0])
    knob = "".join(f"?{name}={value}" for name, value in list(first.knobs.items())[:1])
    use = f"A name stands for its spec in every command, with knobs set or as a variant: costlens count '{first.name}"
    return Page("Specs by name", [Table(CHOICES, specs), Say(f"{use}:standard{knob}'.", tone="dim")], [*specs])
