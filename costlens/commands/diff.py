"""``costlens diff``: what a change costs, layer by layer: two specs, or all that differ from a git revision."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from costlens import formats
from costlens.commands._ci import AllowInconclusive, Comment, in_repository, refuse_idle, step_summary
from costlens.commands._cli import Argument, Option, echo
from costlens.commands._options import console
from costlens.commands._progress import progress
from costlens.commands.bench import Budget as TimeBudget
from costlens.commands.bench import Device, OnDevice, Quick, Threads, Threshold
from costlens.errors import SpecError, UsageError, did_you_mean, gravest
from costlens.results.diff import by_contribution
from costlens.sources.git.revisions import here
from costlens.spec import project
from costlens.tasks import _pipeline as pipeline
from costlens.tasks import diff as diffing

if TYPE_CHECKING:
    from collections.abc import Callable

    from costlens.results.diff import Contribution, Diff

TABLE = "table"
_FORMATS = (TABLE, *formats.rendering_names("diff"))
_SIDES = 2
_SPECS = Path("specs")
_IDLE = {"quick": False, "threads": 1, "device": Device.AUTO, "threshold": None, "time_budget_s": None}


class Why(StrEnum):
    """What layers are ordered by."""

    MACS = "macs"
    PARAMS = "params"


def command(
    operands: Annotated[
        list[str] | None,
        Argument(
            metavar="BASE HEAD | [SPEC|DIR]…",
            help="Two networks, each a spec ('a.yaml?alpha=0.5'), REVISION:path of one, or a report.json. With --base: "
            "specs, folders of them or globs; without, those that pyproject.toml names, else specs/.",
            show_default=False,
        ),
    ] = None,
    base: Annotated[
        str | None, Option(metavar="REVISION", help="Every spec that differs from this, where histories parted.")
    ] = None,
    head: Annotated[str | None, Option(metavar="REVISION", help="With --base: this, not the working tree.")] = None,
    why: Annotated[bool, Option("--why", help="Order layers by what they contributed to the difference.")] = False,
    sort: Annotated[Why | None, Option(help="--why, to the difference of this. Default macs.")] = None,
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
    nothing. What a network costs fails nothing: that is costlens check.

    Example: costlens diff --base main --why
    """
    if format not in _FORMATS:
        raise UsageError(f"--format {format}: expected {', '.join(_FORMATS)}{did_you_mean(format, _FORMATS)}")
    options: dict[str, Any] = {"quick": quick, "threads": threads, "threshold": threshold, "time_budget_s": time_budget}
    if not bench:
        refuse_idle({**options, "device": device}, _IDLE)
    with progress() as observe:
        plan = pipeline.protocol(device=device.value, **options) if bench else None
        timing = diffing.Timing(plan, allow_inconclusive or quick, observe) if plan else None
        found = _found(operands or [], base, head, timing)
    found = _ordered(found, (sort or Why.MACS).value) if why or sort else found
    _write(found, format, whole=base is not None)
    if comment:
        from costlens.formats import comment as comment_file
        from costlens.formats.diff import markdown

        comment_file.include(comment, "diff", markdown.totals(found), markdown.blocks(found))
    if found.failures:
        raise gravest(found.failures)


def _found(operands: list[str], base: str | None, head: str | None, timing: diffing.Timing | None) -> Diff:
    if base is not None:
        return diffing.of_repository(base, head, [Path(operand) for operand in operands] or _places(), timing)
    if head is not None:
        raise UsageError("--head goes with --base: costlens diff --base main --head HEAD~1")
    if len(operands) != _SIDES:
        given = f"received {len(operands)}" + (f": {', '.join(operands)}" if operands else "")
        raise UsageError(f"diff compares two networks, {given}; name two, or all specs that changed with --base main")
    return diffing.of_two(operands[0], operands[1], timing)


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
