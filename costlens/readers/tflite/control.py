"""Operators that run sub-graphs: the branch of an IF that costs most counts, a loop as often as it turns.

https://ai.google.dev/edge/litert/conversion/tensorflow/control_flow
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from costlens.arithmetic.cost import Cost
from costlens.readers.tflite.operators import Call, Operator
from costlens.readers.tflite.steps import Step, noted
from costlens.readers.tflite.tensor import Stored, Tensor

if TYPE_CHECKING:
    from costlens.readers.tflite.file import OperatorEntry, SubGraph, TensorEntry
    from costlens.readers.tflite.walk import Walker


_DEEPEST = 8
"""Conditions of a loop within each other."""


@dataclass(frozen=True, slots=True)
class Caller:
    """An operator that runs sub-graphs: its operands, its outputs as the file has them, its name and its place."""

    operator: OperatorEntry
    inputs: Sequence[Tensor | None]
    entries: Sequence[TensorEntry]
    name: str
    times: int
    depth: int

    @property
    def given(self) -> list[Tensor]:
        """The operands that are there."""
        return [one for one in self.inputs if one is not None]

    def index(self, option: str) -> int:
        """Return the sub-graph that an option names."""
        return int(self.operator.options[option])


def _inner(walker: Walker, caller: Caller, option: str, word: str, given: Sequence[Tensor], times: int) -> list[Tensor]:
    prefix = f"{caller.name}{word}/"
    return walker.graph(caller.index(option), given, prefix, caller.times * times, caller.depth + 1)


def _if(walker: Walker, caller: Caller) -> list[Tensor]:
    """Walk the branch that a known condition picks, else both: the one that costs more is in the total."""
    first = caller.inputs[0] if caller.inputs else None
    words = {"then": "then_subgraph_index", "else": "else_subgraph_index"}
    rest = [one for one in caller.inputs[1:] if one is not None]
    if first is not None and first.value:
        return _inner(walker, caller, words["then" if first.value[0] else "else"], "", rest, 1)
    before, steps, outs = walker.found.steps, dict[str, list[Step]](), dict[str, list[Tensor]]()
    for word, option in words.items():
        walker.found.steps = steps[word] = []
        outs[word] = _inner(walker, caller, option, f"/{word}", rest, 1)
    walker.found.steps = before
    macs = {word: sum(step.macs for step in each) for word, each in steps.items()}
    larger, smaller = ("then", "else") if macs["then"] >= macs["else"] else ("else", "then")
    before += steps[larger]
    unused = tuple(stored for step in steps[smaller] for stored in step.stored)
    if unused:  # the numbers of both branches are stored
        before.append(_bare(f"{caller.name}/{smaller}", "IF", caller, stored=unused))
    walker.say(
        f"{caller.name}: the {larger} branch is counted ({macs[larger]:,} MACs), not the {smaller} branch "
        f"({macs[smaller]:,} MACs); {first.name if first else 'a condition'} decides in a run"
    )
    return [
        one.seen(value=None, shape=one.shape if one.shape == other.shape else None, made_of=(one, other))
        for one, other in zip(outs["then"], outs["else"], strict=False)
    ]


def _bare(name: str, op: str, caller: Caller, *, stored: tuple[Stored, ...] = (), missing: str = "") -> Step:
    """Return a step that multiplies nothing itself: it holds numbers, or says what is not counted."""
    call = Call(op, caller.inputs, {})
    return Step(name, op, Operator(None), call, (), None if missing else Cost(), missing, caller.times, stored)


def _while(walker: Walker, caller: Caller) -> list[Tensor]:
    """Walk the condition and the body once and count them as often as they run, where a counter tells; else once."""
    state = [one.seen(value=None, constant=False, stored=()) for one in caller.given]
    turns = _turns(walker, caller)
    cost = turns if turns is not None else 1
    _inner(walker, caller, "cond_subgraph_index", "/condition", state, cost + (turns is not None))
    outs = _inner(walker, caller, "body_subgraph_index", "", state, cost)
    if turns is None:
        said = "WHILE is counted for one turn; the file does not say how many it takes"
        walker.found.steps.append(_bare(caller.name, "WHILE", caller, missing=said))
    else:
        walker.say(f"{caller.name}: WHILE is counted for the {turns:,} turns that its counter takes")
    return [
        one.seen(shape=one.shape if one.shape == before.shape else None, value=None, constant=False, stored=())
        for one, before in zip(outs, state, strict=False)
    ]


def _turns(walker: Walker, caller: Caller) -> int | None:
    """Return how often a loop turns: a counter that starts at a constant, grows by one and stays below another.

    The condition may be a conjunction of such; None for any other loop.
    """
    graphs = walker.model.subgraphs
    places = [caller.index(option) for option in ("cond_subgraph_index", "body_subgraph_index")]
    if not all(0 <= place < len(graphs) for place in places):
        return None
    condition, body = (graphs[place] for place in places)
    limits = _limits(walker, condition, condition.outputs[0]) if condition.outputs else None
    found = []
    for counter, limit in limits or ():
        start = caller.given[counter].value if counter < len(caller.given) else None
        if isinstance(limit, Tensor):
            limit_value = limit.value
        else:  # a limit that the loop carries on as it is
            passed = limit < len(caller.given) and _passed(body, limit)
            limit_value = caller.given[limit].value if passed else None
        step = _step(walker, body, counter)
        if start and limit_value and step:
            found.append(max(-(-(limit_value[0] - start[0]) // step), 0))
    return min(found) if found and limits is not None else None


def _limits(walker: Walker, graph: SubGraph, place: int, depth: int = 0) -> list[tuple[int, Tensor | int]] | None:
    """Return counters and their limits, by the inputs of a condition's graph; None for another condition."""
    makers = {output: each for each in graph.operators for output in each.outputs}
    maker = makers.get(place)
    if maker is None or depth > _DEEPEST:
        return None
    if maker.op == "LOGICAL_AND":
        sides = [_limits(walker, graph, side, depth + 1) for side in maker.inputs[:2]]
        known = [side for side in sides if side is not None]
        return [pair for side in known for pair in side] if len(known) == len(sides) else None
    if maker.op == "LESS" and len(maker.inputs) == 2 and maker.inputs[0] in graph.inputs:  # noqa: PLR2004
        counter, limit = maker.inputs
        if limit in graph.inputs:
            return [(graph.inputs.index(counter), graph.inputs.index(limit))]
        if limit >= 0 and limit not in makers:
            return [(graph.inputs.index(counter), walker.tensor(graph, {}, limit))]
    return None


