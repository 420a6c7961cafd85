"""Models → files that a runtime runs, and their times side by side; one meaning of an export that failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from costlens import runtimes
from costlens.errors import RuntimeUnavailable, UsageError
from costlens.sources._source import Model
from costlens.tasks._proof import SEED, Proof, why
from costlens.tasks._tools import Tools

if TYPE_CHECKING:
    from costlens.bench.protocol import Protocol
    from costlens.export.conversions import Source
    from costlens.results.bounds import LeastTime
    from costlens.results.latency import FailedModel, LatencyReport
    from costlens.runtimes import Inputs


@dataclass(frozen=True, slots=True)
class Prepared:
    """Models that have a file now, the proofs of those that were exported by label, and those that could not be."""

    models: tuple[Model, ...]
    proofs: Mapping[str, Proof]
    failed: tuple[FailedModel, ...] = ()


def prepare(
    models: Sequence[Model],
    tools: Tools,
    plan: Protocol | None = None,
    *,
    batch: int | None = None,
    any_batch: bool = False,
) -> Prepared:
    """Export and prove the models that a file is made from; the others are as they are.

    The file of a Keras model is of one batch: this one, else the plan's. A plan's runtime is given files of its own,
    made from these. A model that cannot be exported, or whose inputs have no sizes to be timed with, does not stop the
    others; nor does one whose batch is not the plan's, unless ``any_batch``. RuntimeUnavailable passes: what is missing
    is missing for all of them. So does, before anything is exported, that the runtime cannot run a model file.
    """
    from costlens.results.latency import FailedModel

    reasons = {one.label: unsettled(one, None if any_batch else plan) for one in models if not one.is_exported}
    failed = [FailedModel(label=label, reason=reason) for label, reason in reasons.items() if reason]
    ready = {one.label: _for_runtime(one, None, plan) for one in models if reasons.get(one.label) == ""}
    proofs: dict[str, Proof] = {}
    exported = [model for model in models if model.is_exported]
    chosen = batch or (plan.batch if plan else 1)
    for done, model in enumerate(exported):
        tools.observe("export", done, len(exported), called(model))
        try:
            proof = tools.prove_keras(model, chosen) if model.graph is None else tools.prove(model.graph, model.count)
            disagreement = proof.ledger.disagreement
            one = replace(model, file=proof.path, file_bytes=proof.file.bytes, disagreement=disagreement)
            ready[model.label] = _for_runtime(one, proof, plan)
        except RuntimeUnavailable:
            raise
        except Exception as error:  # what a framework raises on one network says nothing about the next
            failed.append(FailedModel(label=model.label, reason=why(error)))
            continue
        proofs[model.label] = proof
    tools.observe("export", len(exported), len(exported), "")
    return Prepared(tuple(ready[one.label] for one in models if one.label in ready), proofs, tuple(failed))


def source_of(model: Model, proof: Proof | None) -> Source:
    """Return what the files of other runtimes and precisions are made from, of a model that has a file."""
    from costlens.export.conversions import Source, digest

    if model.file is None:
        raise ValueError(f"{model.label} has no file")
    return Source(model.file, proof.file.sha256 if proof else digest(model.file), model.graph, SEED)


def suited(plan: Protocol, models: Sequence[Model]) -> Protocol:
    """Return a plan by the runtime that reads the models' own files, where only that one does and none was named.

    UsageError for a model file that the runtime does not read.
    """
    needed = {model.runtime for model in models}
    if plan.runtime == runtimes.DEFAULT and len(needed) == 1 and needed != {""}:
        plan = replace(plan, runtime=needed.pop())
        require_runtime(plan)
    problems = (f"{model.word.name}: {problem}" for model in models if (problem := misfit(model, plan)))
    if said := "\n".join(dict.fromkeys(problems)):
        raise UsageError(said)
    return plan


def misfit(model: Model, plan: Protocol) -> str:
    """Return why a plan's runtime cannot run a model's own file; empty where it can, or its file is made for it."""
    if not model.runtime:
        return ""
    if model.runtime != plan.runtime:
        return f"{model.runtime} runs it, and {plan.runtime} does not; add --runtime {model.runtime}"
    batch = model.count.batch
    return "" if batch in (1, plan.batch) else f"it is made for a batch of {batch}; add --batch {batch}"


def unsettled(model: Model, plan: Protocol | None) -> str:
    """Return why a model file cannot be run with these inputs, empty where it can, as an export always can."""
    if model.is_exported:
        return ""
    free = next((str(size) for shape in model.count.inputs.values() for size in shape if isinstance(size, str)), "")
    if free:
        return f"the size of its axis {free} is not known; give it: {model.word.text}?{free}=64"
    batch = model.count.batch
    if plan is not None and model.count.inputs and batch != plan.batch:
        return (
            f"the model's inputs have a fixed batch of {batch}, but --batch is {plan.batch}; "
            f"use --batch {batch}, or export it with a dynamic batch"
        )
    return ""


def inputs_of(model: Model) -> Inputs:
    """Return what a model file is run on, of the shapes it was counted for; an export has only its batch to settle."""
    if model.is_exported:
        return {}
    if model.inputs is not None:
        return model.inputs()
    shapes = {
        name: tuple(size for size in shape if isinstance(size, int)) for name, shape in model.count.inputs.items()
    }
    return {name: runtimes.Input(shape) for name, shape in shapes.items()}


def inputs_said(models: Sequence[Model]) -> list[str]:
    """Return a sentence for each model file that says what it is run on, with its label where there are several."""
    words = {model.label: runtimes.said(inputs_of(model)) for model in models if model.inputs and not model.is_exported}
    return [f"{label}: {word}" if len(models) > 1 else word for label, word in words.items() if word]


def _for_runtime(model: Model, proof: Proof | None, plan: Protocol | None) -> Model:
    """Return a model with the file by which the runtime of a plan computes it."""
    if plan is None or plan.runtime == runtimes.DEFAULT or model.file is None or model.runtime:
        return model
    from costlens.export import conversions

    return replace(model, file=conversions.model_file(source_of(model, proof), plan.runtime, batch=plan.batch))


def called(model: Model) -> str:
    """Return a model's network and variant, as progress names them."""
    return "/".join(filter(None, (model.count.name, model.count.variant)))


