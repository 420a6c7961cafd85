"""A spec before its knobs have values: what is read of its text once, and the network that each set of values makes."""

from collections.abc import Mapping
from dataclasses import dataclass

from costlens.analysis.budgets import Limit
from costlens.arithmetic.shapes import Shape
from costlens.errors import SpecError
from costlens.network.graph import Graph, wrong_integers
from costlens.spec import blocks, header, knobs, language, tree
from costlens.spec.binding import Binder, Sizes
from costlens.spec.context import Context, not_there
from costlens.spec.document import MAX_BYTES, compose
from costlens.spec.expand import Expansion
from costlens.spec.header import Input
from costlens.spec.include import included
from costlens.spec.mixes import Mixes, mixes
from costlens.spec.model import Spec
from costlens.spec.parse import Fields, Parameters, Parser, references
from costlens.spec.precisions import Rules, applied, precisions
from costlens.spec.problems import START, Problems
from costlens.spec.scope import Scope, Tensor
from costlens.spec.source import Read
from costlens.spec.statements import Block, Broken, Statement, names_in
from costlens.spec.tree import Scalar
from costlens.spec.values import Bound, Values, knobs_alone

Sections = tuple[tuple[str, tuple[Statement, ...]], ...]


@dataclass(frozen=True, slots=True)
class Family:
    """A spec as it is read before its knobs have values.

    ``problems`` is what is wrong with it whatever the values are.
    """

    name: str
    title: str
    source: str
    top: Fields
    kinds: Mixes
    precisions: Rules
    limits: tuple[Limit, ...]
    blocks: Mapping[str, Block]
    sections: Sections
    outputs: tuple[Scalar, ...]
    problems: Problems

    def knobs(self, settings: Mapping[str, object]) -> dict[str, Bound]:
        """Return what the knobs stand for with some settings; SpecError where they cannot be set so."""
        problems = Problems(self.problems.file)
        found = knobs.knobs(self.top, settings, problems)
        problems.check()
        return found

    def inputs(self, found: dict[str, Bound]) -> tuple[tuple[str, Shape], ...]:
        """Return the inputs with knobs that stand for these values, in order; SpecError where they have no shape."""
        problems = Problems(self.problems.file)
        given = header.inputs(self.top, knobs_alone(found), problems)
        problems.check()
        return tuple((name, shape) for name, (shape, _) in given.items() if shape)

    def at(self, settings: Mapping[str, object] | None = None) -> Spec:
        """Return the network of some settings; SpecError with every problem found, in document order."""
        problems, settings = self.problems.copy(), settings or {}
        found, values, inputs = _valued(self.top, settings, problems)
        shapes = {key: shape for key, (shape, _) in inputs.items() if shape}
        given = tuple(shapes.items())
        expansion = Expansion(problems, Binder(self.blocks, values), shapes)
        last = _expanded(expansion, inputs, self.sections, self.outputs)
        expansion.refuse_unread(last, {key: at for key, (_, at) in inputs.items()})
        _refuse_integers(expansion, tuple(inputs))
        problems.check()
        graph = Graph(self.name, given, tuple(expansion.nodes), last)
        graph, left_alone = self.kinds.applied(graph, problems, whole=not settings)
        in_bytes = applied(self.precisions, graph, problems, whole=not settings)
        shown, own = knobs.shown(found), self.kinds.named()
        return Spec(
            self.name, self.title, self.source, problems.file, shown, graph, self.limits, own, left_alone, in_bytes
        )


def family(text: str, file: str, read: Read, settings: Mapping[str, object] | None = None) -> Family:
    """Read a spec from its text as far as that needs no values; SpecError for what nothing can be read behind.

    ``settings`` are those whose problems such an error says, too.
    """
    problems = Problems(file)
    if len(text) > MAX_BYTES:
        problems.stop(START, "", f"larger than {MAX_BYTES:,} characters; use repeat and blocks")
    document = compose(text.removeprefix("\ufeff"), file)
    if not isinstance(document, tree.Mapping):
        problems.stop(document, "", f"expected name:, input:, layers: and so on, received {tree.what(document)}")
    try:
        return _family(document.entries, problems, read)
    except SpecError:
        _valued(document.entries, settings or {}, problems)
        raise problems.error() from None


def _family(top: Fields, problems: Problems, read: Read) -> Family:
    for key, entry in top.items():
        if key not in language.TOP_LEVEL:
            problems.unknown(entry, "", key, language.TOP_LEVEL, f"; known: {', '.join(language.TOP_LEVEL)}")
    name = header.model_name(top, problems)
    title, source = (header.text(top, field, field, problems) for field in ("title", "source"))
    limits = header.limits(top, problems)
    kinds, widths = mixes(top, problems), precisions(top, problems)
    made, parser = _blocks((*included(top, problems, read), top), problems)
    sections = _sections(top, parser)
    outputs = references(top["outputs"].value, "outputs", problems) if "outputs" in top else ()
    blocks.refuse_circles(made, problems)
    return Family(name, title, source, top, kinds, widths, limits, made, sections, outputs, problems)


