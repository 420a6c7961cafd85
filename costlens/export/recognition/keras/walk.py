"""A Keras model → a graph: its layers in the order in which the outputs need them, nested models opened."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from costlens import frameworks
from costlens.arithmetic.shapes import Shape, show
from costlens.errors import UsageError
from costlens.export.made import Made, made_as
from costlens.export.recognition.built import Builder, NoKindError, Recognised, Unsaid
from costlens.export.recognition.keras.families import family
from costlens.export.recognition.keras.found import Found
from costlens.export.recognition.tails import with_tails
from costlens.export.sharing import unshared

_DEEPEST = 20_000


def recognise(model: Any, name: str, shapes: Sequence[Shape]) -> Recognised | tuple[Unsaid, ...]:
    """Return the graph of a functional or sequential Keras model, or its layers that no kind says.

    shapes: those of its inputs, without the batch. UsageError for a model that is no graph of layers.
    """
    keras = frameworks.keras()
    if not (isinstance(model, keras.Model) and _is_graph(model)):
        raise UsageError(
            f"{name}: {type(model).__name__} computes in Python code and has no graph of layers to read; "
            "build it with keras.Input and keras.Model, or as keras.Sequential with an input"
        )
    walk = _Walk(Builder())
    is_ours = any(map(made_as, model.outputs))
    inputs = [
        walk.builder.add_input(tensor.name if is_ours or len(model.inputs) > 1 else "input", shape)
        for tensor, shape in zip(model.inputs, shapes, strict=True)
    ]
    outputs = walk.opened(model, inputs, "")
    if walk.unsaid:
        return tuple(walk.unsaid)
    if same := set(outputs) & set(inputs):
        raise UsageError(f"{name}: its output {min(same)} is an input; a spec's outputs are layers")
    return with_tails(name, walk.builder, outputs)


def _is_graph(model: Any) -> bool:
    try:
        return bool(model.inputs and model.outputs and hasattr(model.outputs[0], "_keras_history"))
    except (AttributeError, ValueError):
        return False


@dataclass(slots=True)
class _Walk:
    """Adds the layers of a model to a graph, and notes those that no kind says."""

    builder: Builder
    unsaid: list[Unsaid] = field(default_factory=list)

    def opened(self, model: Any, inputs: Sequence[str], prefix: str) -> list[str]:
        """Add what a model does with these tensors; return its outputs.

        prefix: what the names of its layers begin with, for a model within another.
        """
        reads, makes = _sized(model, [self.builder.shapes[each] for each in inputs])
        made = {id(tensor): name for tensor, name in zip(reads, inputs, strict=True)}
        for node in _in_order(makes, made):
            if isinstance(node, Made):
                made |= zip(map(id, node.makes), self._said(node, made, prefix), strict=True)
            else:
                made |= zip(map(id, node.outputs), self._call(node, made, prefix), strict=True)
        return [made[id(tensor)] for tensor in makes]

    def _said(self, said: Made, made: Mapping[int, str], prefix: str) -> tuple[str, ...]:
        """Add a node that this package made layers of: they need not be recognised."""
        node, builder = said.node, self.builder
        holders = [each for each in said.layers() if each.weights and not node.weights]
        weights = {each.name.removeprefix(node.name): tuple(each.weights) for each in holders}
        names = builder.add(
            node.layer,
            [made[id(tensor)] for tensor in said.reads],
            f"{prefix}{node.name}",
            weights or {"": ()},
            ("made", prefix, node.owner),
            shares=bool(node.weights),
        )
        builder.rows[names[0]] = names[0].removesuffix(node.name.removeprefix(node.row))
        return names

    def _call(self, node: Any, made: Mapping[int, str], prefix: str) -> list[str]:
        layer, keras = unshared(node.operation), frameworks.keras()
        name = f"{prefix}{node.operation.name}"
        inputs = tuple(made[id(tensor)] for tensor in node.input_tensors)
        if isinstance(layer, keras.Model) and _is_graph(layer):
            return self.opened(layer, inputs, f"{name}.")
        given = (node.arguments.args, node.arguments.kwargs)
        arguments, named = keras.tree.map_structure(lambda each: made.get(id(each), each), given)
        found = Found(layer, name, inputs, arguments, named, self.builder)
        try:
            outputs = family(layer)(found)
            said = [outputs] if isinstance(outputs, str) else list(outputs)
            _check(node, [self.builder.shapes[each] for each in said])
        except NoKindError as error:
            self.unsaid.append(Unsaid(name, type(layer).__name__, str(error)))
            return [self.builder.add_input(f"{name}.missing", _shape(tensor)) for tensor in node.outputs]
        return said


def _sized(model: Any, shapes: Sequence[Shape]) -> tuple[Sequence[Any], Sequence[Any]]:
    """Return the inputs and outputs of a graph of the same layers whose tensors have these sizes."""
    if all(None not in tensor.shape[1:] for tensor in model.inputs):
        return model.inputs, model.outputs
    keras, graph = frameworks.keras(), getattr(model, "_functional", None) or model
    inputs = [
        keras.Input(shape, dtype=tensor.dtype, name=tensor.name)
        for tensor, shape in zip(model.inputs, shapes, strict=True)
    ]
    return inputs, keras.tree.flatten(graph._run_through_graph(inputs))


def _check(node: Any, made: Sequence[Shape]) -> None:
    """Raise NoKindError where the layers that a call became make something of another shape."""
    theirs = [_shape(tensor) for tensor in node.outputs]
    if len(theirs) != len(made) or any(0 not in one and one != other for one, other in zip(theirs, made, strict=True)):
        raise NoKindError(
            f"makes {', '.join(map(show, theirs))}, the layer that is called so {', '.join(map(show, made))}"
        )


def _shape(tensor: Any) -> Shape:
    """Return a shape without the batch; a size that is not known is 0."""
    return tuple(size or 0 for size in tensor.shape[1:])


def _in_order(outputs: Sequence[Any], known: Mapping[int, str]) -> list[Any]:
    """Return the calls that outputs need, each behind those that it reads, one branch after the other.

    Nodes that this package made layers of are in the order in which it did.

    known: the tensors that are there already.
    """
    found: dict[int, Any] = {}
    seen: set[int] = set()

    def visit(tensor: Any) -> None:
        if id(tensor) in known:
            return
        operation, index, _ = tensor._keras_history
        said = made_as(tensor)
        node: Any = said or operation._inbound_nodes[index]
        if id(node) in seen:
            return
        seen.add(id(node))
        for each in said.reads if said else node.input_tensors:
            visit(each)
        found[id(node)] = node

    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, _DEEPEST))
    try:
        for tensor in outputs:
            visit(tensor)
    finally:
        sys.setrecursionlimit(limit)
    calls = list(found.values())
    return sorted(calls, key=lambda each: each.place) if all(isinstance(each, Made) for each in calls) else calls
