"""Options that several commands share, and the words that all of them take."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from costlens.arithmetic.precision import Precision
from costlens.commands._cli import Argument, Option, echo
from costlens.errors import UsageError
from costlens.network.variants import kind_names
from costlens.results.counts import AS_WRITTEN
from costlens.sources._source import ALL, Asked
from costlens.spec import shipped
from costlens.spec.target import names as target_names
from costlens.tasks._keras_proof import exported
from costlens.tasks._progress import progress
from costlens.tasks._tools import Tools

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console

WORDS = (
    "Networks: a spec with knobs of its own ('a.yaml?alpha=0.5') or the name of one that costlens list shows (yamnet), "
    "a model file, a report.json, REVISION:path of one, a folder of them or a glob."
)
MODEL: dict[str, Any] = {"words": shipped.names(), "files": True, "show_default": False}
"""What a shell offers for a network."""
Words = Annotated[list[str], Argument(metavar="MODEL", help=WORDS, **MODEL)]
OneWord = Annotated[str, Argument(metavar="MODEL", help="One network: see costlens count --help.", **MODEL)]
_SET = "Set a knob of a spec, a free axis of a model file (time=100), or an input's shape (x=1x3x224x224). Repeatable."
Settings = Annotated[list[str] | None, Option("--set", "--dim", "--input", metavar="NAME=VALUE", help=_SET)]
SettingsAlone = Annotated[list[str] | None, Option("--set", "--dim", metavar="NAME=VALUE", help=_SET)]
"""The same for a command with an ``--input`` of its own."""
VARIANTS = (AS_WRITTEN, *kind_names())
KINDS = ", ".join(VARIANTS)
Variants = Annotated[
    list[str] | None,
    Option(
        "--variant", words=(*VARIANTS, ALL), help=f"{KINDS}, one of the spec's own, or all; may be given several times."
    ),
]
Variant = Annotated[
    str | None, Option(words=VARIANTS, help=f"One of {KINDS}, or of the spec's own. Default as-written.")
]
_KIND = (
    "One more variant, mixed: give the convolution of a name, and those in a block of that name, a kind, such as "
    "stage3=factorized or '*=separable'. Repeatable; the last that matches holds."
)
Kinds = Annotated[list[str] | None, Option("--kind", metavar="GLOB=KIND", help=_KIND)]
Only = Annotated[
    list[str] | None,
    Option("--only", metavar="GLOB", help="Give the kinds of --variant to convolutions of this name only. Repeatable."),
]
Without = Annotated[
    list[str] | None,
    Option("--except", metavar="GLOB", help="Leave convolutions of this name, or in such a block, as they are."),
]
InputData = Annotated[
    Path | None,
    Option(
        "--input-data", metavar="FILE.npz", help="What ONNX files are run on, an array an input; made up otherwise."
    ),
]
Execute = Annotated[bool, Option("--execute", help="Run ONNX files once; count its sizes where only a run tells them.")]
Batch = Annotated[int, Option(min=1, help="Examples at a time.")]
Latency = Annotated[
    bool, Option("--latency", help="Also say which milliseconds predict predicts; nothing is judged by them.")
]
Measure = Annotated[
    bool | None,
    Option(
        "--measure/--no-measure",
        help="Time the kernels that this machine's table lacks, or model them; timed if that takes under 10 s.",
    ),
]
PrecisionOf = Annotated[
    Precision | None,
    Option(
        "--precision",
        help="Of all sizes in bytes: int8 as TensorFlow Lite quantises; without it fp32, a spec's own or a file's.",
    ),
]
Targets = Annotated[
    list[str] | None,
    Option(
        "--target",
        metavar="NAME|FILE",
        words=target_names(),
        help="Say whether it fits a board: one that costlens list --targets shows, or a file. Repeatable.",
    ),
]
Depth = Annotated[int | None, Option(min=1, help="Fold rows to this depth of their names.")]


def asked(
    variant: list[str] | None,
    set_: list[str] | None,
    kind: list[str] | None = None,
    only: list[str] | None = None,
    without: list[str] | None = None,
    **more: object,
) -> Asked:
    """Return what is asked of every word: variants, knobs and kinds as ``NAME=VALUE`` pairs, more of Asked's fields."""
    settings: dict[str, object] = {}
    for pair in set_ or ():
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"--set {pair}: expected NAME=VALUE, for example --set alpha=0.5")
        settings[name.strip()] = value
    names = (name.strip() for given in variant or () for name in given.split(","))
    rules = tuple(_rule(rule) for given in kind or () for rule in given.split(","))
    about = {"kinds": rules, "only": _globs(only), "without": _globs(without), "exported": exported}
    return Asked(tuple(names), settings, **about, **more)  # type: ignore[arg-type]


def _globs(given: list[str] | None) -> tuple[str, ...]:
    """Read globs, several of them with commas between."""
    return tuple(glob.strip() for each in given or () for glob in each.split(","))


def budget_pairs(pairs: list[str] | None) -> dict[str, str]:
    """Split ``NAME=FIGURE`` pairs of ``--budget``."""
    found: dict[str, str] = {}
    for pair in pairs or ():
        name, equals, written = (part.strip() for part in pair.partition("="))
        if not equals:
            raise UsageError(f"--budget {pair}: expected NAME=FIGURE, for example --budget macs=600M")
        if name in found:
            raise UsageError(f"--budget {pair}: {name} is limited already, to {found[name]}; keep one")
        found[name] = written
    return found


def _rule(pair: str) -> tuple[str, str]:
    """Read ``GLOB=KIND``."""
    pattern, equals, kind = (part.strip() for part in pair.rpartition("="))
    if not (pattern and equals and kind):
        raise UsageError(f"--kind {pair}: expected GLOB=KIND, for example --kind 'stage3=factorized'")
    return pattern, kind


@contextmanager
def tools(written: Callable[[], str] = str) -> Iterator[Tools]:
    """Yield the tools of a task, whose progress is told on standard error.

    ``written`` says what is written already where the task is interrupted; nothing where that is nothing.
    """
    with progress(written) as observe:
        yield Tools(observe, lambda sentence: echo(sentence, err=True))


def console(*, stderr: bool = False) -> Console:
    """Return a console that keeps to the terminal's width, or to 100 columns where there is none; no text is markup."""
    from shutil import get_terminal_size

    from rich.console import Console

    class Piped(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # rich would end the command with exit code 1

    width, height = get_terminal_size((100, 25))
    return Piped(stderr=stderr, highlight=False, markup=False, emoji=False, width=width, height=height)
