"""Kernel → node of the optimised graph → its tensor → nodes of the source graph → row.

A runtime fuses nodes and renames the results: at onnxruntime's level ``all`` a convolution with its ReLU has the name
of the last tensor fused into it, followed by ``_nchwc``. Names of tensors survive, so kernels are joined by them.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from costlens.readers.onnx.node_names import row_name
from costlens.readers.onnx.operators import named
from costlens.results.names import numbered
from costlens.runtimes._profile import GraphNode, Kernel

LAYOUT_OPS = named("layout")
"""Operators that compute nothing. Their time belongs to a row only where the row does nothing else."""
CONTRACTIONS = named("contraction")
_SUFFIX = re.compile(r"(?:_nchwc|_token_\d+)$")


@dataclass(frozen=True, slots=True)
class Assignment:
    """Where a kernel's time belongs: the row of its main operator, and the rows that were fused into it.

    ``row`` is None for a kernel without a row; ``layout`` marks those of these that only move data, of which ``reader``
    is the row that reads what they make.
    """

    kernel: Kernel
    row: str | None
    fused: tuple[str, ...] = ()
    layout: bool = False
    reader: str | None = None


def assign(
    kernels: Sequence[Kernel], optimised: Sequence[GraphNode], source: Sequence[GraphNode], rows: Sequence[str]
) -> tuple[Assignment, ...]:
    """Assign every kernel to its row, in their order."""
    fusions = Fusions(optimised, Source(source, rows))
    nodes = _nodes_of(kernels, optimised)
    return tuple(fusions.assign(kernel, node) for kernel, node in zip(kernels, nodes, strict=True))


def stems(name: str) -> Iterator[str]:
    """Yield a name, and what is left of it as one suffix after the other is taken off.

    >>> list(stems("stem/Relu:0_nchwc_token_3"))
    ['stem/Relu:0_nchwc_token_3', 'stem/Relu:0_nchwc', 'stem/Relu:0']
    """
    yield name
    while (shorter := _SUFFIX.sub("", name)) != name:
        name = shorter
        yield name


class Source:
    """The exported graph: the row of each node, the rows that only move data, and the nodes between two tensors."""

    def __init__(self, nodes: Sequence[GraphNode], rows: Sequence[str]) -> None:
        self._makers = {name: node for node in nodes for name in node.outputs if name}
        self._by_name: defaultdict[str, list[GraphNode]] = defaultdict(list)
        for node in nodes:
            if node.name and node.inputs:
                self._by_name[node.name].append(node)
        self.row_of: dict[GraphNode, str | None] = {}
        full = {node: row_name(node.name, node.op, node.inputs, node.scopes, index) for index, node in enumerate(nodes)}
        computing = [node for node in nodes if node.inputs]  # a stored number has no row, whatever its name
        unique = dict(zip(computing, numbered([full[node] for node in computing]), strict=True))
        known = frozenset(rows)
        for node in nodes:
            own = (name for name in (unique.get(node), full[node], full[node].partition("/")[0]) if name in known)
            # A node added after a row belongs to it: one without a row takes that of what it reads.
            makers = (self._makers.get(name) for name in node.inputs)
            before = (self.row_of[maker] for maker in makers if maker in self.row_of)
            self.row_of[node] = next(own, None) or next(before, None)
        self.moving_rows = {*self.row_of.values()} - {self.row_of[node] for node in nodes if node.op not in LAYOUT_OPS}
        self._read = {name for node in nodes for name in node.inputs}

    def tensor(self, name: str) -> str | None:
        """Return the tensor of the source that a name of the optimised graph stands for."""
        return next((stem for stem in stems(name) if stem in self._makers or stem in self._read), None)

    def tensor_within(self, name: str) -> str | None:
        """Return the longest tensor that a node's name begins with: ``norm/Mul:0`` of ``norm/Mul:0_mul_nchwc``."""
        parts = name.split("_")
        starts = ("_".join(parts[:length]) for length in range(len(parts), 0, -1))
        return next((start for start in starts if start in self._makers), None)

    def named(self, name: str) -> Sequence[GraphNode]:
        """Return the source's nodes that a node of the optimised graph may have its name from, in their order."""
        return next((self._by_name[stem] for stem in stems(name) if stem in self._by_name), ())

    def made_by(self, ends: Sequence[str], boundary: frozenset[str] = frozenset()) -> list[GraphNode]:
        """Return the nodes that make tensors, from the ends back to the boundary, last ones first."""
        found: dict[GraphNode, None] = {}
        open_ = [name for name in ends if name in self._makers]
        for name in open_:  # grows while it is walked
            node = self._makers[name]
            if node not in found:
                found[node] = None
                open_ += [name for name in node.inputs if name in self._makers and name not in boundary]
        return list(found)


