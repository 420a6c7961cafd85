"""A comparison as JSON: the versioned contract ``costlens.comparison/1``."""

from __future__ import annotations

from costlens.formats.escape import json_text
from costlens.results.comparison import Comparison, comparison_to_json

suffix = ".json"


def render(comparison: Comparison) -> str:
    """Write a comparison, all of it."""
    return json_text(comparison_to_json(comparison))
