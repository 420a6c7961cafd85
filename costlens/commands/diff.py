"""``costlens diff``: what a change costs, layer by layer: two specs, or all that differ from a git revision."""

from __future__ import annotations

from typing import Annotated

from costlens.commands._cli import Argument, Group, Option
from costlens.commands._measuring_options import Measuring
from costlens.commands._options import MODEL, WORDS, Execute, InputData, PrecisionOf, asked, tools
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
from costlens.results.diff import Contribution
from costlens.sources.git.revisions import here
from costlens.tasks import diff as diffing


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
    kind: Annotated[
        list[str] | None,
        Option(
            "--kind",
            metavar="GLOB=KIND",
            help="Give convolutions of HEAD another kind, such as stage3=factorized or '*=separable'. Repeatable. "
            "One network alone is compared with itself in these kinds.",
        ),
    ] = None,
    why: Annotated[bool, Option("--why", help="Order layers by what they contributed to the difference.")] = False,
    sort: Annotated[Contribution | None, Option(help="Figure that --why sorts by. Default macs.")] = None,
    execute: Execute = False,
    input_data: InputData = None,
    precision: PrecisionOf = None,
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
    wanted = asked(None, None, kind, execute=execute, data=input_data, precision=precision)
    plan = measuring.protocol_if(bench)
    timing = diffing.Timing(plan, allow_inconclusive or measuring.quick) if plan else None
    if plan:
        require_comment(comment)
    with tools() as given:
        found = diffing.diff(words or [], wanted, timing, base=base, head=head, tools=given)
    found = diffing.why_first(found, sort or "macs") if why or sort else found
    root = here().root if base is not None else None
    write(page(found), format, columns=picked, root=root, section="diff", comment=comment)
    end(found.failures)
