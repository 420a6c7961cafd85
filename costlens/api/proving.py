"""Files that are proven: ``export`` and ``verify`` as functions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from costlens.api._options import about, named, several, working
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
    precision: str = "fp32",
    calibration: Inputs | None = None,
) -> Ledger:
    """Write a network as ``.onnx``, ``.tflite`` or a C array (``.h``, ``.c``); return the proof that it is the network.

    precision: ``"int8"`` of the latter two, calibrated on examples, an array an input with the examples on its first
    axis, or on random numbers. VerificationError where the file differs from Keras or from the count, ExportError where
    the graph cannot be exported, RuntimeUnavailable where a framework is missing. ``Model.to_keras`` builds the network
    without writing it.
    """
    from costlens.tasks._export_target import target
    from costlens.tasks.export import export as task

    asked = Asked(named(variant), **about(kind, only, without))
    wanted, examples = target(output, precision=precision), file_of(calibration)
    with working() as tools:
        return task(words_of([network]), asked, wanted, calibration=examples, tools=tools).proof.ledger


def verify(
    *networks: Network,
    variant: Several = "",
    kind: Kinds = None,
    only: Several = "",
    without: Several = "",
    input_data: Inputs | None = None,
    precision: Several = (),
) -> Verification:
    """Build, export and compare every variant of networks; where counts disagree is in ``failures`` of the result.

    precision: ``"int8"``, ``"fp32"`` or both: what a TensorFlow Lite file of each spec stores, and the arena that
    TensorFlow Lite Micro allocates for it, are compared, too. RuntimeUnavailable where a framework is missing.
    """
    from costlens.export.conversions import known_precision
    from costlens.results.verification import Verification
    from costlens.tasks.verify import verify as task

    asked = Asked(named(variant), alone=(ALL,), each=(ALL,), data=file_of(input_data), **about(kind, only, without))
    also = [known_precision(name) for name in several(precision)]
    found = Verification(Verification.SCHEMA, ())
    with working() as tools:
        for verified in task(words_of(networks), asked, also, tools=tools):
            found = found.including(verified.spec)
    return found
