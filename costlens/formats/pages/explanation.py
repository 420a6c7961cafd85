"""The arithmetic of a convolution in every kind, and of a layer in its network, step by step."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from shlex import quote
from typing import Any

from costlens.arithmetic import units
from costlens.arithmetic.shapes import times, written
from costlens.formats.pages.count import ROW_COLUMNS
from costlens.results.columns import COUNT, WORD, Column, Unit, of_items
from costlens.results.counts import CountRow, ModelCount, counts_document, known
from costlens.results.explanation import (
    Alternative,
    ConvolutionExplanation,
    FileRowExplanation,
    Form,
    LayerExplanation,
    Part,
    RowExplanation,
    SiteExplanation,
    Tensor,
)
from costlens.results.page import Block, Gap, Heading, Items, Line, Mark, Page, Picture, Say, Table, by_text

_WHOLE_FROM = 1000
_SIZES_OF_A_SEQUENCE = 2
_MOST = 10
"""Layers that are listed where none is named."""
_NO_KINDS = "Only convolutions have other kinds; this layer has none."


def number(value: float) -> str:
    """Write a ratio with the digits that tell two of them apart.

    >>> number(22.7758), number(0.04390625), number(1.0), number(6826.67)
    ('22.78', '0.0439', '1', '6,827')
    """
    if value >= _WHOLE_FROM:
        return f"{value:,.0f}"
    return f"{value:.4g}" if value >= 1 else f"{value:.3g}"


def heading(explained: ConvolutionExplanation) -> str:
    """Name a convolution by its kernel and channels."""
    window = times(explained.kernel) if len(explained.kernel) > 1 else f"{explained.kernel[0]}-tap"
    channels = f"{explained.input[-1]} → {explained.output[-1]} channels"
    return f"{window} convolution, {channels}, on {times(explained.input)}"


def setting(explained: ConvolutionExplanation) -> str:
    """Say the convolution's other fields and what comes out."""
    dilation = times(_shortest(explained.dilation))
    fields = [
        f"stride {times(_shortest(explained.stride))}",
        f"padding {explained.padding} ({_zeros(explained.zeros)})",
        f"dilation {dilation}" if dilation != "1" else "",
        f"groups {explained.groups}" if explained.groups > 1 else "",
        "with bias" if explained.bias else "no bias",
    ]
    return f"{', '.join(filter(None, fields))}; writes {times(explained.output)}"


def command(explained: ConvolutionExplanation) -> str:
    """Return the command line that explains this convolution."""

    def option(name: str, sizes: Sequence[int], default: str = "") -> str:
        given = "x".join(map(str, sizes))
        return "" if given == default else f"--{name} {given}"

    words = (
        "costlens explain conv",
        option("input", explained.input),
        option("kernel", explained.kernel),
        f"--filters {explained.output[-1]}",
        option("stride", _shortest(explained.stride), "1"),
        f"--padding '{explained.padding}'" if explained.padding != "same" else "",
        option("dilation", _shortest(explained.dilation), "1"),
        f"--groups {explained.groups}" if explained.groups > 1 else "",
        "--bias" if explained.bias else "",
    )
    return " ".join(filter(None, words))


def _shortest(sizes: Sequence[int]) -> Sequence[int]:
    return sizes[:1] if len(set(sizes)) == 1 else sizes


def _zeros(zeros: Sequence[tuple[int, int]]) -> str:
    """Say the zeros before and after each axis, once where all axes have the same."""
    if not any(map(any, zeros)):
        return "no zeros"
    before, after = (_shortest(side) for side in zip(*zeros, strict=True))
    return f"zeros {times(before)} before and {times(after)} after"


def part_name(part: Part) -> str:
    """Name a part by its place in the form and its kernel, once where they are the same."""
    window = times(part.kernel) if part.kernel else ""
    return window if part.name.replace("x", "×") == window else f"{part.name} {window}".rstrip()


def remarks(form: Form, standard_macs: int) -> list[str]:
    """Say the ratio of a form to the standard one, what its formula predicts, and what lies between the two."""
    if form.refusal:
        return [f"no such form: {form.refusal}"]
    said = []
    if form.biases:
        said.append(f"with {form.biases:,} biases {form.kernels + form.biases:,} parameters")
    if form.formula != "1":
        said += [_ratio(form.macs, standard_macs), _prediction(form)]
    return said


def _ratio(macs: int, standard: int) -> str:
    words = "as many MACs as standard"
    if macs != standard:
        low, high = sorted((macs, standard))
        words = f"{number(high / low if low else 0)} times {'fewer' if macs < standard else 'more'} MACs than standard"
    return f"{words}: {macs:,} ÷ {standard:,} = {number(macs / standard)}" if standard else words


