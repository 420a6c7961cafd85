"""The order of things: spec → variants → count → export → verify → bench → report. It does none of the work itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from costlens.analysis.budgets import Limit, judge, timing
from costlens.errors import BenchError, CostlensError, UsageError
from costlens.network.count import count, count_variants
from costlens.network.graph import Graph
from costlens.network.variants import AS_WRITTEN, convolution_kind, kind_names, variant
from costlens.results.counts import ModelCount, known
from costlens.spec import loading
from costlens.spec.model import Spec
from costlens.spec.problems import Place
from costlens.tasks import _proof as proving
from costlens.tasks._proof import Proof

if TYPE_CHECKING:
    from costlens.bench.protocol import Protocol
    from costlens.results.bounds import LeastTime, MachineBounds
    from costlens.results.check import CheckedFigure, Timing
    from costlens.results.latency import LatencyReport
    from costlens.results.layer_times import LayerTimes
    from costlens.results.published import PublishedDocument
    from costlens.results.report import Budget, Expectation, Report
    from costlens.results.verification import Verified

ALL = "all"

Profiled = tuple[tuple["LayerTimes", ...], tuple[str, ...]]
"""Time per layer of what could be profiled, and why the others could not."""

Observer = Callable[[str, int, int, str], None]
"""``(stage, done, total, message)``: what is being built, exported or timed."""


def silent(stage: str, done: int, total: int, message: str) -> None:
    """Observe nothing."""


def load(path: Path | str, settings: Mapping[str, object] | None = None) -> Spec:
    """Read a spec with its knobs set; SpecError with every problem found."""
    return loading.load(path, settings)


def variant_names(asked: Sequence[str], default: Sequence[str] = (AS_WRITTEN,)) -> tuple[str, ...]:
    """Return the variants asked for, each once; ``all`` stands for as-written and every kind."""
    every = (AS_WRITTEN, *kind_names())
    names = [name for word in asked or default for name in (every if word == ALL else (word,))]
    return tuple(dict.fromkeys(names))


def counts(spec: Spec, variants: Sequence[str] = (), *, batch: int = 1, depth: int | None = None) -> list[ModelCount]:
    """Count a spec's variants; equal ones once, under all their names."""
    return count_variants(spec.graph, variant_names(variants), title=spec.title, batch=batch, depth=depth)


def limits(spec: Spec, *, published: bool = True) -> list[Limit]:
    """Return what a spec allows itself, behind the figures it quotes where ``published``, each with its place."""
    found = []
    nowhere = Place(0, 0, "")
    if spec.expect and published:
        for name, figure in spec.expect.figures.items():
            at = spec.expect.places.get(name, nowhere)
            found.append(Limit("expect", name, figure, spec.file, at.line, at.column, spec.expect.source))
    if spec.budget:
        for name, figure in spec.budget.figures.items():
            at = spec.budget.places.get(name, nowhere)
            found.append(Limit("budget", name, figure, spec.file, at.line, at.column))
    return found


def expectations(spec: Spec) -> tuple[Expectation, ...]:
    """Compare the figures a spec quotes with its count as written."""
    from costlens.results.report import Expectation

    judged = [figure for figure in _judged(spec, None) if figure.published]
    return tuple(
        Expectation(each.figure, each.wanted, int(each.ours or 0), each.verdict == "kept", each.published_in)
        for each in judged
    )


def budgets(spec: Spec, time: Timing | None) -> tuple[Budget, ...]:
    """Compare a spec's budget with its count as written, and with its time where that was measured."""
    from costlens.results.report import Budget

    kept = {"kept": True, "missed": False}
    judged = [figure for figure in _judged(spec, time) if not figure.published]
    return tuple(Budget(each.figure, each.wanted, each.ours, kept.get(each.verdict), each.reason) for each in judged)


def _judged(spec: Spec, time: Timing | None) -> list[CheckedFigure]:
    wanted = limits(spec)
    return [judge(limit, model, time) for model in counts(spec)[:1] for limit in wanted] if wanted else []


def published(path: Path) -> PublishedDocument:
    """Count what a document of published figures quotes, and compare; UsageError with file, line and field."""
    from costlens.analysis import published as room

    return room.compare(room.read(path), lambda spec, settings, kind: count(variant(load(spec, settings).graph, kind)))


def keras_model(graph: Graph) -> Any:
    """Build a graph as a ``keras.Model``."""
    from costlens.export import build

    return build(graph)


