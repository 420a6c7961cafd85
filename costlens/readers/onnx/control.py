"""Nodes that hold graphs: the branch of an If that costs most counts, the body of a Loop or a Scan as often as it runs.

https://onnx.ai/onnx/operators/onnx__Loop.html, …/onnx__Scan.html and …/onnx__SequenceMap.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from costlens.arithmetic.sizes import AnySize, Size, axis, difference
from costlens.readers.onnx.attributes import value
from costlens.readers.onnx.loops import counted_to
from costlens.readers.onnx.operators import Operator
from costlens.readers.onnx.steps import Holder, Known, Scope, Step, WalkError
from costlens.readers.onnx.tensor import BOOL, INT64, Out, Tensor, bare, stored

if TYPE_CHECKING:
    from costlens.readers.onnx.walk import Walker

_STEPPED = 10_000
"""Turns of a loop that are walked one by one where the values in it decide when it ends."""
_UNROLLED = 256
"""Turns of a loop that are walked one by one where its tensors grow."""
_SCANS_WITH_A_BATCH = 8
"""The last opset in which every tensor of a Scan has a batch, before the axis that is scanned."""
_LARGE = 1000
"""What a free axis is taken for where two branches are compared."""


def _if(walker: Walker, holder: Holder) -> None:
    """Walk the branch that a known condition picks, else both: the one that costs more is in the total."""
    first = holder.inputs[0] if holder.inputs else None
    branches = {"then": holder.graph("then_branch"), "else": holder.graph("else_branch")}
    if first is not None and first.value:
        taken = branches["then" if first.value[0] else "else"]
        holder.bind(walker.inner(taken, holder, "", 1, ()))
        return
    steps, outs, why = dict[str, list[Step]](), dict[str, list[Tensor]](), dict[str, str]()
    for word, branch in branches.items():
        steps[word], outs[word], why[word] = walker.branch(branch, holder, f"/{word}")
    if why["then"] and why["else"]:
        raise WalkError(why["then"])
    if walker.both:
        walker.found.steps += [*steps["then"], *steps["else"]]
        walker.hold(holder, len(holder.inputs))
        holder.bind([_either(one, other, holder.name) for one, other in zip(*outs.values(), strict=False)])
        return
    macs = {word: sum(step.macs for step in each if step.macs is not None) for word, each in steps.items()}
    then_counts = bool(why["else"]) or (not why["then"] and _at_least(macs["then"], macs["else"]))
    larger, smaller = ("then", "else") if then_counts else ("else", "then")
    walker.found.steps += steps[larger]
    if unused := tuple(source for step in steps[smaller] for source in step.sources):  # branches are stored both
        name = f"{holder.name}/{smaller}"
        walker.found.steps.append(Step(name, "If", holder.inputs, Known(Operator()), sources=unused))
    walker.hold(holder, len(holder.inputs))
    decides = f"{first.name if first else 'a condition'} decides in a run"
    if why[smaller]:
        walker.found.notes.append(
            f"{holder.name}: the {larger} branch is counted; the {smaller} branch cannot run with these sizes "
            f"({why[smaller]}); {decides}"
        )
        holder.bind([bare(one) if one.shape is not None else one for one in outs[larger]])
        return
    if macs[larger] != macs[smaller]:
        walker.found.notes.append(
            f"{holder.name}: the {larger} branch is counted ({macs[larger]:,} MACs), not the {smaller} branch "
            f"({macs[smaller]:,} MACs); {decides}"
        )
    holder.bind([_either(one, other, holder.name) for one, other in zip(*outs.values(), strict=False)])


def _at_least(left: AnySize, right: AnySize) -> bool:
    """Say whether one count is at least the other, for large free axes where these decide."""
    apart = difference(left, right)
    if apart is None:
        apart = (left - right).at(dict.fromkeys((left - right).axes, _LARGE))
    return isinstance(apart, int) and apart >= 0


def _either(one: Tensor, other: Tensor, name: str) -> Tensor:
    """Return what is known of a tensor that is one of two."""
    shape = None
    if one.shape is not None and other.shape is not None and len(one.shape) == len(other.shape):
        shape = tuple(
            size if size == its else axis(f"axis {index} of {name}", data=True)
            for index, (size, its) in enumerate(zip(one.shape, other.shape, strict=True))
        )
    return Tensor(name, Out(one.dtype, shape, one.value if one.value == other.value else None), made_of=(one, other))


def _loop(walker: Walker, holder: Holder) -> None:
    """Walk the body once and count it as often as the loop turns; turn by turn where values or sizes change."""
    body = holder.graph("body")
    most, start, *state = [*holder.inputs, None, None][: max(len(holder.inputs), 2)]
    given = [one for one in state if one is not None]
    limit = most.value[0] if most is not None and most.value else None
    begins = start is None or (bool(start.value[0]) if start.value else None)
    turns: AnySize = axis(f"turns of {holder.name}", data=True)
    outs: list[Tensor] | None = None
    after: list[Tensor] = []
    if begins is False:
        turns = 0
    elif begins and limit is not None and _runs_on(body, holder.place.scope) and not any(map(_is_series, given)):
        turns = limit if isinstance(limit, Size) else max(int(limit), 0)
    elif begins and (limit is not None or most is None):
        if found := _stepped(walker, holder, body, limit, given):
            turns, outs, after = found
        else:
            turns = counted_to(walker, holder, body, limit, given) or turns
    if outs is None:
        outs, after = _turned(walker, holder, body, turns, [bare(one) for one in given])
    scans = [
        Tensor(one.name, Out(one.dtype, None if one.shape is None else (turns, *one.shape)), made_of=(one,))
        for one in outs[1 + len(given) :]
    ]
    holder.bind([*after, *scans])
    walker.hold(holder, 2)


def _is_series(tensor: Tensor) -> bool:
    """Say whether a tensor is a sequence, of which it is known what it holds."""
    return tensor.shape is None and tensor.value is not None


def _runs_on(body: Any, scope: Scope) -> bool:
    """Say whether a loop's body never ends it: its condition is passed on, or is the constant true."""
    if not body.output or len(body.input) < 2:  # noqa: PLR2004  # the counter, then the condition
        return False
    wanted, passed = body.output[0].name, body.input[1].name
    makers = {name: node for node in body.node for name in node.output}
    held = {tensor.name: tensor for tensor in body.initializer}
    while wanted != passed:
        node = makers.get(wanted)
        if node is None or node.op_type == "Constant":
            given = held.get(wanted) if node is None else value(node.attribute[0]) if node.attribute else None
            known = stored(given, "") if hasattr(given, "dims") else scope.get(wanted)
            return known is not None and bool(known.value and known.value[0])
        if node.op_type not in ("Identity", "Cast"):
            return False
        wanted = node.input[0]
    return True