def _valued(
    top: Fields, settings: Mapping[str, object], problems: Problems
) -> tuple[dict[str, Bound], Values, dict[str, Input]]:
    """Return the knobs, what expressions see of them, and the inputs."""
    found = knobs.knobs(top, settings, problems)
    values = knobs_alone(found)
    return found, values, header.inputs(top, values, problems)


def _blocks(files: tuple[Fields, ...], problems: Problems) -> tuple[dict[str, Block], Parser]:
    """Read the blocks of several files, each under its own file's defaults; return them with the last file's parser."""
    known: dict[str, Parameters] = {}
    by_file = []
    for top in files:
        found = blocks.heads(top, problems)
        for name in found.keys() & known.keys():
            problems.add(found.pop(name)[0], "blocks", f"{name}: an included file has this block; choose another name")
        by_file.append(found)
        known |= {name: parameters for name, (_, parameters) in found.items()}
    made: dict[str, Block] = {}
    for top, found in zip(files, by_file, strict=True):
        parser = Parser(problems, blocks.defaults(top, problems), known)
        made |= blocks.blocks(found, parser)
    return made, parser


def _sections(top: Fields, parser: Parser) -> Sections:
    problems, several = parser.problems, top.get("sections")
    if "layers" in top and several:
        problems.add(several, "sections", "layers is there already; keep one of the two")
    if "layers" in top:
        return (("", parser.body(top["layers"].value, "layers")),)
    if several is None:
        problems.add(START, "", "layers: missing; list the layers from input to output")
        return ()
    expected, empty = "names with their lists of layers", "expected at least one section"
    sections = []
    for section, entry in problems.entries(several, "sections", expected, empty).items():
        shown = tree.shorten(section)
        if shown != section or not section:
            problems.add(entry, "sections", f"{shown or 'nothing'}: expected a short name of one line")
        sections.append((section, parser.body(entry.value, f"sections.{shown}")))
    return tuple(sections)


def _expanded(
    expansion: Expansion, inputs: Mapping[str, Input], sections: Sections, outputs: tuple[Scalar, ...]
) -> tuple[str, ...]:
    """Expand all sections and return the names of the outputs; SpecError where anything was wrong."""
    problems, values = expansion.problems, expansion.binder.knobs
    written = tuple(statement for _, body in sections for statement in body)
    Sizes(expansion.binder, problems).of(written, values)
    whole = tuple(statement for _, body in sections for statement in expansion.binder.opened(body))
    once, numbered = names_in(whole)
    scope = Scope(once=once, numbered=numbered)
    for key, (shape, _) in inputs.items():
        scope.names[key], scope.lines[key] = (key if shape else None), 0
    source: Tensor = next(iter(scope.names.values()), None)
    if len(inputs) > 1 and written and not (written[0].sources or whole[0].sources or isinstance(whole[0], Broken)):
        at, listed = whole[0].at, ", ".join(inputs)
        problems.add(at, at.path, f"from: missing; with several inputs the first layer says which: {listed}")
    if len(inputs) > 1 and written and (written[0].when or whole[0].when):
        at = whole[0].at
        message = "when: with several inputs the first layer is always there; begin with one that is"
        problems.add(at, at.path, message)
    for scope.section, body in sections:
        source = expansion.open(body, scope, source, Context(values))
    named = _outputs(outputs, scope, expansion, problems) if outputs else (source,) if source else ()
    problems.check()
    return named


def _refuse_integers(expansion: Expansion, inputs: tuple[str, ...]) -> None:
    """Note every layer that reads whole numbers where there are none, or where it cannot."""
    nodes, origins = expansion.nodes, expansion.origins
    for place, wrong in wrong_integers(inputs, nodes):
        statement, context = next(origins[node.name] for node in nodes[place:] if node.name in origins)
        at = statement.at
        expansion.problems.add(at, at.path, f"{nodes[place].name}: {wrong}", context.call)


def _outputs(outputs: tuple[Scalar, ...], scope: Scope, expansion: Expansion, problems: Problems) -> tuple[str, ...]:
    named = {**expansion.tensors.named, **scope.names}
    known = named | expansion.tensors.of(named)
    for reference in outputs:
        name = reference.text
        unsure = scope.incomplete or known.get(name.rpartition(".")[0], "") is None
        if name in scope.skipped and name not in known:
            problems.add(
                reference, "outputs", f"{not_there(name, scope.skipped[name])}; give the network another output"
            )
        elif name not in known and not unsure:
            otherwise = "; name a layer, one inside a block as block.layer"
            problems.unknown(reference, "outputs", name, (*scope.names, *known), otherwise, "name")
        elif scope.lines.get(name) == 0:
            problems.add(reference, "outputs", f"{name}: is an input; name a layer")
    found = (known.get(reference.text) for reference in outputs)
    return tuple(dict.fromkeys(tensor for tensor in found if tensor is not None))
