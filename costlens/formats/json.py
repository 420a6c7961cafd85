"""JSON: the versioned contracts ``costlens.count/1`` and ``costlens.report/1``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from costlens.formats.escape import json_text
from costlens.results.counts import ModelCount, counts_document

if TYPE_CHECKING:
    from costlens.results.report import Report

suffix = ".json"


def render_counts(models: list[ModelCount]) -> str:
    """Write counts as ``{"schema": "costlens.count/1", "models": […]}``."""
    return json_text(json.dumps(counts_document(models), indent=2, ensure_ascii=False) + "\n")


def render(report: Report) -> str:
    """Write a report, all of it."""
    from costlens.results.report import report_to_json

    return json_text(report_to_json(report))
