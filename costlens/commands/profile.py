"""``costlens profile``: the time of every layer, by the kernels that ran."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from costlens.commands._cli import Option, echo
from costlens.commands._measuring import Batch, Device, Measuring, OnDevice, Threads
from costlens.commands._options import Depth, Settings, Variants, Words, asked, console, tools
from costlens.errors import BenchError
from costlens.tasks import profile as profiling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from costlens.results.layer_times import LayerTimes


class ProfileFormat(StrEnum):
    """How time per layer is written."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"


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
    format: Annotated[  # noqa: A002  # the option's name
        ProfileFormat, Option(help="How to write it; JSON is a list, unfolded.")
    ] = ProfileFormat.TABLE,
) -> None:
    """Time every layer: the runtime's kernels booked to rows, without what profiling adds to them.

    Example: costlens profile specs/yamnet.yaml --depth 1
    """
    plan = Measuring(device=device, threads=threads, batch=batch).protocol()
    with tools() as given:
        found = profiling.profile(words, asked(variant, set_), plan, tools=given)
    _print(found.times, format, depth, sort)
    if found.problems:
        raise BenchError("not profiled: " + "\n".join(found.problems))


def _print(found: Sequence[LayerTimes], format: ProfileFormat, depth: int | None, sort: Sort | None) -> None:  # noqa: A002
    from costlens.results.layer_times import fold, ordered

    if format is ProfileFormat.JSON:
        from costlens.formats.escape import json_text
        from costlens.results.layer_times import layer_times_to_json

        echo("[" + ",\n".join(json_text(layer_times_to_json(times).rstrip()) for times in found) + "]")
        return
    shown = [ordered(fold(times, depth), sort.value if sort else None) for times in found]
    if format is ProfileFormat.MARKDOWN:
        from costlens.formats import markdown

        echo("\n".join(map(markdown.render_layer_times, shown)), nl=False)
        return
    from costlens.formats import terminal

    out = console()
    for times in shown:
        out.print(terminal.layer_times(times, out.width))