def time_side_by_side(models: Sequence[Model], baseline: str, plan: Protocol, tools: Tools) -> LatencyReport:
    """Time models that have files in one comparison."""
    files = {model.label: model.file for model in models if model.file is not None}
    macs = {model.label: model.macs for model in models if model.macs is not None}
    peaks = {m.label: m.peak_activation_bytes for m in models if m.peak_activation_bytes is not None}
    tools.observe("time", 0, len(files) + plan.processes, ", ".join(dict.fromkeys(map(called, models))))
    inputs = {str(model.file): inputs_of(model) for model in models if model.file is not None}
    found = tools.bench(files, plan, baseline, macs, peaks, {path: each for path, each in inputs.items() if each})
    return replace(found, note="\n".join(filter(None, (found.note, *inputs_said(models)))))


def with_failed(latency: LatencyReport, failed: Sequence[FailedModel]) -> LatencyReport:
    """Return a measurement with those that could not even be exported among the failed."""
    return replace(latency, failed=(*failed, *latency.failed)) if failed else latency


def require_runtime(plan: Protocol) -> None:
    """Raise RuntimeUnavailable for a missing runtime or device before minutes are spent on exports for it."""
    runtime = runtimes.get(plan.runtime)
    if plan.runtime != runtimes.DEFAULT or plan.device not in {"auto", "cpu"}:
        runtime.require(plan.device)


def require_profiler(plan: Protocol, models: Sequence[Model]) -> None:
    """Raise RuntimeUnavailable where the runtime of a plan does not report the time of its kernels."""
    try:
        runtimes.get(plan.runtime).profiler()
    except RuntimeUnavailable:
        own = next((model for model in models if model.runtime), None)
        if own is None:
            raise
        raise RuntimeUnavailable(
            f"{own.word.name}: {own.runtime}, which alone runs it, does not report the time of its kernels; profile "
            "the spec or the ONNX file that it was made from"
        ) from None


def planned(
    *,
    quick: bool = False,
    processes: int | None = None,
    threshold: float | None = None,
    time_budget: float | None = None,
    **conditions: Any,
) -> Protocol:
    """Return the plan of a measurement by the options of commands; what is not given keeps its default.

    threshold: a fraction. time_budget: seconds. conditions: runtime, device, threads, batch. UsageError for numbers
    that cannot be measured with, and for an unknown runtime.
    """
    from costlens.bench.protocol import Protocol

    if quick and processes is not None:
        raise UsageError("--quick means three processes; leave out --quick or --processes")
    given = dict(conditions)
    given |= {} if processes is None else {"processes": processes, "looks": 1}
    given |= {} if threshold is None else {"threshold": threshold}
    given |= {} if time_budget is None else {"time_budget_s": time_budget}
    plan = Protocol.quick(**given) if quick else Protocol(**given)
    return plan if time_budget else with_start(plan)


def with_start(plan: Protocol, models: int = 1) -> Protocol:
    """Return a plan with the time besides that its runtime takes to start, in every process and for every model."""
    start_s = runtimes.get(plan.runtime).start_s * (plan.processes + models)
    if plan.time_budget_s is None or not start_s:
        return plan
    return replace(plan, time_budget_s=plan.time_budget_s + start_s)


def least_times(models: Sequence[Model], latency: LatencyReport) -> tuple[LeastTime, ...]:
    """Return the least times of models that were timed, where each row has a bound and this machine's bounds are kept.

    The models are counted for the batch that was timed.
    """
    from costlens.analysis.roofline import least_time, row_bounds
    from costlens.bench import bounds

    known = bounds.find(latency.fingerprint)
    timed = {one.label: one.median_ms for one in latency.models}
    if known is None:
        return ()
    return tuple(
        least_time(model.count, timed[model.label], known, model.label, padded=model.graph is None)
        for model in models
        if model.label in timed and None not in row_bounds(model.count, known, padded=True)
    )
