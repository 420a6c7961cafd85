"""``costlens profile``: the time of every layer, by the kernels that ran."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Annotated, Literal

from costlens.commands._cli import Option
from costlens.commands._measuring import Batch, Device, Measuring, OnDevice, Threads
from costlens.commands._options import Depth, Settings, Variants, Words, asked, tools
from costlens.commands._output import Format, end, write
from costlens.errors import BenchError
from costlens.formats import TERMINAL
from costlens.tasks import profile as profiling


class Sort(StrEnum):
    """What comes first."""

    TIME = "time"
    MACS = "macs"


def command(
    words: Words,
    variant: Variants = None,
    set_: Settings = None,
    depth: Depth = None,
    sort: Annotated[Sort | None, Option(help="The most first; in the network's order unless given.")] = None,
    device: OnDevice = Device.CPU,
    threads: Threads = 1,
    batch: Batch = 1,
    format: Format = TERMINAL,  # noqa: A002  # the option's name
) -> None:
    """Time every layer: each kernel the runtime ran counts for its row, without what profiling adds to it.

    Example: costlens profile specs/yamnet.yaml --depth 1
    """
    from costlens.formats.pages.layer_times import page
    from costlens.results.layer_times import fold, ordered
    from costlens.results.page import together

    plan = Measuring(device=device, threads=threads, batch=batch).protocol()
    with tools() as given:
        found = profiling.profile(words, asked(variant, set_, batch=batch), plan, tools=given)
    order: Literal["time", "macs"] | None = sort.value if sort else None
    shown = [replace(page(ordered(fold(times, depth), order)), document=times) for times in found.times]
    write(together(shown), format)
    end([BenchError("not profiled: " + "\n".join(found.problems))] if found.problems else ())
