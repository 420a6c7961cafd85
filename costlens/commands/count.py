"""``costlens count``: parameters, MACs and memory, layer by layer; imports no framework."""

from typing import Annotated

from costlens.commands._cli import Option
from costlens.commands._options import (
    Batch,
    Depth,
    Execute,
    InputData,
    Kinds,
    Latency,
    Only,
    PrecisionOf,
    Settings,
    Targets,
    Variants,
    Without,
    Words,
    asked,
)
from costlens.commands._output import TERMINAL, Columns, Format, choose, end, write
from costlens.commands._recording import Database, Record, recorder
from costlens.errors import CostlensError, VerificationError
from costlens.sources._source import Model
from costlens.sources.find import models


def command(
    words: Words,
    variant: Variants = None,
    kind: Kinds = None,
    only: Only = None,
    without: Without = None,
    depth: Depth = None,
    format: Format = TERMINAL,  # noqa: A002  # the option's name
    columns: Columns = None,
    set_: Settings = None,
    execute: Execute = False,
    input_data: InputData = None,
    batch: Batch = 1,
    precision: PrecisionOf = None,
    rows: Annotated[
        bool | None, Option("--rows/--no-rows", help="Layer by layer; the default for a single model.")
    ] = None,
    latency: Latency = False,
    target: Targets = None,
    record: Record = None,
    db: Database = None,
    strict: Annotated[bool, Option("--strict", help="Exit 4 where a total of MACs is not complete.")] = False,
) -> None:
    """Count parameters, MACs, FLOPs, memory and traffic, per layer and in total.

    Example: costlens count yamnet --variant all
    """
    from costlens.formats.pages.count import CHOICES, page

    picked = choose(columns, CHOICES, format)
    keeper = recorder("count", words, record, db, format)
    found = models(
        words,
        asked(
            variant,
            set_,
            kind,
            only,
            without,
            batch=batch,
            depth=depth,
            execute=execute,
            data=input_data,
            precision=precision,
        ),
    )
    shown = len(found) == 1 or depth is not None if rows is None else rows
    files: dict[str, set[str]] = {}
    for model in found:
        files.setdefault(model.count.name, set()).add(model.word.text)
    labels = [  # networks of one name have their knobs or their file after it
        f"{model.count.name} ({model.word.knobs or model.word.name})"
        if len(files[model.count.name]) > 1
        else model.count.name
        for model in found
    ]
    knobs = [model.knobs for model in found]
    made = page([model.count for model in found], rows=shown, labels=labels, knobs=knobs)
    if target:
        from costlens.commands._fitting import with_fits

        made = with_fits(made, found, target, precision)
    if latency:
        from costlens.commands._predicted import with_latency

        made = with_latency(made, found, batch=batch)
    failures: list[CostlensError] = [
        _incomplete(model) for model in found if strict and model.count.status["macs"] != "complete"
    ]
    failures += keeper.keep(found, failures)
    write(made, format, columns=picked)
    end(failures)


def _incomplete(model: Model) -> VerificationError:
    """Return why the MACs of a model are not complete, with the remedy."""
    count = model.count
    why = "; ".join(f"not counted: {item}" for item in count.uncounted[:3])
    free = ", ".join(dict.fromkeys(s for shape in count.inputs.values() for s in shape if isinstance(s, str)))
    if not why and free:
        why = f"the sizes of {free} are free; give them: --dim NAME=SIZE"
    return VerificationError(f"{model.word.name}: MACs are not complete: {why or 'they are not known of it'}")
