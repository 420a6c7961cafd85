"""Statements → nodes: values put in, names given, shapes worked out; every problem goes to its statement's place."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from costlens.arithmetic.shapes import Shape, show
from costlens.errors import ShapeError, UsageError
from costlens.network.graph import Convolution, Node, output_shapes
from costlens.network.layers import Layer
from costlens.network.layers.conv import Conv
from costlens.network.variants import realise
from costlens.spec import elsewhere, tree
from costlens.spec.binding import Binder
from costlens.spec.fields import MAX_SIZE
from costlens.spec.filled import Filled, Tail, fill
from costlens.spec.problems import Problems, ValuesError
from costlens.spec.scope import Scope, Tensor
from costlens.spec.statements import Branches, Call, LayerStatement, Repeat, Statement, WithLayer
from costlens.spec.tree import Place, Scalar
from costlens.spec.values import Values

_NO_SUCH_NAME = "; name an earlier layer, or an input"


@dataclass(frozen=True, slots=True)
class Context:
    """Where an expansion stands: what names stand for, the call it is in, and whether a repeat numbers its names.

    ``caller`` is the scope of that call: where a parameter that names a layer is looked up.
    """

    values: Values
    call: str = ""
    numbered: bool = False
    caller: Scope | None = None


@dataclass(slots=True)
class Expansion:
    """Builds the nodes of a graph, statement by statement."""

    problems: Problems
    binder: Binder
    shapes: dict[str, Shape]
    nodes: list[Node] = field(default_factory=list)
    named: dict[str, Tensor] = field(default_factory=dict)
    """The output of each statement, by its full name."""
    _further: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The names of the further outputs of each node that has some."""
    _origins: dict[str, tuple[Statement, Context]] = field(default_factory=dict)
    _fill: Callable[[WithLayer, Values], Filled] = field(default_factory=lambda: cache(fill))

    def open(self, body: tuple[Statement, ...], scope: Scope, source: Tensor, context: Context) -> Tensor:
        """Expand the layers of a spec or of a section: where they are one block, its names belong to this scope."""
        call = self.binder.sole_call(body)
        if call is None:
            return self.run(body, scope, source, context)
        source = self._sources(call, scope, source, context)[0]
        try:
            inside = self._inside(call, call.kind, scope, context)
        except ValuesError as error:
            self.problems.add_all(error, context.call)
            return None
        return self.open(self.binder.blocks[call.kind].body, scope, source, inside)

    def run(self, body: tuple[Statement, ...], scope: Scope, source: Tensor, context: Context) -> Tensor:
        """Expand a body that starts from a tensor; return the last one."""
        for statement in body:
            source = self.one(statement, scope, source, context)
        return source

    def one(
        self, statement: Statement, scope: Scope, source: Tensor, context: Context, lent: str | None = None
    ) -> Tensor:
        """Expand one statement; ``lent`` is the name it has from a call."""
        sources = self._sources(statement, scope, source, context)
        if isinstance(statement, Repeat):
            return self._repeat(statement, scope, sources[0], context)
        local = lent or self._local(statement, scope, context)
        output: Tensor = None
        try:
            if isinstance(statement, LayerStatement):
                output = self._layer(statement, scope, local, sources, context)
            elif isinstance(statement, Branches):
                output = self._branches(statement, scope, local, sources[0], context)
            elif isinstance(statement, Call):
                output = self._call(statement, scope, local, sources[0], context)
        except ValuesError as error:
            self.problems.add_all(error, context.call)
        scope.names[local] = self.named[f"{scope.prefix}{local}"] = output
        if context.numbered and statement.name:
            scope.names[statement.name] = output
        return output

    def _local(self, statement: Statement, scope: Scope, context: Context) -> str:
        name = statement.name
        if name is None:
            return scope.automatic(statement.kind or "layer")
        if context.numbered:
            name = scope.number(name)
        if name in scope.lines:
            first = f"in {tree.where(scope.lines[name])}" if scope.lines[name] else "by an input"
            self._say(statement, f'name: "{name}" is taken {first}; every layer needs its own', context)
        elif name == scope.reserved:
            self._say(statement, f'name: "{name}" is the name of the join here; choose another', context)
        scope.lines[name] = statement.at.line
        return name

    def _sources(self, statement: Statement, scope: Scope, previous: Tensor, context: Context) -> tuple[Tensor, ...]:
        """Return what a statement reads: the tensors that it names, or the previous one."""
        return tuple(self._found(name, statement, scope, context) for name in statement.sources) or (previous,)

    def _found(self, wanted: Scalar, statement: Statement, scope: Scope, context: Context) -> Tensor:
        name = wanted.text
        if isinstance(word := context.values.parameters.get(name), str) and context.caller:
            name, scope = word, context.caller
        found, tensor = scope.find(name)
        if found:
            return tensor
        layer, _, part = name.rpartition(".")
        found, tensor = scope.find(layer)
        if found and (tensor is None or part in self._further.get(tensor, ())):
            return tensor and f"{tensor}.{part}"
        levels = scope.levels()
        if any(level.incomplete for level in levels):
            return None
        shown, path = tree.shorten(name), statement.at.path
        counted = next((number for level in levels if (number := level.counted(name))), 0)
        if counted:
            message = f"from: a repeat has numbered {shown}; read one of {shown}1 to {shown}{counted}"
        elif any(name in level.once or name in level.numbered for level in levels):
            message = f"from: {shown} comes later: a graph has no cycles; read an earlier layer"
        else:
            known = [name for level in levels for name in level.names]
            others = self.further({layer: tensor})
            guess = (
                f"; {layer} makes {layer}, {', '.join(others)}"
                if others
                else elsewhere.guess(name, known, _NO_SUCH_NAME)
            )
            message = f"from: {shown}: unknown name{guess}"
        self.problems.add(wanted, path, message, context.call)
        return None

    def _layer(
        self, statement: LayerStatement, scope: Scope, local: str, sources: tuple[Tensor, ...], context: Context
    ) -> Tensor:
        filled = self._fill(statement, context.values)
        known = tuple(source for source in sources if source is not None)
        if not statement.sound or len(known) < len(sources):
            return None
        name = f"{scope.prefix}{local}"
        if not statement.convolution or not isinstance(filled.layer, Conv):
            return self._add(_row(name, filled.layer, filled.tail, known, scope.section), statement, context)
        site = Convolution(name, filled.layer, filled.tail, statement.convolution, filled.fixed)
        try:
            nodes = realise(site, known[0], self.shapes[known[0]], scope.section)
        except UsageError as error:
            raise _wrong(statement, f"{name}: {error}") from None
        return self._add(nodes, statement, context)

    def _repeat(self, statement: Repeat, scope: Scope, source: Tensor, context: Context) -> Tensor:
        try:
            times = self.binder.times(statement, context.values)
        except ValuesError as error:
            self.problems.add_all(error, context.call)
            times = 1
        before = len(self.problems)
        if statement.name:
            source = self._scoped(statement, times, scope, source, context)
        else:
            hidden = {name: scope.names[name] for name in scope.numbered if name in scope.names}
            inside = replace(context, numbered=True)
            for _ in range(times):
                source = self.run(statement.body, scope, source, inside)
                if len(self.problems) > before:
                    break
            if not context.numbered:
                for name in scope.numbered:
                    scope.names.pop(name, None)
                scope.names |= hidden
        if len(self.problems) > before:
            scope.incomplete, source = True, None
        return source

    def _scoped(self, statement: Repeat, times: int, scope: Scope, source: Tensor, context: Context) -> Tensor:
        """Expand a repeat with a name: each time in a scope of its own, and that of the last is the repeat's output."""
        name = self._local(statement, scope, context)
        before, inside = len(self.problems), replace(context, numbered=False)
        for ordinal in range(1, times + 1):
            level = f"{name}{ordinal}"
            if level in scope.lines or level in scope.names:
                self._say(statement, f'name: "{level}" is taken; choose another name for the repeat', context)
            scope.lines[level] = statement.at.line
            source = self.run(statement.body, scope.inner(level, statement.body), source, inside)
            scope.names[level] = source
            if len(self.problems) > before:
                break
        scope.names[name] = source
        return source

    def _call(self, call: Call, scope: Scope, local: str, source: Tensor, context: Context) -> Tensor:
        inside = self._inside(call, f"{scope.prefix}{local}", scope, context)
        block = self.binder.blocks[call.kind]
        if block.lends_name:
            return self.one(block.body[0], scope, source, inside, local)
        return self.run(block.body, scope.inner(local, block.body), source, inside)

    def _inside(self, call: Call, name: str, scope: Scope, context: Context) -> Context:
        """Return where the body of a call stands; ValuesError where an argument is wrong."""
        called = f"in {name}, called at {tree.where(call.at.line)}"
        return Context(self.binder.bind(call, context.values), called, caller=scope)

    def _branches(self, statement: Branches, scope: Scope, local: str, source: Tensor, context: Context) -> Tensor:
        inside = replace(context, numbered=False)
        join = statement.layer.kind()
        if statement.flat:
            whole = tuple(one for path in statement.paths for one in path)
            level = scope.inner(local, whole, join)
            scopes = [level for _ in statement.paths]
        else:
            level = scope.inner(local, (), join)
            scopes = [level.inner(f"path{ordinal}", path) for ordinal, path in enumerate(statement.paths, 1)]
        outputs = [self.run(path, each, source, inside) for path, each in zip(statement.paths, scopes, strict=True)]
        filled = self._fill(statement, context.values)
        known = tuple(output for output in outputs if output is not None)
        if len(known) < len(outputs):
            return None
        if statement.flat and len({self.shapes[output] for output in known}) > 1:
            shapes = " and the shortcut in ".join(show(self.shapes[output]) for output in known)
            advice = "give the shortcut a 1×1 conv of the body's filters and stride"
            raise _wrong(statement, f"{scope.prefix}{local}: the body ends in {shapes}; {advice}")
        name = f"{level.prefix}{join}"
        return self._add(_row(name, filled.layer, filled.tail, known, scope.section), statement, context)

    def _add(self, nodes: tuple[Node, ...], statement: Statement, context: Context) -> Tensor:
        """Add nodes that end in a statement's output, each with its shape."""
        for node in nodes:
            try:
                made = output_shapes(node, [self.shapes[name] for name in node.inputs])
            except ShapeError as error:
                raise _wrong(statement, f"{node.name}: {error}") from None
            for name, shape in made.items():
                if max(shape) > MAX_SIZE:
                    raise _wrong(statement, f"{name}: {show(shape)} has a size above 2**31 - 1")
            self.shapes |= made
            self.nodes.append(node)
            if len(made) > 1:
                self._further[node.name] = tuple(name.rpartition(".")[2] for name in made if name != node.name)
        self._origins[nodes[-1].name] = statement, context
        return nodes[-1].name

    def further(self, names: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the further outputs of what names stand for, by name: ``lstm1.state``."""
        return {
            f"{name}.{part}": f"{tensor}.{part}"
            for name, tensor in names.items()
            for part in self._further.get(tensor or "", ())
        }

    def refuse_unread(self, outputs: tuple[str, ...], inputs: Mapping[str, Place]) -> None:
        """Note every layer and input that nothing reads: a built model would not hold it."""
        read = {name for node in self.nodes for name in node.inputs} | set(outputs)
        for name, at in inputs.items():
            if name not in read:
                self.problems.add(at, at.path, f"{name}: nothing reads it; name it in a from:, or remove it")
        for name, (statement, context) in self._origins.items():
            if read.isdisjoint((name, *self.further({name: name}))):
                self._say(statement, f"{name}: nothing reads it; name it under outputs, or remove it", context)

    def _say(self, statement: Statement, message: str, context: Context) -> None:
        self.problems.add(statement.at, statement.at.path, message, context.call)


def _wrong(statement: Statement, message: str) -> ValuesError:
    return ValuesError((statement.at, statement.at.path, message))


def _row(name: str, layer: Layer, tail: Tail, sources: tuple[str, ...], section: str) -> tuple[Node, ...]:
    nodes = [Node(name, layer, sources, name, section)]
    for suffix, part in tail:
        nodes.append(Node(f"{name}.{suffix}", part, (nodes[-1].name,), name, section))
    return tuple(nodes)
