"""A walk over the operators of a file, in their order: shapes from the sizes of the inputs, then what each costs.

A shape that the file notes stands where an operator has no rule, or its rule needs what only a run can tell. Where a
rule and the file differ, the rule stands, as it does in the runtime, and a note says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import prod
from struct import unpack_from

from costlens.readers.tflite import control
from costlens.readers.tflite.file import Model, OperatorEntry, SubGraph, TensorEntry
from costlens.readers.tflite.operators import Call, ContradictionError, NotCountedError, Operator, Out, operator
from costlens.readers.tflite.steps import Step, Walk, WalkError, noted
from costlens.readers.tflite.tensor import BITS, FILE, FLOATS, MOST_VALUES, NARROW, Shape, Stored, Tensor, Value

_FORMS = {"int32": "i", "int64": "q", "bool": "?", "int8": "b", "uint8": "B", "int16": "h", "uint32": "I"}
_DEEPEST = 16
_LEAST_LEFT = 20_000
_TIMES_OVER = 4
"""How often all that is in the file may run, and how much may at least: sub-graphs that call each other could grow
without end."""
_STATEFUL = frozenset({"MULTINOMIAL", "RANDOM_STANDARD_NORMAL", "RANDOM_UNIFORM", "READ_VARIABLE", "VAR_HANDLE"})
_WITHOUT_RULE = Operator(None, weights=None)


def walk(model: Model, inputs: Sequence[Tensor], ran: Mapping[int, Shape] | None = None) -> Walk:
    """Walk the network of a file with these inputs; WalkError where an operator cannot run with what it gets.

    ran: the shapes that tensors of the network had in a run, by place. They stand for those that rules tell.
    """
    walker = Walker(model, ran or {})
    walker.found.inputs = inputs
    walker.found.outputs = walker.graph(0, inputs, "", 1, 0)
    return walker.found


class Walker:
    """The state of a walk. Operators that call sub-graphs (:mod:`.control`) walk these by it."""

    def __init__(self, model: Model, ran: Mapping[int, Shape]) -> None:
        self.model = model
        self.ran = ran
        self.found = Walk()
        self.used: set[tuple[str, int]] = set()
        held = sum(1 + len(each.inputs) for graph in model.subgraphs for each in graph.operators)
        self._left = max(_TIMES_OVER * held, _LEAST_LEFT)

    def graph(self, index: int, inputs: Sequence[Tensor], prefix: str, times: int, depth: int) -> list[Tensor]:
        """Walk a sub-graph with these inputs, and return its outputs; ``prefix`` is what its rows' names begin with."""
        if not 0 <= index < len(self.model.subgraphs):
            raise WalkError(
                f"{prefix or 'the file'}: there is no sub-graph {index}; there are {len(self.model.subgraphs)}"
            )
        if depth > _DEEPEST:
            raise WalkError(f"{prefix}: sub-graphs call each other more than {_DEEPEST} deep")
        graph = self.model.subgraphs[index]
        known: dict[int, Tensor] = dict(zip((place for place in graph.inputs if place >= 0), inputs, strict=False))
        for each in graph.operators:
            self._left -= 1 + len(each.inputs)
            if self._left < 0:
                raise WalkError("its sub-graphs call each other again and again")
            name = prefix + name_of(graph, each)
            given = [None if place < 0 else self.tensor(graph, known, place) for place in each.inputs]
            entries = [graph.tensors[place] for place in each.outputs if place >= 0]
            ran = [self.ran.get(place) for place in each.outputs if place >= 0] if self.ran and not depth else None
            if each.op in control.CONTROL:
                made = control.CONTROL[each.op](self, control.Caller(each, given, entries, name, times, depth))
            else:
                made = self._run(each, given, entries, name, times, ran)
            if ran:
                made = [one.seen(shape=shape or one.shape) for one, shape in zip(made, ran, strict=False)]
            known |= dict(zip((place for place in each.outputs if place >= 0), made, strict=False))
        return [self.tensor(graph, known, place) for place in graph.outputs if place >= 0]

    def tensor(self, graph: SubGraph, known: dict[int, Tensor], place: int) -> Tensor:
        """Return a tensor as it is known by now: made, stored, or as the file notes it."""
        if place not in known:
            entry = graph.tensors[place]
            made = entry.held is None or entry.variable
            known[place] = noted(entry) if made else self._constant(entry)
        return known[place]

    def say(self, note: str) -> None:
        """Add a note once."""
        self.found.notes[note] = None

    def _constant(self, entry: TensorEntry) -> Tensor:
        held, shape, bits = entry.held, entry.shape or (), BITS.get(entry.dtype)
        if held is None:
            raise ValueError("a constant is stored")
        count = prod(shape)
        if bits and not entry.sparse and not held.outside and (count * bits + 7) // 8 > held.size:
            raise WalkError(f"{entry.name}: {list(shape)} of {entry.dtype} do not fit its {held.size:,} bytes")
        value: Value | None = None
        if entry.dtype in _FORMS and count <= MOST_VALUES and not held.outside and not entry.sparse:
            value = tuple(map(int, unpack_from(f"<{count}{_FORMS[entry.dtype]}", self.model.data, held.start)))
        if entry.sparse:
            self.say(f"{entry.name} is stored without its zeros: its parameters and MACs are counted with them")
        key = ("outside" if held.outside else FILE, held.start)
        weighs = entry.dtype in FLOATS or entry.quantized
        return Tensor(entry.name, entry.dtype, shape, value, True, (Stored(key, count, held.size, weighs),))

    def _run(
        self,
        each: OperatorEntry,
        given: Sequence[Tensor | None],
        entries: Sequence[TensorEntry],
        name: str,
        times: int,
        ran: Sequence[Shape | None] | None,
    ) -> list[Tensor]:
        """Return what an operator makes, and keep a step for it.

        What reads constants only has none: its numbers count where they are used. LiteRT multiplies constants in every
        run, so a contraction always has one.
        """
        entry = None if each.custom else operator(each.op)
        call = Call(each.op, given, each.options, len(entries))
        made = self._outputs(entry or _WITHOUT_RULE, call, entries, name, ran)
        present = [one for one in given if one is not None]
        carries = entry and entry.role != "contraction" and each.op not in _STATEFUL
        if entry and carries and present and all(one.constant for one in present):
            return [
                replace(one, constant=True, stored=_carried(entry, call, one, name, at)) for at, one in enumerate(made)
            ]
        step = Step(name, each.op, entry or _WITHOUT_RULE, call, made, times=times)
        if entry is None:
            kind = "custom operator" if each.custom else "operator"
            step.missing = f"{kind} {each.op} has no rule"
        else:
            try:
                step.cost = entry.cost(call)
            except NotCountedError as reason:
                step.missing = str(reason)
            except ContradictionError as problem:
                raise WalkError(f"{name} ({each.op}): {problem}") from None
        step.stored = self.used_first(step.entry, given)
        self.found.zeros += self._zeros(step)
        self.found.steps.append(step)
        return made

    def _outputs(
        self,
        entry: Operator,
        call: Call,
        entries: Sequence[TensorEntry],
        name: str,
        ran: Sequence[Shape | None] | None,
    ) -> list[Tensor]:
        """Return what an operator makes: with the shapes of a run, else by its rule, else as the file notes it."""
        outs: Sequence[Out] = ()
        if ran is not None:
            outs = [Out(shape) for shape in ran]
        elif entry.infer is not None:
            try:
                outs = entry.infer(call)
            except NotCountedError:
                outs = ()
            except ContradictionError as problem:
                raise WalkError(f"{name} ({call.op}): {problem}") from None
        made = []
        for index, held in enumerate(entries):
            out = outs[index] if index < len(outs) else Out(None)
            one = noted(held)
            if out.shape is not None:
                if ran is None and one.shape is not None and one.shape != out.shape:
                    self.say(f"{name}: the file notes {one.shape} for it, {call.op} makes {out.shape} of what it reads")
                one = one.made(out.shape, out.value)
            made.append(one)
        call.outputs = [one.shape for one in made]
        return made

    def _zeros(self, step: Step) -> int:
        """Return how many numbers the bias of an operator has, where it is the first to use them and all are zero."""
        bias = step.entry.bias
        tensor = step.call.inputs[bias] if bias is not None and step.call.has(bias) else None
        count = 0
        for stored in tensor.stored if tensor else ():
            where, start = stored.key
            if stored in step.stored and where == FILE:
                count += stored.count * (not any(self.model.data[start : start + stored.size_bytes]))
        return count

    def used_first(self, entry: Operator, given: Sequence[Tensor | None]) -> tuple[Stored, ...]:
        """Return the parameters that an operator is the first to use, and remember that they are used."""
        found = []
        for place in range(len(given)) if entry.weights is None else entry.weights:
            tensor = given[place] if place < len(given) else None
            if tensor is not None and tensor.constant:
                for stored in tensor.stored:
                    if stored.key not in self.used and _weighs(entry, stored, tensor):
                        self.used.add(stored.key)
                        found.append(stored)
        return tuple(found)


