"""``costlens check``: published figures and budgets against the count; imports no framework unless it times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

from costlens.commands._cli import Argument, Group, Option
from costlens.commands._measuring_options import Measuring
from costlens.commands._options import (
    MODEL,
    WORDS,
    Execute,
    Latency,
    PrecisionOf,
    Settings,
    Targets,
    asked,
    budget_pairs,
    tools,
)
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
from costlens.commands._recording import Database, Record, accepted_runs, recorder
from costlens.spec.model import LIMITED
from costlens.tasks import check as checking

if TYPE_CHECKING:
    from costlens.sources._word import Word


def command(
    words: Annotated[
        list[str] | None,
        Argument(metavar="MODEL", help=f"{WORDS} Default: the specs of pyproject.toml, else specs/.", **MODEL),
    ] = None,
    *,
    measuring: Annotated[Measuring, Group("threshold")],
    budget: Annotated[
        list[str] | None,
        Option(
            metavar="NAME=FIGURE", help=f"What every spec may cost at most: {', '.join(LIMITED)}. May be given again."
        ),
    ] = None,
    set_: Settings = None,
    target: Targets = None,
    base: Annotated[
        str | None,
        Option(metavar="REVISION", help="What relative budgets, such as macs=+5%, are relative to (its merge base)."),
    ] = None,
    against: Annotated[
        Literal["history"] | None,
        Option("--against", help="Relative to its last accepted run: what a limit allows, else no growth."),
    ] = None,
    execute: Execute = False,
    precision: PrecisionOf = None,
    latency: Latency = False,
    bench: Annotated[bool, Option("--bench", help="Time the specs whose latency is limited.")] = False,
    allow_inconclusive: AllowInconclusive = False,
    record: Record = None,
    db: Database = None,
    format: JudgingFormat = TERMINAL,  # noqa: A002  # the option's name
    columns: Columns = None,
    comment: Comment = None,
) -> None:
    """Compare specs with their published figures and budgets; exit 3 on a miss, 2 where a spec has errors.

    Budgets are the specs' own, those of the pyproject.toml nearest to each, and flags.

    Published figures hold within one unit of their last digit; with --set only budgets are compared.

    With --target, whether each fits a board: exit 3 where it does not.

    Example: costlens check specs/ --budget macs=600M
    """
    from costlens.formats.pages.check import CHOICES, page

    picked = choose(columns, CHOICES, format)
    plan = measuring.protocol_if(bench)
    lenient = allow_inconclusive or measuring.quick  # a quick look settles nothing, and fails nothing
    accepted = accepted_runs(words or [], db) if against else None
    boards = target or ()
    checks = checking.held_to(
        budget_pairs(budget), plan, allow_inconclusive=lenient, base=base, history=accepted, targets=boards
    )
    named: Sequence[str | Word] = words or []
    if not words:
        named, checks = checking.of_project(checks)
    if plan:
        require_comment(comment)
    keeper = recorder("check", named, record, db, format, is_read=bool(against))
    with tools() as given:
        asked_for = asked(None, set_, execute=execute, precision=precision)
        checked = checking.check(named, asked_for, checks, tools=given)
    failures = checked.failures
    failures += keeper.keep(checked, failures, lambda: checking.counted(named, asked_for))
    made = page(checked)
    if latency:
        from costlens.commands._predicted import with_latency
        from costlens.sources.find import models

        made = with_latency(made, models(named, asked(None, set_, execute=execute, precision=precision)))
    write(made, format, columns=picked, section="check", comment=comment)
    end(failures)