def _stepped(
    walker: Walker, holder: Holder, body: Any, limit: Any, state: Sequence[Tensor]
) -> tuple[int, list[Tensor], list[Tensor]] | None:
    """Walk a loop turn by turn by the values of its condition; None where these are not known before a run."""
    before, used, found = walker.found.steps, set(walker.used), dict[tuple[str, Any], Step]()
    carried = [_again(one) for one in state]
    turn, outs, condition = 0, list[Tensor](), Tensor("", Out(BOOL, (), (True,)))
    while limit is None or (isinstance(limit, int) and turn < limit):
        steps: list[Step] = []
        walker.found.steps = steps
        counter = Tensor("", Out(INT64, (), (turn,)))
        outs = walker.inner(body, holder, "", 1, [counter, condition, *carried])
        walker.found.steps = before
        carried = [_again(one) for one in outs[1 : 1 + len(state)]]
        for step in steps:
            same = found.setdefault((step.name, step.macs), step)
            if same is not step:
                same.times = same.times + step.times
                for one, first in zip(step.outputs, same.outputs, strict=False):
                    if one is not None and first is not None:
                        one.made_of = (first,)
        turn += 1
        goes_on = outs[0].value[0] if outs[0].value else None
        if goes_on is None or isinstance(goes_on, Size) or turn > _STEPPED:
            walker.used = used
            return None
        condition = Tensor("", Out(BOOL, (), (goes_on,)))
        if not goes_on:
            break
    before += found.values()
    return (turn, outs, carried) if outs else None


