"""Options that several commands share."""

from __future__ import annotations

from glob import has_magic
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from costlens.commands._cli import Argument, Option, echo
from costlens.errors import UsageError
from costlens.network.variants import AS_WRITTEN, kind_names
from costlens.spec.outline import including
from costlens.spec.paths import BLOCKS, files_in, files_of

if TYPE_CHECKING:
    from rich.console import Console

Specs = Annotated[list[Path], Argument(help="Spec files (YAML), folders of them or globs.", show_default=False)]
Settings = Annotated[
    list[str] | None, Option("--set", metavar="NAME=VALUE", help="Set a knob; may be given several times.")
]
KINDS = ", ".join((AS_WRITTEN, *kind_names()))
Variants = Annotated[list[str] | None, Option("--variant", help=f"{KINDS} or all; may be given several times.")]
Batch = Annotated[int, Option(min=1, help="Examples at a time.")]


def settings_from(pairs: list[str] | None) -> dict[str, object]:
    """Read ``NAME=VALUE`` pairs; the spec reads the values."""
    settings: dict[str, object] = {}
    for pair in pairs or ():
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"--set {pair}: expected NAME=VALUE, for example --set alpha=0.5")
        settings[name.strip()] = value
    return settings


def spec_files(paths: list[Path], *, idle: bool = False) -> list[Path]:
    """Return the spec files among paths, each once: a folder or a glob names some, a file of blocks is part of some.

    A file of blocks that no spec includes stands for none, and that is said; with ``idle`` nothing else is needed.
    """
    found: list[Path] = []
    for path in paths:
        inside = _files(path)
        found += (file for file in inside if file not in found)
    if paths and not found and not idle:
        raise UsageError("there is no spec to read; name one, or a folder that holds some")
    return found


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        if inside := files_in(path):
            return inside
        raise UsageError(f"{path}: no spec (*.yaml) in this folder; name a spec, or a folder that holds some")
    if path.is_file() and path.name.endswith(BLOCKS):
        if not (inside := including(path)):
            echo(f"{path}: no spec in its repository includes these blocks", err=True)
        return inside
    if has_magic(str(path)) and not path.exists():
        if inside := files_of(path.as_posix()):
            return inside
        raise UsageError(f"{path}: matches no spec (*.yaml); name specs, folders of them or globs")
    return [path]


def console(*, stderr: bool = False) -> Console:
    """Return a console that keeps to the terminal's width, or to 100 columns where there is none; no text is markup."""
    from shutil import get_terminal_size

    from rich.console import Console

    class Piped(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # rich would end the command with exit code 1

    width, height = get_terminal_size((100, 25))
    return Piped(stderr=stderr, highlight=False, markup=False, emoji=False, width=width, height=height)
