"""One walk over a file's graph, node by node: types, shapes and small values of all tensors, and what each node costs.

Shapes that a file notes are not believed: every shape follows from the sizes of the inputs. A size that is not given
stays a variable (:mod:`costlens.arithmetic.sizes`), so a total may be a formula in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import prod
from typing import Any

from costlens.arithmetic.cost import Cost
from costlens.arithmetic.sizes import AnySize, Size, UndecidedError
from costlens.readers.onnx.attributes import attributes, check, value
from costlens.readers.onnx.constants import carried, used_first
from costlens.readers.onnx.control import CONTROL, hidden, read_within
from costlens.readers.onnx.inferred import inferred
from costlens.readers.onnx.node_names import name_of
from costlens.readers.onnx.operators import Call, ContradictionError, NotCountedError, Operator, operator
from costlens.readers.onnx.steps import Holder, Known, Place, Scope, Step, Walk, WalkError
from costlens.readers.onnx.tensor import Out, Shape, Source, StoredError, Tensor, Value, sparse, stored

MOST_NODES = 250_000
"""Nodes that are walked at most, those within functions and loops each time they are."""
_DEEPEST = 64
_MOST_VALUES = 4_000_000
"""Values of small tensors that are worked out at most, all nodes together."""
_SAYS_OPSETS = 3
"""The version of the format since which a file says its opsets."""
_NEWEST = 1 << 20
"""What runtimes take the opset of a file for that does not say it: theirs."""
_LARGEST = 1 << 64
"""No number of a tensor and no tensor is larger; what runtimes do beyond is not worked out."""
_NOT_KNOWN = Out(0, None)
_UNKNOWN = Operator(None, weights=None)
_ADDS = frozenset({"Add", "Sum", "BiasAdd"})
_NUMBERS = frozenset((int, float, bool, Size, Out))  # a sequence holds tensors
_CHANCE = ("Random", "Bernoulli", "Multinomial")
_BROKEN = (KeyError, IndexError, ValueError, TypeError, AttributeError, ArithmeticError)
"""What a rule meets in a file that breaks the standard, before it can say so."""


def walk(
    model: Any,
    shapes: Mapping[str, Shape],
    values: Mapping[str, Value] | None = None,
    *,
    ones: bool = False,
    both: bool = False,
) -> Walk:
    """Walk a model; ``shapes``, and ``values`` that are known, of the inputs that no initialiser holds, by their names.

    ``ones``: tensors of one number are parameters wherever they have an axis. ``both``: where no value picks the branch
    of an If, the steps of both are found, of which a run takes one. WalkError where the graph contradicts itself.
    """
    return Walker(model, ones=ones, both=both).run(shapes, values or {})


def inputs_of(graph: Any) -> list[Any]:
    """Return the inputs that a run must give: those that no initialiser stands for."""
    held = {tensor.name for tensor in graph.initializer} | {one.values.name for one in graph.sparse_initializer}
    return [value for value in graph.input if value.name not in held]


class Walker:
    """Walks the graphs and functions of one model."""

    def __init__(self, model: Any, *, ones: bool = False, both: bool = False) -> None:
        self.found = Walk()
        self._ones = ones
        self.both = both
        self._graph = model.graph
        self._memo: dict[Any, Known] = {}
        self.used: set[str] = set()
        self._walked = 0
        self._lone: set[Tensor | None] = set()
        self._forgives = False
        self._values = 0
        self.opsets = {"": _NEWEST if model.ir_version >= _SAYS_OPSETS else 1} | _versions(model)
        self._functions = {(one.domain, one.name, one.overload): one for one in model.functions}

    def run(self, shapes: Mapping[str, Shape], values: Mapping[str, Value]) -> Walk:
        """Walk the graph of the model."""
        scope = Scope()
        self._stored(self._graph, scope, "")
        for one in self._graph.input:
            if one.name in scope:  # an initialiser stands for it
                continue
            kind = one.type.tensor.elem_type if one.type.HasField("tensor") else 0
            scope[one.name] = tensor = Tensor(one.name, Out(kind, shapes.get(one.name), values.get(one.name)))
            self.found.inputs.append(tensor)
        self._nodes(self._graph.node, Place(scope))
        self.found.outputs = [scope.get(one.name) for one in self._graph.output]
        return self.found

    def inner(
        self, graph: Any, holder: Holder, word: str, times: AnySize, bound: Sequence[Tensor], also: Sequence[str] = ()
    ) -> list[Tensor]:
        """Walk a graph that a node holds, ``times`` as often as the node; return its outputs, and further tensors."""
        place = holder.place
        scope, prefix = Scope(place.scope), f"{holder.name}{word}/"
        self._stored(graph, scope, prefix)
        for formal, tensor in zip(graph.input, bound, strict=False):
            scope[formal.name] = tensor
        self._nodes(graph.node, Place(scope, prefix, place.times * times, place.depth + 1, place.given))
        try:
            return [scope[name] for name in (*(one.name for one in graph.output), *also)]
        except KeyError as name:
            raise WalkError(f"{holder.name}: a graph returns {name}, which nothing makes") from None

    def branch(
        self, graph: Any, holder: Holder, word: str, bound: Sequence[Tensor] = (), also: Sequence[str] = ()
    ) -> tuple[list[Step], list[Tensor], str]:
        """Walk a graph that a run may leave out: its steps, its outputs, and why these sizes do not fit it if so."""
        before, used, memo = self.found.steps, set(self.used), self._memo
        steps: list[Step] = []
        why = ""
        try:
            self.found.steps = steps
            return steps, self.inner(graph, holder, word, 1, bound, also), ""
        except WalkError as error:
            why = str(error)
            self.used, self._memo, self._forgives = used, {}, True
            self.found.steps = steps = []
            return steps, self.inner(graph, holder, word, 1, bound, also), why
        finally:
            self.found.steps, self._memo = before, memo
            self._forgives = self._forgives and not why

    def hold(self, holder: Holder, first: int) -> None:
        """Add a node that holds graphs as a step: constants that enter it from an operand on are used by it."""
        places = Operator(weights=tuple(range(first, len(holder.inputs))))
        sources = used_first(places, holder.inputs, self.used)
        times = holder.place.times
        self.found.steps.append(
            Step(holder.name, holder.node.op_type, holder.inputs, Known(Operator()), times=times, sources=sources)
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
            raise WalkError(f"…{place.prefix[-60:]}: graphs are nested more than {_DEEPEST} deep")
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
        scope, op, domain = place.scope, node.op_type, _domain(node.domain)
        inputs = [scope[one] if one else None for one in node.input[:]]  # a slice is read three times as fast
        name = place.prefix + name_of(node, index)
        if self._functions and (function := self._functions.get((domain, op, node.overload))):
            self._call(function, node, inputs, name, place)
            return
        if op in CONTROL and not domain:
            self._control(node, inputs, name, place)
            return
        written, outputs = node.attribute[:], node.output[:]
        known = self._known(node, op, domain, inputs, written, outputs, name, place)
        entry = known.entry
        if entry is _UNKNOWN and written:
            hidden(self, Holder(node, inputs, known.attributes, name, place))
        made = [Tensor(*pair) if pair[0] else None for pair in zip(outputs, known.outs, strict=False)]
        scope.update([(one.name, one) for one in made if one is not None])
        if _is_constant(op, inputs):
            for one in filter(None, made):
                one.constant, one.sources = True, carried(node, inputs, one.held, place.prefix + one.name)
            return
        sources: tuple[Source, ...] = ()
        if entry.weights != ():
            lone = self._ones or (op in _ADDS and not self._lone.isdisjoint(inputs))
            sources = used_first(entry, inputs, self.used, lone)
        if entry.role == "contraction" and made and made[0] is not None and _is_lone(made[0].shape):
            self._lone.add(made[0])
        self.found.steps.append(Step(name, op, inputs, known, made, place.times, sources))

    def _control(self, node: Any, inputs: Sequence[Tensor | None], name: str, place: Place) -> None:
        """Walk a node that holds graphs; KeyError as above, for what these read too."""
        for one in read_within(node):
            place.scope[one]
        try:
            CONTROL[node.op_type](self, Holder(node, inputs, attributes(node, place.given), name, place))
        except _BROKEN as error:
            raise WalkError(f"{name}: an input or an attribute of {node.op_type} cannot be read: {error}") from None

    def _known(
        self,
        node: Any,
        op: str,
        domain: str,
        inputs: Sequence[Tensor | None],
        written: Sequence[Any],
        outputs: Sequence[str],
        name: str,
        place: Place,
    ) -> Known:
        if written and place.given:
            return self._worked_out(node, inputs, name, place)
        held = tuple([None if one is None else one.held for one in inputs])
        texts = tuple([one.SerializeToString() for one in written]) if written else ()
        key = (op, domain, self.opsets.get(domain), len(outputs), held, texts)
        known = self._memo.get(key)
        if known is None:
            known = self._memo[key] = self._worked_out(node, inputs, name, place)
        return known

    def _worked_out(self, node: Any, inputs: Sequence[Tensor | None], name: str, place: Place) -> Known:
        op, domain = node.op_type, _domain(node.domain)
        entry, found = operator(domain, op), attributes(node, place.given)
        call = Call(op, inputs, found, self.opsets.get(domain, 1), len(node.output))
        outs: Sequence[Out] = [_NOT_KNOWN] * len(node.output)
        cost, missing = Cost(), ""
        try:
            if entry is not None:
                check(found)
            outs = entry.infer(call) if entry and entry.infer else inferred(call, node)
            call.outputs = outs = self._kept([*outs, *[_NOT_KNOWN] * (len(node.output) - len(outs))])
            self.found.conditions |= {size: name for size in call.conditions if size not in self.found.conditions}
            self.found.equal |= {pair: name for pair in call.equal if pair not in self.found.equal}
            self.found.always |= set() if place.depth else {*call.equal}
            if entry is not None:
                cost = cost_of(entry, call)
        except (NotCountedError, UndecidedError) as reason:
            missing = str(reason)
        except (ContradictionError, StoredError) as error:
            if not self._forgives:
                raise WalkError(f"{name}: {error}") from None
            missing = str(error)
        except _BROKEN as error:
            raise WalkError(f"{name}: an input or an attribute of {op} cannot be read: {error}") from None
        if entry is None:
            return Known(_UNKNOWN, outs, found, None, f"operator {domain}{'.' if domain else ''}{op} is not known")
        if entry.listed:
            return Known(entry, outs, found, None, entry.listed)
        if missing and entry.role == "contraction":
            return Known(entry, outs, found, None, missing)
        return Known(entry, outs, found, cost)

    def _kept(self, outs: Sequence[Out]) -> Sequence[Out]:
        """Hold what a rule returns to what a tensor can be; values are left out where all together are too many."""
        _check(outs)
        for index, (dtype, shape, numbers) in enumerate(outs):
            if numbers is None:
                continue
            self._values += len(numbers)
            if self._values > _MOST_VALUES or not all(type(one) is not int or abs(one) < _LARGEST for one in numbers):
                outs = [*outs[:index], Out(dtype, shape), *outs[index + 1 :]]
        return outs

    def _call(self, function: Any, node: Any, inputs: Sequence[Tensor | None], name: str, place: Place) -> None:
        """Walk a local function: its inputs are the operands, its attributes those of the call or their defaults."""
        scope = Scope()
        scope.update(zip(function.input, inputs, strict=False))  # type: ignore[arg-type]  # one may be left out
        for formal in function.input[len(inputs) :]:
            scope[formal] = None  # type: ignore[assignment]
        given = {one.name: value(one) for one in function.attribute_proto} | attributes(node, place.given)
        outer = self.opsets
        self.opsets = outer | _versions(function)
        self._nodes(function.node, Place(scope, f"{name}/", place.times, place.depth + 1, given))
        self.opsets = outer
        for formal, actual in zip(function.output, node.output, strict=False):
            if actual and formal not in scope:
                raise WalkError(f"{name}: a function returns {formal}, which nothing makes")
            if actual:
                place.scope[actual] = scope[formal]


def cost_of(entry: Operator, call: Call) -> Cost:
    """Return the cost of a node, with the FLOPs of each value that it writes."""
    cost = entry.cost(call)
    each = entry.flops + (entry.bias is not None and call.has(entry.bias))
    if not each or not call.outputs or call.outputs[0].shape is None:
        return cost
    return replace(cost, elementwise_flops=cost.elementwise_flops + each * prod(call.out()))


def _domain(name: str) -> str:
    """Return a domain under its one name: the standard one has two."""
    return "" if name == "ai.onnx" else name


def _versions(model: Any) -> dict[str, int]:
    """Return the opset of each domain that a model or a function imports."""
    return {_domain(one.domain): one.version for one in model.opset_import}


def _is_lone(shape: Shape | None) -> bool:
    """Say whether a contraction has one output, by the axis of its channels or the last one: its bias is one number."""
    return shape is not None and (1,) in (shape[-1:], shape[1:2])


def _check(outs: Sequence[Out]) -> None:
    """Hold what a rule made of a file's attributes to types, sizes and numbers; TypeError where it is none of these."""
    for dtype, shape, numbers in outs:
        if not isinstance(dtype, int):
            raise TypeError(f"a type of tensor cannot be {dtype!r:.40}")
        for size in shape or ():
            if not isinstance(size, (int, Size)):
                raise TypeError(f"a size cannot be {size!r:.40}")
            if isinstance(size, int) and size < 0:
                raise ContradictionError(f"a tensor of shape ({', '.join(map(str, shape or ()))})")
        if shape is not None and isinstance(count := prod(shape), int) and count >= _LARGEST:
            raise ContradictionError("a tensor of more than 2⁶⁴ values")
        if numbers is not None and not _NUMBERS.issuperset(map(type, numbers)):
            raise TypeError("a tensor holds what is no number")