def prove(spec: Spec, variants: Sequence[str], *, observe: Observer = silent) -> list[Proof]:
    """Export every variant asked for (equal ones once), from the cache where it is there, and verify it."""
    models = counts(spec, variants)
    proofs = []
    for index, model in enumerate(models):
        observe("export", index, len(models), f"{spec.name} {model.variant}")
        proofs.append(proving.prove(spec.graph, model))
    observe("export", len(models), len(models), spec.name)
    return proofs


def verify(
    path: Path | str,
    variants: Sequence[str],
    settings: Mapping[str, object] | None = None,
    *,
    observe: Observer = silent,
) -> Verified:
    """Prove a spec's variants by their facts alone; what fails is part of the result and does not stop the others.

    UsageError for a variant that does not exist, RuntimeUnavailable where the frameworks are missing.
    """
    from costlens.bench.machine import machine_facts
    from costlens.results.verification import Verified, VerifiedSpec
    from costlens.storage.cache import tool_versions

    names = variant_names(variants)
    for name in names:
        if name != AS_WRITTEN:
            convolution_kind(name)
    file = _shown(path)
    try:
        spec = load(path, settings)
        models = counts(spec, names)
    except CostlensError as error:  # a spec that cannot be read says nothing about the next
        return Verified(VerifiedSpec(file, "", (), {}, None, str(error)))
    found, ledgers = [], []
    for index, model in enumerate(models):
        observe("verify", index, len(models), f"{spec.name} {model.variant}")
        line, ledger = proving.check(spec.graph, model)
        found.append(line)
        ledgers += [ledger] if ledger else []
    return Verified(VerifiedSpec(file, spec.name, tuple(found), tool_versions(), machine_facts()), tuple(ledgers))


def _shown(path: Path | str) -> str:
    """Return a path relative to the working directory where it is below it."""
    try:
        return Path(path).resolve().relative_to(Path.cwd().resolve()).as_posix()
    except ValueError:
        return str(path)


def export(spec: Spec, kind: str, target: Path, *, observe: Observer = silent) -> Proof:
    """Write a variant's ONNX file to ``target`` once it is proven; VerificationError where it is not."""
    from costlens.errors import VerificationError
    from costlens.storage.files import copy_whole

    if kind == ALL:
        raise UsageError(f"export writes one variant, received {ALL}; name one of {', '.join(variant_names((ALL,)))}")
    (proof,) = prove(spec, (kind,), observe=observe)
    if not proof.ledger.ok:
        wrong = "; ".join(f"{entry.name}: {entry.note}" for entry in proof.ledger.failures)
        raise VerificationError(f"{spec.name} {kind}: not exported, the roads disagree: {wrong}")
    copy_whole(proof.path, target)
    return proof


def protocol(*, quick: bool = False, **options: Any) -> Protocol:
    """Return the plan of a measurement; options left out or None keep their defaults."""
    from costlens.bench.protocol import Protocol

    given = {name: value for name, value in options.items() if value is not None}
    return Protocol.quick(**given) if quick else Protocol(**given)


def require_device(plan: Protocol) -> None:
    """Say that a device is missing before minutes are spent on exports for it."""
    if plan.device not in {"auto", "cpu"}:
        from costlens import runtimes

        runtimes.get(plan.runtime).require(plan.device)


def _time(proofs: Sequence[Proof], plan: Protocol, observe: Observer) -> LatencyReport:
    labels = [proof.count.variant for proof in proofs]
    standard = [p.count.variant for p in proofs if "standard" in (p.count.variant, *p.count.also)]
    return side_by_side(
        {proof.count.variant: proof.path for proof in proofs},
        plan,
        (standard or labels)[0],
        {proof.count.variant: known(proof.count.totals.macs) for proof in proofs},
        observe,
        {proof.count.variant: known(proof.count.totals.peak_activation_bytes) for proof in proofs},
    )


def side_by_side(
    models: Mapping[str, Path],
    plan: Protocol,
    baseline: str,
    macs: Mapping[str, int],
    observe: Observer,
    peak_activations: Mapping[str, int] | None = None,
) -> LatencyReport:
    """Time model files by label, with the MACs and the peak activations that are known of them."""
    from costlens.bench.run import bench

    return bench(
        models,
        plan,
        baseline=baseline,
        macs=macs,
        peak_activations=peak_activations,
        on_progress=partial(observe, "time"),
    )


def _as_written(proofs: Sequence[Proof], latency: LatencyReport | None) -> Timing | None:
    """Return the time of a spec as written, where it was measured."""
    labels = [p.count.variant for p in proofs if AS_WRITTEN in (p.count.variant, *p.count.also)]
    return timing(latency, labels[0]) if latency and labels else None


