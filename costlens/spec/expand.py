"""Statements → nodes: values put in, names given, shapes worked out; every problem goes to its statement's place."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace

from costlens.errors import ShapeError, UsageError, did_you_mean
from costlens.graph import Convolution, Node
from costlens.layers import Layer
from costlens.layers.conv import Conv
from costlens.shapes import Shape, show
from costlens.spec import tail
from costlens.spec.binding import Binder, BindingError
from costlens.spec.fields import MAX_SIZE, FieldError, FieldType, settle, settled_layer
from costlens.spec.problems import Place, Problems
from costlens.spec.scope import Scope, Tensor
from costlens.spec.statements import Branches, Call, Given, LayerStatement, Reference, Repeat, Statement
from costlens.spec.tail import Tail, TailError
from costlens.spec.tree import Tree, what
from costlens.spec.values import Values
from costlens.variants import realise

_FIXED = FieldType(frozenset(), whole=False, number=False, boolean=True, nullable=False)


@dataclass(frozen=True, slots=True)
class Context:
    """Where an expansion stands: what names stand for, the call it is in, and whether a repeat numbers its names."""

    values: Values
    call: str = ""
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class _Made:
    """A layer statement with its values put in."""

    layer: Layer
    tail: Tail
    fixed: bool


@dataclass(slots=True)
class Expansion:
    """Builds the nodes of a graph, statement by statement."""

    problems: Problems
    binder: Binder
    shapes: dict[str, Shape]
    nodes: list[Node] = field(default_factory=list)
    _origins: dict[str, tuple[Statement, Context]] = field(default_factory=dict)
    _made: dict[Hashable, _Made | None] = field(default_factory=dict)

    def run(self, body: tuple[Statement, ...], scope: Scope, source: Tensor, context: Context) -> Tensor:
        """Expand a body that starts from a tensor; return the last one."""
        for statement in body:
            source = self.one(statement, scope, source, context)
        return source

    def one(
        self, statement: Statement, scope: Scope, source: Tensor, context: Context, lent: str | None = None
    ) -> Tensor:
        """Expand one statement; ``lent`` is the name it has from a call."""
        sources = tuple(self._found(name, statement, scope, context) for name in statement.sources) or (source,)
        if isinstance(statement, Repeat):
            return self._repeat(statement, scope, sources[0], context)
        local = lent or self._local(statement, scope, context)
        if isinstance(statement, LayerStatement):
            output = self._layer(statement, scope, local, sources, context)
        elif isinstance(statement, Branches):
            output = self._branches(statement, scope, local, sources[0], context)
        elif isinstance(statement, Call):
            output = self._call(statement, scope, local, sources[0], context)
        else:
            output = None
        scope.names[local] = output
        if context.numbered and statement.name:
            scope.names[statement.name] = output
        return output

    def _local(self, statement: Statement, scope: Scope, context: Context) -> str:
        name = statement.name
        if name is None:
            return scope.automatic(statement.kind or "layer")
        if context.numbered:
            name = scope.number(name)
        if name in scope.lines and scope.lines[name] >= 0 and name in scope.names:
            first = f"first in line {scope.lines[name]}" if scope.lines[name] else "of an input"
            self._say(statement, f'name: "{name}" is taken, {first}; every layer needs its own', context)
        elif name == scope.reserved:
            self._say(statement, f'name: "{name}" is the name of the join here; choose another', context)
        scope.lines[name] = statement.at.line
        return name

    def _found(self, wanted: Reference, statement: Statement, scope: Scope, context: Context) -> Tensor:
        found, tensor = scope.find(wanted.name)
        if found:
            return tensor
        levels = scope.levels()
        if any(level.incomplete for level in levels):
            return None
        at = Place(wanted.line, wanted.column, statement.at.path)
        if any(wanted.name in level.once or wanted.name in level.numbered for level in levels):
            message = f"from: {wanted.name} comes later: a graph has no cycles; read a layer that stands before"
        else:
            known = [name for level in levels for name in level.names]
            hint = did_you_mean(wanted.name, known) or "; name a layer that stands before, or an input"
            message = f"from: {wanted.name}: unknown name{hint}"
        self.problems.add(at, at.path, message, context.call)
        return None

    def _layer(
        self, statement: LayerStatement, scope: Scope, local: str, sources: tuple[Tensor, ...], context: Context
    ) -> Tensor:
        key = statement, context.values.key
        if key not in self._made:
            self._made[key] = self._values(statement, context)
        made = self._made[key]
        known = tuple(source for source in sources if source is not None)
        if made is None or len(known) < len(sources):
            return None
        name = f"{scope.prefix}{local}"
        if statement.convolution and isinstance(made.layer, Conv):
            site = Convolution(name, made.layer, made.tail, statement.convolution, made.fixed)
            try:
                nodes = realise(site, known[0], self.shapes[known[0]], scope.section)
            except UsageError as error:
                return self._refused(statement, name, error, context)
        else:
            nodes = _row(name, made.layer, made.tail, known, scope.section)
        return self._add(nodes, statement, context)

    def _values(self, statement: LayerStatement, context: Context) -> _Made | None:
        before = len(self.problems)
        given = {name: (item.value, self._scope_of(item, context)) for name, item in statement.fields.items()}
        layer, wrong = settled_layer(statement.layer, given)
        for name, error in wrong.items():
            self.problems.add(error.at, statement.fields[name].path, f"{name}: {error}", context.call)
        behind: Tail = ()
        for item, read in ((statement.norm, tail.norm), (statement.activation, tail.activations)):
            try:
                behind += read(item.value, self._scope_of(item, context)) if item else ()
            except TailError as error:
                for at, message in error.wrong:
                    self.problems.add(at, item.path if item else "", message, context.call)
        fixed = self._flag(statement.fixed, context)
        return _Made(layer, behind, fixed) if layer is not None and len(self.problems) == before else None

    def _flag(self, item: Given | None, context: Context) -> bool:
        if item is None:
            return False
        try:
            value = settle(item.value, _FIXED, self._scope_of(item, context))
            if isinstance(value, bool):
                return value
            error = FieldError(item.value, "")
        except FieldError as wrong:
            error = wrong
        message = str(error) or f"expected true or false, received {what(item.value)}"
        self.problems.add(error.at, item.path, f"fixed: {message}", context.call)
        return False

    def _scope_of(self, item: Given, context: Context) -> Values:
        return self.binder.knobs if item.is_default else context.values

    def _repeat(self, statement: Repeat, scope: Scope, source: Tensor, context: Context) -> Tensor:
        try:
            times = self.binder.times(statement, context.values)
        except BindingError as error:
            self._unbound(statement, error, context)
            times = 1
        name = self._local(statement, scope, context) if statement.name else None
        before = len(self.problems)
        for ordinal in range(1, times + 1):
            if name is None:
                source = self.run(statement.body, scope, source, replace(context, numbered=True))
            else:
                inner = scope.inner(f"{name}{ordinal}", statement.body)
                source = self.run(statement.body, inner, source, replace(context, numbered=False))
                scope.names[f"{name}{ordinal}"] = source
            if len(self.problems) > before:
                scope.incomplete, source = True, None
                break
        if name is not None:
            scope.names[name] = source
        elif not context.numbered:
            for inner_name in scope.numbered:
                scope.names.pop(inner_name, None)
        return source

    def _call(self, call: Call, scope: Scope, local: str, source: Tensor, context: Context) -> Tensor:
        try:
            values = self.binder.bind(call, context.values)
        except BindingError as error:
            self._unbound(call, error, context)
            return None
        block = self.binder.blocks[call.kind]
        inside = Context(values, f" (in {scope.prefix}{local}, called at line {call.at.line})")
        if block.lends_name:
            return self.one(block.body[0], scope, source, inside, local)
        return self.run(block.body, scope.inner(local, block.body), source, inside)

    def _branches(self, statement: Branches, scope: Scope, local: str, source: Tensor, context: Context) -> Tensor:
        inside = replace(context, numbered=False)
        join = statement.join.kind()
        if statement.flat:
            whole = tuple(one for path in statement.paths for one in path)
            level = scope.inner(local, whole, join)
            outputs = [self.run(path, level, source, inside) for path in statement.paths]
        else:
            level = scope.inner(local, (), join)
            outputs = []
            for ordinal, path in enumerate(statement.paths, 1):
                outputs.append(self.run(path, level.inner(f"path{ordinal}", path), source, inside))
        made = self._join(statement, context)
        known = tuple(output for output in outputs if output is not None)
        if made is None or len(known) < len(outputs):
            return None
        if statement.flat and len({self.shapes[output] for output in known}) > 1:
            shapes = " and the shortcut in ".join(show(self.shapes[output]) for output in known)
            advice = "give the shortcut a 1×1 conv of the body's filters and stride"
            self._say(statement, f"{scope.prefix}{local}: the body ends in {shapes}; {advice}", context)
            return None
        name = f"{level.prefix}{join}"
        return self._add(_row(name, made.layer, made.tail, known, scope.section), statement, context)

    def _join(self, statement: Branches, context: Context) -> _Made | None:
        given = {name: (item.value, context.values) for name, item in statement.fields.items()}
        layer, wrong = settled_layer(statement.join, given)
        for name, error in wrong.items():
            self.problems.add(error.at, statement.at.path, f"{name}: {error}", context.call)
        try:
            behind = tail.activations(statement.activation.value, context.values) if statement.activation else ()
        except TailError as error:
            for at, message in error.wrong:
                self.problems.add(at, statement.at.path, message, context.call)
            return None
        return _Made(layer, behind, fixed=False) if layer is not None else None

    def _add(self, nodes: tuple[Node, ...], statement: Statement, context: Context) -> Tensor:
        """Add nodes that end in a statement's output, each with its shape."""
        for node in nodes:
            try:
                shape = node.layer.output_shape(*(self.shapes[name] for name in node.inputs))
            except ShapeError as error:
                return self._refused(statement, node.name, error, context)
            if max(shape) > MAX_SIZE:
                return self._refused(statement, node.name, f"{show(shape)} has a size above 2**31 - 1", context)
            self.shapes[node.name] = shape
            self.nodes.append(node)
        self._origins[nodes[-1].name] = statement, context
        return nodes[-1].name

    def refuse_unread(self, outputs: tuple[str, ...]) -> None:
        """Note every layer and input that nothing reads: a built model would not hold it."""
        read = {name for node in self.nodes for name in node.inputs} | set(outputs)
        for name, (statement, context) in self._origins.items():
            if name not in read:
                self._say(statement, f"{name}: nothing reads it; name it under outputs, or remove it", context)

    def _refused(self, statement: Statement, name: str, why: object, context: Context) -> None:
        self._say(statement, f"{name}: {why}", context)

    def _unbound(self, statement: Statement, error: BindingError, context: Context) -> None:
        for at, message in error.wrong:
            self.problems.add(at, statement.at.path, message, context.call)

    def _say(self, statement: Statement, message: str, context: Context) -> None:
        self.problems.add(statement.at, statement.at.path, message, context.call)


def _row(name: str, layer: Layer, behind: Tail, sources: tuple[str, ...], section: str) -> tuple[Node, ...]:
    nodes = [Node(name, layer, sources, name, section)]
    for suffix, part in behind:
        nodes.append(Node(f"{name}.{suffix}", part, (nodes[-1].name,), name, section))
    return tuple(nodes)
