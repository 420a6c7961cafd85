"""``costlens machine``: what this machine is, and what it can do at most."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from costlens.commands._cli import Option, echo
from costlens.commands._options import console, tools
from costlens.errors import UsageError
from costlens.tasks import machine as measuring


class Measured(StrEnum):
    """On what bounds are measured."""

    CPU = "cpu"
    CUDA = "cuda"


class MachineFormat(StrEnum):
    """How a machine is written."""

    TABLE = "table"
    JSON = "json"


def command(
    show: Annotated[bool, Option("--show", help="Print every machine that is stored; measure nothing.")] = False,
    measure: Annotated[bool, Option("--measure", help="Measure again, whatever is stored.")] = False,
    device: Annotated[Measured, Option(help="On what to measure.")] = Measured.CPU,
    format: Annotated[  # noqa: A002  # the option's name
        MachineFormat, Option(help="How to write it; --show writes a list in JSON.")
    ] = MachineFormat.TABLE,
) -> None:
    """Print what this machine is, and its peak and bandwidth through the runtime.

    They are measured once, which takes 10 to 30 s, and stored; bench and profile set their times against them.

    Example: costlens machine --show
    """
    if show and measure:
        raise UsageError("--show prints what is stored and --measure measures again; give one of them")
    if show:
        machines = list(measuring.machines())
    else:
        with tools() as given:
            machines = [measuring.machine(device.value, again=measure, tools=given)]
    if format is MachineFormat.JSON:
        from costlens.results.bounds import bounds_to_json

        documents = [bounds_to_json(one).rstrip() for one in machines]
        echo("[" + ",\n".join(documents) + "]" if show else documents[0])
        return
    from costlens.bench.bounds import place
    from costlens.formats.bounds import terminal

    out = console()
    for one in machines:
        out.print(terminal.machine(one, out.width))
        echo(f"Stored in {place(one)}")
    if not machines:
        out.print("No machine is stored yet; run costlens machine to measure this one.")
