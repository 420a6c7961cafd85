"""One walk over a file's graph, node by node: types, shapes and small values of all tensors, and what each node costs.

Shapes that a file notes are not believed: every shape follows from the sizes of the inputs. A size that is not given
stays a variable (:mod:`costlens.arithmetic.sizes`), so a total may be a formula in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any

from costlens.arithmetic.cost import Cost
from costlens.arithmetic.sizes import AnySize, UndecidedError
from costlens.readers.onnx.attributes import attributes, value
from costlens.readers.onnx.constants import carried, used_first
from costlens.readers.onnx.control import CONTROL
from costlens.readers.onnx.inferred import inferred
from costlens.readers.onnx.operators import Call, ContradictionError, NotCountedError, Operator, Out, operator
from costlens.readers.onnx.steps import Holder, Place, Scope, Step, Walk, WalkError
from costlens.readers.onnx.tensor import Shape, StoredError, Tensor, Value, sparse, stored

MOST_NODES = 250_000
"""Nodes that are walked at most, those within functions and loops each time they are."""
_DEEPEST = 64
_UNKNOWN = Operator(None, weights=None)
_CHANCE = ("Random", "Bernoulli", "Multinomial")
_BROKEN = (KeyError, IndexError, ValueError, TypeError, AttributeError, OverflowError)
"""What a rule meets in a file that breaks the standard, before it can say so."""


def walk(model: Any, shapes: Mapping[str, Shape], values: Mapping[str, Value] | None = None) -> Walk:
    """Walk a model; ``shapes``, and ``values`` that are known, of the inputs that no initialiser holds, by their names.

    WalkError where the graph contradicts itself.
    """
    return Walker(model).run(shapes, values or {})


def inputs_of(graph: Any) -> list[Any]:
    """Return the inputs that a run must give: those that no initialiser stands for."""
    held = {tensor.name for tensor in graph.initializer} | {one.values.name for one in graph.sparse_initializer}
    return [value for value in graph.input if value.name not in held]


@dataclass(frozen=True, slots=True)
class _Known:
    """What a node with these operands gives: remembered, since networks repeat themselves."""

    entry: Operator
    outs: Sequence[Out]
    attributes: Mapping[str, Any]
    cost: Cost | None = None
    missing: str = ""


class Walker:
    """Walks the graphs and functions of one model."""

    def __init__(self, model: Any) -> None:
        self.found = Walk()
        self._graph = model.graph
        self._memo: dict[Any, _Known] = {}
        self._used: set[str] = set()
        self._walked = 0
        self.opsets = {one.domain: one.version for one in model.opset_import}
        self._functions = {(one.domain, one.name, one.overload): one for one in model.functions}

    def run(self, shapes: Mapping[str, Shape], values: Mapping[str, Value]) -> Walk:
        """Walk the graph of the model."""
        scope = Scope()
        self._stored(self._graph, scope, "")
        for one in inputs_of(self._graph):
            kind = one.type.tensor.elem_type if one.type.HasField("tensor") else 0
            scope[one.name] = tensor = Tensor(one.name, kind, shapes.get(one.name), values.get(one.name))
            self.found.inputs.append(tensor)
        self._nodes(self._graph.node, Place(scope))
        self.found.outputs = [scope.get(one.name) for one in self._graph.output]
        return self.found

    def inner(self, graph: Any, holder: Holder, word: str, times: AnySize, bound: Sequence[Tensor]) -> list[Tensor]:
        """Walk a graph that a node holds, ``times`` as often as the node; return its outputs."""
        place = holder.place
        scope, prefix = Scope(place.scope), f"{holder.name}{word}/"
        self._stored(graph, scope, prefix)
        for formal, tensor in zip(graph.input, bound, strict=False):
            scope[formal.name] = tensor
        self._nodes(graph.node, Place(scope, prefix, place.times * times, place.depth + 1, place.given))
        try:
            return [scope[one.name] for one in graph.output]
        except KeyError as name:
            raise WalkError(f"{holder.name}: a graph returns {name}, which nothing makes") from None

    def hold(self, holder: Holder, first: int) -> None:
        """Add a node that holds graphs as a step: constants that enter it from an operand on are used by it."""
        places = Operator(weights=tuple(range(first, len(holder.inputs))))
        sources = used_first(places, holder.inputs, self._used)
        times = holder.place.times
        self.found.steps.append(
            Step(holder.name, holder.node.op_type, Operator(), holder.inputs, times=times, sources=sources)
        )

    def _stored(self, graph: Any, scope: Scope, prefix: str) -> None:
        try:
            for tensor in graph.initializer:
                scope[tensor.name] = stored(tensor, prefix + tensor.name)
        except StoredError as error:
            raise WalkError(str(error)) from None
        for one in graph.sparse_initializer:
            scope[one.values.name] = sparse(one, prefix + one.values.name)

    def _nodes(self, nodes: Sequence[Any], place: Place) -> None:
        if place.depth > _DEEPEST:
            raise WalkError(f"{place.prefix}: graphs are nested more than {_DEEPEST} deep")
        self._walked += len(nodes)
        if self._walked > MOST_NODES:
            raise WalkError(f"the graph runs more than {MOST_NODES:,} nodes")
        done = 0
        try:
            for node in nodes:
                self._node(node, done, place)
                done += 1
        except KeyError:  # not in the order of a run, which runtimes do not mind
            for index, node in _ordered(list(enumerate(nodes))[done:], place):
                self._node(node, index, place)

    def _node(self, node: Any, index: int, place: Place) -> None:
        """Walk one node; KeyError where it reads what no node before it makes."""
        scope, op, domain = place.scope, node.op_type, node.domain
        inputs = [scope[one] if one else None for one in node.input]
        name = place.prefix + (node.name or f"{op}_{index}")
        if self._functions and (function := self._functions.get((domain, op, node.overload))):
            self._call(function, node, inputs, name, place)
            return
        if op in CONTROL and not domain:
            CONTROL[op](self, Holder(node, inputs, attributes(node, place.given), name, place))
            return
        known = self._known(node, op, domain, inputs, name, place)
        constant = _is_constant(op, inputs)
        made: list[Tensor | None] = []
        for written, out in zip(node.output, known.outs, strict=False):
            tensor = None
            if written:
                sources = carried(node, inputs, out, place.prefix + written) if constant else ()
                tensor = scope[written] = Tensor(written, *out, constant, sources)
            made.append(tensor)
        if not constant:
            entry = known.entry
            sources = used_first(entry, inputs, self._used) if entry.weights != () else ()
            self.found.steps.append(
                Step(
                    name,
                    op,
                    entry,
                    inputs,
                    made,
                    known.attributes,
                    known.cost,
                    known.missing,
                    place.times,
                    sources,
                    known,
                )
            )

    def _known(
        self, node: Any, op: str, domain: str, inputs: Sequence[Tensor | None], name: str, place: Place
    ) -> _Known:
        written: tuple[bytes, ...] = ()
        if node.attribute:
            if place.given:
                return self._worked_out(node, inputs, name, place)
            written = tuple([one.SerializeToString() for one in node.attribute])
        held = tuple([one and one.held for one in inputs])
        key = (op, domain, self.opsets.get(domain), len(node.output), held, written)
        known = self._memo.get(key)
        if known is None:
            known = self._memo[key] = self._worked_out(node, inputs, name, place)
        return known

    def _worked_out(self, node: Any, inputs: Sequence[Tensor | None], name: str, place: Place) -> _Known:
        op, domain = node.op_type, node.domain
        entry, found = operator(domain, op), attributes(node, place.given)
        call = Call(op, inputs, found, self.opsets.get(domain, 1), len(node.output))
        outs: Sequence[Out] = [Out(0, None)] * len(node.output)
        cost, missing = Cost(), ""
        try:
            outs = entry.infer(call) if entry and entry.infer else inferred(call, node)
            call.outputs = outs
            _check(outs)
            self.found.conditions |= {size: name for size in call.conditions if size not in self.found.conditions}
            if entry is not None:
                cost = _cost(entry, call)
        except (NotCountedError, UndecidedError) as reason:
            missing = str(reason)
        except (ContradictionError, StoredError) as error:
            raise WalkError(f"{name}: {error}") from None
        except _BROKEN as error:
            raise WalkError(f"{name}: an input or an attribute of {op} cannot be read: {error}") from None
        if entry is None:
            return _Known(_UNKNOWN, outs, found, None, f"operator {domain}{'.' if domain else ''}{op} is not known")
        if missing and entry.role == "contraction":
            return _Known(entry, outs, found, None, missing)
        return _Known(entry, outs, found, cost)

    def _call(self, function: Any, node: Any, inputs: Sequence[Tensor | None], name: str, place: Place) -> None:
        """Walk a local function: its inputs are the operands, its attributes those of the call or their defaults."""
        scope = Scope()
        scope.update(zip(function.input, inputs, strict=False))  # type: ignore[arg-type]  # one may be left out
        for formal in function.input[len(inputs) :]:
            scope[formal] = None  # type: ignore[assignment]
        given = {one.name: value(one) for one in function.attribute_proto} | attributes(node, place.given)
        outer = self.opsets
        self.opsets = outer | {one.domain: one.version for one in function.opset_import}
        self._nodes(function.node, Place(scope, f"{name}/", place.times, place.depth + 1, given))
        self.opsets = outer
        for formal, actual in zip(function.output, node.output, strict=False):
            if actual and formal not in scope:
                raise WalkError(f"{name}: a function returns {formal}, which nothing makes")
            if actual:
                place.scope[actual] = scope[formal]


def _cost(entry: Operator, call: Call) -> Cost:
    """Return the cost of a node, with the FLOPs of each value that it writes."""
    cost = entry.cost(call)
    each = entry.flops + (entry.bias is not None and call.has(entry.bias))
    if not each or not call.outputs or call.outputs[0].shape is None:
        return cost
    return replace(cost, elementwise_flops=cost.elementwise_flops + each * prod(call.out()))


def _check(outs: Sequence[Out]) -> None:
    for out in outs:
        if out.shape is not None and any(isinstance(size, int) and size < 0 for size in out.shape):
            raise ContradictionError(f"a tensor of shape ({', '.join(map(str, out.shape))})")


def _is_constant(op: str, inputs: Sequence[Tensor | None]) -> bool:
    """Say whether a node computes the same in every run."""
    for one in inputs:
        if one is not None and not one.constant:
            return False
    return not op.startswith(_CHANCE) if inputs else op == "Constant"


def _ordered(left: Sequence[tuple[int, Any]], place: Place) -> list[tuple[int, Any]]:
    """Return numbered nodes after those that they read; WalkError for a cycle, and for what nothing makes."""
    maker = {name: at for at, (_, node) in enumerate(left) for name in node.output if name}
    done: set[int] = set()
    found: list[tuple[int, Any]] = []
    for start in range(len(left)):
        stack, within = [(start, iter(left[start][1].input))], {start}
        while stack and start not in done:
            at, reads = stack[-1]
            index, node = left[at]
            label = place.prefix + (node.name or f"{node.op_type}_{index}")
            for name in reads:
                needed = maker.get(name)
                if needed is None and name and name not in place.scope:
                    raise WalkError(f"{label} reads {name}, which nothing makes")
                if needed is None or needed in done:
                    continue
                if needed in within:
                    raise WalkError(f"{label} reads what is made of what it makes: the graph is cyclic")
                stack.append((needed, iter(left[needed][1].input)))
                within.add(needed)
                break
            else:
                stack.pop()
                within.discard(at)
                done.add(at)
                found.append(left[at])
    return found
