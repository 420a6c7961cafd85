"""Graph → rows: what each row stores, multiplies, reads and writes, and how it adds up."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from costlens.arithmetic import arena
from costlens.arithmetic.cost import Cost, formula, total
from costlens.arithmetic.precision import DTYPES, INT8, WIDTHS, Precision
from costlens.arithmetic.shapes import elements
from costlens.network import figures, memory
from costlens.network.deployed import Numbers, deployed_params, joined
from costlens.network.graph import Graph, Node, Row
from costlens.network.layers._base import Geometry
from costlens.network.precisions import FLOAT, Precisions
from costlens.network.variants import Mix, Variant, overheads, rewrite, theory, written
from costlens.results.counts import AS_WRITTEN, OF_ALL, CountRow, ModelCount, SectionTotals, Status, Totals, known
from costlens.results.names import blocks, common_name, inputs_beside

_FIGURES = tuple(each.name for each in fields(Totals))
_OF_ROWS = tuple(name for name in _FIGURES if name not in OF_ALL)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the graph with its cost, before it is written as a table line; sizes in bytes, of one example.

    ``deployed`` are the parameters of the exported file: a folded BatchNorm is a bias, any other a scale and a shift.
    ``used`` are those that it reads, also where another row stores them; ``live`` are the activations alive while the
    row runs, ``moved`` those it reads and writes, ``flash`` what a TensorFlow Lite file stores for it.
    """

    row: Row
    cost: Cost
    precision: Precision
    deployed: int
    weights: int
    used: int
    moved: int
    live: int
    weights_int8: int
    live_int8: int
    flash: int


