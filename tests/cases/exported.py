"""Networks that are really exported, as conversions take them."""

from pathlib import Path

from costlens.export.conversions import Source
from costlens.tasks._proof import SEED, prove
from tests.cases.counted import models


def exported(word: str | Path, variant: str = "as-written") -> Source:
    """Export a variant of a spec, or find its file in the cache; all its figures agree with the spec's."""
    (model,) = models(word, variant)
    assert model.graph is not None
    proof = prove(model.graph, model.count)
    assert [(entry.name, entry.note) for entry in proof.ledger.failures] == []
    return Source(proof.path, proof.file.sha256, model.graph, SEED)
