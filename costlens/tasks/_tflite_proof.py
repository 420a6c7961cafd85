"""One TensorFlow Lite file, counted by its graph and by the sizes of a run, which must agree."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from costlens.errors import BenchError, UsageError
from costlens.tasks._file_proof import finite, line, macs, shapes, why
from costlens.tasks._timing import inputs_of, unsettled

if TYPE_CHECKING:
    from costlens.results.verification import Ledger, VerifiedVariant
    from costlens.sources._source import Model


def check(model: Model) -> tuple[VerifiedVariant, Ledger | None]:
    """Compare the count of a TensorFlow Lite file with one run of it; what fails is part of the result."""
    from costlens.analysis import ledger
    from costlens.bench.executed_tflite import executed
    from costlens.readers.tflite import read_executed

    started, count = time.monotonic(), model.count
    reason = unsettled(model, None)
    if reason or model.file is None:
        return ledger.failed(count, reason or "it has no file"), None
    inputs = inputs_of(model)
    try:
        run = executed(model.file, inputs)
        ran, inner = read_executed(model.file, dict(run.shapes))
    except (BenchError, UsageError) as error:
        return ledger.failed(count, why(error, model.file)), None
    missing = tuple(dict.fromkeys((*count.uncounted, *ran.uncounted)))
    note = (
        f"{inner:,} of them in sub-graphs, whose sizes LiteRT does not tell" if inner else ""
    )  # by rules on both sides
    wrote = {row.name: row.output for row in ran.rows if row.output is not None}
    checks = (
        macs(count, ran.totals.macs or 0, missing, note),
        shapes(count, wrote),
        finite(run.outputs, run.not_finite, inputs),
    )
    return line(count, checks, started)