class Fusions:
    """The optimised graph over the source: which of the source's nodes each of its nodes does the work of.

    A node does the work between the tensor it makes and those that other nodes make. The names of its outputs say which
    tensor that is. Where these names are new, its readers do: a layout change after it (``ReorderOutput``) keeps the
    old name, and a convolution reads here what its counterpart reads in the source. The node's own name says only where
    its work begins.
    """

    def __init__(self, nodes: Sequence[GraphNode], source: Source) -> None:
        self._source = source
        self._begun: dict[GraphNode, tuple[str, ...]] = {}
        seen: Counter[str] = Counter()
        for node in nodes:
            self._begun[node] = self._named(node, seen[node.name])
            seen[node.name] += 1
        self._ends = dict(self._begun)
        self._readers: defaultdict[str, list[GraphNode]] = defaultdict(list)
        for node in nodes:
            for name in node.inputs:
                self._readers[name].append(node)
        made = {name: node for node in nodes for name in node.outputs if name}
        known = frozenset(name for ends in self._begun.values() for name in ends)
        for reader in nodes:
            for name, tensor in self._readings(reader):
                maker = made.get(name)
                if maker is not None and self._reaches(maker, tensor, known):
                    self._ends[maker] = (tensor,)
        kept = {name for node, ends in self._ends.items() if node.op not in LAYOUT_OPS for name in ends}
        read = (source.tensor(name) for node in nodes for name in node.inputs)
        self._boundary = frozenset(kept | {tensor for tensor in read if tensor is not None})

    def _named(self, node: GraphNode, before: int) -> tuple[str, ...]:
        """Return the tensors of the source that a node makes, by its outputs' names, else by its own.

        ``before`` is how many earlier nodes have its name.
        """
        outputs = tuple(tensor for name in node.outputs if name and (tensor := self._source.tensor(name)))
        if outputs or node.op in LAYOUT_OPS:
            return outputs
        namesakes = self._source.named(node.name)
        if not namesakes[1:] and (tensor := self._source.tensor_within(node.name)):
            return (tensor,)
        same = namesakes[before : before + 1] or namesakes[-1:]
        return tuple(name for one in same for name in one.outputs if name)

    def _readings(self, reader: GraphNode) -> Iterator[tuple[str, str]]:
        """Yield what a node reads by its name here and by that in the source."""
        if reader.op in LAYOUT_OPS:
            yield from zip(reader.inputs[:1], self._begun[reader], strict=False)
            return
        op = reader.op.removeprefix("Fused")
        for counterpart in [node for node in self._source.made_by(self._begun[reader]) if node.op == op][:1]:
            yield from zip(reader.inputs, counterpart.inputs, strict=False)

    def _reaches(self, maker: GraphNode, tensor: str, known: frozenset[str]) -> bool:
        """Return whether a tensor is made from what a node with a new-named output makes, and from no other node's."""
        ends = self._begun[maker]
        if maker.op in LAYOUT_OPS or tensor in ends or any(self._source.tensor(name) for name in maker.outputs):
            return False
        nodes = self._source.made_by([tensor], known - {tensor, *ends})
        made = {name for node in nodes for name in node.outputs}
        return bool(ends) and made.issuperset(ends)

    def assign(self, kernel: Kernel, node: GraphNode | None) -> Assignment:
        """Assign a kernel of a node; None where no node could be found for it."""
        moves = kernel.op in LAYOUT_OPS
        if node is None:
            return Assignment(kernel, None, layout=moves)
        main, rows = self._rows(node)
        if moves and (main is None or main not in self._source.moving_rows):
            return Assignment(kernel, None, layout=True, reader=self._reader(node))
        return Assignment(kernel, main, tuple(row for row in rows if row != main))

    def _rows(self, node: GraphNode) -> tuple[str | None, Sequence[str]]:
        """Return the row of a node's main operator, and those of all that it does."""
        ends = self._ends[node]
        done = self._source.made_by(ends, self._boundary - {*ends})
        working = [part for part in done if part.op not in LAYOUT_OPS] or done
        rows = Counter(row for part in working if (row := self._source.row_of[part]) is not None)
        contracting = [self._source.row_of[node] for node in done if node.op in CONTRACTIONS]
        # The row of the main operator: a contraction's, else the one with the most nodes.
        by_nodes = max(rows, key=lambda row: rows[row], default=None)
        return next((row for row in reversed(contracting) if row is not None), by_nodes), [*rows]

    def _reader(self, node: GraphNode) -> str | None:
        """Return the row of the first node that reads what a node makes, by way of others that only move data."""
        for reader in (reader for name in node.outputs for reader in self._readers.get(name, ())):
            found = self._reader(reader) if reader.op in LAYOUT_OPS else self._rows(reader)[0]
            if found is not None:
                return found
        return None


def _nodes_of(kernels: Sequence[Kernel], optimised: Sequence[GraphNode]) -> list[GraphNode | None]:
    """Find each kernel's node by its name and operator; unnamed ones one after the other by operator.

    The profile names these by operator and number, as another node may be named: of such two, the first runs first.
    """
    named: defaultdict[Kernel, list[int]] = defaultdict(list)
    unnamed: defaultdict[str, list[int]] = defaultdict(list)
    for place, node in enumerate(optimised):
        (named[Kernel(node.name, node.op)] if node.name else unnamed[node.op]).append(place)
    excess = {kernel: times - len(named[kernel]) for kernel, times in Counter(kernels).items()}
    strangers: Counter[str] = Counter()
    for kernel, times in excess.items():
        strangers[kernel.op] += max(0, times)
    numbered_ops = {op for op, places in unnamed.items() if len(places) == strangers[op]}
    found: list[GraphNode | None] = []
    for kernel in kernels:
        choices = [named[kernel]]
        if excess[kernel] > 0 and kernel.op in numbered_ops:
            choices.append(unnamed[kernel.op])
        nearest = min((places for places in choices if places), default=None)
        found.append(optimised[nearest.pop(0)] if nearest else None)
    return found


def rows_without_kernel(assignments: Sequence[Assignment]) -> dict[str, str]:
    """Return the rows whose work is done inside another row's kernel: their names and that row's."""
    own = {one.row for one in assignments}
    # The first kernel of a row counts: it is written last.
    fused = [(row, one.row) for one in reversed(assignments) for row in one.fused]
    return {row: host for row, host in fused if host is not None and row not in own}
