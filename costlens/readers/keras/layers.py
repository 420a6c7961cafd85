"""Sites → the layers that are rows, each with its name, its weights and what it says of itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import prod
from typing import Any

from costlens import frameworks
from costlens.arithmetic.cost import FLOPS_PER_NORM, Cost, total
from costlens.readers.keras.sites import ROOT, Site
from costlens.readers.keras.tracing import Traced
from costlens.readers.keras.walk import Step

_NORMS = ("BatchNormalization", "GroupNormalization", "LayerNormalization", "RMSNormalization", "UnitNormalization")


@dataclass(slots=True)
class LayerRow:
    """A layer that is a row: its site, its weights by number, and the steps that are its own or its parts'.

    sites: the numbers of its site and its parts'.
    """

    name: str
    site: Site
    weights: list[int] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    sites: list[int] = field(default_factory=list)

    @property
    def cost(self) -> Cost:
        """What the layer computes; a norm's FLOPs are two for each value, however many operations it is made of."""
        cost = total([step.cost for step in self.steps])
        output = self.site.output
        if type(self.site.layer).__name__ not in _NORMS or output is None or None in output:
            return cost
        flops = self.site.calls * FLOPS_PER_NORM * prod(size for size in output if size is not None)
        return Cost(cost.contractions, elementwise_flops=flops, uncounted=cost.uncounted)

    @property
    def flops_known(self) -> bool:
        """Whether the FLOPs of all its operations are known."""
        return all(step.flops for step in self.steps)


def layer_rows(traced: Traced, model: Any) -> list[LayerRow]:
    """Return the rows of a model in the order in which its layers are called, each before those within it.

    Models, wrappers and layers of the user's own are opened: what is called within them has rows of its own. In a layer
    of Keras's that holds others, those with weights are rows, and the rest counts for the layer; where a single one
    has all of its weights, as the cell of an LSTM has, the two are one row. Whatever calls others and costs nothing
    itself is no row.
    """
    sites = traced.sites
    owned = _weights(traced, model)
    inside: dict[int, list[int]] = {}
    for number, site in enumerate(sites.found):
        inside.setdefault(site.parent, []).append(number)
    steps: dict[int, list[Step]] = {}
    for step in traced.steps:
        steps.setdefault(max(step.owner, ROOT), []).append(step)
    working = {id(sites.found[number].layer) for number in steps}
    rows: list[LayerRow] = []

    def all_within(number: int) -> Iterable[int]:
        yield number
        for child in inside.get(number, ()):
            yield from all_within(child)

    def visit(number: int, name: str) -> None:
        site = sites.found[number]
        row = LayerRow(name or site.layer.name, site, owned.get(number, []), steps.get(number, []), [number])
        children = inside.get(number, [])
        if not _opens(site.layer):
            apart = [child for child in children if any(owned.get(part) for part in all_within(child))]
            if len(apart) == 1 and not row.weights:
                apart = []
            parts = [part for child in children if child not in apart for part in all_within(child)]
            row.weights = [*row.weights, *(weight for part in parts for weight in owned.get(part, ()))]
            row.sites += parts
            row.steps = [*row.steps, *(step for part in parts for step in steps.get(part, ()))]
            children = apart
        alone = not children and number != ROOT and (number in steps or id(site.layer) not in working)
        if row.weights or row.steps or alone:
            rows.append(row)
        for child in children:
            visit(child, f"{name}.{sites.found[child].layer.name}" if name else sites.found[child].layer.name)

    visit(ROOT, "")
    return [row for row in rows if type(row.site.layer).__name__ != "InputLayer"]


def _opens(layer: Any) -> bool:
    """Say whether what a layer calls has rows of its own."""
    keras = frameworks.keras()
    is_own = not type(layer).__module__.startswith("keras.")
    return is_own or (isinstance(layer, keras.Model | keras.layers.Wrapper) and not isinstance(layer, keras.layers.RNN))


def _weights(traced: Traced, model: Any) -> dict[int, list[int]]:
    """Return the numbers of the weights that each site owns.

    A layer that is called at several sites owns them at the first where it computes something.

    Those of a layer that is never called count for the layer that holds it, whose operations may use them as
    TimeDistributed's do; in a model such a layer has a site of its own.
    """
    sites, left = traced.sites, dict(traced.weights)
    first: dict[int, int] = {}
    working = {step.owner for step in traced.steps}
    for number, site in sorted(enumerate(sites.found), key=lambda each: each[0] not in working):
        first.setdefault(id(site.layer), number)
    owned: dict[int, list[int]] = {}

    def visit(layer: Any, parent: int) -> None:
        number = first.get(id(layer))
        for child in _held(layer):  # before its own: a wrapper may hold the weights of what it wraps, too
            visit(child, parent if number is None else number)
        own = [left.pop(id(w)) for w in _own(layer) if id(w) in left]
        if number is None and own:
            held = not isinstance(sites.found[parent].layer, frameworks.keras().Model)
            number = first[id(layer)] = parent if held else sites.add(layer, parent)
        if own and number is not None:
            owned[number] = [*owned.get(number, ()), *own]

    visit(model, ROOT)
    if left:
        owned[ROOT] = [*owned.get(ROOT, ()), *left.values()]
    return owned


def _own(layer: Any) -> list[Any]:
    return [*getattr(layer, "_trainable_variables", ()), *getattr(layer, "_non_trainable_variables", ())]


def _held(layer: Any) -> list[Any]:
    return list(layer._flatten_layers(include_self=False, recursive=False)) if hasattr(layer, "_flatten_layers") else []