def _again(tensor: Tensor) -> Tensor:
    """Return a tensor as the next turn of a loop sees it."""
    return Tensor(tensor.name, tensor.held, made_of=(tensor,))


def _turned(
    walker: Walker, holder: Holder, body: Any, turns: AnySize, carried: list[Tensor]
) -> tuple[list[Tensor], list[Tensor]]:
    """Return the outputs of a loop's body that turns so often, and its states after the last turn."""
    counter, condition = Tensor("", Out(INT64, ())), Tensor("", Out(BOOL, ()))
    steps, kept, used = walker.found.steps, len(walker.found.steps), set(walker.used)
    outs = walker.inner(body, holder, "", turns, [counter, condition, *carried])
    after = outs[1 : 1 + len(carried)]
    if all(one.shape == other.shape for one, other in zip(after, carried, strict=False)):
        return outs, [bare(one) for one in after]
    del steps[kept:]
    walker.used = used
    if isinstance(turns, int) and turns <= _UNROLLED:
        for turn in range(turns):
            outs = walker.inner(body, holder, f"/{turn}", 1, [counter, condition, *carried])
            carried = [bare(one) for one in outs[1 : 1 + len(carried)]]
        return outs, carried
    grown = [_either(one, other, f"{holder.name}:{one.name}") for one, other in zip(after, carried, strict=False)]
    return walker.inner(body, holder, "", turns, [counter, condition, *grown]), grown


def _hold_shape(walker: Walker, holder: Holder, before: Tensor, after: Tensor) -> None:
    """Hold the state of a Scan to one shape, which a free axis may decide."""
    if before.shape is None or after.shape is None:
        return
    apart = [pair for pair in zip(before.shape, after.shape, strict=False) if pair[0] != pair[1]]
    fixed = any(isinstance(one, int) and isinstance(other, int) for one, other in apart)
    if fixed or len(before.shape) != len(after.shape):
        shapes = f"({_listed(before.shape)}) before a turn and ({_listed(after.shape)}) after it"
        raise WalkError(f"{holder.name}: state {before.name} is {shapes}")
    for pair in apart:
        walker.found.equal.setdefault(pair, holder.name)


def _listed(sizes: Sequence[AnySize]) -> str:
    return ", ".join(map(str, sizes))


def _scan(walker: Walker, holder: Holder) -> None:
    """Walk the body once and count it for each slice of what is scanned."""
    body, scanned = holder.graph("body"), holder.attributes.get("num_scan_inputs")
    if not isinstance(scanned, int) or not 1 <= scanned <= len(holder.inputs):
        raise WalkError(f"{holder.name}: Scan scans nothing")
    given = [one for one in holder.inputs if one is not None]
    batch: AnySize | None = None
    if walker.opsets.get("", _SCANS_WITH_A_BATCH + 1) <= _SCANS_WITH_A_BATCH:  # lengths come first
        given = [one for one in holder.inputs[1:] if one is not None]
        batch = given[-1].shape[0] if given and given[-1].shape else axis(f"batch of {holder.name}", data=True)
        given = [Tensor(one.name, Out(one.dtype, one.shape and one.shape[1:]), made_of=(one,)) for one in given]
    states, series = [bare(one) for one in given[:-scanned]], given[-scanned:]
    along = holder.attributes.get("scan_input_axes") or [0] * scanned
    turns: AnySize = axis(f"turns of {holder.name}", data=True)
    slices = []
    for one, place in zip(series, along, strict=False):
        shape = one.shape
        if shape:
            at = place % len(shape)
            turns, shape = shape[at], (*shape[:at], *shape[at + 1 :])
        slices.append(Tensor(one.name, Out(one.dtype, shape), made_of=(one,)))
    outs = walker.inner(body, holder, "", turns * (1 if batch is None else batch), [*states, *slices])
    for one, other in zip(states, outs, strict=False):
        _hold_shape(walker, holder, one, other)
    made = [*map(bare, outs[: len(states)])]
    places = holder.attributes.get("scan_output_axes") or [0] * len(outs)
    for one, place in zip(outs[len(states) :], places, strict=False):
        shape = one.shape
        if shape is not None:
            at = place % (len(shape) + 1)
            shape = (*shape[:at], turns, *shape[at:])
        made.append(Tensor(one.name, Out(one.dtype, shape), made_of=(one,)))
    if batch is not None:
        made = [
            Tensor(one.name, Out(one.dtype, None if one.shape is None else (batch, *one.shape)), made_of=(one,))
            for one in made
        ]
    holder.bind(made)
    walker.hold(holder, 0)


