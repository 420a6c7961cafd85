"""One network, exported and compared: as a file in the cache, or by the facts alone that are kept there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING

from costlens.errors import CostlensError, RuntimeUnavailable, TooLarge
from costlens.network.graph import Graph
from costlens.results.counts import ModelCount

if TYPE_CHECKING:
    from costlens.results.facts import ExportFacts
    from costlens.results.report import ExportedFile
    from costlens.results.verification import Ledger, VerifiedVariant

SEED = 0
"""Of the random weights that exports are proven with."""
FACTS = "facts.json"


@dataclass(frozen=True, slots=True)
class Proof:
    """An exported variant: its file in the cache, and the ledger that says whether all counts agree."""

    count: ModelCount
    ledger: Ledger
    file: ExportedFile
    path: Path
    versions: dict[str, str]


def prove(graph: Graph, model: ModelCount) -> Proof:
    """Export a counted graph, or find its file in the cache, and compare its figures with Keras's and the file's."""
    from costlens.analysis import ledger as verify
    from costlens.results.report import ExportedFile
    from costlens.storage import cache

    name = f"model-{model.variant}.onnx"
    entry = cache.entry(cache.key(graph, SEED), lambda folder: _export(graph, folder / name))
    (path,) = entry.glob("*.onnx")  # a variant of the same graph may have named it
    facts = facts_in(entry)
    file = ExportedFile(model.variant, path.name, facts.file_bytes, facts.file_sha256)
    return Proof(model, verify.ledger(graph, model, facts), file, path, facts.versions)


def check(graph: Graph, model: ModelCount) -> tuple[VerifiedVariant, Ledger | None]:
    """Compare the figures of a counted graph by the facts of its export alone; what fails is part of the result.

    RuntimeUnavailable passes: where a framework is missing, it is for all.
    """
    from costlens.analysis import ledger as verify

    try:
        facts = _facts(graph)
    except RuntimeUnavailable:
        raise
    except TooLarge as error:
        return verify.failed(model, str(error), "too large"), None
    except Exception as error:  # what a framework raises on one network says nothing about the next
        return verify.failed(model, why(error)), None
    ledger = verify.ledger(graph, model, facts)
    return verify.verified(model, facts, ledger), ledger


def why(error: Exception) -> str:
    """Say what an error says; of one that no one foresaw, its kind and the line that raised it too."""
    if isinstance(error, CostlensError):
        return str(error)
    last = extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({Path(last.filename).name}:{last.lineno})"


def _facts(graph: Graph) -> ExportFacts:
    """Return the facts about an export, from the cache where they are there; the file is not kept."""
    from costlens.storage import cache

    key = cache.key(graph, SEED)

    def make(folder: Path) -> None:
        if exported := cache.find(key):
            (folder / FACTS).write_bytes((exported / FACTS).read_bytes())
            return
        from costlens.export import release

        path = folder / "model.onnx"
        try:
            _export(graph, path)
        finally:
            path.unlink(missing_ok=True)
            release()

    return facts_in(cache.entry(cache.facts_key(key), make))


def _export(graph: Graph, path: Path) -> None:
    """Write a graph as ONNX with the facts about it beside it."""
    from costlens.export import export_and_prove
    from costlens.results.stored import to_json

    facts = export_and_prove(graph, path, seed=SEED)
    (path.parent / FACTS).write_text(to_json(facts), encoding="utf-8")


def facts_in(entry: Path) -> ExportFacts:
    """Read the facts that lie beside an export."""
    from costlens.results.facts import ExportFacts

    return ExportFacts.from_json((entry / FACTS).read_text(encoding="utf-8"))
