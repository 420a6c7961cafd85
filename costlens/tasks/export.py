"""``costlens export``: one variant of a spec → a proven ONNX file, or the file of another runtime made from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from costlens import runtimes
from costlens.errors import ExportError, VerificationError
from costlens.export import conversions
from costlens.results.report import ExportedFile
from costlens.sources.find import models, one_file, require, require_one_variant
from costlens.storage.cache import tool_versions
from costlens.storage.files import copy_whole
from costlens.tasks._timing import called, prepare, source_of
from costlens.tasks._tools import Tools

if TYPE_CHECKING:
    from costlens.sources._source import Asked, Model
    from costlens.sources._word import Word
    from costlens.tasks._proof import Proof


def export(words: Sequence[str | Word], asked: Asked, target: Path, *, tools: Tools) -> Proof:
    """Write the file of the network that words name to ``target`` once it is proven.

    The ending of ``target`` says which runtime's file it is. One that is not ONNX gives the outputs of the proven ONNX
    file for random inputs. UsageError for another ending, RuntimeUnavailable where that runtime is missing,
    VerificationError where a figure does not agree, ExportError where the network cannot be exported.
    """
    require_one_variant(asked, "export writes")
    runtime = conversions.runtime_for(target)
    if runtime != runtimes.DEFAULT:  # which the frameworks that export come with
        runtimes.get(runtime).require("cpu")
    found = models([one_file(words, "export")], asked)
    others = [model for model in found if model.keras is None and not model.is_rewritten]
    require(others, "graph", "export writes what Keras builds, or a variant of a model file")
    (model,) = found
    if model.is_rewritten:
        return write_variant(model, target, tools)
    ready = prepare([model], tools)
    for failed in ready.failed:
        raise ExportError(f"{model.word.name}: not exported: {failed.reason}")
    proof = ready.proofs[model.label]
    if proof.ledger.disagreement:
        raise VerificationError(f"{model.count.name} {model.count.variant}: not exported: {proof.ledger.disagreement}")
    written = conversions.model_file(source_of(ready.models[0], proof), runtime)
    copy_whole(written, target)
    return replace(proof, path=written, file=_facts(written, model))


def write_variant(model: Model, target: Path, tools: Tools) -> Proof:
    """Write a variant of a model file once a run of it agrees with its count, by the ending of ``target``.

    Raises as :func:`export` does.
    """
    from costlens.tasks._proof import Proof

    runtime = conversions.runtime_for(target)
    tools.observe("verify", 0, 1, called(model))
    said, ledger = tools.prove_file(model)
    name = f"{model.word.name} {model.count.variant}"
    if ledger is None:
        raise ExportError(f"{name}: not written: {said.problem}")
    if not ledger.ok:
        raise VerificationError(f"{name}: not written: {said.problem}")
    written = conversions.model_file(source_of(model, None), runtime)
    if model.file_bytes != written.stat().st_size and runtime == runtimes.DEFAULT:
        raise ExportError(f"{name}: not written: its weights take more than 2 GB, which one ONNX file cannot hold")
    copy_whole(written, target)
    return Proof(model.count, ledger, _facts(written, model), written, tool_versions())


def _facts(written: Path, model: Model) -> ExportedFile:
    return ExportedFile(model.count.variant, written.name, written.stat().st_size, conversions.digest(written))
