"""Options that several commands share, and the words that all of them take."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from costlens.commands._progress import progress
from costlens.errors import UsageError
from costlens.network.variants import AS_WRITTEN, kind_names
from costlens.sources._source import Asked
from costlens.tasks._tools import Tools

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

WORDS = (
    "Networks: a spec with knobs of its own ('a.yaml?alpha=0.5'), a model file, a report.json, REVISION:path of one, "
    "a folder of them or a glob."
)
Words = Annotated[list[str], typer.Argument(metavar="MODEL", help=WORDS, show_default=False)]
OneWord = Annotated[str, typer.Argument(metavar="MODEL", help="One network: see costlens count --help.")]
Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Set a knob; may be given several times.")
]
KINDS = ", ".join((AS_WRITTEN, *kind_names()))
Variants = Annotated[list[str] | None, typer.Option("--variant", help=f"{KINDS} or all; may be given several times.")]
Depth = Annotated[int | None, typer.Option(min=1, help="Fold rows to this depth of their names.")]


def asked(variant: list[str] | None, set_: list[str] | None, **more: object) -> Asked:
    """Return what is asked of every word: variants, knobs as ``NAME=VALUE`` pairs, and more of Asked's fields."""
    settings: dict[str, object] = {}
    for pair in set_ or ():
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"--set {pair}: expected NAME=VALUE, for example --set alpha=0.5")
        settings[name.strip()] = value
    names = (name.strip() for given in variant or () for name in given.split(","))
    return Asked(tuple(names), settings, **more)  # type: ignore[arg-type]


@contextmanager
def tools() -> Iterator[Tools]:
    """Yield the tools of a task, whose progress is drawn on a terminal."""
    with progress() as observe:
        yield Tools(observe, lambda sentence: typer.echo(sentence, err=True))


def console(*, stderr: bool = False) -> Console:
    """Return a console that keeps to the terminal's width, or to 100 columns where there is none; no text is markup."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else _columns()
    return Console(stderr=stderr, highlight=False, markup=False, emoji=False, soft_wrap=False, width=width)


def _columns() -> int:
    import os

    given = os.environ.get("COLUMNS", "")
    return int(given) if given.isdecimal() and int(given) > 0 else 100
