"""``costlens diff``: what a change costs, layer by layer: two specs, or all that differ from a git revision."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from costlens.commands._cli import Argument, Group, Option
from costlens.commands._measuring_options import Measuring
from costlens.commands._options import MODEL, WORDS, tools
from costlens.commands._output import (
    TERMINAL,
    AllowInconclusive,
    Columns,
    Comment,
    JudgingFormat,
    choose,
    end,
    require_comment,
    write,
)
from costlens.errors import SpecError, UsageError
from costlens.results.diff import Contribution, by_contribution
from costlens.sources.git.revisions import here
from costlens.spec import project
from costlens.tasks import diff as diffing

if TYPE_CHECKING:
    from costlens.results.diff import Diff
    from costlens.tasks._tools import Tools

_SIDES = 2
_SPECS = Path("specs")


def command(
    words: Annotated[
        list[str] | None,
        Argument(
            metavar="BASE HEAD | [MODEL]…",
            help=f"Two networks. {WORDS} With --base: specs and model files, folders of them or globs; "
            "default: those of pyproject.toml, else specs/.",
            **MODEL,
        ),
    ] = None,
    *,
    measuring: Annotated[Measuring, Group()],
    base: Annotated[
        str | None, Option(metavar="REVISION", help="Compare all of them with this revision (its merge base).")
    ] = None,
    head: Annotated[
        str | None,
        Option(metavar="REVISION", help="With --base: compare this revision instead of the working tree."),
    ] = None,
    why: Annotated[bool, Option("--why", help="Order layers by what they contributed to the difference.")] = False,
    sort: Annotated[Contribution | None, Option(help="Figure that --why sorts by. Default macs.")] = None,
    bench: Annotated[bool, Option("--bench", help="Time base and head side by side.")] = False,
    allow_inconclusive: AllowInconclusive = False,
    format: JudgingFormat = TERMINAL,  # noqa: A002  # the option's name
    columns: Columns = None,
    comment: Comment = None,
) -> None:
    """Compare networks layer by layer, by the names of their blocks: totals, and the layers that make the difference.

    Broken specs are exit 2. With --bench a slower head is exit 6, no answer exit 7; --quick settles nothing and fails
    nothing. diff never fails on cost; use check for budgets.

    Example: costlens diff --base main --why
    """
    from costlens.formats.pages.diff import CHOICES, page

    picked = choose(columns, CHOICES, format)
    plan = measuring.protocol_if(bench)
    timing = diffing.Timing(plan, allow_inconclusive or measuring.quick) if plan else None
    if plan:
        require_comment(comment)
    with tools() as given:
        found = _found(words or [], base, head, timing, given)
    found = _ordered(found, sort or "macs") if why or sort else found
    root = here().root if base is not None else None
    write(page(found), format, columns=picked, root=root, section="diff", comment=comment)
    end(found.failures)


def _found(words: list[str], base: str | None, head: str | None, timing: diffing.Timing | None, given: Tools) -> Diff:
    if base is not None:
        return diffing.of_repository(base, head, [Path(word) for word in words] or _places(), timing, tools=given)
    if head is not None:
        raise UsageError("--head goes with --base: costlens diff --base main --head HEAD~1")
    if len(words) != _SIDES:
        received = f"received {len(words)}" + (f": {', '.join(words)}" if words else "")
        raise UsageError(f"diff compares two networks, {received}; name two, or compare all with --base main")
    return diffing.of_two(words[0], words[1], timing, tools=given)


def _places() -> list[Path]:
    """Return where specs are looked for where no place is named; SpecError where the project's settings are wrong."""
    file = project.find(Path.cwd())
    settings = project.read(file) if file else None
    if settings and settings.problems:
        raise SpecError(settings.problems)
    return list(settings.places if settings else ()) or [_SPECS]


def _ordered(diff: Diff, figure: Contribution) -> Diff:
    specs = tuple(replace(spec, changes=by_contribution(spec.changes, figure)) for spec in diff.specs)
    return replace(diff, specs=specs, why=figure)
