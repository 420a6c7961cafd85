"""One Keras model, exported and compared; the export of a file is kept in the cache."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from costlens.tasks._proof import FACTS, SEED, Proof, facts_in

if TYPE_CHECKING:
    from costlens.results.facts import ExportFacts
    from costlens.results.verification import Ledger, VerifiedVariant
    from costlens.sources._source import KerasModel, Model

_FILE = "model.onnx"


def prove(model: Model, batch: int) -> Proof:
    """Export a Keras model for a batch, or find that in the cache, and compare counts and outputs.

    A model that Python code makes is exported in each process: nobody knows what its code reads.
    """
    from costlens.analysis import ledger
    from costlens.results.report import ExportedFile

    path, facts = _exported(model, batch)
    file = ExportedFile(model.count.variant, f"{model.label}.onnx", facts.file_bytes, facts.file_sha256)
    return Proof(model.count, ledger.of_layers(model.count, facts), file, path, facts.versions)


def exported(model: Model, batch: int) -> Path:
    """Return the file of a Keras model for a batch once it is proven; VerificationError where counts disagree."""
    from costlens.errors import VerificationError

    proof = prove(model, batch)
    if proof.ledger.disagreement:
        raise VerificationError(f"{model.word.name}: its export is not it: {proof.ledger.disagreement}")
    return proof.path


def check(model: Model) -> tuple[VerifiedVariant, Ledger | None]:
    """Compare a Keras model with its export; what fails is part of the result. RuntimeUnavailable passes."""
    from costlens.analysis import ledger
    from costlens.errors import RuntimeUnavailable
    from costlens.tasks._proof import why

    try:
        _, facts = _exported(model, model.count.batch)
    except RuntimeUnavailable:
        raise
    except Exception as error:  # what a framework raises on one network says nothing about the next
        return ledger.failed(model.count, why(error)), None
    found = ledger.of_layers(model.count, facts)
    return ledger.verified(model.count, facts, found), found


def _exported(model: Model, batch: int) -> tuple[Path, ExportFacts]:
    from costlens.storage import cache

    source = model.keras
    if source is None:
        raise ValueError(f"{model.label} is no Keras model")

    def make(folder: Path) -> None:
        _export(source, model, folder / _FILE, batch)

    if source.sha256:
        asked = {"keras": source.sha256, "sizes": dict(source.sizes), "batch": batch, "seed": SEED}
        folder = cache.entry(cache.content_key(asked), make)
    else:
        folder = Path(tempfile.mkdtemp(prefix="costlens-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        make(folder)
    return folder / _FILE, facts_in(folder)


def _export(source: KerasModel, model: Model, path: Path, batch: int) -> None:
    from costlens.export.keras_file import export_keras
    from costlens.results.stored import to_json

    facts = export_keras(source.make(), path, name=model.word.name, sizes=source.sizes, batch=batch, seed=SEED)
    (path.parent / FACTS).write_text(to_json(facts), encoding="utf-8")
