"""Models → files that can be run, and their times side by side; one meaning of an export that failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from costlens.errors import RuntimeUnavailable
from costlens.sources._source import Model
from costlens.tasks._proof import Proof, why
from costlens.tasks._tools import Tools

if TYPE_CHECKING:
    from costlens.bench.protocol import Protocol
    from costlens.results.bounds import LeastTime
    from costlens.results.latency import FailedModel, LatencyReport


@dataclass(frozen=True, slots=True)
class Prepared:
    """Models that have a file now, the proofs of those that were exported by label, and those that could not be."""

    models: tuple[Model, ...]
    proofs: Mapping[str, Proof]
    failed: tuple[FailedModel, ...] = ()


def prepare(models: Sequence[Model], tools: Tools) -> Prepared:
    """Export and prove the models that have a graph; the others are as they are.

    A model that cannot be exported does not stop the others. RuntimeUnavailable passes: what is missing is missing for
    all of them.
    """
    from costlens.results.latency import FailedModel

    found: list[Model] = []
    proofs: dict[str, Proof] = {}
    failed: list[FailedModel] = []
    for done, model in enumerate(models):
        tools.observe("export", done, len(models), model.label)
        if model.graph is None:
            found.append(model)
            continue
        try:
            proof = tools.prove(model.graph, model.count)
        except RuntimeUnavailable:
            raise
        except Exception as error:  # what a framework raises on one network says nothing about the next
            failed.append(FailedModel(label=model.label, reason=why(error)))
            continue
        proofs[model.label] = proof
        found.append(
            replace(model, file=proof.path, file_bytes=proof.file.bytes, disagreement=proof.ledger.disagreement)
        )
    tools.observe("export", len(models), len(models), "")
    return Prepared(tuple(found), proofs, tuple(failed))


def time_side_by_side(models: Sequence[Model], baseline: str, plan: Protocol, tools: Tools) -> LatencyReport:
    """Time models that have files in one comparison."""
    files = {model.label: model.file for model in models if model.file is not None}
    macs = {model.label: model.macs for model in models if model.macs is not None}
    peaks = {m.label: m.peak_activation_bytes for m in models if m.peak_activation_bytes is not None}
    return tools.bench(files, plan, baseline, macs, peaks, tools.observe)


def with_failed(latency: LatencyReport, failed: Sequence[FailedModel]) -> LatencyReport:
    """Return a measurement with those that could not even be exported among the failed."""
    return replace(latency, failed=(*failed, *latency.failed)) if failed else latency


def require_device(plan: Protocol) -> None:
    """Raise RuntimeUnavailable for a missing device before minutes are spent on exports for it."""
    if plan.device not in {"auto", "cpu"}:
        from costlens import runtimes

        runtimes.get(plan.runtime).require(plan.device)


def least_times(models: Sequence[Model], latency: LatencyReport) -> tuple[LeastTime, ...]:
    """Return the least times of models that were timed and have a graph; none where this machine's bounds are not kept.

    The models are counted for the batch that was timed.
    """
    from costlens.analysis.roofline import least_time
    from costlens.bench import bounds

    known = bounds.find(latency.fingerprint)
    timed = {one.label: one.median_ms for one in latency.models}
    if known is None:
        return ()
    return tuple(
        least_time(model.count, timed[model.label], known, model.label)
        for model in models
        if model.graph and model.label in timed
    )
