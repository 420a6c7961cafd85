"""The order of a check: each spec → its count, and its time where that is limited → every limit beside them."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from costlens.analysis import budgets
from costlens.analysis.budgets import TIME, Limit, judge
from costlens.errors import BenchError, Problem, SpecError, UsageError, VerificationError, gravest
from costlens.network.variants import AS_WRITTEN
from costlens.results.check import SCHEMA, Checked, CheckedSpec, Timing, Trouble
from costlens.results.counts import known
from costlens.spec import project
from costlens.spec.model import Spec
from costlens.spec.project import Project
from costlens.spec.source import held
from costlens.storage.files import utf8
from costlens.tasks import _pipeline as pipeline
from costlens.tasks import _proof as proving
from costlens.tasks._pipeline import Observer, silent

if TYPE_CHECKING:
    from costlens.bench.protocol import Protocol

_USAGE = UsageError.exit_code
_FAILED = BenchError.exit_code


@dataclass(frozen=True, slots=True)
class Checks:
    """What specs are held to beside their own figures and their projects': flags, and a plan to time them by.

    named: files that somebody named, which may lie anywhere; all others were found, and stay in the repository.
    projects: the settings that were read already, by file.
    """

    settings: Mapping[str, object]
    flags: Sequence[Limit] = ()
    plan: Protocol | None = None
    allow_inconclusive: bool = False
    named: Collection[Path] = ()
    projects: Mapping[Path, Project] = field(default_factory=dict)


def check(paths: Sequence[Path], checks: Checks, *, observe: Observer = silent) -> Checked:
    """Compare specs with their published figures and budgets; a spec with errors is part of the result.

    Each spec is held to the nearest project upwards from its own folder. Published figures are of a spec's own knobs:
    with others set they are not compared. Only specs whose time is limited are timed, one after the other.
    """
    if checks.plan:
        pipeline.require_device(checks.plan)
    projects = dict(checks.projects)
    nearest = {folder: project.find(folder) for folder in dict.fromkeys(map(_folder, paths))}
    for settings in nearest.values():
        if settings and settings not in projects:
            projects[settings] = project.read(settings)
    of_folder = {folder: projects[settings] for folder, settings in nearest.items() if settings}
    found = Checked(
        schema=SCHEMA,
        exit_code=0,
        own_knobs=not checks.settings,
        allowed=checks.allow_inconclusive,
        specs=tuple(_spec(path, of_folder.get(_folder(path)), checks, observe) for path in paths),
        troubles=tuple(_trouble(problem) for each in projects.values() for problem in each.problems),
    )
    errors = found.errors
    return replace(found, exit_code=gravest(errors).exit_code) if errors else found


def _folder(path: Path) -> Path:
    return Path(os.path.abspath(path)).parent  # the folder of the name: a link is checked where it stands


def _spec(path: Path, settled: Project | None, checks: Checks, observe: Observer) -> CheckedSpec:
    file = utf8(str(path))
    try:
        if path not in checks.named:
            held(str(path), str(path))
        spec = pipeline.load(path, checks.settings)
    except SpecError as error:
        return CheckedSpec(file, troubles=tuple(map(_trouble, error.problems)))
    except UsageError as error:
        return CheckedSpec(file, troubles=(_of_error(file, error),))
    own = [replace(limit, file=file) for limit in pipeline.limits(spec, published=not checks.settings)]
    limits = [*own, *(settled.limits(path) if settled else ()), *checks.flags]
    (model,) = pipeline.counts(spec)
    timing, troubles = None, tuple[Trouble, ...]()
    if checks.plan and any(limit.figure == TIME for limit in limits):
        try:
            timing = _timing(spec, checks.plan, observe)
        except Exception as error:  # what a framework raises on one network says nothing about the next
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


def _timing(spec: Spec, plan: Protocol, observe: Observer) -> Timing:
    """Export a spec as written, prove it, and time it beside its copy."""
    (proof,) = pipeline.prove(spec, (AS_WRITTEN,), observe=observe)
    if not proof.ledger.ok:
        wrong = "; ".join(f"{entry.name}: {entry.note}" for entry in proof.ledger.failures)
        raise VerificationError(f"not timed, the roads disagree: {wrong}")
    macs = {spec.name: known(proof.count.totals.macs)}
    latency = pipeline.side_by_side({spec.name: proof.path}, plan, spec.name, macs, observe)
    if timing := budgets.timing(latency, spec.name):
        return timing
    raise BenchError(f"not timed: {'; '.join(failed.reason for failed in latency.failed) or 'no process measured it'}")


def _trouble(problem: Problem) -> Trouble:
    message = f"{problem.path}: {problem.message}" if problem.path else problem.message
    return Trouble(_USAGE, utf8(problem.file), problem.line, problem.column, utf8(message))


def _of_error(file: str, error: Exception) -> Trouble:
    """Return what kept a spec from being read or timed; of what nobody foresaw, its kind too."""
    known = (UsageError, VerificationError)
    code = error.exit_code if isinstance(error, known) else _FAILED
    return Trouble(code, file, 0, 0, utf8(proving.why(error)).removeprefix(f"{file}: "))
