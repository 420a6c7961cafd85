"""GitHub's workflow commands: a line of output that a pull request shows at a line of a file."""

from __future__ import annotations

from typing import Literal

from costlens.formats.escape import annotation, annotation_property

Level = Literal["error", "warning", "notice"]


def at_line(level: Level, message: str, *, title: str, file: str = "", line: int = 0, column: int = 0) -> str:
    """Write one annotation; what is empty or 0 is left out, and without a file it belongs to the whole run.

    >>> at_line("error", "over 6.8k", title="macs", file="specs/a.yaml", line=4, column=10)
    '::error file=specs/a.yaml,line=4,col=10,title=macs::over 6.8k'
    """
    places = {"file": file, "line": str(line or ""), "col": str(column or "")} if file else {}
    given = {name: annotation_property(value) for name, value in {**places, "title": title}.items() if value}
    return f"::{level} {','.join(f'{name}={value}' for name, value in given.items())}::{annotation(message)}"
