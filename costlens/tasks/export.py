"""``costlens export``: one variant of a spec → a proven ONNX file, or the file of another runtime made from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from costlens import runtimes
from costlens.arithmetic.units import plural
from costlens.errors import ExportError, UsageError, VerificationError
from costlens.export import conversions
from costlens.results.report import ExportedFile
from costlens.sources._input_data import Signature, shapes_of
from costlens.sources.find import models, one_file, require, require_one_variant
from costlens.storage.cache import tool_versions
from costlens.storage.files import copy_whole, require_room, write_whole, writing
from costlens.tasks._export_target import ENDINGS, C, Target
from costlens.tasks._timing import called, prepare, source_of
from costlens.tasks._tools import Tools

if TYPE_CHECKING:
    from costlens.results.verification import Ledger
    from costlens.sources._source import Asked, Model
    from costlens.sources._word import Word
    from costlens.tasks._proof import Proof

_CALIBRATION = "--calibration"
_INT8 = "int8"


@dataclass(frozen=True, slots=True)
class Exported:
    """A file that was written, what proves it, and sentences about how it was made."""

    path: Path
    proof: Proof
    notes: tuple[str, ...] = ()


def export(
    words: Sequence[str | Word], asked: Asked, target: Target, *, calibration: Path | None = None, tools: Tools
) -> Exported:
    """Write the file of the network that words name once it is proven.

    A file that is not ONNX gives the outputs of the proven ONNX file: for random inputs, or, where integers are
    calibrated on an ``.npz`` file of examples, for those. RuntimeUnavailable where a runtime is missing, UsageError
    where the file cannot be written or the examples do not fit, VerificationError where a figure does not agree,
    ExportError where the network cannot be exported. Then nothing is written.
    """
    require_one_variant(asked, "export writes")
    if calibration and target.precision != _INT8:
        raise UsageError(f"{_CALIBRATION} {calibration}: only integers are calibrated; add --precision int8")
    if target.runtime != runtimes.DEFAULT:  # which the frameworks that export come with
        runtimes.get(target.runtime).require("cpu")
    found = models([one_file(words, "export")], asked)
    others = [model for model in found if model.keras is None and not model.is_rewritten]
    require(others, "graph", "export writes what Keras builds, or a variant of a model file")
    (model,) = found
    if target.runtime != runtimes.DEFAULT:
        require(found, "graph", f"a {ENDINGS[target.kind][0]} file is made of what Keras builds from a spec")
    path = target.named(_file_name(model))
    require_room(path)
    if model.is_rewritten:
        return Exported(path, write_variant(model, path, tools))
    ready = prepare([model], tools)
    for failed in ready.failed:
        raise ExportError(f"{model.word.name}: not exported: {failed.reason}")
    proof = ready.proofs[model.label]
    _require(proof.ledger, model)
    source = source_of(ready.models[0], proof)
    if target.runtime == runtimes.DEFAULT:
        copy_whole(proof.path, path)
        return Exported(path, replace(proof, file=_facts(path, model)))
    if calibration:
        source = replace(source, calibration=_calibration(calibration, model))
    return _converted(source, proof, model, target, path, tools)


def _converted(
    source: conversions.Source, proof: Proof, model: Model, target: Target, path: Path, tools: Tools
) -> Exported:
    """Write the file of another runtime, whose outputs are compared with those of the export before that."""
    from costlens.analysis.ledger import converted_check
    from costlens.export.quantized import converted_outputs

    tools.observe("convert", 0, 1, called(model))
    made = conversions.model_file(source, target.runtime, target.precision)
    checks = [converted_check(each, target.precision) for each in converted_outputs(source, made, target.runtime)]
    ledger = replace(proof.ledger, entries=(*proof.ledger.entries, *checks))
    _require(ledger, model)
    if target.kind == C:
        _write_array(made, path, model, target)
    else:
        copy_whole(made, path)
    proof = replace(proof, ledger=ledger, path=made, file=_facts(path, model))
    return Exported(path, proof, (_calibrated(source),) if target.precision == _INT8 else ())


def _write_array(made: Path, path: Path, model: Model, target: Target) -> None:
    from costlens.export.c_array import c_array, identifier

    data = made.read_bytes()
    about = f"{called(model)} in {target.precision}: a TensorFlow Lite model of {len(data):,} bytes"
    with writing(path, "choose another file with -o"):
        write_whole(path, c_array(data, identifier(path.stem), about, header=path.suffix.lower() == ENDINGS[C][0]))


def write_variant(model: Model, target: Path, tools: Tools) -> Proof:
    """Write a variant of a model file once a run of it agrees with its count.

    VerificationError where it does not, ExportError where it cannot be run or written.
    """
    from costlens.tasks._proof import Proof

    tools.observe("verify", 0, 1, called(model))
    said, ledger = tools.prove_file(model)
    name = f"{model.word.name} {model.count.variant}"
    if ledger is None or model.file is None:
        raise ExportError(f"{name}: not written: {said.problem}")
    if not ledger.ok:
        raise VerificationError(f"{name}: not written: {said.problem}")
    if model.file_bytes != model.file.stat().st_size:
        raise ExportError(f"{name}: not written: its weights take more than 2 GB, which one ONNX file cannot hold")
    copy_whole(model.file, target)
    return Proof(model.count, ledger, _facts(target, model), model.file, tool_versions())


def _require(ledger: Ledger, model: Model) -> None:
    if ledger.disagreement:
        raise VerificationError(f"{model.count.name} {model.count.variant}: not exported: {ledger.disagreement}")


def _file_name(model: Model) -> str:
    """Return what a file of a network is called where nobody names it."""
    variant = "" if model.written is model.graph else f"-{model.count.variant}"
    return f"{model.count.name}{variant}"


def _calibration(file: Path, model: Model) -> conversions.Calibration:
    """Return the examples of a file, an array an input; UsageError where they do not fit the network."""
    if model.graph is None:
        raise UsageError(f"{_CALIBRATION} {file}: is for a network that a spec says")
    types = {name: "int32" if name in model.graph.integers else "float32" for name, _ in model.graph.inputs}
    wanted: Signature = [(name, types[name], ["examples", *shape]) for name, shape in model.graph.inputs]
    shapes = shapes_of(file, wanted, model.word.name, option=_CALIBRATION)
    return conversions.Calibration(file, conversions.digest(file), min(shape[0] for shape in shapes.values()))


def _calibrated(source: conversions.Source) -> str:
    given = source.calibration
    if given is None:
        return (
            "calibrated on random inputs: right in size and time, but ranges and so accuracy are those of no data; "
            "give examples with --calibration"
        )
    return f"calibrated on {plural(given.examples, 'example')} of {given.file}"


def _facts(path: Path, model: Model) -> ExportedFile:
    return ExportedFile(model.count.variant, path.name, path.stat().st_size, conversions.digest(path))
