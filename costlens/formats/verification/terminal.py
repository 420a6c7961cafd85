"""Verified specs on the terminal: a line a variant, a whole ledger where one disagrees."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from costlens.formats import terminal
from costlens.formats._phrase import phrase
from costlens.formats.verification.markdown import duration
from costlens.results.verification import Verified, VerifiedVariant

_NAMES = 50
_STYLES = {"DISAGREES": "bold red", "failed": "bold red", "agrees": "green"}


def render(verified: Verified, width: int, *, whole: bool) -> Group:
    """Render one spec; every ledger where ``whole``, else those that disagree."""
    spec = verified.spec
    parts: list[RenderableType] = [phrase(f"{spec.file}: cannot be read", "bold red")] if spec.problem else []
    parts += [terminal.ledger(ledger, width) for ledger in verified.ledgers if whole or not ledger.ok]
    if not whole:
        parts += [_line(spec.name, found) for found in spec.variants]
    return Group(*parts)


def _line(name: str, found: VerifiedVariant) -> Text:
    label = f"{name} · {found.names}".ljust(_NAMES)
    took = f"  {duration(found.seconds)}" if found.made else ""
    return Text.assemble(f"{label} ", (found.verdict, _STYLES[found.verdict]), (took, "dim"))
