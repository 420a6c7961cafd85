"""What a device is given with a TensorFlow Lite file: numbers to store, tensors to make room for, operators to run."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path

from costlens.arithmetic import arena
from costlens.readers.tflite.file import Held, SubGraph, TensorEntry, opened
from costlens.readers.tflite.tensor import BITS
from costlens.runtimes.litert import by_place


@dataclass(frozen=True, slots=True)
class StoredTensor:
    """Numbers of a file that operators read: how many bytes, and how many scales and zero points they have."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    bytes: int
    scales: int
    zero_points: int


def output_steps(path: Path) -> tuple[float, ...]:
    """Return, for each output of a file, what its neighbouring integers differ by; 0.0 where it is real numbers.

    Outputs are in the order in which LiteRT returns them here.
    """
    with opened(path) as model:
        graph = model.subgraphs[0]
        outputs = sorted(
            (graph.tensors[place] for place in graph.outputs if place >= 0), key=lambda o: by_place(o.name)
        )
        return tuple(next(iter(output.scales), 0.0) for output in outputs)


def input_count(path: Path) -> int:
    """Return how many inputs a file's network has."""
    with opened(path) as model:
        return len(model.subgraphs[0].inputs)


def stored(path: Path) -> tuple[StoredTensor, ...]:
    """Return the constants that operators of a file read, in the file's order.

    Tensors may share their bytes, which are the first one's then; each has its own scales.
    """
    with opened(path) as model:
        seen: set[Held] = set()
        found = []
        for tensor in (tensor for graph in model.subgraphs for tensor in _read(graph)):
            if tensor.held is not None:
                found.append(_stored(tensor, 0 if tensor.held in seen else tensor.held.size))
                seen.add(tensor.held)
        return tuple(found)


def operator_names(path: Path) -> tuple[str, ...]:
    """Return the operators of a file, each once, by name: a builtin one in capitals, a custom one as it is called."""
    with opened(path) as model:
        return tuple(dict.fromkeys(each.op for graph in model.subgraphs for each in graph.operators))


def arena_tensors(path: Path) -> tuple[arena.Tensor, ...]:
    """Return the tensors of a file's network with their lifetimes, as an interpreter plans them.

    Constants stay in the file and variables outlive a run; neither has a place in the plan.
    """
    with opened(path) as model:
        graph = model.subgraphs[0]
        return tuple(
            arena.Tensor(f"{place} {graph.tensors[place].name}", _bytes(graph.tensors[place]), first, last)
            for place, (first, last) in _lifetimes(graph).items()
        )


def arena_places(path: Path) -> tuple[tuple[int, ...], int]:
    """Return the places of these tensors among those of the file, and how many it has."""
    with opened(path) as model:
        graph = model.subgraphs[0]
        return tuple(_lifetimes(graph)), len(graph.tensors)


def _lifetimes(graph: SubGraph) -> dict[int, tuple[int, int]]:
    """Return the first and last operator that each planned tensor lives for, by its place."""
    first = dict.fromkeys(graph.inputs, 0)
    last = dict(first)
    for step, each in enumerate(graph.operators):
        for place in each.outputs:
            first.setdefault(place, step)
        last |= dict.fromkeys((*each.inputs, *each.outputs), step)
    last |= dict.fromkeys(graph.outputs, len(graph.operators) - 1)
    held = {place for place, tensor in enumerate(graph.tensors) if tensor.held is not None or tensor.variable}
    return {place: (first[place], last[place]) for place in sorted(first) if place >= 0 and place not in held}


def _read(graph: SubGraph) -> Iterator[TensorEntry]:
    for place in dict.fromkeys(place for each in graph.operators for place in each.inputs if place >= 0):
        yield graph.tensors[place]


def _stored(tensor: TensorEntry, size: int) -> StoredTensor:
    shape = tensor.shape or ()
    return StoredTensor(tensor.name, tensor.dtype, shape, size, len(tensor.scales), tensor.zero_points)


def _bytes(tensor: TensorEntry) -> int:
    shape: Sequence[int] = tensor.shape or ()
    return -(-prod(shape) * BITS.get(tensor.dtype, 0) // 8)