def _weighs(entry: Operator, stored: Stored, tensor: Tensor) -> bool:
    """Say whether stored numbers are parameters where an operator reads them.

    Integers are where they stand for real numbers, as weights, and in tables of 8 bits and fewer.
    """
    if stored.count == 1 and not entry.single:
        return False
    return stored.weighs or entry.integers or (tensor.dtype in NARROW and entry.role == "carrier")


def _carried(entry: Operator, call: Call, made: Tensor, name: str, index: int) -> tuple[Stored, ...]:
    """Return the stored numbers that a constant is made of: those carried on, or the numbers that are made."""
    if entry.role in ("carrier", "layout"):
        places: Iterable[int] = range(len(call.inputs)) if entry.weights is None else (entry.weights or (0,))[:1]
        given = (call.inputs[place] for place in places if place < len(call.inputs))
        found = {stored.key: stored for one in given if one is not None for stored in one.stored}
        scaled = call.op in ("DEQUANTIZE", "QUANTIZE")
        return tuple(replace(one, weighs=True) if scaled else one for one in found.values())
    wide = [one for one in call.inputs if one is not None and one.count != 1]
    if len(wide) == 1 and wide[0].shape == made.shape:  # arithmetic with one number
        return wide[0].stored
    return (Stored((name, index), made.count or 0, made.size_bytes or 0, made.dtype in FLOATS),)


def name_of(graph: SubGraph, each: OperatorEntry) -> str:
    """Return a name for an operator, which has none of its own: of its first output, to the first semicolon."""
    names = (graph.tensors[place].name for place in each.outputs if place >= 0)
    return next(names, "").partition(";")[0] or each.op
