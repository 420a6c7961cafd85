"""Options that several commands share."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from costlens.errors import UsageError
from costlens.spec import SUFFIX, files_in, including
from costlens.variants import AS_WRITTEN, kind_names

if TYPE_CHECKING:
    from rich.console import Console

Specs = Annotated[list[Path], typer.Argument(help="Spec files (YAML), or folders of them.", show_default=False)]
Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Set a knob; may be given several times.")
]
KINDS = ", ".join((AS_WRITTEN, *kind_names()))
Variants = Annotated[list[str] | None, typer.Option("--variant", help=f"{KINDS} or all; may be given several times.")]
Batch = Annotated[int, typer.Option(min=1, help="Examples at a time.")]


def settings_from(pairs: list[str] | None) -> dict[str, object]:
    """Read ``NAME=VALUE`` pairs; the spec reads the values."""
    settings: dict[str, object] = {}
    for pair in pairs or ():
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"--set {pair}: expected NAME=VALUE, for example --set alpha=0.5")
        settings[name.strip()] = value
    return settings


def spec_files(paths: list[Path]) -> list[Path]:
    """Return the spec files among paths, each once: a folder holds some, a file of blocks is included by some."""
    found: list[Path] = []
    for path in paths:
        inside = files_in(path) if path.is_dir() else [path]
        if not inside:
            raise UsageError(f"{path}: no spec (*.yaml) in this folder; name a spec, or a folder that holds some")
        if path.name.endswith(SUFFIX) and path.is_file():
            inside = including(path) or inside
        found += (file for file in inside if file not in found)
    return found


def console(*, stderr: bool = False) -> Console:
    """Return a console that keeps to the terminal's width, or to 100 columns where there is none; no text is markup."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else _columns()
    return Console(stderr=stderr, highlight=False, markup=False, emoji=False, soft_wrap=False, width=width)


def _columns() -> int:
    import os

    given = os.environ.get("COLUMNS", "")
    return int(given) if given.isdigit() and int(given) > 0 else 100
