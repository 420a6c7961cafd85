"""One ONNX file, counted by its graph and by the sizes of a run, which must agree."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from costlens.errors import BenchError
from costlens.tasks._timing import shapes_of, unsettled

if TYPE_CHECKING:
    from costlens.results.counts import ModelCount
    from costlens.results.verification import CrossCheck, Ledger, VerifiedVariant
    from costlens.runtimes._onnxruntime_executed import Executed
    from costlens.sources._source import Model

_SHOWN = 5


def check(model: Model) -> tuple[VerifiedVariant, Ledger | None]:
    """Compare the count of an ONNX file with one run of it; what fails is part of the result."""
    from costlens.analysis import ledger
    from costlens.bench.executed import executed
    from costlens.readers.onnx import executed_macs
    from costlens.results.verification import Ledger
    from costlens.runtimes._onnxruntime_executed import NAMED
    from costlens.storage.files import scratch

    started, count = time.monotonic(), model.count
    reason = unsettled(model, None)
    if reason or model.file is None:
        return ledger.failed(count, reason or "it has no file"), None
    with scratch() as folder:
        try:
            run = executed(model.file, shapes_of(model), folder)
            ran = ((one.name, one.read, one.wrote, one.times) for one in run.nodes)
            macs, unknown = executed_macs(folder / NAMED, ran)
        except BenchError as error:
            return ledger.failed(count, str(error)), None
    found = Ledger(count.name, "", (_macs(count, macs, unknown), _shapes(count, run), _finite(run)))
    problem = "; ".join(f"{entry.name}: {entry.note}" for entry in found.failures)
    line = replace(
        ledger.failed(count, problem),
        verdict="agrees" if found.ok else "DISAGREES",
        seconds=round(time.monotonic() - started, 1),
        made=f"{datetime.now(UTC):%Y-%m-%d}",
    )
    return line, found


def _macs(count: ModelCount, executed: int, unknown: tuple[str, ...]) -> CrossCheck:
    from costlens.results.verification import CrossCheck

    counted = count.totals.macs or 0
    roads = (("its graph", counted), ("sizes of a run", executed))
    missing = [*count.uncounted, *(f"{op} of the run" for op in unknown)]
    if count.status["macs"] != "complete" or unknown:
        return CrossCheck("MACs", roads, False, f"the file was not counted whole: {'; '.join(missing[:_SHOWN])}")
    branches = any(" branch is counted" in note for note in count.notes)
    if branches and executed < counted:
        return CrossCheck("MACs", roads, True, "this run took a branch that costs less")
    return CrossCheck(
        "MACs", roads, counted == executed, "" if counted == executed else f"off by {executed - counted:,}"
    )


def _shapes(count: ModelCount, run: Executed) -> CrossCheck:
    """Compare what nodes write, where the name of a node is its own in the file and among the rows."""
    from costlens.results.verification import CrossCheck

    named = Counter(one.original for one in run.nodes)
    wrote = {one.original: one.wrote[0][1] for one in run.nodes if one.wrote and named[one.original] == 1}
    pairs = {row.name: (row.output, wrote[row.name]) for row in count.rows if row.output and row.name in wrote}
    wrong = [f"{name}: counted {ours}, ran {theirs}" for name, (ours, theirs) in pairs.items() if ours != theirs]
    roads = (("rows compared", len(pairs)), ("equal", len(pairs) - len(wrong)))
    return CrossCheck("output shapes", roads, not wrong, "; ".join(wrong[:_SHOWN]))


def _finite(run: Executed) -> CrossCheck:
    from costlens.results.verification import CrossCheck

    roads = (("outputs", run.outputs), ("finite", run.outputs - len(run.not_finite)))
    note = f"not finite for random inputs: {', '.join(run.not_finite[:_SHOWN])}" if run.not_finite else ""
    return CrossCheck("outputs of a run", roads, not run.not_finite, note)
