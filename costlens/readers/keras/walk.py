"""A traced graph → what each of its operations costs: functions opened, loops multiplied, what is not read left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from types import MappingProxyType
from typing import Any

from costlens.arithmetic.cost import Contraction, Cost, total
from costlens.readers.keras.flow import Made
from costlens.readers.keras.operators import Call, NotCountedError, Operand, Shape, operator
from costlens.readers.keras.values import Values, trips

_CALLS = frozenset({"PartitionedCall", "StatefulPartitionedCall", "SymbolicGradient"})
LOOPS = frozenset({"While", "StatelessWhile"})
_BRANCHES = frozenset({"If", "StatelessIf", "Case", "StatelessCase"})
_OUTSIDE = ("CustomCall", "XlaLaunch", "PyFunc", "PyFuncStateless", "EagerPyFunc")
_JOINS, _BETWEEN, _MOST_BETWEEN = "BatchToSpaceND", frozenset({"Identity", "Squeeze", "ExpandDims"}), 4
_NOTHING = Operand(None, data=False)


@dataclass(frozen=True, slots=True)
class Step:
    """What one operation costs in one run of the model.

    owner: the site that made it, -1 where none says so. kernels: the weights that it multiplies with, by number.
    flops: whether its elementwise FLOPs are known.
    """

    owner: int
    cost: Cost
    kernels: frozenset[int] = frozenset()
    flops: bool = True


@dataclass(frozen=True, slots=True)
class Walk:
    """Walks graphs.

    owner: an operation and the site of what is around it → its site. rank: how many axes the layer of a site calls
    spatial. sizes: how many numbers each weight holds, by its number. made: the operations on data that were walked.
    passed: the sites that return a tensor of the outer graph as it is, by its name, such as a dropout.
    """

    tf: Any
    owner: Callable[[Any, int], int]
    rank: Mapping[int, int]
    sizes: Mapping[int, int]
    made: list[Made] = field(default_factory=list)
    passed: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def steps(self, graph: Any, given: Sequence[Operand]) -> list[Step]:
        """Return the steps of a graph whose inputs are as given; operations that no output needs are left out."""
        return self._steps(graph, given, {}, -1, 1, passed=self.passed)[0]

    def _steps(
        self,
        graph: Any,
        given: Sequence[Operand],
        values: Mapping[str, Any],
        owner: int,
        times: int,
        joined: Shape | None = None,
        passed: Mapping[str, Sequence[int]] = MappingProxyType({}),
    ) -> tuple[list[Step], list[Operand]]:
        """Walk a graph, whose first output is a piece of what has the shape ``joined``, if any."""
        pairs = zip(graph.inputs, given, strict=True)
        known = {tensor.name: self._passed(operand, passed.get(tensor.name, ())) for tensor, operand in pairs}
        frame = Values(self.tf, values)
        found: list[Step] = []
        for op in _needed(graph):
            if op.outputs and op.outputs[0].name in known:
                continue
            mine = self.owner(op, owner)
            operands = tuple(known.get(tensor.name, _NOTHING) for tensor in op.inputs)
            whole = _joined(op, graph.outputs, joined)
            steps, made = self._one(graph, op, operands, frame, mine, times, whole)
            found += steps
            for tensor, operand in zip(op.outputs, made, strict=True):
                known[tensor.name] = self._passed(operand, passed.get(tensor.name, ()))
        return found, [known.get(tensor.name, _NOTHING) for tensor in graph.outputs]

    def _one(
        self,
        graph: Any,
        op: Any,
        operands: tuple[Operand, ...],
        frame: Values,
        owner: int,
        times: int,
        joined: Shape | None,
    ) -> tuple[list[Step], list[Operand]]:
        if op.type in _CALLS:
            inner = _function(graph, op.get_attr("f"), op.inputs)
            if inner is not None:
                fixed = _fixed(inner, op.inputs, frame)
                steps, made = self._steps(inner, operands, fixed, owner, times, joined)
                return steps, _shaped(op, made)
        if op.type in LOOPS:
            return self._loop(graph, op, operands, frame, owner, times)
        if op.type in _BRANCHES:
            return self._branch(graph, op, operands, frame, owner, times)
        return self._operation(op, operands, owner, times, joined)

    def _loop(
        self, graph: Any, op: Any, operands: tuple[Operand, ...], frame: Values, owner: int, times: int
    ) -> tuple[list[Step], list[Operand]]:
        condition, body = (_function(graph, op.get_attr(name), op.inputs) for name in ("cond", "body"))
        if condition is None or body is None:
            return [_missing(owner, f"{op.type}: its body is not in the graph")], _shaped(op, operands)
        start = [frame.of(tensor) for tensor in op.inputs]
        runs = trips(self.tf, condition, body, start)
        same = _unchanged(body)
        loop = any(operand.data for operand in operands)
        turning = tuple(
            operand if index in same else replace(operand, data=operand.data or loop, weights=frozenset())
            for index, operand in enumerate(operands)
        )
        fixed = {
            tensor.name: value
            for index, (tensor, value) in enumerate(zip(body.inputs, start, strict=True))
            if index in same and value is not None
        }
        steps, made = self._steps(body, turning, fixed, owner, times * (1 if runs is None else runs))
        asked, _ = self._steps(condition, turning, {}, owner, times * (1 if runs is None else runs + 1))
        if runs is None and any(step.cost.contractions or step.cost.uncounted for step in steps):
            steps.append(_missing(owner, "a loop runs as often as its data say: it is counted for one turn"))
        elif runs is None and steps:
            steps.append(Step(owner, Cost(), flops=False))
        data = loop or any(operand.data for operand in made)
        after = [
            replace(one, data=data, weights=frozenset(), makers=one.makers | turned.makers)
            for one, turned in zip(_shaped(op, turning), made, strict=True)
        ]
        return [*steps, *asked], after

    def _branch(
        self, graph: Any, op: Any, operands: tuple[Operand, ...], frame: Values, owner: int, times: int
    ) -> tuple[list[Step], list[Operand]]:
        named = op.get_attr("branches") if "Case" in op.type else [op.get_attr(f"{w}_branch") for w in ("then", "else")]
        graphs = [_function(graph, name, op.inputs[1:]) for name in named]
        if None in graphs:
            return [_missing(owner, f"{op.type}: a branch is not in the graph")], _shaped(op, operands)
        index = frame.of(op.inputs[0])
        if index is not None:
            chosen = (
                (min(max(index, 0), len(graphs) - 1) if index >= 0 else -1) if "Case" in op.type else int(not index)
            )
            graphs = [graphs[chosen]]
        ways = [self._steps(each, operands[1:], _fixed(each, op.inputs[1:], frame), owner, times) for each in graphs]
        costs = [total([step.cost for step in steps]) for steps, _ in ways]
        steps, made = ways[min(range(len(ways)), key=lambda way: costs[way].macs)]
        if len({cost.macs for cost in costs}) > 1:
            reason = "which branch runs depends on the data: the one of the fewest MACs is counted"
            steps = [*steps, _missing(owner, reason)]
        return steps, _shaped(op, [replace(one, data=True) for one in made])

    def _operation(
        self, op: Any, operands: tuple[Operand, ...], owner: int, times: int, joined: Shape | None
    ) -> tuple[list[Step], list[Operand]]:
        rule = operator(op.type)
        data = any(operand.data for operand in operands)
        weights = frozenset[int]() if data else frozenset(w for operand in operands for w in operand.weights)
        makes = (data and (rule is None or rule.makes_data)) or (rule is not None and rule.chance)
        made = [Operand(_shape(tensor), makes, weights) for tensor in op.outputs]
        if not data:  # weights alone, or structure: it is computed once, not for each example
            return [], made
        made = self._numbered(made, operands, owner)
        if rule is None:
            outside = " calls code outside of the graph" if op.type in _OUTSIDE else " has no rule"
            return [_missing(owner, f"operation {op.type}{outside}")], made
        call = Call(op.type, operands, tuple(made), _attributes(op), self.rank.get(owner), joined)
        try:
            cost = rule.cost(call)
        except NotCountedError as reason:
            why = f"{op.type}: {reason}"
            return [_missing(owner, why) if rule.contracts else Step(owner, Cost(), flops=False)], made
        if not cost.contractions and not cost.elementwise_flops:
            return [], made
        kernels = (max(one.weights, key=self.sizes.__getitem__) for one in operands if one.weights and rule.contracts)
        return [Step(owner, _repeated(cost, times), frozenset(kernels))], made

    def _passed(self, operand: Operand, sites: Sequence[int]) -> Operand:
        """Return a tensor that these sites return as it is, one after the other."""
        for site in sites if operand.data else ():
            (operand,) = self._numbered([operand], [operand], site)
        return operand

    def _numbered(self, made: Sequence[Operand], operands: Iterable[Operand], owner: int) -> list[Operand]:
        """Return what an operation on data makes, with its number."""
        number = frozenset((len(self.made),))
        makers = (maker for one in operands if one.data for maker in sorted(one.makers))
        self.made.append(Made(owner, tuple(dict.fromkeys(makers))))
        return [replace(one, makers=number) for one in made]


def _missing(owner: int, reason: str) -> Step:
    return Step(owner, Cost(uncounted=(reason,)), flops=False)


def _repeated(cost: Cost, times: int) -> Cost:
    """Return the cost of so many runs: its weights are used at so many positions more.

    >>> _repeated(Cost((Contraction((4, 12)),), elementwise_flops=12), 10).macs
    480
    """
    if times == 1:
        return cost
    contractions = tuple(Contraction(c.factors, (times, *c.positions), c.fixed) for c in cost.contractions)
    return replace(cost, contractions=contractions, elementwise_flops=times * cost.elementwise_flops)


def _needed(graph: Any) -> list[Any]:
    """Return the operations that a graph's outputs are made from, in the order of the graph."""
    left, seen = [tensor.op for tensor in graph.outputs], set[str]()
    while left:
        op = left.pop()
        if op.name not in seen:
            seen.add(op.name)
            left += [tensor.op for tensor in op.inputs]
    return [op for op in graph.get_operations() if op.name in seen]


