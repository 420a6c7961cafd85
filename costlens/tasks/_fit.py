"""Whether a network fits a board: what it stores and takes, and the operators that the runtime there lacks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from costlens.arithmetic.precision import FP32, INT8, Precision
from costlens.network import figures, memory
from costlens.network.count import count
from costlens.network.precisions import Precisions
from costlens.results.counts import ModelCount
from costlens.results.target import Fit, Need, Target
from costlens.spec.target import MICRO, operators_of, operators_of_kind

if TYPE_CHECKING:
    from costlens.network.graph import Graph
    from costlens.sources._source import Model

_CHANNEL = 8
"""Bytes that kernels of TensorFlow Lite Micro keep for each output channel: a multiplier and a shift."""
_LAYER, _MORE = 225, 960
"""Bytes that its 64-bit interpreter keeps beside, for each layer of a spec and in all: fitted to what it told of 101
files, half of them within 3 %, all within 30 %. On a 32-bit processor it is less."""
_OPERATOR, _MORE_OF_FILE = 156, 1240
"""The same for each operator of a file: half within 6 %, all within 17 %."""
_TABLES = 1000
"""Bytes of names and tables of a file for each layer that is an operator, about; a C array holds them, too."""


def fits(model: Model, targets: Iterable[Target], precision: Precision | None = None) -> tuple[Fit, ...]:
    """Judge whether a network fits each target.

    precision: that of the count, where one was asked for. Else microcontrollers are judged in int8 where a network is
    not in a precision of its own, and other boards by the count.
    """
    return tuple(_fit(model, one, precision) for one in targets)


def _fit(model: Model, target: Target, precision: Precision | None) -> Fit:
    counted, graph = model.count, model.graph
    narrow = target.runtime == MICRO and precision is None and counted.precision in ("", FP32)
    if narrow and graph is not None:
        counted = replace(count(graph, batch=counted.batch, precisions=Precisions.all(INT8)), uncounted=())
    names = _operators(model, graph)
    lacking = tuple(name for name in names if name not in operators_of(target.runtime))
    return Fit(
        target.name,
        target.title,
        counted.precision or "the precision of the file",
        _needs(model, counted, target, graph),
        target.runtime,
        lacking,
        _largest(counted),
    )


def _needs(model: Model, counted: ModelCount, target: Target, graph: Graph | None) -> tuple[Need, ...]:
    stored = _stored(model, counted, graph)
    arena = counted.complete("arena_bytes")
    if target.runtime == MICRO:
        ram = None if arena is None else arena + _kept(graph, counted)
    else:  # weights are read into memory
        ram = None if arena is None or stored is None else arena + stored
    needs = [Need("RAM", ram, target.usable_ram, target.ram)]
    if target.flash is not None:
        needs.append(Need("flash", stored, target.usable_flash or target.flash, target.flash))
    return tuple(needs)


def _stored(model: Model, counted: ModelCount, graph: Graph | None) -> int | None:
    """Return the size of the model's file, about; exactly where the file is there."""
    if graph is None:
        return model.file_bytes if model.runtime else counted.complete("weight_bytes")
    flash = counted.complete("flash_bytes")
    return None if flash is None else flash + _TABLES * len({*memory.run(graph).steps})


def _kept(graph: Graph | None, counted: ModelCount) -> int:
    """Return what the interpreter keeps beside activations, about. In fp32 dense layers keep nothing for a channel."""
    if graph is None:
        made = [row for row in counted.rows if row.macs and row.output and (row.convolution or row.dtype == "int8")]
        channels = sum(row.output[-1] for row in made if row.output)
        return _CHANNEL * channels + _OPERATOR * len(counted.rows) + _MORE_OF_FILE
    layers = {graph.nodes[place] for place in memory.run(graph).steps}
    channels = sum(
        figures.stored(node.layer, graph.input_shapes(node)).scales
        for node in graph.nodes
        if node.layer.convolves or counted.precision != FP32
    )
    return _CHANNEL * channels + _LAYER * len(layers) + _MORE


def _operators(model: Model, graph: Graph | None) -> Sequence[str]:
    """Return the operators of the model's file, or those that the converter makes of a graph's layers."""
    if graph is not None:
        kinds = dict.fromkeys(graph.nodes[place].layer.kind() for place in memory.run(graph).steps)
        return list(dict.fromkeys(name for kind in kinds for name in operators_of_kind(kind)))
    if model.runtime and model.file is not None:
        from costlens.readers.tflite import operator_names

        return operator_names(model.file)
    return ()


def _largest(counted: ModelCount) -> str:
    """Return the row that holds most activations at once."""
    known = [row for row in counted.rows if row.live_bytes]
    return max(known, key=lambda row: row.live_bytes or 0).name if known else ""
