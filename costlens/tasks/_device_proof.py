"""A TensorFlow Lite file as a device holds it: what it stores and allocates, beside what its spec counts and plans."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, get_args

from costlens.arithmetic import arena
from costlens.arithmetic.precision import Precision
from costlens.errors import BenchError, RuntimeUnavailable, UsageError
from costlens.network.count import count
from costlens.network.precisions import Precisions
from costlens.readers.tflite import StoredTensor, arena_tensors, stored
from costlens.results.allocated import DeviceFacts, StoredBytes
from costlens.tasks import _proof

if TYPE_CHECKING:
    from collections.abc import Sequence

    from costlens.network.graph import Graph
    from costlens.results.counts import ModelCount
    from costlens.results.verification import CrossCheck

_LITERT = "litert"
_SCALE, _ZERO_POINT = 4, 8
_INDICES = frozenset({"int32", "int64", "bool"})


def checks(graph: Graph, model: ModelCount, precisions: Sequence[str]) -> tuple[CrossCheck, ...]:
    """Convert a network in each precision, and compare what the file stores and allocates with what is counted.

    ExportError where it cannot be converted, RuntimeUnavailable where LiteRT is missing. Where TensorFlow Lite Micro is
    missing, or refuses the file, the check says so.
    """
    from costlens.analysis.ledger import device_checks
    from costlens.export.conversions import Source, model_file

    proof = _proof.prove(graph, model)
    source = Source(proof.path, proof.file.sha256, graph, _proof.SEED)
    found: list[CrossCheck] = []
    for precision in precisions:
        facts = facts_of(model_file(source, _LITERT, precision))
        found += device_checks(counted(graph, precision), facts, precision)
    return tuple(found)


def counted(graph: Graph, precision: str) -> ModelCount:
    """Return the count of a graph with all that can be in a precision."""
    known: Sequence[Precision] = get_args(Precision)
    return count(graph, precisions=Precisions.all(next(each for each in known if each == precision)))


def facts_of(path: Path) -> DeviceFacts:
    """Return what a file stores, and what interpreters allocate for it; each is loaded in a process of its own."""
    from costlens.bench import litert_arena, micro

    plan = arena.plan(arena_tensors(path))
    problems, micro_found, litert_found = [], None, None
    try:
        micro_found = micro.allocated(path)
    except (BenchError, RuntimeUnavailable, UsageError) as problem:
        problems.append(str(problem))
    try:
        litert_found = litert_arena.litert_arena(path)
    except (BenchError, RuntimeUnavailable) as problem:
        problems.append(str(problem))
    size = path.stat().st_size
    held = _bytes(stored(path), size)
    return DeviceFacts(size, held, plan.bytes, plan.peak, micro_found, litert_found, tuple(problems))


def _bytes(tensors: Sequence[StoredTensor], size: int) -> StoredBytes:
    """Tell apart what a file stores, by the types of the tensors, whether they have scales, and whether they have axes.

    A number without axes is a setting of a layer, such as the least value of a ``maximum``.
    """
    settings = [each for each in tensors if not each.shape]
    numbers = [each for each in tensors if each.shape]
    biases = sum(each.bytes for each in numbers if each.scales and each.dtype in _INDICES)
    indices = sum(each.bytes for each in numbers if not each.scales and each.dtype in _INDICES)
    weights = sum(each.bytes for each in numbers) - biases - indices
    scales = _SCALE * sum(each.scales for each in numbers)
    zero_points = _ZERO_POINT * sum(each.zero_points for each in numbers)
    indices += sum(each.bytes + _SCALE * each.scales + _ZERO_POINT * each.zero_points for each in settings)
    rest = size - weights - biases - scales - zero_points - indices
    return StoredBytes(weights, biases, scales, zero_points, indices, rest)
