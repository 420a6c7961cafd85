"""``costlens export``: one variant of a spec → a proven ONNX file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from costlens.errors import ExportError, UsageError, VerificationError
from costlens.sources._source import ALL
from costlens.sources.find import models, one_file, require
from costlens.sources.spec import variant_names
from costlens.storage.files import copy_whole
from costlens.tasks._tools import Tools, prepare

if TYPE_CHECKING:
    from costlens.sources._source import Asked
    from costlens.tasks._proof import Proof


def export(words: Sequence[str], asked: Asked, target: Path, *, tools: Tools) -> Proof:
    """Write the ONNX file of the network that words name to ``target`` once it is proven.

    VerificationError where a figure does not agree, ExportError where the network cannot be exported.
    """
    if ALL in asked.variants:
        raise UsageError(f"export writes one variant, received {ALL}; name one of {', '.join(variant_names((ALL,)))}")
    found = models([one_file(words, "export")], asked)
    require(found, "graph", "export writes what Keras builds")
    (model,) = found
    ready = prepare([model], tools)
    for failed in ready.failed:
        raise ExportError(f"{model.word.name}: not exported: {failed.reason}")
    proof = ready.proofs[model.label]
    if proof.ledger.disagreement:
        raise VerificationError(f"{model.count.name} {model.count.variant}: not exported: {proof.ledger.disagreement}")
    copy_whole(proof.path, target)
    return proof
