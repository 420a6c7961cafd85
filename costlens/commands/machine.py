"""``costlens machine``: what this machine is, and what it can do at most."""

from functools import partial
from typing import Annotated, Literal

from costlens import runtimes
from costlens.commands._cli import Option, echo
from costlens.commands._options import MODEL, VARIANTS, asked, tools
from costlens.commands._output import TERMINAL, Columns, Format, choose, end, write
from costlens.errors import BenchError, CostlensError, UsageError
from costlens.sources._source import ALL


def command(
    show: Annotated[bool, Option("--show", help="Print every machine that is stored; measure nothing.")] = False,
    measure: Annotated[bool, Option("--measure", help="Measure again, whatever is stored.")] = False,
    device: Annotated[Literal["cpu", "cuda"], Option(help="On what to measure.")] = "cpu",
    kernels: Annotated[
        list[str] | None,
        Option("--kernels", metavar="MODEL", help="Time the kernels of a network for predict; repeatable.", **MODEL),
    ] = None,
    bank: Annotated[
        bool,
        Option("--bank", help="Time kernels of common sizes, for predictions of networks whose own are not timed."),
    ] = False,
    variant: Annotated[
        list[str] | None, Option("--variant", words=(*VARIANTS, ALL), help="With --kernels: those of these variants.")
    ] = None,
    threads: Annotated[int, Option(min=1, help="With --kernels and --bank: threads of the runtime.")] = 1,
    batch: Annotated[int, Option(min=1, help="With --kernels: examples at a time.")] = 1,
    format: Format = TERMINAL,  # noqa: A002  # the option's name
    columns: Columns = None,
) -> None:
    """Print what this machine is, and its peak and bandwidth through the runtime.

    They are measured once, which takes 10 to 30 s, and stored; bench and profile set their times against them.
    --kernels times the kernels of networks instead, about three a second, for the table that predict reads. --bank
    times some 5,100 kernels of common sizes, which takes about half an hour: predict knows other kernels by these.

    Example: costlens machine --show
    """
    from costlens.bench import bounds
    from costlens.formats.pages.bounds import CHOICES, page
    from costlens.results.page import together

    if not kernels and (variant or batch != 1 or (threads != 1 and not bank)):
        raise UsageError("--variant, --threads and --batch say which kernels to time; add --kernels MODEL")
    if kernels or bank:
        _fill(kernels or [], variant, threads, batch, with_bank=bank)
        return
    if show and measure:
        raise UsageError("--show prints what is stored and --measure measures again; give one of them")
    picked = choose(columns, CHOICES, format)
    known = None if show or measure else bounds.here(device)
    machines = list(bounds.stored()) if show else [known] if known else []
    failures: list[CostlensError] = []
    if not show and known is None:
        runtimes.get(runtimes.DEFAULT).require(device)
        with tools() as given:
            machines = [bounds.measure(device, on_progress=partial(given.observe, "bounds"))]
        try:
            bounds.store(machines[0])
        except BenchError as error:  # what was measured is printed first
            failures = [error]
    if format != TERMINAL:
        write(together([*map(page, machines)], "Machines") if show else page(machines[0]), format, columns=picked)
    else:
        for one in machines:
            write(page(one), format, columns=picked)
            if not failures:
                echo(f"Stored in {bounds.place(one)}")
        if not machines:
            echo("No machine is stored yet; run costlens machine to measure this one.")
    end(failures)


def _fill(words: list[str], variant: list[str] | None, threads: int, batch: int, *, with_bank: bool) -> None:
    """Time the kernels of networks, and those of the bank, and say what the table holds then."""
    from costlens.arithmetic.units import plural
    from costlens.tasks.predict import fill, fill_with_bank

    with tools() as given:
        found = [fill(words, asked(variant, None, batch=batch), threads=threads, tools=given)] if words else []
        found += [fill_with_bank(threads=threads, tools=given)] if with_bank else []
    timed = sum(each.timed for each in found)
    echo(f"{plural(timed, 'kernel')} timed; the table of {found[-1].machine} holds {found[-1].kernels:,}.")
    end([failure for each in found for failure in each.failures])
