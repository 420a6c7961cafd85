"""Graph → rows: what each row stores, multiplies, reads and writes, and how it adds up."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace

from costlens.arithmetic.cost import BYTES_PER_INT8, BYTES_PER_VALUE, Cost, formula, total
from costlens.arithmetic.shapes import elements
from costlens.network import figures
from costlens.network.deployed import deployed_params
from costlens.network.graph import Graph, Node, Row
from costlens.network.layers._base import Geometry
from costlens.network.variants import Mix, Variant, overheads, rewrite, theory, written
from costlens.results.counts import AS_WRITTEN, CountRow, ModelCount, SectionTotals, Status, Totals, known
from costlens.results.names import blocks, common_name, inputs_beside

_FIGURES = tuple(each.name for each in fields(Totals))


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the graph with its cost, before it is written as a table line.

    ``deployed`` are the parameters of the exported file: a folded BatchNorm is a bias, any other a scale and a shift.
    ``used`` are those that it reads, also where another row stores them.
    ``live`` counts the activation values alive while the row runs, ``moved`` those it reads and writes.
    """

    row: Row
    cost: Cost
    deployed: int
    used: int
    live: int
    moved: int


def lines(graph: Graph) -> tuple[Line, ...]:
    """Count every row of a graph, for one example."""
    deployed = deployed_params(graph)
    rows = tuple(graph.rows())
    live = live_values(graph, rows)
    return tuple(
        Line(
            row,
            graph.cost(row.nodes),
            sum(deployed[node.name].stored for node in row.nodes),
            sum(deployed[node.name].used for node in row.nodes),
            alive,
            sum(elements(graph.shapes[name]) for name in (*row.inputs, *graph.writes(row))),
        )
        for row, alive in zip(rows, live, strict=True)
    )


def live_values(graph: Graph, rows: Sequence[Row]) -> list[int]:
    """Return, for each row, how many activation values are alive while it runs; the graph's inputs included.

    A tensor lives from the row that writes it to the last row that reads it; the graph's outputs live to the end.
    A row holds what it writes or, where that is more, what a node of it keeps alive inside.
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
        held = sum(elements(graph.shapes[name]) for name in alive)
        made = graph.writes(row)
        inside = max(figures.inside(node.layer, graph.input_shapes(node)) for node in row.nodes)
        sums.append(held + max(inside, 0 if reused else sum(elements(graph.shapes[name]) for name in made)))
        alive = alive - dying | {name for name in made if last_read[name] > index}
    return sums


def count(source: Graph | Variant, *, title: str = "", batch: int = 1, depth: int | None = None) -> ModelCount:
    """Count a graph or a variant of one.

    ``batch`` multiplies MACs, FLOPs and activations, never parameters. ``depth`` folds rows by the first ``depth``
    parts of their names.
    """
    chosen = source if isinstance(source, Variant) else rewrite(source, AS_WRITTEN)
    counted = lines(chosen.graph)
    totals = totals_of(counted, batch)
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
        inputs={name: (batch, *shape) for name, shape in chosen.graph.inputs},
        totals=totals,
        status=status,
        uncounted=uncounted,
        sections=_sections(counted, batch),
        left_alone=chosen.left_alone,
        notes=(
            *([f"kinds: {written(chosen.rules)}"] if chosen.rules else []),
            *_remarks(chosen.graph),
            *overheads(chosen.graph),
        ),
        macs_to_standard_theory=theory(chosen.graph),
        rows=rows,
    )


def counted_variants(
    graph: Graph, names: Iterable[str | Mix], *, title: str = "", batch: int = 1, depth: int | None = None
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
                model := count(first, title=title, batch=batch, depth=depth),
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
    of_run = totals_of(run, batch)
    sums = {name: getattr(of_run, name) for name in _FIGURES}  # not asdict, which is slow
    return CountRow(
        name=_name(run),
        kind=head.layer.kind() if alone else _block_kind([line.row.head for line in run]),
        convolution=convolution.kind if convolution else "",
        section=head.section,
        input=graph.shapes[inputs[0]],
        inputs=tuple(graph.shapes[i] for i in inputs),
        output=graph.shapes[run[-1].row.output],
        live_bytes=sums.pop("peak_activation_bytes"),
        live_bytes_int8=sums.pop("peak_activation_bytes_int8"),
        formula=formula(cost.contractions),
        params_share=cost.params / totals.params if totals.params else 0.0,
        macs_share=batch * cost.macs / totals.macs if totals.macs else 0.0,
        uncounted=cost.uncounted,
        reads=tuple(dict.fromkeys(makers[i] for i in inputs)),
        **geometry._asdict(),
        **sums,
    )


def _block_kind(heads: Sequence[Node]) -> str:
    kinds = {head.convolution.kind if head.convolution else "" for head in heads}
    sites = {head.convolution.name for head in heads if head.convolution}
    return kinds.pop() if len(kinds) == 1 and len(sites) == 1 else f"{len(heads)} layers"


def totals_of(counted: Sequence[Line], batch: int = 1) -> Totals:
    """Return what rows cost together; the peaks are those of the rows."""
    cost = total([line.cost for line in counted])
    deployed = sum(line.deployed for line in counted)
    live = batch * max((line.live for line in counted), default=0)
    traffic = sum(BYTES_PER_VALUE * (line.used + batch * line.moved) for line in counted)
    return Totals(
        params=cost.params,
        trainable=cost.trainable,
        non_trainable=cost.non_trainable,
        kernels=cost.kernels,
        deployed_params=deployed,
        macs=batch * cost.macs,
        flops=batch * cost.flops,
        weight_bytes=BYTES_PER_VALUE * deployed,
        traffic_bytes=traffic,
        peak_activation_bytes=BYTES_PER_VALUE * live,
        intensity=batch * cost.flops / traffic if traffic else 0.0,
        weight_bytes_int8=cost.int8_bytes(deployed),
        peak_activation_bytes_int8=BYTES_PER_INT8 * live,
    )


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