def _prediction(form: Form) -> str:
    rule, comma, condition = form.formula.partition(", where ")
    numbers = " + ".join(map(str, form.terms))
    said = f"by the formula {rule} = {numbers} = {number(form.predicted)}"
    if not form.beside:
        return f"{said}, the same"
    why = f", {form.beside_reason}" if form.beside_reason else ""
    side = "more" if form.beside > 0 else "fewer"
    where = f" where {condition}" if comma else ""
    return f"{said}{where}; here {abs(form.beside):,} MACs {side}{why}"


def steps(explained: RowExplanation) -> list[tuple[str, str]]:
    """Return what a row reads, does, writes and costs, each under its word."""
    row = explained.row
    bound = "≥ " if row.uncounted else ""
    window = [
        times(row.kernel or ()),
        f"stride {times(_shortest(row.stride))}" if row.stride else "",
        _zeros(explained.zeros) if explained.zeros else "",
    ]
    moved = known(row.traffic_bytes) - explained.weight_bytes
    pairs = [
        *(("reads", tensor(read)) for read in explained.reads),
        ("does", explained.layers[0]),
        ("window", ", ".join(filter(None, window)) if row.kernel else ""),
        *(("then", layer) for layer in explained.layers[1:]),
        *(("writes", tensor(made)) for made in (explained.writes, *explained.also_writes)),
        ("kernels", row.formula),
        ("weights", f"those of {explained.weights_of}, where their parameters count" if explained.weights_of else ""),
        (
            "costs",
            f"{bound}{row.macs:,} MACs ({units.percent(row.macs_share)} of the network's), {bound}{row.params:,} "
            f"parameters ({units.percent(row.params_share)}), {bound}{row.flops:,} FLOPs",
        ),
        (
            "moves",
            f"{units.bytes_(explained.weight_bytes)} weights + {units.bytes_(moved)} in and out "
            f"= {units.bytes_(row.traffic_bytes)}: {row.intensity:.2f} FLOP/byte",
        ),
        *(("note", remark) for remark in explained.remarks),
        *(("lacks", what) for what in row.uncounted),
    ]
    return [(word, said) for word, said in pairs if said]


def tensor(read: Tensor) -> str:
    """Write a tensor with its shape and size."""
    return f"{read.name} {written(read.shape)}, {units.bytes_(read.bytes)}"


_STEPS = of_items(
    Column("part", "part"),
    Column("kernels", "kernels"),
    Column("positions", "positions", COUNT),
    Column("macs", "MACs", COUNT),
)
_PAIRS = of_items(Column("word", "", WORD), Column("text", ""))
_RATIO = Unit(number)


def _of_form(name: str, header: str, unit: Unit = COUNT) -> Column[Form]:
    return Column(name, header, unit, lambda form: "–" if form.refusal else getattr(form, name))


def convolution(explained: ConvolutionExplanation, picture: str = "") -> Page:
    """Return one convolution in every kind side by side, then the steps of each."""
    standard = explained.standard_macs
    kinds: tuple[Column[Form], ...] = (
        Column("kind", "kind"),
        _of_form("kernels", "kernels"),
        _of_form("macs", "MACs"),
        Column("ratio", "÷ standard", _RATIO, lambda form: "–" if form.refusal else form.macs / standard),
        _of_form("predicted", "by the formula", _RATIO),
    )
    drawn = f" --picture {picture}" if picture else ""
    written = Say(("Written by ", Mark(f"{command(explained)} --format markdown{drawn}", "code"), "."))
    blocks: list[Block] = [
        Say(setting(explained), tone="dim"),
        Say(_sequence(explained.input), tone="warn"),
        *_picture(explained, picture),
        Table(kinds, explained.forms),
    ]
    for form in explained.forms:
        blocks += [Heading(form.kind), Table(_STEPS, [*_steps(form)]), Items(remarks(form, standard))]
    return _titled(heading(explained), blocks, explained, [written])


def _sequence(sizes: Sequence[int]) -> str:
    """Say how two sizes are read, which may be meant as those of an image."""
    if len(sizes) != _SIZES_OF_A_SEQUENCE:
        return ""
    channels = units.plural(sizes[1], "channel")
    return f"The input is read as a sequence, TxC: {sizes[0]} steps of {channels}. An image is HxWxC."


def _titled(title: str, blocks: Sequence[Block], document: Any, more: Sequence[Block] = ()) -> Page:
    """Return a page whose title a terminal shows, too; a document has ``more`` at its end."""
    return Page(title, [*blocks, *more], document, 1, [Say(title, tone="strong"), *blocks])


def _picture(explained: ConvolutionExplanation, address: str) -> list[Block]:
    shows = f"{heading(explained)}: input, kernels and output as blocks, MACs as bars"
    return [Picture(address, shows)] if address else []


