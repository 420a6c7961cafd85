"""A check as JSON: ``costlens.check/1``, whose JSON Schema ``costlens schema check`` prints."""

from __future__ import annotations

from costlens.formats.escape import json_text
from costlens.results.check import Checked
from costlens.results.stored import to_json


def render(checked: Checked) -> str:
    """Write all of it."""
    return json_text(to_json(checked))
