"""The order of a check: each spec → its count, and its time where that is limited → every limit beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from costlens import pipeline
from costlens.budgets import TIME, Limit, judge
from costlens.errors import CostlensError, Problem, SpecError, UsageError, VerificationError, gravest
from costlens.files import utf8
from costlens.pipeline import Observer, silent
from costlens.results.check import SCHEMA, Checked, CheckedSpec, Timing, Trouble
from costlens.spec import Spec
from costlens.spec.problems import Place
from costlens.variants import AS_WRITTEN

if TYPE_CHECKING:
    from costlens.bench.protocol import Protocol
    from costlens.project import Project

_USAGE = UsageError.exit_code


@dataclass(frozen=True, slots=True)
class Checks:
    """What specs are held to beside their own figures: a project's budgets, flags, and a plan to time them by."""

    settings: Mapping[str, object]
    project: Project | None = None
    flags: Sequence[Limit] = ()
    plan: Protocol | None = None
    allow_inconclusive: bool = False


def check(paths: Sequence[Path], checks: Checks, *, observe: Observer = silent) -> Checked:
    """Compare specs with their published figures and budgets; a spec with errors is part of the result.

    Published figures are of a spec's own knobs: with others set they are not compared. Only specs whose time is
    limited are timed, one after the other.
    """
    if checks.plan:
        pipeline.require_device(checks.plan)
    found = Checked(
        schema=SCHEMA,
        exit_code=0,
        own_knobs=not checks.settings,
        allowed=checks.allow_inconclusive,
        specs=tuple(_spec(path, checks, observe) for path in paths),
        troubles=tuple(map(_trouble, checks.project.problems if checks.project else ())),
    )
    errors = found.errors
    return replace(found, exit_code=gravest(errors).exit_code) if errors else found


def _spec(path: Path, checks: Checks, observe: Observer) -> CheckedSpec:
    file = utf8(str(path))
    try:
        spec = pipeline.load(path, checks.settings)
    except SpecError as error:
        return CheckedSpec(file, troubles=tuple(map(_trouble, error.problems)))
    except UsageError as error:
        return CheckedSpec(file, troubles=(_of_error(file, error),))
    limits = [*_own(spec, file, published=not checks.settings), *_given(path, checks)]
    (model,) = pipeline.counts(spec)
    timing, troubles = None, tuple[Trouble, ...]()
    if checks.plan and any(limit.figure == TIME for limit in limits):
        try:
            timing = _timing(spec, checks.plan, observe)
        except CostlensError as error:
            troubles = (_of_error(file, error),)
    return CheckedSpec(
        file=file,
        name=spec.name,
        title=spec.title,
        knobs=dict(spec.knobs),
        figures=tuple(judge(limit, model, timing) for limit in limits),
        uncounted=model.uncounted,
        troubles=troubles,
        timing=timing,
    )


def _own(spec: Spec, file: str, *, published: bool) -> list[Limit]:
    """Return what a spec quotes and what it allows itself."""
    limits = []
    nowhere = Place(0, 0, "")
    if spec.expect and published:
        for name, figure in spec.expect.figures.items():
            at = spec.expect.places.get(name, nowhere)
            limits.append(Limit("expect", name, figure, file, at.line, at.column, spec.expect.source))
    if spec.budget:
        for name, figure in spec.budget.figures.items():
            at = spec.budget.places.get(name, nowhere)
            limits.append(Limit("budget", name, figure, file, at.line, at.column))
    return limits


def _given(path: Path, checks: Checks) -> list[Limit]:
    return [*(checks.project.limits(path) if checks.project else ()), *checks.flags]


def _timing(spec: Spec, plan: Protocol, observe: Observer) -> Timing:
    """Export a spec as written, prove it, and time it beside its copy."""
    (proof,) = pipeline.prove(spec, (AS_WRITTEN,), observe=observe)
    if not proof.ledger.ok:
        wrong = "; ".join(f"{entry.name}: {entry.note}" for entry in proof.ledger.failures)
        raise VerificationError(f"not timed, the roads disagree: {wrong}")
    macs = {spec.name: proof.count.totals.macs}
    latency = pipeline.side_by_side({spec.name: proof.path}, plan, spec.name, macs, observe)
    (model,) = latency.models
    return Timing(
        median_ms=model.median_ms,
        interval_ms=model.median_interval_ms,
        confidence=model.confidence,
        processes=latency.processes,
        too_noisy=latency.too_noisy,
        runtime=f"{latency.runtime.name} {latency.runtime.version}",
        device=latency.runtime.device,
        cpu=latency.machine.cpu,
        threads=plan.threads,
        batch=plan.batch,
    )


def _trouble(problem: Problem) -> Trouble:
    message = f"{problem.path}: {problem.message}" if problem.path else problem.message
    return Trouble(_USAGE, utf8(problem.file), problem.line, problem.column, utf8(message))


def _of_error(file: str, error: CostlensError) -> Trouble:
    return Trouble(error.exit_code, file, 0, 0, utf8(str(error)).removeprefix(f"{file}: "))
