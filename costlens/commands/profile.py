"""``costlens profile``: the time of every layer, by the kernels that ran."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from costlens.commands._cli import Argument, Option, echo
from costlens.commands._options import Settings, Variants, console, settings_from, spec_files
from costlens.commands._progress import progress
from costlens.errors import BenchError
from costlens.tasks import _pipeline as pipeline

if TYPE_CHECKING:
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
    operands: Annotated[list[Path], Argument(help="Specs (YAML), folders of them, or ONNX files.", show_default=False)],
    variant: Variants = None,
    set_: Settings = None,
    depth: Annotated[int | None, Option(min=1, help="Fold rows to this depth of their names.")] = None,
    sort: Annotated[Sort | None, Option(help="The most first; in the network's order unless given.")] = None,
    threads: Annotated[int, Option(min=1, help="Threads of the runtime.")] = 1,
    format: Annotated[  # noqa: A002  # the option's name
        ProfileFormat, Option(help="How to write it; JSON is a list, unfolded.")
    ] = ProfileFormat.TABLE,
) -> None:
    """Time every layer: the runtime's kernels booked to rows, without what profiling adds to them.

    Example: costlens profile specs/yamnet.yaml --depth 1
    """
    settings = settings_from(set_)
    plan = pipeline.protocol(device="cpu", threads=threads)
    found: list[LayerTimes] = []
    failed: list[str] = []
    paths = [path for operand in operands for path in _files(operand)]
    for path in paths:
        if path.suffix != ".onnx":
            pipeline.load(path, settings)  # a mistake in the last spec is said before the first is measured
    for path in paths:
        with progress() as observe:
            times, problems = pipeline.profile(path, variant or (), settings, plan, observe=observe)
        found += times
        failed += problems
    _print(found, format, depth, sort)
    if failed:
        raise BenchError("not profiled: " + "\n".join(failed))


def _print(found: list[LayerTimes], format: ProfileFormat, depth: int | None, sort: Sort | None) -> None:  # noqa: A002
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


def _files(operand: Path) -> list[Path]:
    return [operand] if operand.suffix == ".onnx" else spec_files([operand])
