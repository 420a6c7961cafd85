"""Milliseconds before anything is built: ``predict`` as a function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costlens.api._options import about, named, working
from costlens.api.functions import Kinds, Network, Several
from costlens.api.model import least_one, words_of
from costlens.errors import BenchError, UsageError
from costlens.sources._source import Asked

if TYPE_CHECKING:
    from costlens.results.prediction import Prediction


def predict(
    network: Network,
    *,
    variant: str = "",
    kind: Kinds = None,
    only: Several = "",
    without: Several = "",
    threads: int = 1,
    batch: int = 1,
    measure: bool | None = None,
) -> Prediction:
    """Predict the milliseconds of every layer of a network and of a call, by this machine's table of kernels.

    measure: time the kernels that are missing, or none; where it is None, that is done if it takes under ten seconds.
    """
    from costlens.sources.find import models
    from costlens.tasks.predict import predict_models

    asked = Asked(named(variant), batch=least_one("batch", batch), **about(kind, only, without))
    if len(found := models(words_of([network]), asked)) != 1:
        raise UsageError(f"predict: {network} names {len(found)} networks; name one")
    with working() as tools:
        made = predict_models(found, batch, threads=least_one("threads", threads), measure=measure, tools=tools)
        for note in made.notes:
            tools.note(note)
    if made.problems:
        raise BenchError("not predicted: " + "\n".join(made.problems))
    return made.predictions[0]
