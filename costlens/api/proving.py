"""Networks built, exported and compared: ``export`` and ``verify`` as functions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from costlens.api._options import about, named, working
from costlens.api.functions import Inputs, Kinds, Network, Several
from costlens.api.model import file_of, words_of
from costlens.sources._source import ALL, Asked

if TYPE_CHECKING:
    from costlens.results.verification import Ledger, Verification


def export(
    network: Network,
    output: Path | str,
    *,
    variant: str = "",
    kind: Kinds = None,
    only: Several = "",
    without: Several = "",
) -> Ledger:
    """Write a network as ``.onnx`` or ``.tflite`` once it is proven equal to Keras and to the count; return the proof.

    VerificationError where they differ, ExportError where the graph cannot be exported, RuntimeUnavailable where a
    framework is missing. ``Model.to_keras`` builds the network without writing it.
    """
    from costlens.tasks.export import export as task

    with working() as tools:
        return task(
            words_of([network]), Asked(named(variant), **about(kind, only, without)), Path(output), tools=tools
        ).ledger


def verify(
    *networks: Network,
    variant: Several = "",
    kind: Kinds = None,
    only: Several = "",
    without: Several = "",
    input_data: Inputs | None = None,
) -> Verification:
    """Build, export and compare every variant of networks; where counts disagree is in ``failures`` of the result.

    RuntimeUnavailable where a framework is missing.
    """
    from costlens.results.verification import Verification
    from costlens.tasks.verify import verify as task

    asked = Asked(named(variant), alone=(ALL,), each=(ALL,), data=file_of(input_data), **about(kind, only, without))
    found = Verification(Verification.SCHEMA, ())
    with working() as tools:
        for verified in task(words_of(networks), asked, tools=tools):
            found = found.including(verified.spec)
    return found