def _is_constant(op: str, inputs: Sequence[Tensor | None]) -> bool:
    """Say whether a node computes the same in every run."""
    for one in inputs:
        if one is not None and not one.constant:
            return False
    return not op.startswith(_CHANCE) if inputs else op == "Constant"


def _ordered(left: Sequence[tuple[int, Any]], place: Place) -> list[tuple[int, Any]]:
    """Return numbered nodes after those that they read; WalkError for a cycle, and for what nothing makes."""
    maker = {name: at for at, (_, node) in enumerate(left) for name in node.output if name}
    read = [(*node.input, *read_within(node)) for _, node in left]
    done: set[int] = set()
    found: list[tuple[int, Any]] = []
    for start in range(len(left)):
        stack, within = [(start, iter(read[start]))], {start}
        while stack and start not in done:
            at, reads = stack[-1]
            index, node = left[at]
            label = place.prefix + name_of(node, index)
            for name in reads:
                needed = maker.get(name)
                if needed is None and name and name not in place.scope:
                    raise WalkError(f"{label} reads {name}, which nothing makes")
                if needed is None or needed in done:
                    continue
                if needed in within:
                    raise WalkError(f"{label} reads what is made of what it makes: the graph is cyclic")
                stack.append((needed, iter(read[needed])))
                within.add(needed)
                break
            else:
                stack.pop()
                within.discard(at)
                done.add(at)
                found.append(left[at])
    return found
