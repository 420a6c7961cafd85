"""One convolution's arithmetic in every kind, step by step, and one layer's in its network.

Nothing is computed here that is not read from the layers' costs and the kinds' formulas.
"""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from math import prod
from typing import Any

from costlens.arithmetic.cost import Cost
from costlens.arithmetic.precision import OF_DTYPE, WIDTHS
from costlens.arithmetic.shapes import Shape, elements
from costlens.errors import ShapeError, UsageError, did_you_mean
from costlens.network.deployed import deployed_params
from costlens.network.graph import Convolution, Graph, Row, output_shapes
from costlens.network.layers import Layer
from costlens.network.layers._window import Windowed
from costlens.network.layers.conv import Conv
from costlens.network.variants import convolution_kind, kind_names, realise, refusal_of
from costlens.results.counts import CountRow, Layout, ModelCount, known
from costlens.results.explanation import (
    Alternative,
    ConvolutionExplanation,
    Form,
    LayerExplanation,
    Part,
    RowExplanation,
    SiteExplanation,
    Tensor,
)

_SHOWN = 6
_TWO_IN_ONE = "separable"
"""The kind that some layers of Keras are whole; the others are so many layers."""


def convolution(layer: Conv, shape: Shape) -> ConvolutionExplanation:
    """Explain a convolution on an input of a shape, in every kind; ShapeError where it cannot take that input.

    >>> explained = convolution(Conv(filters=256, kernel=5, bias=False), (8, 8, 3))
    >>> [(form.kind, form.kernels, form.macs) for form in explained.forms if form.kind in ("standard", "separable")]
    [('standard', 19200, 1228800), ('separable', 843, 53952)]
    """
    window = layer.window(shape)
    return ConvolutionExplanation(
        input=shape,
        output=layer.output_shape(shape),
        kernel=window.kernel,
        stride=window.stride,
        dilation=window.dilation,
        padding=_as_in_a_spec(layer.padding),
        zeros=window.pads(shape[:-1]),
        groups=layer.groups,
        bias=layer.bias,
        forms=tuple(_form(name, layer, shape) for name in kind_names()),
    )


def _form(name: str, layer: Conv, shape: Shape) -> Form:
    kind = convolution_kind(name)
    if reason := kind.refusal(layer, shape):
        return Form(name, kind.formula, reason)
    parts = []
    source = shape
    for suffix, part in kind.parts(layer, shape):
        (kernel, _, groups), cost, output = part.geometry(source), part.cost(source), part.output_shape(source)
        parts.append(Part(suffix or name, source, output, kernel, groups or 1, cost.contractions, cost.bias))
        source = output
    terms = kind.terms(layer, shape)
    macs = sum(part.macs for part in parts)
    by_formula = sum(Fraction(prod(term.above), prod(term.below)) for term in terms) * layer.cost(shape).macs
    return Form(
        kind=name,
        formula=kind.formula,
        parts=tuple(parts),
        terms=terms,
        predicted=kind.theory(layer, shape),
        beside=round(macs - by_formula),
        beside_reason=kind.overhead_reason if kind.overhead(layer, shape) else "",
    )


def network_layer(graph: Graph, counted: ModelCount, name: str) -> LayerExplanation:
    """Explain a row of a counted network, or all rows of one of its convolutions.

    UsageError for a name that the network does not have.
    """
    rows = _rows(graph, name)
    found = rows[0].head.convolution
    return LayerExplanation(
        model=graph.name,
        title=counted.title,
        variant=counted.variant,
        asked=name,
        rows=tuple(_row(graph, row, counted) for row in rows),
        totals=counted.totals,
        site=_site(graph, found, counted) if found else None,
    )


def convolution_of(row: CountRow, layout: Layout, batch: int = 1) -> ConvolutionExplanation | None:
    """Explain a convolution of a model in every kind; None for a row that is none, or is none that kinds realise.

    batch: of shapes that leave it out. A file's own zeros are those that give the row's output and its MACs.
    """
    shapes = row.input, row.output
    if not row.convolution or row.kernel is None or row.macs is None or any(not shape for shape in shapes):
        return None
    image, made = ([*known(shape)] for shape in shapes)
    if layout != "SC":
        batch, *image = image
        made = made[1:]
    if layout == "NCS":
        image, made = [*image[1:], image[0]], [*made[1:], made[0]]
    fields: dict[str, Any] = {
        "kernel": [*row.kernel],
        "stride": [*(row.stride or row.kernel)],
        "groups": row.groups or 1,
    }
    weights = prod(row.kernel) * image[-1] // (row.groups or 1) * made[-1]
    held = row.params if row.deployed_params is None else row.deployed_params
    fields |= {"filters": made[-1], "bias": (held or 0) > weights}
    for padding in ("same", "valid", *range(1, max(row.kernel) + 1)):
        try:
            layer = Conv(**fields, padding=padding)
            if layer.output_shape(tuple(image)) != tuple(made):
                continue
            explained = convolution(layer, tuple(image))
            if batch * _macs_as(row.convolution, explained) == row.macs:
                return explained
        except ShapeError:
            continue
    return None


def _macs_as(kind: str, explained: ConvolutionExplanation) -> int:
    """Return the MACs of a convolution as a row has it: of a kind, or as it stands with its groups."""
    return next((form.macs for form in explained.forms if form.kind == kind == _TWO_IN_ONE), explained.standard_macs)


