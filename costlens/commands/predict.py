"""``costlens predict``: milliseconds before anything is built, by the kernels that the runtime would run."""

from typing import Annotated

from costlens.commands._cli import Option
from costlens.commands._options import Batch, Kinds, Measure, Only, Settings, Variants, Without, Words, asked, tools
from costlens.commands._output import TERMINAL, Columns, Format, choose, end, write
from costlens.errors import BenchError
from costlens.tasks import predict as predicting


def command(
    words: Words,
    variant: Variants = None,
    kind: Kinds = None,
    only: Only = None,
    without: Without = None,
    set_: Settings = None,
    threads: Annotated[int, Option(min=1, help="Threads of the runtime.")] = 1,
    batch: Batch = 1,
    measure: Measure = None,
    format: Format = TERMINAL,  # noqa: A002  # the option's name
    columns: Columns = None,
) -> None:
    """Predict milliseconds per layer and in total: no export, no run of the network.

    Times come from a table of kernels that this machine keeps; costlens machine --kernels fills it.

    Example: costlens predict yamnet --variant all
    """
    from costlens.formats.pages.prediction import CHOICES, page
    from costlens.results.page import together

    picked = choose(columns, CHOICES, format)
    wanted = asked(variant, set_, kind, only, without, batch=batch)
    with tools() as given:
        found = predicting.predict(words, wanted, threads=threads, measure=measure, tools=given)
    notes = found.notes
    pages = [page(one, notes if place == 0 else ()) for place, one in enumerate(found.predictions)]
    write(together(pages) if len(pages) != 1 else pages[0], format, columns=picked)
    end([BenchError("not predicted: " + "\n".join(found.problems))] if found.problems else ())
