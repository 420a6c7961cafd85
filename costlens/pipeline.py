"""The order of things: spec → variants → count → export → verify → bench → report. It does none of the work itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costlens import spec as spec_room
from costlens.count import count_variants
from costlens.graph import Graph
from costlens.results.counts import ModelCount
from costlens.spec import Spec
from costlens.variants import AS_WRITTEN, kind_names, variant

if TYPE_CHECKING:
    from costlens.bench.protocol import Protocol
    from costlens.results.latency import LatencyReport
    from costlens.results.ledger import Ledger
    from costlens.results.report import Budget, Expectation, ExportedFile, Report

ALL = "all"
SEED = 0
"""Of the random weights that exports are proven with."""
FACTS = "facts.json"

Observer = Callable[[str, int, int, str], None]
"""``(stage, done, total, message)``: what is being built, exported or timed."""


def silent(stage: str, done: int, total: int, message: str) -> None:
    """Observe nothing."""


@dataclass(frozen=True, slots=True)
class Proof:
    """An exported variant: its file in the cache, and the ledger that says whether all roads agree."""

    count: ModelCount
    ledger: Ledger
    file: ExportedFile
    path: Path
    versions: dict[str, str]


def load(path: Path | str, settings: Mapping[str, object] | None = None) -> Spec:
    """Read a spec with its knobs set; SpecError with every problem found."""
    return spec_room.load(path, settings)


def variant_names(asked: Sequence[str], default: Sequence[str] = (AS_WRITTEN,)) -> tuple[str, ...]:
    """Return the variants asked for, each once; ``all`` stands for as-written and every kind."""
    every = (AS_WRITTEN, *kind_names())
    names = [name for word in asked or default for name in (every if word == ALL else (word,))]
    return tuple(dict.fromkeys(names))


def counts(spec: Spec, variants: Sequence[str] = (), *, batch: int = 1, depth: int | None = None) -> list[ModelCount]:
    """Count a spec's variants; equal ones once, under all their names."""
    return count_variants(spec.graph, variant_names(variants), title=spec.title, batch=batch, depth=depth)


def expectations(spec: Spec) -> tuple[Expectation, ...]:
    """Compare the figures a spec quotes with its count as written."""
    from costlens.results.report import Expectation

    if spec.expect is None:
        return ()
    (model,) = counts(spec)
    ours = {"deployed": model.totals.deployed_params}
    compared = []
    for name, figure in spec.expect.figures.items():
        value = ours.get(name, getattr(model.totals, name, 0))
        compared.append(Expectation(name, figure.text, value, figure.holds(value), spec.expect.source))
    return tuple(compared)


def budgets(spec: Spec, median_ms: float | None) -> tuple[Budget, ...]:
    """Compare a spec's budget with its count as written, and with its median time where that was measured."""
    from costlens.results.report import Budget

    if spec.budget is None:
        return ()
    (model,) = counts(spec)
    compared = []
    for name, figure in spec.budget.figures.items():
        ours = median_ms if name == "latency_ms" else float(getattr(model.totals, name))
        compared.append(Budget(name, figure.text, ours, None if ours is None else ours <= figure.value))
    return tuple(compared)


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
        proofs.append(_prove_one(spec, model))
    observe("export", len(models), len(models), spec.name)
    return proofs


def _prove_one(spec: Spec, model: ModelCount) -> Proof:
    from costlens import cache, verify
    from costlens.results.facts import facts_from_json, facts_to_json
    from costlens.results.report import ExportedFile

    graph = variant(spec.graph, model.variant).graph

    def make(folder: Path) -> None:
        from costlens.export import export_and_prove

        facts = export_and_prove(graph, folder / f"model-{model.variant}.onnx", seed=SEED)
        (folder / FACTS).write_text(facts_to_json(facts), encoding="utf-8")

    entry = cache.entry(cache.key(graph, SEED), make)
    (path,) = entry.glob("*.onnx")
    facts = facts_from_json((entry / FACTS).read_text(encoding="utf-8"))
    ledger = verify.ledger(verify.spec_facts(graph, model.variant), facts)
    file = ExportedFile(model.variant, path.name, facts.file_bytes, facts.file_sha256)
    return Proof(model, ledger, file, path, facts.versions)


def export(spec: Spec, kind: str, target: Path, *, observe: Observer = silent) -> Proof:
    """Write a variant's ONNX file to ``target`` once it is proven; VerificationError where it is not."""
    from costlens.errors import UsageError, VerificationError
    from costlens.report_folder import copy_whole

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


def bench(spec: Spec, variants: Sequence[str], plan: Protocol, *, observe: Observer = silent) -> LatencyReport:
    """Time a spec's variants side by side; the baseline is ``standard`` where it is among them."""
    _require_device(plan)
    return _time(prove(spec, variants, observe=observe), plan, observe)


def _require_device(plan: Protocol) -> None:
    """Say that a device is missing before minutes are spent on exports for it."""
    if plan.device not in {"auto", "cpu"}:
        from costlens import runtimes

        runtimes.get(plan.runtime).require(plan.device)


def _time(proofs: Sequence[Proof], plan: Protocol, observe: Observer) -> LatencyReport:
    from costlens.bench.run import bench as run

    labels = [proof.count.variant for proof in proofs]
    standard = [p.count.variant for p in proofs if "standard" in (p.count.variant, *p.count.also)]
    return run(
        {proof.count.variant: proof.path for proof in proofs},
        plan,
        baseline=(standard or labels)[0],
        macs={proof.count.variant: proof.count.totals.macs for proof in proofs},
        on_progress=lambda done, total, message: observe("time", done, total, message),
    )


def _median_as_written(proofs: Sequence[Proof], latency: LatencyReport | None) -> float | None:
    labels = [p.count.variant for p in proofs if AS_WRITTEN in (p.count.variant, *p.count.also)]
    medians = {model.label: model.median_ms for model in latency.models} if latency else {}
    return next((medians[label] for label in labels if label in medians), None)


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
        _require_device(plan)
    proofs = prove(spec, variants, observe=observe)
    latency = _time(proofs, plan, observe) if plan else None
    return Report(
        schema=SCHEMA,
        name=spec.name,
        title=spec.title,
        source=spec.source,
        knobs=dict(spec.knobs),
        versions=proofs[0].versions,
        counts=tuple(proof.count for proof in proofs),
        expectations=() if settings else expectations(spec),
        budgets=budgets(spec, _median_as_written(proofs, latency)),
        ledgers=tuple(proof.ledger for proof in proofs),
        files=tuple(proof.file for proof in proofs),
        latency=latency,
    )