def _passed(body: SubGraph, place: int) -> bool:
    """Say whether a loop passes a value on as it is."""
    inside = place < len(body.inputs) and place < len(body.outputs)
    return inside and body.inputs[place] == body.outputs[place]


def _step(walker: Walker, body: SubGraph, counter: int) -> int | None:
    """Return the constant above 0 that a loop's body adds to a counter."""
    if counter >= min(len(body.inputs), len(body.outputs)):
        return None
    makers = {output: each for each in body.operators for output in each.outputs}
    maker = makers.get(body.outputs[counter])
    if maker is None or maker.op != "ADD" or body.inputs[counter] not in maker.inputs:
        return None
    others = [place for place in maker.inputs if place != body.inputs[counter] and place >= 0 and place not in makers]
    value = walker.tensor(body, {}, others[0]).value if len(others) == 1 else None
    return value[0] if value and len(value) == 1 and value[0] > 0 else None


def _call(walker: Walker, caller: Caller) -> list[Tensor]:
    return _inner(walker, caller, "subgraph", "", caller.given, 1)


def _composite(walker: Walker, caller: Caller) -> list[Tensor]:
    """Walk what a composite is made of; a runtime may have one kernel for it."""
    return _inner(walker, caller, "decomposition_subgraph_index", "", caller.given, 1)


def _once(walker: Walker, caller: Caller) -> list[Tensor]:
    """Leave out what runs once, before the first run: it gives variables their first values."""
    walker.say(f"{caller.name}: what CALL_ONCE runs before the first run is not counted")
    return [noted(entry) for entry in caller.entries]


CONTROL: Mapping[str, Callable[[Walker, Caller], list[Tensor]]] = {
    "CALL": _call,
    "CALL_ONCE": _once,
    "IF": _if,
    "STABLEHLO_COMPOSITE": _composite,
    "WHILE": _while,
}