def report(
    spec: Spec,
    variants: Sequence[str],
    plan: Protocol | None,
    settings: Mapping[str, object],
    *,
    observe: Observer = silent,
) -> Report:
    """Count, prove and, where there is a plan, time a spec's variants.

    Published figures are of the spec's own knobs: with others set they are not compared.
    """
    from costlens.results.report import SCHEMA, Report

    if plan:
        require_device(plan)
    proofs = prove(spec, variants, observe=observe)
    latency = _time(proofs, plan, observe) if plan else None
    profiled, not_profiled = _profile_timed(proofs, latency, plan, observe) if plan and latency else ((), ())
    return Report(
        schema=SCHEMA,
        name=spec.name,
        title=spec.title,
        source=spec.source,
        knobs=dict(spec.knobs),
        versions=proofs[0].versions,
        counts=tuple(proof.count for proof in proofs),
        expectations=() if settings else expectations(spec),
        budgets=budgets(spec, _as_written(proofs, latency)),
        ledgers=tuple(proof.ledger for proof in proofs),
        files=tuple(proof.file for proof in proofs),
        latency=latency,
        least=least_times({proof.count.variant: proof.count for proof in proofs}, latency) if latency else (),
        layer_times=profiled,
        not_profiled=not_profiled,
    )


def profile(
    path: Path,
    variants: Sequence[str],
    settings: Mapping[str, object],
    plan: Protocol,
    *,
    observe: Observer = silent,
) -> Profiled:
    """Return the time per layer of a spec's variants, or of an ONNX file, and why those that failed have none.

    ``plan`` says on what to run. UsageError where the operand cannot be read.
    """
    from costlens.tasks import profile as profiling

    if path.suffix == ".onnx":
        if variants or settings:
            raise UsageError(f"{path}: an ONNX file has no variants and no knobs; leave out --variant and --set")
        try:
            return (profiling.of_file(path, plan.options, on_progress=partial(observe, "layers")),), ()
        except BenchError as error:
            return (), (f"{path}: {error}",)
    return _profiled(prove(load(path, settings), variants, observe=observe), plan, observe)


def _profile_timed(proofs: Sequence[Proof], latency: LatencyReport, plan: Protocol, observe: Observer) -> Profiled:
    """Profile the variants that were timed.

    On a graphics card the runtime's profile tells when kernels are launched, not how long they take: nothing there.
    """
    timed = {model.label for model in latency.models} if latency.runtime.device == "cpu" else set()
    return _profiled([proof for proof in proofs if proof.count.variant in timed], plan, observe)


def _profiled(proofs: Sequence[Proof], plan: Protocol, observe: Observer) -> Profiled:
    """Profile variants, in a third as many processes as time them; one that fails does not stop the others."""
    from costlens.tasks import profile as profiling

    found, failed = [], []
    for proof in proofs:
        progress = partial(observe, "layers")
        try:
            times = profiling.of_model(
                proof.count, proof.path, plan.options, processes=plan.processes // 3, on_progress=progress
            )
            found.append(times)
        except (CostlensError, OSError) as error:  # what was measured is not lost for it
            failed.append(f"{proof.count.name} {proof.count.variant}: {error}")
    return tuple(found), tuple(failed)


def machine(device: Literal["cpu", "cuda"] = "cpu", *, anew: bool = False, observe: Observer = silent) -> MachineBounds:
    """Return what this machine is and can do at most: what is stored of it, else measured now and stored."""
    from costlens import runtimes
    from costlens.bench import bounds

    known = None if anew else bounds.here(device)
    if known is None:
        runtimes.get("onnxruntime").require(device)
        known = bounds.measure(device, on_progress=lambda done, total, message: observe("bounds", done, total, message))
        bounds.store(known)
    return known


def machines() -> tuple[MachineBounds, ...]:
    """Return every machine whose bounds are stored here, the youngest first."""
    from costlens.bench import bounds

    return bounds.stored()


def least_times(models: Mapping[str, ModelCount], latency: LatencyReport) -> tuple[LeastTime, ...]:
    """Return the least time of each model that was timed, by label; nothing where this machine's bounds are not stored.

    ``models`` are counted for the batch that was timed.
    """
    from costlens.analysis.roofline import least_time
    from costlens.bench import bounds

    known = bounds.find(latency.fingerprint)
    timed = {one.label: one.median_ms for one in latency.models}
    if known is None:
        return ()
    return tuple(least_time(model, timed[label], known, label) for label, model in models.items() if label in timed)
