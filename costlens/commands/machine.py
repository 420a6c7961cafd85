"""``costlens machine``: what this machine is, and what it can do at most."""

from __future__ import annotations

from typing import Annotated, Literal

from costlens.commands._cli import Option, echo
from costlens.commands._options import tools
from costlens.commands._output import Format, end, write
from costlens.errors import BenchError, UsageError
from costlens.formats import TERMINAL
from costlens.tasks import machine as measuring


def command(
    show: Annotated[bool, Option("--show", help="Print every machine that is stored; measure nothing.")] = False,
    measure: Annotated[bool, Option("--measure", help="Measure again, whatever is stored.")] = False,
    device: Annotated[Literal["cpu", "cuda"], Option(help="On what to measure.")] = "cpu",
    format: Format = TERMINAL,  # noqa: A002  # the option's name
) -> None:
    """Print what this machine is, and its peak and bandwidth through the runtime.

    They are measured once, which takes 10 to 30 s, and stored; bench and profile set their times against them.

    Example: costlens machine --show
    """
    from costlens.bench.bounds import place
    from costlens.formats.pages.bounds import page
    from costlens.results.page import together

    if show and measure:
        raise UsageError("--show prints what is stored and --measure measures again; give one of them")
    failures: tuple[BenchError, ...] = ()
    if show:
        machines = list(measuring.machines())
    else:
        with tools() as given:
            found, failures = measuring.machine(device, again=measure, tools=given)
        machines = [found]
    if format != TERMINAL:
        write(together([*map(page, machines)], "Machines") if show else page(machines[0]), format)
    else:
        for one in machines:
            write(page(one), format)
            if not failures:
                echo(f"Stored in {place(one)}")
        if not machines:
            echo("No machine is stored yet; run costlens machine to measure this one.")
    end(failures)