def _map(walker: Walker, holder: Holder) -> None:
    """Walk the body for each tensor of a sequence, once where they are alike; tensors beside it are read each time."""
    body, operands = holder.graph("body"), [one for one in holder.inputs if one is not None]
    lists = [one.value if _is_series(one) else None for one in operands]
    length = len(lists[0]) if lists and lists[0] is not None else None
    if length is None or any(each is not None and len(each) != length for each in lists):
        why = "how many tensors its sequence holds is not known before a run"
        unknown = Known(Operator(), cost=None, missing=why)
        walker.found.steps.append(Step(holder.name, holder.node.op_type, holder.inputs, unknown))
        hidden(walker, holder)
        holder.bind([Tensor(name, Out(0, None)) for name in holder.node.output])
        return
    turns = [
        [
            one if each is None else Tensor(one.name, each[turn], made_of=(one,))
            for one, each in zip(operands, lists, strict=True)
        ]
        for turn in range(length)
    ]
    alike = len({tuple((one.dtype, one.shape) for one in bound) for bound in turns}) == 1
    if alike:
        bound = [one if each is None else bare(one) for one, each in zip(turns[0], lists, strict=True)]
        made = [walker.inner(body, holder, "", length, bound)] * length
    else:
        made = [walker.inner(body, holder, f"/{turn}", 1, bound) for turn, bound in enumerate(turns)]
    found = [*zip(*made, strict=True)] or [()] * len(holder.node.output)
    held = [tuple(Out(one.dtype, one.shape) for one in each) for each in found]
    holder.bind(
        [
            Tensor("", Out(outs[0].dtype if outs else 0, None, outs), made_of=each)
            for each, outs in zip(found, held, strict=True)
        ]
    )
    walker.hold(holder, len(holder.inputs))


def read_within(node: Any) -> list[str]:
    """Return the names of tensors that graphs within a node read and do not make."""
    return [name for each in node.attribute if each.HasField("g") for name in _read(each.g)]


def _read(graph: Any) -> list[str]:
    """Return the names that a graph takes from around it, each once."""
    made = {one.name for one in (*graph.input, *graph.initializer)} | {""}
    made |= {one.values.name for one in graph.sparse_initializer}
    read: dict[str, None] = {}
    for node in graph.node:
        made.update(node.output)
        read |= dict.fromkeys((*node.input, *read_within(node)))
    read |= dict.fromkeys(one.name for one in graph.output)
    return [name for name in read if name not in made]


def hidden(walker: Walker, holder: Holder) -> None:
    """Add the parameters of graphs that a node of unknown meaning holds; how often they run is not known."""
    for word, graph in holder.attributes.items():
        if hasattr(graph, "node"):
            scope = [Tensor(one.name, Out(one.type.tensor.elem_type, None)) for one in graph.input]
            steps, _, _ = walker.branch(graph, holder, f"/{word}", scope)
            sources = tuple(source for step in steps for source in step.sources)
            walker.found.steps.append(
                Step(f"{holder.name}/{word}", holder.node.op_type, holder.inputs, Known(Operator()), sources=sources)
            )


CONTROL: Mapping[str, Callable[[Walker, Holder], None]] = {"If": _if, "Loop": _loop, "Scan": _scan, "SequenceMap": _map}
