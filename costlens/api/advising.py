"""What a network could be changed to: ``advise`` as a function."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from costlens.api._options import Advising, about, named, plan_of, several, working
from costlens.api.functions import Network, Several
from costlens.api.model import words_of
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
    prove: bool = True,
    measure: bool | None = None,
    variant: str = "",
    output: Path | str | None = None,
    **measuring: Unpack[Advising],
) -> Advice:
    """Choose a kind for each convolution so that a network keeps budgets at the least change.

    budget: ``{"macs": "300M"}``, or ``{"macs": "-30%"}`` of the network as written. keep: globs on names that stay.
    tie: equal copies of a layer, as a ``repeat`` makes them, get one kind. kinds: those that layers may get, all unless
    named. measure: whether kernels are timed for ``latency_ms``, as :func:`predict` takes it; prove: what keeps it is
    built, verified and timed. output: a file for what results, a spec or, of a model file, an ONNX file. Where no mix
    keeps the budgets, ``kinds`` of the result is None and ``failures`` says why. Accuracy is not looked at: the network
    that results must be trained.

    >>> advise("speech_embedding", budget={"macs": "-30%"}).changed
    3
    """
    from costlens.tasks import advise as task
    from costlens.tasks._prices import Conditions

    plan = plan_of("advise", measuring, Advising)
    under = Conditions(plan.threads, plan.batch, measure)
    wanted = task.wish(budget, keep=several(keep), tie=tie, kinds=several(kinds), objective=objective, under=under)
    (word,) = words_of([network])
    asked = Asked(named(variant), **about(None))
    with working() as tools:
        return task.advise(
            word, asked, wanted, plan if prove else None, output=None if output is None else Path(output), tools=tools
        )
