"""Every word a statement can start with, described from the layers' own fields and docstrings."""

from collections.abc import Iterable
from dataclasses import replace

from costlens.arithmetic.shapes import Shape
from costlens.errors import UsageError
from costlens.network.variants import convolution_kind
from costlens.results.counts import known
from costlens.results.kinds import Example, Kind, KindField
from costlens.spec import elsewhere, language

_HELP = {
    "repeat": "Layers that are repeated.",
    "residual": "A body and a shortcut from one tensor, added.",
    "branches": "Paths from one tensor, joined by concat or another join.",
    "shared": "An earlier layer or block call again, with the same weights, on another tensor.",
}


_EXAMPLES = {
    "repeat": [
        "- repeat:",
        "    times: 3",
        "    index: i",
        "    layers: [{conv: {filters: 8 * 2 ** i, kernel: 3}}]",
        "- repeat:",
        "    for: {dilation: [1, 2, 4], width: [32, 16, 8]}",
        "    layers: [{conv: {filters: width, kernel: 3, dilation: dilation}}]",
        "- repeat:",
        "    for: {'filters, kernel': [[16, 3], [8, 1]]}",
        "    layers: [{conv: {filters: filters, kernel: kernel, when: kernel > 1}}]",
    ],
    "residual": ["- residual:", "    body: [{conv: {filters: 8, kernel: 3}}]", "    activation: relu"],
    "branches": [
        "- branches: [[{conv: {filters: 8, kernel: 1}}], [{max_pool: {kernel: 3, stride: 1, padding: same}}]]"
    ],
    "shared": ["- conv: {name: twice, filters: 8, kernel: 3}", "- shared: twice"],
}
_WIDE: Shape = (32, 32, 8)


def described(word: str | None = None) -> tuple[Kind, ...]:
    """Return all kinds, or the one asked for; UsageError where there is none of that name."""
    known = (*language.layer_words(), *language.STRUCTURES)
    if word is None:
        return tuple(map(_described, known))
    if word not in known:
        guess = elsewhere.layer(word, known) or elsewhere.guess(word, known, "; costlens kinds lists them all")
        raise UsageError(f"{word}: unknown kind{guess}")
    return (_described(word),)


def with_examples(kinds: Iterable[Kind]) -> tuple[Kind, ...]:
    """Return kinds, each with an example that is counted."""
    from costlens.network.count import count
    from costlens.spec.loading import loads

    found = []
    for kind in kinds:
        spec = _example(kind)
        counted = count(loads(spec).graph)
        totals = counted.totals
        costs = (known(totals.params), known(totals.macs), known(totals.flops))
        found.append(replace(kind, example=Example(spec, known(counted.rows[-1].output), *costs)))
    return tuple(found)


def _example(kind: Kind) -> str:
    """Write a spec of one layer of a kind, its required fields set."""
    shape, source, statement = _WIDE, "input", _EXAMPLES.get(kind.name)
    if statement is None:
        layer = language.kind(kind.name).layer
        shape = layer.example_input
        fields = {name: field.example for name, field in layer.fields().items() if field.example is not None}
        written = {name: _value(value) for name, value in fields.items()}
        if layer.takes[0] > 1:
            source, written = "inputs", {"from": "[a, b]", **written}
        if kind.shorthand and [*written] == [kind.shorthand]:
            statement = [f"- {kind.name}: {written[kind.shorthand]}"]
        else:
            inner = ", ".join(f"{name}: {value}" for name, value in written.items())
            statement = [f"- {kind.name}: {{{inner}}}" if inner else f"- {kind.name}"]
    reads = str([*shape]) if source == "input" else f"{{a: {[*shape]}, b: {[*shape]}}}"
    return "\n".join(["name: example", f"{source}: {reads}", "layers:", *(f"  {line}" for line in statement)])


def _value(value: object) -> str:
    """Write a value as a spec does within braces.

    >>> _value((3, 5)), _value("relu"), _value("ab,bc->ac")
    ('[3, 5]', 'relu', '"ab,bc->ac"')
    """
    if isinstance(value, tuple):
        return str([*value])
    return f'"{value}"' if "," in str(value) else str(value)


def _described(word: str) -> Kind:
    if word in language.STRUCTURES:
        fields = tuple(KindField(name, "", "", text) for name, text in language.STRUCTURES[word].items())
        return Kind(word, "structures", _HELP[word], None, fields, language.EVERY_STATEMENT)
    kind = language.kind(word)
    own = []
    for name, info in kind.layer.fields().items():
        default = "" if info.default is None else str(info.default).lower()  # as a spec writes it: true
        own.append(KindField(name, info.expected, "required" if info.required else default, info.description))
    formula = convolution_kind(word).formula if _is_form(kind) else ""
    about = tuple(" ".join(part.replace("``", "").split()) for part in _text(word).split("\n\n")[1:])
    sort = kind.layer.sort
    return Kind(word, sort, help_line(word), kind.layer.shorthand, tuple(own), kind.added_fields, formula, about)


def help_line(word: str) -> str:
    """Return one line on a layer or a kind of convolution: the first of its class's docstring."""
    return _text(word).partition("\n")[0].replace("``", "").strip()


def _text(word: str) -> str:
    kind = language.kind(word)
    return (type(convolution_kind(word)) if _is_form(kind) else kind.layer).__doc__ or ""


def _is_form(kind: language.Kind) -> bool:
    return kind.convolution not in ("", language.STANDARD)