def lines(graph: Graph, precisions: Precisions = FLOAT) -> tuple[Line, ...]:
    """Count every row of a graph, for one example, in its precision."""
    deployed = deployed_params(graph)
    rows = tuple(graph.rows())
    own = precisions.of(rows)
    sizes, live = _sizes_and_live(graph, rows, own)
    several = {*own.values()}
    width = WIDTHS[several.pop()] if len(several) == 1 else 0
    if width or not rows:
        live_int8 = [alive // width for alive in live]
    else:
        live_int8 = _sizes_and_live(graph, rows, dict.fromkeys(own, INT8))[1]
    return tuple(
        _line(graph, row, deployed, own[row.name], sizes, alive)
        for row, *alive in zip(rows, live, live_int8, strict=True)
    )


def _line(
    graph: Graph,
    row: Row,
    deployed: Mapping[str, Numbers],
    precision: Precision,
    sizes: Mapping[str, int],
    alive: Sequence[int],
) -> Line:
    """Count a row in its precision and in int8; ``sizes`` of tensors are bytes, ``alive`` are those in both."""
    stored, used = (joined([deployed[node.name][which] for node in row.nodes]) for which in (0, 1))
    return Line(
        row,
        graph.cost(row.nodes),
        precision,
        stored.numbers,
        stored.bytes(precision),
        used.bytes(precision),
        sum(sizes[name] for name in (*row.inputs, *graph.writes(row))),
        alive[0],
        stored.bytes(INT8),
        alive[1],
        stored.flash(precision),
    )


def _sizes_and_live(
    graph: Graph, rows: Sequence[Row], precisions: Mapping[str, Precision]
) -> tuple[dict[str, int], list[int]]:
    """Return the bytes of each tensor, which the row that makes it decides, and those that are alive in each row.

    An input of the graph is in the precision of the first row that reads it.
    """
    of_row = {name: WIDTHS[precision] for name, precision in precisions.items()}
    widths = {name: next(iter(of_row.values()), 1) for name, _ in graph.inputs}
    widths |= {name: of_row[row.name] for row in reversed(rows) for name in row.inputs}
    widths |= {name: of_row[row.name] for row in rows for name in graph.writes(row)}
    sizes = {name: width * elements(graph.shapes[name]) for name, width in widths.items()}
    return sizes, live(graph, rows, sizes, of_row)


def live(graph: Graph, rows: Sequence[Row], sizes: Mapping[str, int], widths: Mapping[str, int]) -> list[int]:
    """Return, for each row, how many bytes of activations are alive while it runs; the graph's inputs included.

    A tensor lives from the row that writes it to the last row that reads it; the graph's outputs live to the end.
    A row holds what it writes or, where that is more, what a node of it keeps alive inside, in the row's width.
    A row whose nodes all work in place (a norm, an activation, a reshape) writes over its input where that dies.
    """
    last_read = dict.fromkeys(graph.shapes, -1)
    for index, row in enumerate(rows):
        for name in row.inputs:
            last_read[name] = index
    for name in graph.outputs:
        last_read[name] = len(rows)
    alive = {name for name, _ in graph.inputs}
    sums = []
    for index, row in enumerate(rows):
        dying = {name for name in alive if last_read[name] <= index}
        reused = all(node.layer.in_place for node in row.nodes) and set(row.inputs) <= dying
        held = sum(sizes[name] for name in alive)
        made = graph.writes(row)
        inside = max(figures.inside(node.layer, graph.input_shapes(node)) for node in row.nodes)
        sums.append(held + max(widths[row.name] * inside, 0 if reused else sum(sizes[name] for name in made)))
        alive = alive - dying | {name for name in made if last_read[name] > index}
    return sums


def count(
    source: Graph | Variant,
    *,
    title: str = "",
    batch: int = 1,
    depth: int | None = None,
    precisions: Precisions = FLOAT,
) -> ModelCount:
    """Count a graph or a variant of one.

    ``batch`` multiplies MACs, FLOPs and activations, never parameters. ``depth`` folds rows by the first ``depth``
    parts of their names. Sizes are in ``precisions``.
    """
    chosen = source if isinstance(source, Variant) else rewrite(source, AS_WRITTEN)
    counted = lines(chosen.graph, precisions)
    totals = _with_arena(totals_of(counted, batch), chosen.graph, counted, batch)
    status, uncounted = _status(counted)
    runs = blocks(counted, depth, lambda line: line.row.name)
    makers = _makers(chosen.graph, runs)
    rows = tuple(_row(chosen.graph, run, totals, batch, makers) for run in runs)
    return ModelCount(
        name=chosen.graph.name,
        title=title,
        variant=chosen.name,
        mixes=_mixes([chosen]),
        batch=batch,
        precision=precisions.word,
        inputs={name: (batch, *shape) for name, shape in chosen.graph.inputs},
        totals=totals,
        status=status,
        uncounted=uncounted,
        sections=_sections(counted, batch),
        left_alone=chosen.left_alone,
        notes=(
            *([f"kinds: {written(chosen.rules)}"] if chosen.rules else []),
            *_remarks(chosen.graph),
            *_in_float(counted),
            *overheads(chosen.graph),
        ),
        macs_to_standard_theory=theory(chosen.graph),
        rows=rows,
    )


def counted_variants(
    graph: Graph,
    names: Iterable[str | Mix],
    *,
    title: str = "",
    batch: int = 1,
    depth: int | None = None,
    precisions: Precisions = FLOAT,
) -> list[tuple[Graph, ModelCount]]:
    """Rewrite a graph as several variants and count them: each graph once, under all the names of those equal to it.

    Each count has its ratios to ``standard``, unless no convolution can be rewritten.
    A kind that realises no convolution is not a name of the graph that it leaves as it is; ``standard`` always is.
    """
    standard_variant = rewrite(graph, "standard")
    standard = standard_variant.graph.cost(standard_variant.graph.nodes)
    left = {each.name for each in standard_variant.left_alone}
    rewritten = any(node.convolution and node.convolution.name not in left for node in standard_variant.graph.nodes)
    equal: dict[tuple[Node, ...], list[Variant]] = {}
    for name in dict.fromkeys(names):
        chosen = standard_variant if name == "standard" else rewrite(graph, name)
        equal.setdefault(chosen.graph.nodes, []).append(chosen)
    return [
        (
            first.graph,
            replace(
                model := count(first, title=title, batch=batch, depth=depth, precisions=precisions),
                also=tuple(v.name for v in others if v.realised or v.name in (AS_WRITTEN, "standard")),
                left_alone=first.left_alone or next((v.left_alone for v in others if not v.formless), ()),
                mixes=_mixes((first, *others)),
                notes=(
                    *model.notes,
                    *(f"{v.name} is {written(v.rules)}" for v in others if v.rules),
                    *(f"no {v.name} form: {', '.join(v.formless)}" for v in others if v.formless),
                ),
                params_to_standard=_ratio(known(model.totals.params), standard.params if rewritten else 0),
                macs_to_standard=_ratio(known(model.totals.macs), batch * standard.macs if rewritten else 0),
                macs_to_standard_theory=model.macs_to_standard_theory if rewritten else None,
            ),
        )
        for first, *others in equal.values()
    ]


def _mixes(variants: Iterable[Variant]) -> dict[str, dict[str, str]]:
    return {each.name: dict(each.rules) for each in variants if each.rules}


def _remarks(graph: Graph) -> list[str]:
    remarks = ((node.row, node.layer.remark(*graph.input_shapes(node))) for node in graph.nodes)
    return [*(f"{row}: {remark}" for row, remark in remarks if remark), *_shared(graph)]


def _in_float(counted: Sequence[Line]) -> Iterator[str]:
    """Say which layers of rows in int8 are computed in fp32."""
    for line in counted:
        kinds = [node.layer.kind() for node in line.row.nodes if node.layer.stays_float]
        if kinds and line.precision == INT8:
            why = "TensorFlow Lite has no int8 kernel for it"
            yield f"{line.row.name}: {' and '.join(kinds)} is computed in fp32, as {why}"


def _shared(graph: Graph) -> Iterator[str]:
    """Say how many rows use weights that other rows store, and whose the first does."""
    rows = {node.name: node.row for node in graph.nodes}
    uses = {
        node.row: rows[node.weights]
        for node in graph.nodes
        if node.weights and node.layer.cost(*graph.input_shapes(node)).params
    }
    if uses:
        row, owner = next(iter(uses.items()))
        what = "1 row uses" if len(uses) == 1 else f"{len(uses)} rows use"
        more = ", …" if len(uses) > 1 else ""
        yield f"{what} weights that another row stores ({row} those of {owner}{more}); they count once"


def _ratio(ours: int, standard: int) -> float | None:
    return ours / standard if standard else None


def _makers(graph: Graph, runs: Sequence[Sequence[Line]]) -> dict[str, str]:
    """Return what rows call the maker of each tensor: the name of a row, or an input of the graph."""
    rows = [_name(run) for run in runs]
    made = {
        name: row
        for row, run in zip(rows, runs, strict=True)
        for line in run
        for node in line.row.nodes
        for name in (node.name, *graph.further.get(node.name, ()))
    }
    return inputs_beside(rows, (name for name, _ in graph.inputs)) | made


def _name(run: Sequence[Line]) -> str:
    return common_name([line.row.name for line in run])


def _row(graph: Graph, run: Sequence[Line], totals: Totals, batch: int, makers: Mapping[str, str]) -> CountRow:
    head, alone = run[0].row.head, len(run) == 1
    made = {name for line in run for name in graph.writes(line.row)}
    inputs = tuple(dict.fromkeys(i for line in run for i in line.row.inputs if i not in made))
    geometry = head.layer.geometry(*graph.input_shapes(head)) if alone else Geometry()
    convolution = head.convolution
    cost = total([line.cost for line in run])
    added = _figures_of(run, cost, batch)
    return CountRow(
        name=_name(run),
        kind=head.layer.kind() if alone else _block_kind([line.row.head for line in run]),
        convolution=convolution.kind if convolution else "",
        section=head.section,
        input=graph.shapes[inputs[0]],
        inputs=tuple(graph.shapes[i] for i in inputs),
        output=graph.shapes[run[-1].row.output],
        live_bytes=added["peak_activation_bytes"],
        live_bytes_int8=added["peak_activation_bytes_int8"],
        formula=formula(cost.contractions),
        params_share=added["params"] / totals.params if totals.params else 0.0,
        macs_share=added["macs"] / totals.macs if totals.macs else 0.0,
        dtype=DTYPES[run[0].precision],
        uncounted=cost.uncounted,
        reads=tuple(dict.fromkeys(makers[i] for i in inputs)),
        **geometry._asdict(),
        **{name: added[name] for name in _OF_ROWS},
    )


def _block_kind(heads: Sequence[Node]) -> str:
    kinds = {head.convolution.kind if head.convolution else "" for head in heads}
    sites = {head.convolution.name for head in heads if head.convolution}
    return kinds.pop() if len(kinds) == 1 and len(sites) == 1 else f"{len(heads)} layers"


def totals_of(counted: Sequence[Line], batch: int = 1) -> Totals:
    """Return what rows cost together; the peaks are those of the rows, and an arena is not of rows."""
    return Totals(**_figures_of(counted, total([line.cost for line in counted]), batch))


def _figures_of(counted: Sequence[Line], cost: Cost, batch: int) -> dict[str, Any]:
    """Return the totals of rows by their names; ``cost`` is that of all of them."""
    deployed = weights = used = moved = live = weights_int8 = live_int8 = flash = 0
    for line in counted:
        deployed += line.deployed
        weights += line.weights
        used += line.used
        moved += line.moved
        weights_int8 += line.weights_int8
        flash += line.flash
        live = max(live, line.live)
        live_int8 = max(live_int8, line.live_int8)
    traffic, flops = used + batch * moved, batch * cost.flops
    return {
        "params": cost.params,
        "trainable": cost.trainable,
        "non_trainable": cost.non_trainable,
        "kernels": cost.kernels,
        "deployed_params": deployed,
        "macs": batch * cost.macs,
        "flops": flops,
        "weight_bytes": weights,
        "traffic_bytes": traffic,
        "peak_activation_bytes": batch * live,
        "intensity": flops / traffic if traffic else 0.0,
        "weight_bytes_int8": weights_int8,
        "peak_activation_bytes_int8": batch * live_int8,
        "flash_bytes": flash,
    }


def _with_arena(totals: Totals, graph: Graph, counted: Sequence[Line], batch: int) -> Totals:
    """Return totals with the plan of the activations in their precision and in int8."""
    found = memory.run(graph)
    values = [batch * each for each in memory.values(graph, found)]
    own = {line.row.name: line.precision for line in counted}
    in_both = (own, dict.fromkeys(own, INT8))
    planned = [arena.size(memory.sizes(graph, found, values, each), *memory.steps(found)) for each in in_both]
    return replace(totals, arena_bytes=planned[0], arena_bytes_int8=planned[1])


def _status(counted: Sequence[Line]) -> tuple[dict[str, Status], tuple[str, ...]]:
    missing = tuple(f"{line.row.name}: {why}" for line in counted for why in line.cost.uncounted)
    known = any(not line.cost.uncounted for line in counted)
    word: Status = "complete" if not missing else "partial" if known else "unavailable"
    return dict.fromkeys(_FIGURES, word), missing


def _sections(counted: Sequence[Line], batch: int) -> tuple[SectionTotals, ...]:
    names = dict.fromkeys(line.row.head.section for line in counted)
    if set(names) == {""}:
        return ()
    costs = {name: total([line.cost for line in counted if line.row.head.section == name]) for name in names}
    return tuple(
        SectionTotals(name or "(none)", cost.params, cost.trainable, cost.kernels, batch * cost.macs)
        for name, cost in costs.items()
    )
