"""A graph → what each of its convolutions costs in each kind, as options to choose from, and what the rest costs.

The figures are those of real rows: of the graph as written and of its variants of one kind. They hold for every mix,
since a kind changes no tensor outside its convolution: what a row costs depends on its own convolution alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields

from costlens.analysis.choosing import Choices, Mix, Option, Site
from costlens.arithmetic.shapes import Shape
from costlens.errors import UsageError
from costlens.network.count import Line, lines, totals_of
from costlens.network.graph import Convolution, Graph
from costlens.network.precisions import FLOAT, Precisions
from costlens.network.variants import reach, rewrite, sites, unmatched
from costlens.results.counts import PLANNED, LeftAlone, Totals

PEAKS = ("peak_activation_bytes", "peak_activation_bytes_int8")
SUMS = tuple(each.name for each in fields(Totals) if each.name not in (*PEAKS, *PLANNED, "intensity"))
MOVED, LAYERS, AWAY = "moved_macs", "layers", "macs_away"
"""Of an option: the MACs, as written, of the layers that change, their number, and by how much these MACs change."""


@dataclass(frozen=True, slots=True)
class Forms:
    """The choices that a graph leaves; which convolutions have one form only, and why; and which are to stay.

    kept: what those that stay cost.
    """

    choices: Choices
    one_form: tuple[LeftAlone, ...] = ()
    stays: tuple[str, ...] = ()
    kept: Option = field(default=Option("", {}))

    def kinds(self, mix: Mix) -> dict[str, str]:
        """Return the kind of each convolution that a mix changes."""
        sites_ = self.choices.sites
        chosen = [(site, site.options[place].kind) for site, place in zip(sites_, mix, strict=True) if place]
        return {name: kind for site, kind in chosen for name in site.names}


def forms(
    graph: Graph,
    kinds: Iterable[str],
    *,
    keep: Sequence[str] = (),
    tie: bool = False,
    precisions: Precisions = FLOAT,
) -> Forms:
    """Return the options of every convolution that has several: as it is written, and the kinds that it can have.

    keep: globs on names of convolutions and blocks that stay as they are; UsageError for one that matches nothing.
    tie: equal convolutions that are copies of one in a ``repeat`` are decided together, as those that share weights
    always are. precisions: of sizes in bytes.
    """
    names = sites(graph)
    keeping = kept(keep, names)
    variants = {kind: rewrite(graph, kind) for kind in kinds}
    refused = {kind: {each.name: each.reason for each in made.left_alone} for kind, made in variants.items()}
    written = _by_owner(graph, precisions)
    lines_in = {kind: _by_owner(made.graph, precisions) for kind, made in variants.items()}
    decided: list[Site] = []
    one_form: dict[str, str] = {}
    stays: list[Convolution] = []
    for group in _groups(graph, keeping, tie=tie):
        able = [k for k in variants if k != group[0].kind and not any(one.name in refused[k] for one in group)]
        if group[0].name in keeping:
            stays += group if able else ()
        elif able:
            decided.append(_site(group, written, {kind: lines_in[kind] for kind in able}))
        if not able:
            one_form |= {one.name: _reason(one.name, refused) for one in group}
    convolutions = {node.convolution.name for node in graph.nodes if node.convolution}
    one_form |= {name: _reason(name, refused) for name in names if name not in convolutions}
    free = {name for site in decided for name in site.names}
    return Forms(
        Choices(
            tuple(decided), _option("", [line for owner, each in written.items() if owner not in free for line in each])
        ),
        tuple(LeftAlone(name, one_form[name]) for name in names if name in one_form),
        tuple(one.name for one in stays),
        _option("", [line for owner in dict.fromkeys(one.owner for one in stays) for line in written[owner]]),
    )


def kept(keep: Sequence[str], names: Sequence[str]) -> set[str]:
    """Return the names that globs reach, by themselves or by a block; UsageError for one that matches nothing."""
    found = reach(keep, names)
    if idle := [pattern for pattern, reached in found.items() if not reached]:
        raise UsageError("\n".join(f"--keep {unmatched(pattern, names)}" for pattern in idle))
    return {name for reached in found.values() for name in reached}


def _groups(graph: Graph, keeping: set[str], *, tie: bool) -> list[list[Convolution]]:
    """Return the convolutions that are decided together; one of a kept one's weights is kept, too."""
    owned: dict[str, list[Convolution]] = {}
    shapes: dict[str, Shape] = {}
    for node in graph.nodes:
        one = node.convolution
        if one and one not in owned.setdefault(one.owner, []):
            owned[one.owner].append(one)
            shapes.setdefault(one.owner, graph.shapes[node.inputs[0]])
    for group in owned.values():
        if any(one.name in keeping for one in group):
            keeping.update(one.name for one in group)
    if not tie:
        return [*owned.values()]
    tied: dict[object, list[Convolution]] = {}
    for owner, group in owned.items():
        alike = (group[0].place or owner, group[0].layer, group[0].kind, group[0].fixed, shapes[owner], len(group))
        tied.setdefault((*alike, owner in keeping), []).extend(group)
    return [*tied.values()]


def _by_owner(graph: Graph, precisions: Precisions) -> dict[str, list[Line]]:
    """Return the rows of each convolution by the one that stores its weights, those of no convolution under no name.

    A norm that becomes a bias changes the row of the convolution before it, and stands with that.
    """
    owners = row_owners(graph)
    found: dict[str, list[Line]] = {}
    for line in lines(graph, precisions):
        found.setdefault(owners[line.row.name], []).append(line)
    return found


def row_owners(graph: Graph) -> dict[str, str]:
    """Return the convolution that each row is of, by the one that stores its weights; of the others an empty name."""
    made_by: dict[str, str] = {}
    rows: dict[str, str] = {}
    for node in graph.nodes:
        follows = node.layer.becomes_bias or node.layer.vanishes
        before = made_by.get(node.inputs[0], "") if follows else ""
        made_by[node.name] = node.convolution.owner if node.convolution else before
        rows.setdefault(node.row, made_by[node.name])
    return rows


def _site(
    group: Sequence[Convolution], written: Mapping[str, list[Line]], able: Mapping[str, Mapping[str, list[Line]]]
) -> Site:
    """Return what is decided of convolutions together, with the figures of all of them."""
    owners = tuple(dict.fromkeys(one.owner for one in group))
    first = _option(group[0].kind, [line for owner in owners for line in written[owner]])
    macs = first.sums["macs"]
    options = [_changing(first, 0, 0, 0)]
    for kind, rows in able.items():
        made = _option(kind, [line for owner in owners for line in rows[owner]])
        options.append(_changing(made, macs, len(owners), abs(macs - made.sums["macs"])))
    return Site(owners, tuple(options))


def _option(kind: str, rows: Sequence[Line]) -> Option:
    totals = totals_of(rows)
    sums = {name: getattr(totals, name) for name in SUMS}
    return Option(kind, {**sums, MOVED: 0, LAYERS: 0, AWAY: 0}, {name: getattr(totals, name) for name in PEAKS})


def _changing(option: Option, moved: float, layers: int, away: float) -> Option:
    return Option(option.kind, {**option.sums, MOVED: moved, LAYERS: layers, AWAY: away}, option.peaks)


def _reason(name: str, refused: Mapping[str, Mapping[str, str]]) -> str:
    reasons = dict.fromkeys(each[name] for each in refused.values() if name in each)
    return "; ".join(reasons) or "has no other kind of those named"