def _steps(form: Form) -> Iterator[tuple[str | Mark, ...]]:
    """Yield a line for each contraction of each part, the part's MACs in its last one; then the sum of several."""
    for part in form.parts:
        lines = [
            (f"{'·'.join(map(str, one.factors))} = {one.weights:,}", "·".join(map(str, one.positions)) or "1")
            for one in part.contractions
        ] or [("none", "")]
        for index, (kernels, positions) in enumerate(lines):
            name = "" if index else part_name(part)
            yield (name, kernels, positions, f"{part.macs:,}" if index == len(lines) - 1 else "")
    each = [units.count(part.kernels) for part in form.parts if part.contractions]
    if len(each) > 1:
        yield (Mark("sum"), f"{' + '.join(each)} = {form.kernels:,}", "", Mark(f"{form.macs:,}"))


def layer(explained: LayerExplanation, picture: str = "") -> Page:
    """Return what a layer's rows read, do and write, and its convolution in every kind."""
    title = f"{explained.asked} of {explained.title or explained.model}, {explained.variant}"
    blocks: list[Block] = []
    screen: list[Block] = [Say(title, tone="strong")]
    for row in explained.rows:
        name: Block = Heading(row.row.name) if len(explained.rows) > 1 else Gap()
        blocks += [name, Items((Mark(word), f" {said}") for word, said in steps(row))]
        screen += [name, Table(_PAIRS, [(Mark(word, "dim"), said) for word, said in steps(row)])]
    rest = _site(explained.site, picture) if explained.site else [Say(_NO_KINDS, tone="dim")]
    return Page(title, [*blocks, *rest], explained, 1, [*screen, *rest])


def _site(site: SiteExplanation, picture: str) -> list[Block]:
    def name(each: Alternative) -> Line:
        return Mark(each.kind) if each.kind == site.kind else each.kind

    columns: tuple[Column[Alternative], ...] = (
        Column("kind", "kind", WORD, value=name),
        Column("params", "params", COUNT),
        Column("macs", "MACs", COUNT),
        Column("ratio", "÷ standard", _RATIO, lambda each: each.macs / site.convolution.standard_macs),
        Column("network_params", "network's\nparams", COUNT, priority=1),
        Column("network_macs", "network's\nMACs", COUNT),
    )
    channels = f"{site.convolution.input[-1]} → {site.convolution.output[-1]}"
    heading = f"{site.name} in every kind: {times(site.convolution.kernel)}, {channels}, here {site.kind}"
    refused = ((each.kind, f"no such form: {each.refusal}") for each in site.alternatives if each.refusal)
    return [
        Heading(heading),
        *_picture(site.convolution, picture),
        Table(columns, [each for each in site.alternatives if not each.refusal]),
        Items(by_text(refused), "warn"),
        Say("It is fixed in the spec: a variant leaves it as it is." if site.fixed else "", tone="dim"),
        Say(("Step by step: ", Mark(command(site.convolution), "code"), "."), tone="dim"),
    ]


def of_layer(explained: LayerExplanation | FileRowExplanation, picture: str = "") -> Page:
    """Return what is known of a layer of a network, whatever the network is read from."""
    if isinstance(explained, FileRowExplanation):
        return row(explained.model, explained.row, explained.convolution, picture)
    return layer(explained, picture)


def row(model: ModelCount, found: CountRow, explained: ConvolutionExplanation | None, picture: str = "") -> Page:
    """Return what is known of a row of a model that is no spec, and its convolution in every kind where it is one."""
    cells = ((column.header, column.cell(found)) for column in ROW_COLUMNS if column.name not in {"name", "formula"})
    facts = [f"{header} {cell}" for header, cell in cells if cell]
    facts += [_multiplied(found)] if found.formula and found.macs is not None else []
    stored = [] if found.weight_bytes is None else [f"its numbers are {found.dtype}"]
    blocks: list[Block] = [Items([*facts, *stored, *found.uncounted])]
    counted = counts_document([replace(model, rows=(found,))])
    if explained is not None:
        inferred = "The padding is one that gives these sizes; the file's zeros may lie on other sides."
        blocks += [Heading(heading(explained)), Say(inferred, tone="dim"), *convolution(explained, picture).blocks]
    title = f"{model.name} · {found.name}"
    return _titled(title, blocks, [counted, explained] if explained else counted)


def _multiplied(row: CountRow) -> str:
    """Write the products that a row's MACs are."""
    macs = f" = {row.macs:,}"
    return f"{row.formula.removesuffix(macs)}{macs} MACs"


def names(model: ModelCount, file: str) -> Page:
    """Return the layers that cost most, and how to ask for one."""
    costly = sorted(model.rows, key=lambda row: -(row.macs or 0))[:_MOST]
    rest = len(model.rows) - len(costly)
    shown = {"name", "kind", "macs", "macs_share", "params"}
    blocks: list[Block] = [
        Table([column for column in ROW_COLUMNS if column.name in shown], costly),
        Say(f"and {rest} more: costlens count {file} lists them all" if rest else "", tone="dim"),
        Say(f"ask for one: costlens explain {file} --layer {quote(costly[0].name)}", tone="dim"),
    ]
    return _titled(f"The layers of {model.title or model.name} that cost most", blocks, counts_document([model]))
