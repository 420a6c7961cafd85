"""One ONNX file, counted by its graph and by the sizes of a run, which must agree."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from costlens.errors import BenchError
from costlens.runtimes import Inputs, said
from costlens.tasks._timing import inputs_of, unsettled

if TYPE_CHECKING:
    from pathlib import Path

    from costlens.results.counts import ModelCount
    from costlens.results.verification import CrossCheck, Ledger, VerifiedVariant
    from costlens.runtimes._onnxruntime_executed import Executed
    from costlens.sources._source import Model

_SHOWN = 5


def check(model: Model) -> tuple[VerifiedVariant, Ledger | None]:
    """Compare the count of an ONNX file with one run of it; what fails is part of the result."""
    from costlens.analysis import ledger
    from costlens.bench.executed import executed
    from costlens.readers.onnx import executed_macs, read
    from costlens.runtimes._onnxruntime_executed import NAMED
    from costlens.storage.files import scratch

    started, count = time.monotonic(), model.count
    reason = unsettled(model, None)
    if reason or model.file is None:
        return ledger.failed(count, reason or "it has no file"), None
    with scratch() as folder:
        inputs = inputs_of(model)
        try:
            run = executed(model.file, inputs, folder)
            ran = ((one.name, one.read, one.wrote, one.times) for one in run.nodes)
            macs, unknown = executed_macs(folder / NAMED, ran)
            if count.status["macs"] != "complete" and run.values:  # lengths that it is run on tell more
                shapes = {name: one.shape for name, one in inputs.items()}
                count = replace(read(model.file, shapes=shapes, values=dict(run.values)), name=count.name)
        except BenchError as error:
            return ledger.failed(count, why(error, model.file)), None
    outputs = finite(run.outputs, run.not_finite, inputs)
    return line(count, (_macs(count, macs, unknown), _shapes(count, run), outputs), started)


def line(count: ModelCount, checks: tuple[CrossCheck, ...], started: float) -> tuple[VerifiedVariant, Ledger]:
    """Return what the checks of a model file say, which began at this time of the clock."""
    from costlens.analysis import ledger
    from costlens.results.verification import Ledger

    found = Ledger(count.name, count.variant, checks)
    problem = "; ".join(f"{entry.name}: {entry.note}" for entry in found.failures)
    said = replace(
        ledger.failed(count, problem),
        verdict="agrees" if found.ok else "DISAGREES",
        seconds=round(time.monotonic() - started, 1),
        made=f"{datetime.now(UTC):%Y-%m-%d}",
    )
    return said, found


def why(error: Exception, file: Path) -> str:
    """Return what an error says of a file, which the line that it stands in names already."""
    return str(error).removeprefix(f"{file}: ")


def _macs(count: ModelCount, executed: int, unknown: Sequence[str]) -> CrossCheck:
    """Compare MACs; a run may take a smaller branch than the one that is counted."""
    found = macs(count, executed, [*count.uncounted, *(f"{op} of the run" for op in unknown)])
    branches = any(" branch is counted" in note for note in count.notes)
    if branches and not unknown and count.status["macs"] == "complete" and executed < (count.totals.macs or 0):
        return replace(found, agrees=True, note="this run took a branch that costs less")
    return found


def macs(count: ModelCount, executed: int, missing: Sequence[str], note: str = "") -> CrossCheck:
    """Return the check of the MACs of a file with those by the sizes of a run; ``missing``: what either lacks."""
    from costlens.results.verification import CrossCheck

    counted = count.totals.macs or 0
    roads = (("its graph", counted), ("sizes of a run", executed))
    if missing or count.status["macs"] != "complete":
        return CrossCheck("MACs", roads, False, f"the file was not counted whole: {'; '.join(missing[:_SHOWN])}")
    off = f"off by {executed - counted:,}" if counted != executed else note
    return CrossCheck("MACs", roads, counted == executed, off)


def _shapes(count: ModelCount, run: Executed) -> CrossCheck:
    """Compare what nodes write, where the name of a node is its own in the file and among the rows."""
    named = Counter(one.original for one in run.nodes)
    return shapes(count, {one.original: one.wrote[0][1] for one in run.nodes if one.wrote and named[one.original] == 1})


def shapes(count: ModelCount, wrote: Mapping[str, Sequence[int]]) -> CrossCheck:
    """Return the check of what rows write with what they wrote in a run."""
    from costlens.results.verification import CrossCheck

    pairs = {row.name: (row.output, wrote[row.name]) for row in count.rows if row.output and row.name in wrote}
    wrong = [f"{name}: counted {ours}, ran {theirs}" for name, (ours, theirs) in pairs.items() if ours != theirs]
    roads = (("rows compared", len(pairs)), ("equal", len(pairs) - len(wrong)))
    return CrossCheck("output shapes", roads, not wrong, "; ".join(wrong[:_SHOWN]))


def finite(outputs: int, not_finite: Sequence[str], inputs: Inputs) -> CrossCheck:
    """Return the check of the numbers that a run made of its inputs."""
    from costlens.results.verification import CrossCheck

    roads = (("outputs", outputs), ("finite", outputs - len(not_finite)))
    wrong = f"not finite: {', '.join(not_finite[:_SHOWN])}" if not_finite else ""
    return CrossCheck("outputs of a run", roads, not not_finite, "; ".join(filter(None, (wrong, said(inputs)))))
