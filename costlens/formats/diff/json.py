"""A diff as JSON: the versioned contract ``costlens.diff/1``."""

from __future__ import annotations

from costlens.formats.escape import json_text
from costlens.results.diff import Diff, diff_to_json


def render(diff: Diff) -> str:
    """Write a diff, all of it."""
    return json_text(diff_to_json(diff))
