"""A Keras model → the graph of one call of it, and the layers that made each operation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from costlens import frameworks
from costlens.errors import UsageError, first_line
from costlens.readers.keras.flow import Made
from costlens.readers.keras.inputs import Inputs
from costlens.readers.keras.operators import Operand
from costlens.readers.keras.sites import Site, Sites
from costlens.readers.keras.walk import Step, Walk


@dataclass(frozen=True, slots=True)
class Traced:
    """The steps of one call, the sites that they belong to, and the numbers of the model's weights by identity.

    made: its operations on data. inputs: the names of the inputs by which these know them.
    """

    steps: list[Step]
    sites: Sites
    weights: dict[int, int]
    made: list[Made]
    inputs: list[str]


def trace(model: Any, name: str, given: Inputs) -> Traced:
    """Trace one call of a model for inference; UsageError where the model cannot be called with these shapes."""
    tf = frameworks.tensorflow()
    sites = Sites([Site(model, -1)])
    with frameworks.silence(), tf.device("/CPU:0"), sites.watched():
        try:
            called = tf.function(lambda *xs: model(*xs, **_inference(model)), autograph=False)
            function = called.get_concrete_function(*given.arguments)
        except Exception as error:  # a model runs code of anybody's
            shapes = ", ".join(str(spec.shape) for spec in tf.nest.flatten(given.arguments))
            why = f"{type(error).__name__}: {reason(error)}"
            raise UsageError(f"{name}: cannot be called with inputs of {shapes}: {why}") from error
    numbers = {id(weight.value.handle): index for index, weight in enumerate(model.weights)}
    graph = function.graph
    captured = {inside.name: numbers.get(id(outside)) for outside, inside in graph.captures}
    sizes = {index: _size(weight) for index, weight in enumerate(model.weights)}
    passed: dict[str, list[int]] = {}
    for number, site in enumerate(sites.found):
        if site.parent >= 0:
            for tensor in site.passed:
                passed.setdefault(tensor, []).append(number)
    walk = Walk(tf, sites.owner, _ranks(sites), sizes, passed=passed)
    with frameworks.silence():
        steps = walk.steps(graph, [_operand(place, tensor, captured) for place, tensor in enumerate(graph.inputs)])
    weights = {id(weight): index for index, weight in enumerate(model.weights)}
    return Traced(steps, sites, weights, walk.made, [spec.name for spec in tf.nest.flatten(given.arguments)])


def reason(error: Exception) -> str:
    """Return what an error says; Keras wraps it in which layer was called, and with what."""
    said = re.sub(r"\x1b\[\d*m", "", str(error))
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return (
        lines[1] if len(lines) > 1 and lines[0].startswith("Exception encountered when calling") else first_line(error)
    )


def _inference(model: Any) -> dict[str, bool]:
    return {"training": False} if getattr(model, "_call_has_training_arg", True) else {}


def _operand(place: int, tensor: Any, captured: dict[str, int | None]) -> Operand:
    shape = tuple(tensor.shape.as_list()) if tensor.shape.is_fully_defined() else None
    if tensor.name not in captured:
        return Operand(shape, makers=frozenset((-1 - place,)))
    number = captured[tensor.name]
    return Operand(shape, data=False, weights=frozenset() if number is None else frozenset({number}))


def _ranks(sites: Sites) -> dict[int, int]:
    found = {number: getattr(site.layer, "rank", None) for number, site in enumerate(sites.found)}
    return {number: rank for number, rank in found.items() if isinstance(rank, int)}


def _size(weight: Any) -> int:
    size = 1
    for axis in weight.shape:
        size *= axis
    return size
