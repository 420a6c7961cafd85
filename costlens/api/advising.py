"""What a network could be changed to: ``advise`` as a function."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from costlens.api._options import named, several, working
from costlens.api.functions import Network, Several
from costlens.api.model import least_one, words_of
from costlens.sources._source import Asked

if TYPE_CHECKING:
    from costlens.results.advice import Advice, Objective


def advise(
    network: Network,
    *,
    budget: Mapping[str, object],
    keep: Several = (),
    tie: bool = False,
    kinds: Several = (),
    objective: Objective = "moved_macs",
    threads: int = 1,
    batch: int = 1,
    measure: bool | None = None,
    variant: str = "",
    output: Path | str | None = None,
) -> Advice:
    """Choose a kind for each convolution so that a network keeps budgets at the least change.

    budget: ``{"macs": "300M"}``, or ``{"macs": "-30%"}`` of the network as written. keep: globs on names that stay.
    tie: equal layers whose names differ in numbers only get one kind. kinds: those that layers may get, all unless
    named. threads, batch, measure: how times are predicted for ``latency_ms``, as :func:`predict` does. output: a file
    for the spec of what results. Where no mix keeps the budgets, ``kinds`` of the result is None and ``failures`` says
    why. Accuracy is not looked at: the network that results must be trained.

    >>> advise("speech_embedding", budget={"macs": "-30%"}).changed
    3
    """
    from costlens.storage.files import require_new, write_new
    from costlens.tasks import advise as task
    from costlens.tasks._prices import Conditions

    under = Conditions(least_one("threads", threads), least_one("batch", batch), measure)
    wanted = task.wish(budget, keep=several(keep), tie=tie, kinds=several(kinds), objective=objective, under=under)
    kept = None if output is None else Path(output)
    if kept is not None:
        require_new(kept)
    (word,) = words_of([network])
    with working() as tools:
        found, model = task.advise(word, Asked(named(variant)), wanted, tools=tools)
    if kept is not None and found.kinds is not None:
        made = task.as_spec(model, found.kinds, kept)
        write_new(kept, made.text, made.files)
    return found
