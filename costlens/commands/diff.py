"""``costlens diff``: what a change costs, layer by layer: two specs, or all that differ from a git revision."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from costlens import formats
from costlens.commands._ci import AllowInconclusive, Comment, in_repository, step_summary
from costlens.commands._cli import Argument, Option, echo
from costlens.commands._measuring import Budget as TimeBudget
from costlens.commands._measuring import Device, Measuring, OnDevice, Quick, Threads, Threshold
from costlens.commands._options import WORDS, console, tools
from costlens.errors import SpecError, UsageError, did_you_mean, gravest
from costlens.results.diff import by_contribution
from costlens.sources.git.revisions import here
from costlens.spec import project
from costlens.tasks import diff as diffing

if TYPE_CHECKING:
    from collections.abc import Callable

    from costlens.results.diff import Contribution, Diff
    from costlens.tasks._tools import Tools

TABLE = "table"
_FORMATS = (TABLE, *formats.rendering_names("diff"))
_SIDES = 2
_SPECS = Path("specs")


class Why(StrEnum):
    """What layers are ordered by."""

    MACS = "macs"
    PARAMS = "params"


def command(
    words: Annotated[
        list[str] | None,
        Argument(
            metavar="BASE HEAD | [MODEL]…",
            help=f"Two networks. {WORDS} With --base: specs, folders of them or globs; default: those of "
            "pyproject.toml, else specs/.",
            show_default=False,
        ),
    ] = None,
    base: Annotated[
        str | None, Option(metavar="REVISION", help="Compare all specs with this revision (its merge base).")
    ] = None,
    head: Annotated[
        str | None,
        Option(metavar="REVISION", help="With --base: compare this revision instead of the working tree."),
    ] = None,
    why: Annotated[bool, Option("--why", help="Order layers by what they contributed to the difference.")] = False,
    sort: Annotated[Why | None, Option(help="Figure that --why sorts by. Default macs.")] = None,
    bench: Annotated[bool, Option("--bench", help="Time base and head side by side.")] = False,
    allow_inconclusive: AllowInconclusive = False,
    threshold: Threshold = None,
    time_budget: TimeBudget = None,
    quick: Quick = False,
    threads: Threads = 1,
    device: OnDevice = Device.AUTO,
    format: Annotated[  # noqa: A002  # the option's name
        str, Option(metavar="|".join(_FORMATS), help="How to write it.")
    ] = TABLE,
    comment: Comment = None,
) -> None:
    """Compare networks layer by layer, by the names of their blocks: totals, and the layers that make the difference.

    Broken specs are exit 2. With --bench a slower head is exit 6, no answer exit 7; --quick settles nothing and fails
    nothing. diff never fails on cost; use check for budgets.

    Example: costlens diff --base main --why
    """
    if format not in _FORMATS:
        raise UsageError(f"--format {format}: expected {', '.join(_FORMATS)}{did_you_mean(format, _FORMATS)}")
    measuring = Measuring(quick, device, threads, threshold=threshold, time_budget=time_budget)
    if not bench:
        measuring.refuse_idle()
    timing = diffing.Timing(measuring.protocol(), allow_inconclusive or quick) if bench else None
    with tools() as given:
        found = _found(words or [], base, head, timing, given)
    found = _ordered(found, (sort or Why.MACS).value) if why or sort else found
    _write(found, format, whole=base is not None)
    if comment:
        from costlens.formats import comment as comment_file
        from costlens.formats.diff import markdown

        comment_file.include(comment, "diff", markdown.totals(found), markdown.blocks(found))
    if found.failures:
        raise gravest(found.failures)


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


def _place(whole: bool) -> Callable[[str], str]:
    """Return what makes a path one that GitHub knows; those of a whole repository are from its root."""
    root = here().root if whole else Path()

    def placed(path: str) -> str:
        found = in_repository(str(root / path))
        return path if Path(found).is_absolute() else found

    return placed


def _write(diff: Diff, format_: str, *, whole: bool) -> None:
    if format_ == TABLE:
        from costlens.formats.diff import terminal

        out = console()
        out.print(terminal.render(diff, out.width))
        return
    if format_ == "github":
        from costlens.formats.diff import github, markdown

        echo(github.render(diff, _place(whole)), nl=False)
        step_summary(markdown.render(diff))
        return
    echo(formats.rendering("diff", format_).render(diff), nl=False)
