"""A plan → the nodes and the numbers of a model: those of a convolution are replaced by those of its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from costlens.readers.onnx.control import read_within
from costlens.results.names import numbered
from costlens.rewriting.drawn import Drawn
from costlens.rewriting.lowering import Lowered, lowered
from costlens.rewriting.plan import Change
from costlens.rewriting.sites import Site, shape_of
from costlens.rewriting.tails import PER_CHANNEL
from costlens.rewriting.wiring import Wiring

_SAYS_INPUTS = 4
"""The version of the format since which a stored tensor need not be an input of its graph."""
_BIAS = 2
"""The place of a bias among a convolution's inputs."""


def apply(model: Any, changes: Sequence[Change], rows: Mapping[int, str], seed: int) -> None:
    """Change a parsed model in place. Its nodes get the names of their ``rows``, so that both files have the same.

    What nothing reads any more is gone. Postcondition: the inputs and outputs of the graph, and the tensors between
    convolutions, have the names and the shapes that they had.
    """
    graph = model.graph
    for index, row in rows.items():
        graph.node[index].name = row
    work = _Rewriting(Wiring(graph), Drawn(seed), _names(graph))
    gone: set[int] = set()
    placed: dict[int, list[Any]] = {}
    for change in changes:
        run = (*change.site.members, *change.site.between, *change.site.tail)
        gone.update(run)
        placed[max(run)] = work.nodes(change)
    kept: list[Any] = []
    for index, node in enumerate(graph.node):
        kept += [] if index in gone else [node]
        kept += placed.get(index, [])
    constants = {name for name in work.wiring.uses if work.wiring.is_constant(name)}
    kept = [type(node).FromString(node.SerializeToString()) for node in kept]
    named = [node for node in kept if node.name]
    for node, name in zip(named, numbered([node.name for node in named]), strict=True):
        node.name = name  # runtimes refuse two nodes of one name
    del graph.node[:]
    graph.node.extend(kept)
    _remove_idle(graph, constants)
    for tensor in work.stored.values():
        graph.initializer.append(tensor)
        if model.ir_version < _SAYS_INPUTS:
            value = graph.input.add(name=tensor.name)
            value.type.tensor_type.elem_type = tensor.data_type
            for size in tensor.dims:
                value.type.tensor_type.shape.dim.add(dim_value=size)


@dataclass(slots=True)
class _Rewriting:
    """What a rewrite adds to a graph: the numbers that are stored, by name; ``taken``: the names of tensors."""

    wiring: Wiring
    drawn: Drawn
    taken: set[str]
    stored: dict[str, Any] = field(default_factory=dict)
    _called: dict[tuple[str, ...], str] = field(default_factory=dict)

    def nodes(self, change: Change) -> list[Any]:
        """Return the nodes of a convolution: each part, with the norms and activations after it where it folds a norm.

        The last part that does has those of the file, the others have new ones that are alike.
        """
        site, graph = change.site, self.wiring.graph
        if site.layer is None:
            raise ValueError(f"{site.name} has one form only")
        shape = shape_of(site.layer, site.channels)
        own, tensor = graph.node[site.members[-1]], graph.node[site.members[0]].input[0]
        made_by_own, tail = own.output[0], [graph.node[index] for index in site.tail]
        end = tail[-1].output[0] if tail else made_by_own
        main = max((place for place, (_, layer) in enumerate(change.parts) if layer.folds_norm), default=-1)
        found = []
        for place, (suffix, layer) in enumerate(change.parts):
            node = lowered(layer, shape)
            shape = layer.output_shape(shape)
            is_last, name = place == len(change.parts) - 1, joined(site.name, suffix)
            made = self._free(f"{name}:0")
            if is_last:
                made = made_by_own if place == main else end
            inputs = [tensor, *self._numbers(site, suffix, node, own if place == main else None)]
            found.append(_node(type(own), node.op, name, inputs, made, node.attributes))
            tensor = made
            if layer.folds_norm and is_last:
                found += tail
            elif layer.folds_norm:
                renamed = {made_by_own: made}
                found += [self._after(site, suffix, one, renamed, 0 if place == main else shape[-1]) for one in tail]
                tensor = renamed[end]
        return found

    def _numbers(self, site: Site, suffix: str, node: Lowered, own: Any) -> Iterator[str]:
        """Yield the names of what a node reads beside its input: the indices, or the weights and the bias.

        ``own``: the convolution whose bias it keeps, if it does. Convolutions of the same weights have the same again.
        """
        name = joined(site.name, suffix)
        if node.indices:
            make = partial(self.drawn.indices, values=node.indices)
            yield self._kept((*site.weights, suffix), f"{name}.indices", make)
            return
        before = [self.wiring.held(weights) for weights in site.weights] if own is not None else ()
        make = partial(self.drawn.weights, node=node, dtype=site.dtype, before=before)
        yield self._kept((*site.weights, suffix), f"{name}.weight", make)
        if node.bias and own is not None:
            yield own.input[_BIAS]
        elif node.bias:
            make = partial(self.drawn.same, shape=(node.bias,), dtype=site.dtype, value=0.0)
            yield self._kept((*site.weights, suffix, "bias"), f"{name}.bias", make)

    def _after(self, site: Site, part: str, node: Any, renamed: dict[str, str], channels: int) -> Any:
        """Return a copy of a norm or an activation on other tensors; ``channels``: how many it has now, 0 for the same.

        ``part``: the suffix of the part that it follows. ``renamed`` tells the tensors that it reads, and learns the
        one that it makes.
        """
        copy = type(node).FromString(node.SerializeToString())
        name = joined(joined(site.name, part), node.op_type.lower())
        copy.output[0] = renamed[node.output[0]] = self._free(f"{name}:0")
        copy.input[:] = [renamed.get(tensor, tensor) for tensor in node.input]
        if channels:
            copy.name = name
            for nth, place in enumerate(PER_CHANNEL.get(node.op_type, ())):
                held = self.wiring.held(node.input[place])
                like = {"like": held, "dtype": site.dtype, "channels": channels}
                make = partial(self.drawn.per_channel, op=node.op_type, nth=nth, **like)
                copy.input[place] = self._kept((*site.weights, part, node.input[place]), f"{name}.{nth}", make)
        return copy

    def _kept(self, key: tuple[str, ...], name: str, make: Callable[[str], Any]) -> str:
        """Return the name of stored numbers, which are made where nothing has the key yet."""
        if key not in self._called:
            self._called[key] = called = self._free(name)
            self.stored[called] = make(called)
        return self._called[key]

    def _free(self, name: str) -> str:
        """Return a name that no tensor has."""
        found, number = name, 1
        while found in self.taken:
            number += 1
            found = f"{name}#{number}"
        self.taken.add(found)
        return found


