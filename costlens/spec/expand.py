"""Statements → nodes: values put in, names given, shapes worked out; every problem goes to its statement's place."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from costlens.arithmetic.shapes import Shape, show
from costlens.errors import ShapeError, UsageError
from costlens.network.graph import Convolution, Node, output_shapes
from costlens.network.layers.conv import Conv
from costlens.network.variants import realise
from costlens.spec import language, tree
from costlens.spec.binding import MAX_LAYERS, Binder, is_there
from costlens.spec.context import Context, in_turn
from costlens.spec.expressions import ExpressionError
from costlens.spec.fields import MAX_SIZE, one_value, settled
from costlens.spec.filled import Filled, fill, row
from costlens.spec.parse import wrong_number
from costlens.spec.problems import Problems, ValuesError
from costlens.spec.scope import Scope, Tensor
from costlens.spec.sharing import Expanded, Sharing
from costlens.spec.statements import Branches, Broken, Call, Given, LayerStatement, Repeat, Share, Statement, WithLayer
from costlens.spec.tensors import Tensors
from costlens.spec.tree import Place, Scalar, Tree
from costlens.spec.turns import Turns
from costlens.spec.values import Values

MAX_READS = 1_000_000
_ONE = "from: reads one layer here; join several before it"
_FLAG = one_value(bool)


@dataclass(slots=True)
class Expansion:
    """Builds the nodes of a graph, statement by statement."""

    problems: Problems
    binder: Binder
    shapes: dict[str, Shape]
    nodes: list[Node] = field(default_factory=list)
    _reads: int = 0
    _sharing: Sharing = field(default_factory=Sharing)
    _places: dict[str, str] = field(default_factory=dict)
    """By the names of what a repeat numbers, the same names without the numbers."""
    origins: dict[str, tuple[Statement, Context]] = field(default_factory=dict)
    """The statement that ends in a node, by the node's name."""
    tensors: Tensors = field(init=False)
    _fill: Callable[[WithLayer, Values], Filled] = field(default_factory=lambda: cache(fill))

    def __post_init__(self) -> None:
        self.tensors = Tensors(self.problems)

    def open(self, body: tuple[Statement, ...], scope: Scope, source: Tensor, context: Context) -> Tensor:
        """Expand the layers of a spec or of a section: where they are one block, its names belong to this scope."""
        call = self.binder.sole_call(body)
        if call is None:
            return self.run(body, scope, source, context)
        try:
            if not is_there(call, context.values):
                return source
            source = self._sources(call, scope, source, context)[0]
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
        if statement.when and not self._is_there(statement, scope, context):
            return source
        sources = self._sources(statement, scope, source, context)
        if isinstance(statement, Share):
            return self._again(statement, scope, sources, context, lent)
        return self._made(statement, scope, sources, context, lent)

    def _made(
        self, statement: Statement, scope: Scope, sources: tuple[Tensor, ...], context: Context, lent: str | None
    ) -> Tensor:
        """Expand one statement that reads these tensors."""
        if isinstance(statement, Repeat):
            return self._repeat(statement, scope, sources[0], context)
        start = len(self.nodes)
        local = lent or self._local(statement, scope, context)
        if context.numbered and not lent:
            self._note_copy(statement, scope, local)
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
        scope.names[local] = self.tensors.named[f"{scope.prefix}{local}"] = output
        self._sharing.expanded[scope.prefix, local] = Expanded(statement, context, range(start, len(self.nodes)))
        if context.numbered and statement.name:
            scope.names[statement.name] = output
        return output

    def _note_copy(self, statement: Statement, scope: Scope, local: str) -> None:
        """Note that a name is one of those that a statement has in the turns of a repeat."""
        at = statement.at
        self._places[f"{scope.prefix}{local}"] = f"{self._place(scope.prefix[:-1])}.{at.line}:{at.column}"

    def _place(self, name: str) -> str:
        """Return a name with the place of a statement for each part of it that a repeat numbers."""
        if name in self._places or not name:
            return self._places.get(name, "")
        outer, _, last = name.rpartition(".")
        return f"{self._place(outer)}.{last}"

    def _is_there(self, statement: Statement, scope: Scope, context: Context) -> bool:
        """Say whether the condition of a statement holds; the name of one that is not there has no tensor."""
        try:
            there = is_there(statement, context.values)
        except ValuesError as error:
            self.problems.add_all(error, context.call)
            scope.incomplete = there = True
        if not there and statement.name:
            scope.names.pop(statement.name, None)
            scope.skipped[statement.name] = self.tensors.skipped[f"{scope.prefix}{statement.name}"] = statement
        return there

    def _again(
        self, share: Share, scope: Scope, sources: tuple[Tensor, ...], context: Context, lent: str | None
    ) -> Tensor:
        """Expand the statement that a share names once more, on other tensors, with the weights that it has."""
        first, before, start = self._first(share, scope, context), len(self.problems), len(self.nodes)
        if first is None or None in sources:
            scope.names[lent or self._local(share, scope, context)] = None
            return None
        if start + len(first.nodes) > MAX_LAYERS:
            self.problems.stop(share.at, share.at.path, f"expands to more than {MAX_LAYERS:,} layers; share fewer")
        statement = replace(first.statement, at=share.at, name=share.name, sources=share.sources)
        if len(sources) > 1 and not isinstance(statement, LayerStatement):
            self._say(share, _ONE, context)
        inside = replace(first.context, numbered=context.numbered, called=context.called)
        output = self._made(statement, scope, sources, inside, lent)
        if len(self.problems) == before:
            self._tie(share, first.nodes, range(start, len(self.nodes)), context)
        return output

    def _first(self, share: Share, scope: Scope, context: Context) -> Expanded | None:
        """Return what the statement that a share names became; None where it names none that can be shared."""
        try:
            names, scope = self.tensors.meant(share.of, scope, context)
        except ExpressionError as error:
            self._say(share, f"shared: {tree.show(share.of)}: {error}", context)
            return None
        name = names[0]
        if self.tensors.found(share.of, name, share, scope, context, "shared") is None:
            return None
        first = self._sharing.first(share, name, scope)
        if isinstance(first, str):
            self._say(share, first, context)
            return None
        return first

    def _tie(self, statement: Statement, first: range, again: range, context: Context) -> None:
        if wrong := self._sharing.tie(self.nodes, first, again, self.shapes):
            self._say(statement, wrong, context)

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
        scope.skipped.pop(statement.name or "", None)
        return name

    def _sources(self, statement: Statement, scope: Scope, previous: Tensor, context: Context) -> tuple[Tensor, ...]:
        """Return what a statement reads: the tensors that it names, or the previous one."""
        found = self._read(statement.sources, statement, scope, context, "from")
        if len(found) > 1 and not isinstance(statement, LayerStatement | Share | Broken):
            self._say(statement, _ONE, context)
        return found or (previous,)

    def _read(
        self, names_of: tuple[Scalar, ...], statement: Statement, scope: Scope, context: Context, field: str
    ) -> tuple[Tensor, ...]:
        """Return the tensors that the names in a field of a statement stand for."""
        found: list[Tensor] = []
        for written in names_of:
            try:
                names, where = self.tensors.meant(written, scope, context)
            except ExpressionError as error:
                self.problems.add(written, statement.at.path, f"{field}: {tree.show(written)}: {error}", context.call)
                found.append(None)
                continue
            self._reads += len(names)
            if self._reads > MAX_READS:
                message = f"the layers read more than {MAX_READS:,} tensors in all; join fewer"
                self.problems.stop(statement.at, statement.at.path, message)
            found += [self.tensors.found(written, name, statement, where, context, field) for name in names]
        return tuple(found)

    def _layer(
        self, statement: LayerStatement, scope: Scope, local: str, sources: tuple[Tensor, ...], context: Context
    ) -> Tensor:
        name = f"{scope.prefix}{local}"
        known = tuple(source for source in sources if source is not None)
        if statement.like:
            sized = self._sized(statement, statement.like, name, known, scope, context)
            if sized is None:
                return None
            statement = sized
        filled = self._fill(statement, context.values)
        if not statement.sound or len(known) < len(sources):
            return None
        if wrong := wrong_number(statement.kind, statement.layer, statement.fields, len(known)):
            raise _wrong(statement, wrong)
        if not statement.convolution or not isinstance(filled.layer, Conv):
            return self._add(row(name, filled.layer, filled.tail, known, scope.section), statement, context)
        site = Convolution(
            name, filled.layer, filled.tail, statement.convolution, filled.fixed, place=self._place(name)
        )
        try:
            nodes = realise(site, known[0], self.shapes[known[0]], scope.section)
        except UsageError as error:
            raise _wrong(statement, f"{name}: {error}") from None
        return self._add(nodes, statement, context)

    def _sized(
        self,
        statement: LayerStatement,
        like: Scalar,
        name: str,
        known: tuple[str, ...],
        scope: Scope,
        context: Context,
    ) -> LayerStatement | None:
        """Give a layer the field with which its output has the spatial sizes of another tensor; None if unknown."""
        found = self._read((like,), statement, scope, context, language.LIKE)
        other = found[0] if len(found) == 1 else None
        if other is None or not known:
            return None
        layer = statement.layer
        if wrong := wrong_number(statement.kind, layer, statement.fields, len(known)):
            raise _wrong(statement, wrong)
        try:
            sizes = layer.fitting(self.shapes[known[0]], self.shapes[other])
        except ShapeError as error:
            raise _wrong(statement, f"{name}: {error}") from None
        given = Given(_tree(sizes, like), statement.at.path)
        return replace(statement, fields={**statement.fields, layer.fits_by: given}, like=None)

    def _repeat(self, statement: Repeat, scope: Scope, source: Tensor, context: Context) -> Tensor:
        try:
            turns = self.binder.turns(statement, context.values)
            shared = bool(statement.shared and settled(statement.shared, _FLAG, context.values, "shared"))
        except ValuesError as error:
            self.problems.add_all(error, context.call)
            scope.incomplete = True
            return None
        before = len(self.problems)
        if statement.name:
            source = self._scoped(statement, turns, scope, source, context, shared=shared)
        else:
            hidden = {name: scope.names[name] for name in scope.numbered if name in scope.names}
            first = start = len(self.nodes)
            for turn in range(len(turns)):
                source = self.run(statement.body, scope, source, in_turn(turns, turn, context, numbered=True))
                start = self._next(statement, first, start, context, shared=shared)
                if len(self.problems) > before:
                    break
            if not context.numbered:
                for name in scope.numbered:
                    scope.names.pop(name, None)
                scope.names |= hidden
        if len(self.problems) > before:
            scope.incomplete, source = True, None
        return source

    def _next(self, statement: Repeat, first: int, start: int, context: Context, *, shared: bool) -> int:
        """Close one turn of a repeat, which began at ``start``; return where the next begins.

        Where weights are shared, every turn but the first has those of the first, which began at ``first``.
        """
        end = len(self.nodes)
        if shared and start > first:
            self._tie(statement, range(first, first + end - start), range(start, end), context)
        return end

    def _scoped(
        self, statement: Repeat, turns: Turns, scope: Scope, source: Tensor, context: Context, *, shared: bool
    ) -> Tensor:
        """Expand a repeat with a name: each time in a scope of its own, and that of the last is the repeat's output."""
        name = self._local(statement, scope, context)
        before = len(self.problems)
        first = start = len(self.nodes)
        for turn in range(len(turns)):
            level = f"{name}{turn + 1}"
            if level in scope.lines or level in scope.names:
                self._say(statement, f'name: "{level}" is taken; choose another name for the repeat', context)
            scope.lines[level] = statement.at.line
            self._note_copy(statement, scope, level)
            inside = in_turn(turns, turn, context, numbered=False)
            source = self.run(statement.body, scope.inner(level, statement.body), source, inside)
            scope.names[level] = source
            start = self._next(statement, first, start, context, shared=shared)
            if len(self.problems) > before:
                break
        scope.names[name] = source
        self._sharing.expanded[scope.prefix, name] = Expanded(statement, context, range(first, len(self.nodes)))
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
        return self._add(row(name, filled.layer, filled.tail, known, scope.section), statement, context)

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
                self.tensors.further[node.name] = tuple(name.rpartition(".")[2] for name in made if name != node.name)
        self.origins[nodes[-1].name] = statement, context
        return nodes[-1].name

    def refuse_unread(self, outputs: tuple[str, ...], inputs: Mapping[str, Place]) -> None:
        """Note every layer and input that nothing reads: a built model would not hold it."""
        read = {name for node in self.nodes for name in node.inputs} | set(outputs)
        for name, at in inputs.items():
            if name not in read:
                self.problems.add(at, at.path, f"{name}: nothing reads it; name it in a from:, or remove it")
        for name, (statement, context) in self.origins.items():
            if read.isdisjoint((name, *self.tensors.of({name: name}))):
                self._say(statement, f"{name}: nothing reads it; name it under outputs, or remove it", context)

    def _say(self, statement: Statement, message: str, context: Context) -> None:
        self.problems.add(statement.at, statement.at.path, message, context.call)


def _tree(sizes: Any, at: Scalar) -> Tree:
    """Write sizes as a spec would have them at a place."""
    if isinstance(sizes, int):
        return Scalar(at.line, at.column, sizes, str(sizes))
    return tree.Sequence(at.line, at.column, tuple(_tree(each, at) for each in sizes))


def _wrong(statement: Statement, message: str) -> ValuesError:
    return ValuesError((statement.at, statement.at.path, message))
