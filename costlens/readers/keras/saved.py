"""A SavedModel → the count of its serving function, by the scopes that the names of its operations show."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from importlib import import_module
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

from costlens import frameworks
from costlens.arithmetic.cost import FLOPS_PER_MAC, Cost, formula, total
from costlens.errors import UsageError, first_line
from costlens.readers.keras.flow import Made, reads
from costlens.readers.keras.inputs import Shapes, Sizes, bound, free_axes, shown, unsized
from costlens.readers.keras.operators import Operand
from costlens.readers.keras.walk import LOOPS, Step, Walk
from costlens.results.counts import CountRow, ModelCount, Status, Totals
from costlens.results.names import blocks, common_name

_LOOPED = "a SavedModel leaves the sizes within its loops open; count the model by its .keras or .h5 file"
_SIGNATURE = "serving_default"
_CALLS = re.compile(r"^(?:(?:import|StatefulPartitionedCall|PartitionedCall)(?:_\d+)?/)+")


@dataclass(frozen=True, slots=True)
class Saved:
    """A SavedModel in this process, and its serving function."""

    restored: Any
    function: Any

    @property
    def declared(self) -> dict[str, list[int | None]]:
        """The shapes of its inputs; None for a size that it leaves open."""
        _, named = self.function.structured_input_signature
        return {name: spec.shape.as_list() for name, spec in named.items()}

    @property
    def sizes_to_give(self) -> tuple[str, ...]:
        """Its inputs, and their free axes besides the batch by place (``x:1``)."""
        return (*self.declared, *free_axes(bound(self.declared, "", 1, {})))


def load_saved(folder: Path, called: str) -> Saved:
    """Load a SavedModel; TensorFlow runs what initialises it. UsageError where it has no serving function.

    called: its name in messages.
    """
    frameworks.spare_gpus()
    tf = frameworks.tensorflow()
    with frameworks.silence(), tf.device("/CPU:0"):
        try:
            restored = tf.saved_model.load(str(folder))
            return Saved(restored, restored.signatures[_SIGNATURE])
        except Exception as error:  # TensorFlow raises what it likes
            raise UsageError(f"{called}: is no SavedModel with a serving function: {first_line(error)}") from error


def read_saved(
    model: Saved, sizes: Sizes | None = None, *, name: str, batch: int = 1, depth: int | None = None
) -> ModelCount:
    """Count the serving function of a SavedModel: a row for each scope that its operations' names show.

    Parameters are those of all its variables; which of them a row has is not known. UsageError for a size that it does
    not take.
    """
    tf = frameworks.tensorflow()
    shapes = bound(model.declared, name, batch, sizes or {})
    with frameworks.silence(), tf.device("/CPU:0"):
        graph, names = _static(tf, model.function, shapes)
        scopes: dict[str, int] = {}

        def owner(op: Any, around: int) -> int:
            if op.graph is not graph and around >= 0:  # names within a loop's body begin anew
                return around
            return scopes.setdefault(_CALLS.sub("", op.name).rpartition("/")[0], len(scopes))

        given = [
            Operand(tuple(tensor.shape) if tensor.shape.is_fully_defined() else None, makers=frozenset((-1 - place,)))
            for place, tensor in enumerate(graph.inputs)
        ]
        walk = Walk(tf, owner, {}, {})
        steps = walk.steps(graph, given)
    called = {number: scope for scope, number in scopes.items()}
    found = _count(name, model.restored, steps, called, (walk.made, names), batch, depth)
    free = free_axes(shapes)
    missing = [*found.uncounted]
    if missing and free:
        missing.append(unsized(free))
    elif missing and any(op.type in LOOPS for op in graph.get_operations()):
        missing.append(_LOOPED)
    return replace(found, inputs=shown(shapes), uncounted=tuple(missing))


def _static(tf: Any, function: Any, shapes: Shapes) -> tuple[Any, list[str]]:
    """Return the graph of a function with its variables as constants and of static shapes, and its inputs."""
    constants = import_module("tensorflow.python.framework.convert_to_constants")
    frozen = constants.convert_variables_to_constants_v2(function, lower_control_flow=False)
    definition = frozen.graph.as_graph_def()
    inputs = {tensor.name: tensor.name.partition(":")[0] for tensor in frozen.inputs}
    outputs = [tensor.name for tensor in frozen.outputs]

    def again(*tensors: Any) -> Any:
        given = dict(zip(inputs, tensors, strict=True))
        return tf.graph_util.import_graph_def(definition, given, return_elements=outputs)

    pairs = zip(frozen.inputs, inputs.values(), strict=True)
    specs = [tf.TensorSpec(shapes[name], tensor.dtype) for tensor, name in pairs]
    return tf.compat.v1.wrap_function(again, specs).graph, [*inputs.values()]


class _Scope(NamedTuple):
    """A scope of operations: its name, what they cost together, its number."""

    name: str
    cost: Cost
    number: int


def _count(
    called: str,
    restored: Any,
    steps: list[Step],
    scopes: Mapping[int, str],
    flow: tuple[list[Made], list[str]],
    batch: int,
    depth: int | None,
) -> ModelCount:
    """Return the count of steps by their scopes; flow: the operations of a run, and the inputs by their names."""
    by_scope: dict[int, list[Step]] = {}
    for step in steps:
        by_scope.setdefault(step.owner, []).append(step)
    split = [scopes[number].split("/") for number in by_scope]
    root = 1 if len(split) > 1 and len({parts[0] for parts in split}) == 1 and min(map(len, split)) > 1 else 0
    pairs = zip(split, by_scope.items(), strict=True)
    rows = [
        _Scope(".".join(parts[root:]) or called, total([step.cost for step in found]), number)
        for parts, (number, found) in pairs
    ]
    counted = total([row.cost for row in rows])
    held, trained = _numbers(restored, "variables"), _numbers(restored, "trainable_variables")
    totals = Totals(
        params=held,
        trainable=trained,
        non_trainable=None if held is None or trained is None else held - trained,
        macs=counted.macs,
        flops=FLOPS_PER_MAC * counted.macs + counted.elementwise_flops,
    )
    missing = tuple(f"{name}: {reason}" for name, cost, _ in rows for reason in dict.fromkeys(cost.uncounted))
    word: Status = "partial" if missing else "complete"
    status: dict[str, Status] = {each.name: "unavailable" for each in fields(Totals)}
    stored = ("params", "trainable", "non_trainable")
    status |= {figure: "complete" for figure in stored if getattr(totals, figure) is not None}
    status |= {"macs": word, "flops": word if all(step.flops for step in steps) else "partial"}
    runs = blocks(rows, depth, lambda row: row.name)
    row_of = {row.number: place for place, run in enumerate(runs) for row in run}
    read_by = reads(flow[0], row_of, [_name(run) for run in runs], flow[1])
    folded = (_row(run, counted.macs, read) for run, read in zip(runs, read_by, strict=True))
    return ModelCount(name=called, batch=batch, totals=totals, status=status, uncounted=missing, rows=tuple(folded))


def _name(run: list[_Scope]) -> str:
    return common_name([row.name for row in run])


def _row(run: list[_Scope], macs: int, read: tuple[str, ...]) -> CountRow:
    cost = total([row.cost for row in run])
    known = bool(cost.contractions) or not cost.uncounted  # what is not known is no zero
    return CountRow(
        name=_name(run),
        kind="scope" if len(run) == 1 else f"{len(run)} scopes",
        macs=cost.macs if known else None,
        flops=FLOPS_PER_MAC * cost.macs + cost.elementwise_flops if known else None,
        formula=formula(cost.contractions),
        macs_share=(cost.macs / macs if macs else 0.0) if known else None,
        uncounted=tuple(dict.fromkeys(cost.uncounted)),
        reads=read,
    )


def _numbers(restored: Any, kind: str) -> int | None:
    """Return how many numbers the weights of a SavedModel hold; None where it does not list them."""
    listed = getattr(restored, kind, None)
    if listed is None:
        return None
    return sum(int(prod(variable.shape)) for variable in listed if "seed_generator" not in variable.name)
