"""``costlens advise``: which layers to change, and to which kind, so that a network keeps its budgets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from costlens.commands._cli import Group, Option
from costlens.commands._measuring_options import Measuring
from costlens.commands._options import Measure, OneWord, Settings, Variant, asked, budget_pairs, tools
from costlens.commands._output import TERMINAL, Columns, Format, choose, end, tell, write
from costlens.network.variants import kind_names
from costlens.results.advice import Objective
from costlens.spec.model import LIMITED

_BUDGET = (
    f"What the network may cost at most: {', '.join(LIMITED)}. A change in percent (macs=-30%) is relative to it "
    "as written. May be given again."
)
_OBJECTIVE = "What is least: the MACs, as written, of the layers that change, or the number of these layers."


def command(
    word: OneWord,
    measuring: Annotated[Measuring, Group("threshold", "runtime")],
    budget: Annotated[list[str] | None, Option(metavar="NAME=FIGURE", help=_BUDGET)] = None,
    keep: Annotated[
        list[str] | None,
        Option(
            metavar="GLOB", help="Leave convolutions of this name, and those in a block of it, as they are. Repeatable."
        ),
    ] = None,
    tie: Annotated[
        bool, Option("--tie", help="Give equal copies of a layer, as a repeat makes them, one kind.")
    ] = False,
    kinds: Annotated[
        str | None, Option(metavar="KIND,…", words=kind_names(), help="The kinds that layers may get. Default: all.")
    ] = None,
    objective: Annotated[Objective, Option(help=_OBJECTIVE)] = "moved_macs",
    prove: Annotated[
        bool, Option("--prove/--no-prove", help="Build and time what keeps a budget of latency_ms, or plan it only.")
    ] = True,
    measure: Measure = None,
    variant: Variant = None,
    set_: Settings = None,
    output: Annotated[
        Path | None,
        Option("--output", "-o", help="Write what results, a spec or an ONNX file; it must not exist yet."),
    ] = None,
    format: Format = TERMINAL,  # noqa: A002  # the option's name
    columns: Columns = None,
) -> None:
    """Choose a kind of convolution for each layer so that the network keeps its budgets at the least change.

    Says what stands in the way where no mix keeps them, and exits with 3. Accuracy is not looked at: the network that
    results must be trained.

    Example: costlens advise resnet18 --budget macs=-30% --keep stem -o slim.yaml
    """
    from costlens.formats.pages.advice import CHOICES, page
    from costlens.tasks import advise as advising
    from costlens.tasks._prices import Conditions

    picked = choose(columns, CHOICES, format)
    wanted = advising.wish(
        budget_pairs(budget),
        keep=tuple(keep or ()),
        tie=tie,
        kinds=tuple(filter(None, (one.strip() for one in (kinds or "").split(",")))),
        objective=objective,
        under=Conditions(measuring.threads, measuring.batch, measure),
    )
    plan = measuring.protocol() if prove else None
    about = asked([variant] if variant else None, set_)
    with tools() as given:
        found = advising.advise(word, about, wanted, plan, output=output, tools=given)
    if output is not None and found.kinds is not None:
        tell(format, output)
    write(page(found), format, columns=picked)
    end(found.failures)
