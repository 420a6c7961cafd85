"""Operands → models to compare: a spec's variants as counted, a report's as stored, an ONNX file as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from costlens.errors import UsageError, did_you_mean
from costlens.network.variants import convolution_kind
from costlens.results.comparison import FIGURES, ComparedModel, Figures, Origin
from costlens.results.counts import AS_WRITTEN, ModelCount, Status
from costlens.sources import report as report_folder
from costlens.sources._words import REPORT, Operand, operands
from costlens.tasks import _pipeline as pipeline
from costlens.tasks.bench import told_apart

if TYPE_CHECKING:
    from costlens.results.latency import LatencyReport
    from costlens.results.report import Report
    from costlens.spec.model import Spec

_Given = TypeVar("_Given")
_Found = TypeVar("_Found")
DEPLOYED = (
    "an ONNX file tells its deployed parameters, not those of the model before BatchNorm was folded; size is the "
    "file's, with the files of its external data"
)
_INCOMPLETE = "its size is not known: a file of its external data is not beside it"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model to compare, and what it can be timed by: its spec and count, or its file; or its stored times."""

    model: ComparedModel
    operand: Operand
    spec: Spec | None = None
    count: ModelCount | None = None
    stored: LatencyReport | None = None


def read(words: Sequence[str], variants: Sequence[str], settings: Mapping[str, object]) -> list[Candidate]:
    """Return the models that words name, each under a label of its own; UsageError with all that is wrong with them.

    A single spec or report stands for all its variants; of several each is taken as written unless variants are named.
    ``settings`` are of every spec, those of an operand go before them.
    """
    for name in pipeline.variant_names(variants):
        if name != AS_WRITTEN:
            convolution_kind(name)
    problems: list[str] = []
    given = [operand for named in _each(operands, words, problems) for operand in named]
    if not problems:
        _refuse_idle(given, variants, settings)
    take = partial(_of, variants=variants, settings=settings, alone=len(given) == 1)
    found = [one for models in _each(take, given, problems) for one in models]
    if problems:
        raise UsageError("\n".join(dict.fromkeys(problems)))
    labels = told_apart([(one.model.label, one.operand.name) for one in found])
    return [replace(one, model=replace(one.model, label=label)) for one, label in zip(found, labels, strict=True)]


def _each(read: Callable[[_Given], _Found], given: Iterable[_Given], problems: list[str]) -> Iterator[_Found]:
    """Yield what is read of each; note what is wrong with those that cannot be."""
    for one in given:
        try:
            yield read(one)
        except UsageError as error:
            problems += str(error).splitlines()


def _refuse_idle(given: Sequence[Operand], variants: Sequence[str], settings: Mapping[str, object]) -> None:
    """Refuse options that none of the operands takes."""
    kinds = {operand.kind for operand in given}
    if settings and "spec" not in kinds:
        raise UsageError("--set is for specs, and none is named; leave it out, or name a spec")
    if variants and kinds == {"onnx"}:
        raise UsageError("--variant is for specs and reports; an ONNX file has no variants")


def _of(operand: Operand, variants: Sequence[str], settings: Mapping[str, object], alone: bool) -> list[Candidate]:
    if operand.kind == "onnx":
        return [_of_file(operand)]
    if operand.kind == "report":
        return _of_report(operand, variants, alone=alone)
    spec = pipeline.load(operand.path, {**settings, **operand.settings})
    counted = pipeline.counts(spec, variants or ((pipeline.ALL,) if alone else (AS_WRITTEN,)))
    knobs = f" ({operand.knobs})" if operand.settings else ""
    found = []
    for count in counted:
        label = count.variant if alone else f"{_named(count, variants)}{knobs}"
        model = _compared(count, label, "spec", operand, spec.knobs)
        found.append(Candidate(model, operand, spec, count))
    return found


def _of_report(operand: Operand, variants: Sequence[str], *, alone: bool) -> list[Candidate]:
    report = report_folder.report_at(operand.path)
    files = {file.variant: file.bytes for file in report.files}
    wrong = {ledger.variant for ledger in report.ledgers if not ledger.ok}
    found = []
    for count in _chosen(report, operand.path, variants, alone=alone):
        label = count.variant if alone else _named(count, variants)
        model = _compared(count, label, "report", operand, report.knobs, files.get(count.variant))
        if count.variant in wrong:
            model = replace(model, disagreement="its report says that its verification FAILED")
        found.append(Candidate(model, operand, stored=report.latency))
    return found


def _chosen(report: Report, path: Path, variants: Sequence[str], *, alone: bool) -> list[ModelCount]:
    """Return a report's counts of the variants asked for; UsageError where it lacks one, or all."""
    if not report.counts:
        raise UsageError(f"{path}: holds no counts; write the report anew")
    if (alone and not variants) or pipeline.ALL in variants:
        return list(report.counts)
    by_name = {name: count for count in report.counts for name in (count.variant, *count.also)}
    if not variants:
        return [by_name.get(AS_WRITTEN, report.counts[0])]
    missing = [name for name in variants if name not in by_name]
    if missing:
        hint = did_you_mean(missing[0], by_name)
        raise UsageError(f"{path}: holds no variant {missing[0]}{hint}; it holds {', '.join(by_name)}")
    return list({by_name[name].variant: by_name[name] for name in variants}.values())


def _of_file(operand: Operand) -> Candidate:
    """Return a file as a model: what it stores and multiplies, for one example."""
    from costlens.readers import onnx as onnx_model

    path = operand.path
    if not path.is_file():
        raise UsageError(f"{path}: no such file; name an ONNX file, a spec (.yaml) or a {REPORT}")
    count, size = onnx_model.read(path), onnx_model.size(path)
    totals = count.totals
    figures = Figures(deployed_params=totals.deployed_params, macs=(totals.macs or 0) // count.batch, file_bytes=size)
    told: dict[str, Status] = {name: count.status[name] for name in ("deployed_params", "macs")}
    told["file_bytes"] = "unavailable" if size is None else "complete"
    status: dict[str, Status] = {name: told.get(name, "unavailable") for name in FIGURES}
    label = Path(operand.name).stem
    notes = (DEPLOYED,) if size is not None else (DEPLOYED, _INCOMPLETE)
    model = ComparedModel(
        label, "onnx", operand.text, count.name, "", "", (), {}, figures, status, count.uncounted, notes
    )
    return Candidate(model, operand)


def _named(count: ModelCount, variants: Sequence[str]) -> str:
    """Return a model's label among several networks; a variant is named where it was asked for."""
    return f"{count.name}:{count.variant}" if variants or AS_WRITTEN not in (count.variant, *count.also) else count.name


def _compared(
    count: ModelCount,
    label: str,
    origin: Origin,
    operand: Operand,
    knobs: Mapping[str, int | float | str],
    file_bytes: int | None = None,
) -> ComparedModel:
    """Return a count, of one example, as a line of a comparison."""
    status: dict[str, Status] = {name: count.status.get(name, "unavailable") for name in FIGURES}
    known = {name: getattr(count.totals, name) for name, word in status.items() if word != "unavailable"}
    status["file_bytes"] = "unavailable" if file_bytes is None else "complete"
    return ComparedModel(
        label,
        origin,
        operand.text,
        count.name,
        count.title,
        count.variant,
        count.also,
        dict(knobs),
        Figures(**known, file_bytes=file_bytes),
        status,
        count.uncounted,
        count.notes,
    )
