"""What formats print, beside the files of tests/golden."""

from __future__ import annotations

import io
import os

from rich.console import Console

from tests.places import GOLDEN


def printed(renderable: object, width: int) -> str:
    console = Console(width=width, file=io.StringIO(), color_system=None, highlight=False)
    console.print(renderable)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def same_as_golden(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get("COSTLENS_RENEW_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text.encode() == path.read_bytes()
