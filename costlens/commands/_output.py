"""How commands print: the one ``--format``, GitHub's step summary, the pull request's comment, and how they end."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from costlens import formats
from costlens.commands._cli import Option, echo
from costlens.commands._options import console
from costlens.errors import CostlensError, UsageError, did_you_mean, most_severe
from costlens.formats import format_names, pieces, require_findings

if TYPE_CHECKING:
    from costlens.results.columns import Column
    from costlens.results.page import Page


TERMINAL = formats.TERMINAL
"""How a command writes unless it is asked otherwise."""


def _known(name: str, *, judging: bool) -> str:
    """Return the name of a format that a command can write; UsageError for another one."""
    require_findings(name, judging=judging)
    return name


def page_format(name: str, known: Sequence[str]) -> str:
    """Return the name of a format that is one of the known words of an option; UsageError for another one."""
    if name not in known:
        raise UsageError(f"--format {name}: expected {', '.join(known)}{did_you_mean(name, known)}")
    return _known(name, judging=False)


_OPTION: dict[str, Any] = {"metavar": "|".join(format_names()), "words": format_names(), "help": "How to write it."}
Format = Annotated[str, Option("--format", parser=partial(_known, judging=False), **_OPTION)]
"""Of a command whose page has no findings."""
JudgingFormat = Annotated[str, Option("--format", parser=partial(_known, judging=True), **_OPTION)]
"""Of a command whose page has findings: also ``github`` and ``junit``."""
Comment = Annotated[
    Path | None,
    Option("--comment", metavar="FILE", help="Also write Markdown for one pull-request comment to this file."),
]
Columns = Annotated[
    str | None,
    Option(
        "--columns",
        metavar="NAME,…",
        help="Show these columns of the tables, by name or header; what names the rows stays.",
    ),
]
_WITHOUT_TABLES = ("json", "junit", "github")
AllowInconclusive = Annotated[
    bool, Option("--allow-inconclusive", help="Exit 0 where a measurement gives no answer, instead of 7.")
]


def choose(columns: str | None, known: Iterable[Column[Any]], name: str) -> tuple[str, ...]:
    """Return the columns that were asked for, before any work is done; UsageError where there are no such columns."""
    if columns is None:
        return ()
    if name in _WITHOUT_TABLES:
        raise UsageError(f"--columns {columns}: --format {name} has no tables; leave one of the two out")
    from costlens.results.chosen import chosen

    return chosen(columns, known)


def write(
    page: Page,
    name: str,
    *,
    columns: Sequence[str] = (),
    root: Path | None = None,
    section: str = "",
    comment: Path | None = None,
) -> None:
    """Print a page; the paths of its findings are below ``root``, unless that is the working directory.

    Its tables have the ``columns`` that were chosen, or all where none were. It is also written as a section of the
    file of a pull request's comment, where one was asked for.
    """
    if columns:
        from costlens.results.chosen import only

        page = only(page, columns)
    _print(page, name, root)
    if comment is not None:
        from costlens.formats import comment as comment_file

        comment_file.include(comment, section, page)


def _print(page: Page, name: str, root: Path | None) -> None:
    if name == TERMINAL:
        from costlens.formats import terminal

        out = console()
        out.print(terminal.render(page, out.width))
        return
    if name == "github":
        page = page.located(lambda file: _in_repository(file, root or Path()))
        _step_summary(page)
    for piece in pieces(name, page):
        echo(piece, nl=False)


@contextmanager
def refused(file: str, remedy: str = "") -> Iterator[None]:
    """Raise UsageError where a file cannot be written."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"{file}: cannot be written: {error.strerror}{remedy}") from error


def tell(name: str, *written: Path) -> None:
    """Say on a terminal which files were written."""
    if name == TERMINAL:
        console().print(" · ".join(map(str, written)), soft_wrap=True)


def end(failures: Iterable[CostlensError]) -> None:
    """Raise the most severe of the failures with the messages of all; nothing where there is none."""
    if found := list(failures):
        raise most_severe(found)


def require_comment(path: Path | None) -> None:
    """Raise UsageError where the file of a comment cannot be written, before the work for it is done."""
    if path is not None:
        from costlens.formats import comment as comment_file

        comment_file.require(path)


def _step_summary(page: Page) -> None:
    """Append a page to GitHub's summary of the step; nothing where there is none, UsageError where that fails."""
    target = os.environ.get("GITHUB_STEP_SUMMARY")
    if not target:
        return
    from costlens.formats import markdown

    with refused(f"GITHUB_STEP_SUMMARY={target}", "; unset it"), Path(target).open("a", encoding="utf-8") as stream:
        stream.write(f"{markdown.render(page).rstrip()}\n\n")


def _in_repository(file: str, root: Path) -> str:
    """Return a path relative to GITHUB_WORKSPACE, as annotations need it; unchanged where it is not below."""
    workspace = os.environ.get("GITHUB_WORKSPACE") or ("." if root != Path() else "")
    if not workspace or not file:
        return file
    try:
        return (root / file).resolve().relative_to(Path(workspace).resolve()).as_posix()
    except (OSError, ValueError):
        return file