def row_of(counted: ModelCount, name: str) -> CountRow:
    """Return the row of a model by its name; UsageError where it has none."""
    for row in counted.rows:
        if row.name == name:
            return row
    names = [row.name for row in counted.rows]
    hint = did_you_mean(name, names) or f"; the first are {', '.join(names[:_SHOWN])}"
    raise UsageError(f"--layer {name}: {counted.name} has no row of this name{hint}")


def _rows(graph: Graph, name: str) -> list[Row]:
    """Return the row of a name or a node's name, or the rows of the convolution of a name."""
    rows = list(graph.rows())
    of_node = [row for row in rows if name == row.name or any(node.name == name for node in row.nodes)]
    of_site = [row for row in rows if row.head.convolution and row.head.convolution.name == name]
    if found := of_node or of_site:
        return found
    for what, inside in (
        ("block", [row.name for row in rows if row.name.startswith(f"{name}.")]),
        ("section", [row.name for row in rows if row.head.section == name]),
    ):
        if inside:
            listed = ", ".join(inside[:_SHOWN]) + (", …" if len(inside) > _SHOWN else "")
            raise UsageError(f"--layer {name}: a {what} of {len(inside)} layers; name one: {listed}")
    sites = [row.head.convolution.name for row in rows if row.head.convolution]
    known = (*(row.name for row in rows), *sites)
    hint = did_you_mean(name, known) or "; without --layer they are listed"
    raise UsageError(f"--layer {name}: {graph.name} has no layer of this name{hint}")


def _row(graph: Graph, row: Row, counted: ModelCount) -> RowExplanation:
    (line,) = (each for each in counted.rows if each.name == row.name)
    made_by = {node.name: node.row for node in graph.nodes}
    stored = deployed_params(graph)
    layer, shape = row.head.layer, graph.input_shapes(row.head)[0]
    made = output_shapes(row.head, graph.input_shapes(row.head))
    precision = OF_DTYPE[line.dtype]
    precisions = {each.name: OF_DTYPE[each.dtype] for each in counted.rows}

    def tensor(name: str, shown: str) -> Tensor:
        shape = graph.shapes[name]
        width = WIDTHS[precisions.get(made_by.get(name, name), precision)]  # an input is as its reader wants it
        return Tensor(shown, shape, width * elements(shape))

    return RowExplanation(
        row=line,
        reads=tuple(tensor(name, made_by.get(name, name)) for name in row.inputs),
        layers=tuple(_layer_as_in_a_spec(node.layer) for node in row.nodes),
        zeros=layer.window(shape).pads(shape[:-1]) if isinstance(layer, Windowed) else None,
        writes=tensor(row.output, row.name),
        remarks=tuple(said for node in row.nodes if (said := node.layer.remark(*graph.input_shapes(node)))),
        weights_of=made_by.get(row.head.weights, ""),
        weight_bytes=sum(stored[node.name].used.bytes(precision) for node in row.nodes),
        also_writes=tuple(tensor(name, name) for name in [*made][1:]),
    )


def _layer_as_in_a_spec(layer: Layer) -> str:
    """Write a layer as a spec does, with the fields that are not left at their defaults."""
    given = ", ".join(f"{name}: {_as_in_a_spec(value)}" for name, value in layer.chosen().items())
    return f"{layer.kind()} {given}" if given else layer.kind()


def _as_in_a_spec(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"[{', '.join(map(_as_in_a_spec, value))}]" if isinstance(value, tuple) else str(value)


def _site(graph: Graph, site: Convolution, counted: ModelCount) -> SiteExplanation:
    nodes = [node for node in graph.nodes if node.convolution and node.convolution.owner == site.owner]
    runs: dict[Convolution, Shape] = {}
    for node in nodes:
        if node.convolution:
            runs.setdefault(node.convolution, graph.shapes[node.inputs[0]])
    cost = graph.cost(nodes)
    return SiteExplanation(
        name=site.name,
        kind=site.kind,
        fixed=site.fixed,
        convolution=convolution(site.layer, runs[site]),
        alternatives=tuple(_alternative(site, kind, runs, cost, counted) for kind in kind_names()),
    )


def _alternative(
    site: Convolution, kind: str, runs: Mapping[Convolution, Shape], before: Cost, counted: ModelCount
) -> Alternative:
    """Give one kind to all convolutions of the same weights; ``runs`` are these with the shapes that they read."""
    own = after = Cost()
    for run, shape in runs.items():
        asked = replace(run, kind=kind, fixed=False, weights="")
        if kind != site.kind and (reason := refusal_of(asked, kind, shape)):
            return Alternative(kind, reason if run == site else f"{run.name} has the same weights: {reason}")
        nodes = realise(asked, "", shape)
        cost = Graph("site", (("", shape),), nodes, (nodes[-1].name,)).cost(nodes)
        own = cost if run == site else own
        after += cost.with_weights_of(run.owner) if run.weights else cost
    return Alternative(
        kind=kind,
        params=own.params,
        macs=own.macs,
        network_params=known(counted.totals.params) - before.params + after.params,
        network_macs=known(counted.totals.macs) - before.macs + after.macs,
    )
