"""What ``import costlens`` offers: one network to work on, and commands as functions of their names and options.

Words are those of the command line: a spec (``"a.yaml?alpha=0.5"``) or the name of one that costlens ships
(``"yamnet"``), a model file, a report or its folder, ``REVISION:path`` of one, a folder of them or a glob. A
:class:`Model` stands wherever a word does. Every function raises a CostlensError that says where, what and what to do.
None prints: in a notebook, and in a session on a terminal, one line tells what takes long and how far it is.
"""

from __future__ import annotations

from typing import Any

from costlens.api._summary import Summary, summary
from costlens.api.advising import advise
from costlens.api.explaining import explain
from costlens.api.exploring import explore
from costlens.api.functions import (
    bench,
    check,
    compare,
    count,
    diff,
    profile,
    report,
    sweep,
)
from costlens.api.model import Model, from_keras, from_onnx, load
from costlens.api.predicting import predict
from costlens.api.proving import export, verify
from costlens.errors import CostlensError
from costlens.results.shown import written_by

__all__ = [
    "CostlensError", "Model", "Summary", "advise", "bench", "check", "compare", "count", "diff", "explain", "explore",
    "export", "from_keras", "from_onnx", "load", "predict", "profile", "report", "summary", "sweep", "verify",
]  # fmt: skip


def _show(result: Any, name: str) -> str | None:
    from costlens.formats._shown import written

    return written(result, name)


written_by(_show)
