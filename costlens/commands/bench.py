"""``costlens bench``: specs and model files side by side on this machine."""

from pathlib import Path
from typing import Annotated

from costlens.commands._cli import Group, Option
from costlens.commands._measuring_options import Measuring
from costlens.commands._options import InputData, Kinds, Only, Settings, Variants, Without, Words, asked, tools
from costlens.commands._output import TERMINAL, Columns, Format, choose, end, tell, write
from costlens.commands._recording import Database, Record, recorder
from costlens.errors import UsageError, VerificationError
from costlens.results.stored import to_json
from costlens.sources._source import ALL
from costlens.storage.files import keep, require_room


def command(
    words: Words,
    measuring: Annotated[Measuring, Group()],
    variant: Variants = None,
    kind: Kinds = None,
    only: Only = None,
    without: Without = None,
    set_: Settings = None,
    input_data: InputData = None,
    baseline: Annotated[str, Option(help="The model that the others are compared with, by its label.")] = "",
    output: Annotated[
        Path | None, Option("--output", "-o", help="File (.json) to keep the run in, for costlens compare.")
    ] = None,
    record: Record = None,
    db: Database = None,
    format: Format = TERMINAL,  # noqa: A002  # the option's name
    columns: Columns = None,
) -> None:
    """Time models side by side and say which are faster, slower or equivalent.

    One network: its variants. Several: each as written, or in the variants named.

    Example: costlens bench yamnet --variant all --quick
    """
    from costlens.formats.pages.latency import CHOICES, page
    from costlens.tasks.bench import bench

    picked = choose(columns, CHOICES, format)
    plan, wanted = (
        measuring.protocol(),
        asked(variant, set_, kind, only, without, batch=measuring.batch, alone=(ALL,), data=input_data),
    )
    keeper = recorder("bench", words, record, db, format)
    if output is not None:
        if output.suffix != ".json":
            raise UsageError(f"-o {output}: expected a name that ends in .json, which costlens compare reads")
        require_room(output)
    with tools() as given:
        found = bench(words, wanted, plan, baseline=baseline, tools=given)
    failures = [*found.latency.failures, *map(VerificationError, found.disagreements)]
    failures += keeper.keep(found.run, failures)
    try:
        if output is not None:
            keep({output: to_json(found.run)}, output.parent)
            tell(format, output)
    finally:  # the answer is the last line, and is shown even where the file cannot be written
        write(page(found.latency, ", ".join(words), found.least), format, columns=picked)
    end(failures)
