"""``costlens compare``: any mix of specs, variants, reports and ONNX files in one table; times them where asked."""

from __future__ import annotations

from typing import Annotated, Any

from costlens import formats
from costlens.analysis.pareto import Sort
from costlens.commands._ci import refuse_idle
from costlens.commands._cli import Argument, Option, echo
from costlens.commands._options import Batch, Settings, Variants, console, settings_from
from costlens.commands._progress import progress
from costlens.commands.bench import Budget, Quick, Threads, Threshold, what_failed
from costlens.errors import UsageError, did_you_mean, gravest
from costlens.tasks import _pipeline as pipeline
from costlens.tasks import compare as comparing

TABLE = "table"
_FORMATS = (TABLE, *formats.rendering_names("comparison"))
_UNSET = {"quick": False, "threads": 1, "batch": 1, "threshold": None, "time_budget_s": None}


def command(
    operands: Annotated[
        list[str],
        Argument(
            metavar="OPERAND",
            help="Specs, with knobs of their own behind them ('a.yaml?alpha=0.5'), folders of them, report.json files "
            "or the folders that hold them, ONNX files.",
            show_default=False,
        ),
    ],
    variant: Variants = None,
    set_: Settings = None,
    bench: Annotated[bool, Option("--bench", help="Time them side by side.")] = False,
    quick: Quick = False,
    threads: Threads = 1,
    batch: Batch = 1,
    time_budget: Budget = None,
    threshold: Threshold = None,
    sort: Annotated[Sort | None, Option(help="Put the smallest first; ratios stay to the first operand.")] = None,
    format: Annotated[  # noqa: A002  # the option's name
        str, Option(metavar="|".join(_FORMATS), help="How to write it.")
    ] = TABLE,
) -> None:
    """Compare what models cost: parameters, MACs, size, memory, time, each with its ratio to the first.

    Counts are of one example. One spec or report: its variants. Several: each as written, or in the variants named.

    Example: costlens compare specs/mobilenet_v1.yaml 'specs/mobilenet_v1.yaml?alpha=0.5'
    """
    if format not in _FORMATS:
        raise UsageError(f"--format {format}: expected {', '.join(_FORMATS)}{did_you_mean(format, _FORMATS)}")
    options: dict[str, Any] = {"quick": quick, "threads": threads, "batch": batch}
    options |= {"threshold": threshold, "time_budget_s": time_budget}
    if not bench:
        refuse_idle(options, _UNSET)
    plan = pipeline.protocol(**options) if bench else None
    with progress() as observe:
        found = comparing.run(operands, variant or (), settings_from(set_), plan=plan, sort=sort, observe=observe)
    if format == TABLE:
        from costlens.formats.comparison import terminal

        out = console()
        out.print(terminal.render(found, out.width))
    else:
        echo(formats.rendering("comparison", format).render(found), nl=False)
    if bench and (errors := [*found.failures, *what_failed([found.timing] if found.timing else [])]):
        raise gravest(errors)
