"""The count of an ONNX file by one run of it (``--execute``), where its graph alone does not tell all sizes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from costlens.errors import BenchError, UsageError, VerificationError
from costlens.results.counts import ModelCount

if TYPE_CHECKING:
    from costlens.runtimes import Inputs

_DECIDED = "decides in a run"
_HOLDS = "holds "
_SHOWN = 5
_FIGURES = ("macs", "flops", "traffic_bytes", "peak_activation_bytes")


def by_a_run(path: Path, count: ModelCount, inputs: Inputs) -> ModelCount:
    """Return a file's count for one run on these inputs; where the graph told everything, its count, which must agree.

    UsageError where an axis of an input has no size. BenchError where the file cannot be run. VerificationError where
    a size that the graph tells, or the sum, is not that of the run.
    """
    from costlens.bench.executed import executed
    from costlens.readers.onnx.run import count_of_run
    from costlens.runtimes import said
    from costlens.runtimes._onnxruntime_executed import NAMED
    from costlens.storage.files import scratch

    shapes = {name: one.shape for name, one in inputs.items()}
    with scratch() as folder:
        try:
            run = executed(path, inputs, folder)
        except BenchError as error:
            raise BenchError(f"--execute {path}: {error}") from error
        ran = ((one.name, one.read, one.wrote, one.times) for one in run.nodes)
        try:
            found = count_of_run(folder / NAMED, ran, shapes, dict(run.values), count.batch)
        except VerificationError as error:
            raise VerificationError(f"--execute {path}: {error}") from None
    nodes = sum(one.times for one in run.nodes)
    picked = any(_DECIDED in note for note in count.notes)
    told = not picked and None not in map(count.complete, _FIGURES)
    if told and found.totals.macs != count.totals.macs:
        raise VerificationError(f"--execute {path}: {_difference(count, found)}")
    if told or (not picked and (found.totals, found.status) == (count.totals, count.status)):
        return replace(count, notes=(*count.notes, f"a run of {nodes:,} nodes agrees; {said(inputs)}"))
    kept = tuple(note for note in count.notes if _DECIDED not in note and not note.startswith(_HOLDS))
    of_run = f"counted by one run of {nodes:,} nodes: what data decide is that of this run; {said(inputs)}"
    return replace(found, name=count.name, notes=(*kept, of_run))


def settled_shapes(path: Path, count: ModelCount) -> Mapping[str, tuple[int, ...]]:
    """Return the shapes of the inputs; UsageError where an axis has no size to run with."""
    free = next((str(size) for shape in count.inputs.values() for size in shape if isinstance(size, str)), "")
    if free:
        raise UsageError(f"--execute {path}: the size of its axis {free} is not known; give it: --dim {free}=64")
    return {name: tuple(map(int, shape)) for name, shape in count.inputs.items()}


def _difference(count: ModelCount, found: ModelCount) -> str:
    """Name the nodes whose MACs are not those of the run."""
    ours, theirs = ({row.name: row.macs for row in one.rows if row.macs} for one in (count, found))
    apart = [name for name in {**ours, **theirs} if ours.get(name) != theirs.get(name)]
    shown = "; ".join(f"{name}: {ours.get(name, 0):,} and {theirs.get(name, 0):,}" for name in apart[:_SHOWN])
    return f"MACs are {count.totals.macs or 0:,} by its graph and {found.totals.macs or 0:,} in a run: {shown}"