def _function(graph: Any, named: Any, given: Sequence[Any]) -> Any:
    """Return the graph of a function that an operation calls; None where this process does not have it.

    given: the tensors that it is called with. A function that was read from a file is a definition, and its graph is
    made of it for their shapes.
    """
    name = getattr(named, "name", named)
    while graph is not None:
        try:
            found = graph._get_function(name)
        except (KeyError, AttributeError, ValueError):
            found = None
        if found is not None:
            inner = getattr(found, "graph", None)
            return _defined(graph, found.definition, given) if inner is None else inner
        graph = getattr(graph, "outer_graph", None)
    return None


def _defined(graph: Any, definition: Any, given: Sequence[Any]) -> Any:
    """Return the graph of a definition, within the graph that holds the functions that it calls."""
    made = import_module("tensorflow.python.framework.function_def_to_graph")
    with graph.as_default():
        return made.function_def_to_graph(definition, input_shapes=[tensor.shape for tensor in given])


def _fixed(inner: Any, given: Iterable[Any], frame: Values) -> dict[str, Any]:
    pairs = ((inside.name, frame.of(tensor)) for inside, tensor in zip(inner.inputs, given, strict=True))
    return {name: value for name, value in pairs if value is not None}


def _unchanged(body: Any) -> frozenset[int]:
    """Return the places of the loop variables that the body passes on as they are."""
    return frozenset(
        index
        for index, (before, after) in enumerate(zip(body.inputs, body.outputs, strict=True))
        if _source(after) is before
    )


def _source(tensor: Any) -> Any:
    while tensor.op.type == "Identity":
        tensor = tensor.op.inputs[0]
    return tensor


def _shape(tensor: Any) -> Shape | None:
    shape = tensor.shape
    return tuple(shape.as_list()) if shape.is_fully_defined() else None


def _shaped(op: Any, made: Sequence[Operand]) -> list[Operand]:
    return [replace(one, shape=_shape(tensor)) for tensor, one in zip(op.outputs, made, strict=True)]


def _joined(op: Any, outputs: Sequence[Any], joined: Shape | None) -> Shape | None:
    """Return the shape of what an operation's pieces are put together to; None where it makes no pieces."""
    for _ in range(_MOST_BETWEEN):
        if not op.outputs:
            return None
        if joined is not None and op.outputs[0] is outputs[0]:
            return joined
        readers = op.outputs[0].consumers()
        if len(readers) != 1:
            return None
        op = readers[0]
        if op.type == _JOINS:
            return _shape(op.outputs[0])
        if op.type not in _BETWEEN:
            return None
    return None


def _attributes(op: Any) -> Any:
    def read(name: str) -> Any:
        value = op.get_attr(name)
        return value.decode() if isinstance(value, bytes) else value

    return read
