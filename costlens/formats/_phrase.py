"""Text for the terminal: no markup is read in it, and nothing in it moves the cursor or turns the line round."""

from __future__ import annotations

from rich.text import Text

from costlens.formats.escape import LIMIT, plain, shorten


def phrase(text: str, style: str = "", limit: int = LIMIT) -> Text:
    """Return a text in a style; its line breaks are kept."""
    return Text(shorten(plain(text, lines=True), limit), style)