def joined(name: str, part: str) -> str:
    """Return the name of a part, divided as the name is itself, as rows of specs are unless it has slashes.

    >>> joined("stage1", "depthwise"), joined("/stem/Conv", "pointwise"), joined("stage1", "")
    ('stage1.depthwise', '/stem/Conv/pointwise', 'stage1')
    """
    return f"{name}{'/' if '/' in name else '.'}{part}" if part else name


def _node(kind: Any, op: str, name: str, inputs: Sequence[str], made: str, attributes: Mapping[str, Any]) -> Any:
    """Return a node; its attributes are whole numbers, lists of them, or words."""
    node = kind(op_type=op, name=name, input=inputs, output=[made])
    for key, value in attributes.items():
        one = node.attribute.add(name=key)
        if isinstance(value, str):
            one.type, one.s = one.STRING, value.encode()
        elif isinstance(value, int):
            one.type, one.i = one.INT, value
        else:
            one.type = one.INTS
            one.ints.extend(value)
    return node


def _names(graph: Any) -> set[str]:
    """Return the names that tensors have, those within nodes included."""
    found = {value.name for value in (*graph.input, *graph.output, *graph.initializer)}
    found |= {one.values.name for one in graph.sparse_initializer}
    for node in graph.node:
        found.update(node.input, node.output)
        for attribute in node.attribute:
            for inner in (attribute.g, *attribute.graphs):
                found |= _names(inner) if inner.node or inner.initializer else set()
    return found


def _remove_idle(graph: Any, constants: set[str]) -> None:
    """Take out constants that were read and are not any more, and what is noted of tensors that are gone."""
    idle = True
    while idle:
        read = {value.name for value in graph.output}
        for node in graph.node:
            read.update(node.input, read_within(node))
        gone = constants - read
        wanted = [gone.isdisjoint(node.output) or not read.isdisjoint(node.output) for node in graph.node]
        _keep(graph.node, wanted)
        idle = not all(wanted)
    for values in (graph.initializer, graph.input):
        _keep(values, [value.name not in gone for value in values])
    there = {value.name for value in (*graph.initializer, *graph.input)}
    there.update(name for node in graph.node for name in node.output)
    _keep(graph.value_info, [value.name in there for value in graph.value_info])


def _keep(values: Any, wanted: Sequence[bool]) -> None:
    """Take those that are not wanted out of a list of messages."""
    for index in reversed(range(len(values))):
        if not wanted[index]:
            del values[index]
