"""``costlens check``: each word → its count, and its time where that is limited → every limit beside them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from costlens.analysis import budgets
from costlens.analysis.budgets import TIME, Base, Limit, judge
from costlens.errors import BenchError, Problem, SpecError, UsageError, VerificationError, most_severe
from costlens.results.check import Checked, CheckedSpec, Timing, Trouble
from costlens.results.counts import AS_WRITTEN
from costlens.sources._source import Asked, Model
from costlens.sources._word import Word
from costlens.sources.find import IDLE, Named, named
from costlens.spec import project
from costlens.spec.model import flag
from costlens.spec.project import Project
from costlens.spec.target import target
from costlens.storage.files import utf8
from costlens.tasks._base import Before
from costlens.tasks._fit import fits
from costlens.tasks._proof import why
from costlens.tasks._timing import prepare, require_runtime, suited, time_side_by_side
from costlens.tasks._tools import Tools

if TYPE_CHECKING:
    from costlens.arithmetic.precision import Precision
    from costlens.bench.protocol import Protocol
    from costlens.results.target import Target
    from costlens.tasks.history.accepted import Accepted

_SPECS = Path("specs")
HISTORY = "history"
"""What ``--against`` names."""
UNCHANGED = ("params", "macs", "weight_bytes", "peak_activation_bytes")
"""What may not grow over the last accepted run where no limit says how much."""
FindBase = Callable[[Model, Timing | None], Base]
"""Returns what a network was before, by its count and its time now."""


@dataclass(frozen=True, slots=True)
class Checks:
    """What networks are held to besides their own figures and their projects': flags, and a plan to time them by.

    projects: the settings that were read already, by file. base: the revision that relative limits are relative to.
    targets: the boards that each network is to fit.
    history: the history whose last accepted runs they are relative to.
    """

    flags: Sequence[Limit] = ()
    plan: Protocol | None = None
    allow_inconclusive: bool = False
    projects: Mapping[Path, Project] = field(default_factory=dict)
    base: str | None = None
    targets: Sequence[Target] = ()
    history: Accepted | None = None


def held_to(
    budget: Mapping[str, object],
    plan: Protocol | None,
    *,
    allow_inconclusive: bool = False,
    base: str | None = None,
    history: Accepted | None = None,
    targets: Sequence[str] = (),
) -> Checks:
    """Return what networks are held to by options: a figure's name and how much of it is allowed, ``"macs": "600M"``.

    targets: names or files of boards. UsageError for a limit that is none, for one that cannot be judged without a
    measurement or a base, and for a board that is none.
    """
    if base is not None and history is not None:
        raise UsageError(f"--base {base}: relative limits are of one base; leave it out, or --against {HISTORY}")
    flags = [flag(name, written, timed_before=history is not None) for name, written in budget.items()]
    if plan is None and (times := [one for one in flags if one.figure == TIME]):
        raise UsageError(f"--budget {TIME}={times[0].amount.text}: no time is measured; add --bench, or leave it out")
    if base is None and history is None and (grows := [one for one in flags if one.amount.relative]):
        given = f"--budget {grows[0].figure}={grows[0].amount.text}"
        raise UsageError(f"{given}: relative to what? name a revision with --base, for example --base main")
    return Checks(
        flags,
        plan,
        allow_inconclusive,
        base=base,
        targets=[target(word) for word in targets],
        history=history,
    )


def of_project(checks: Checks) -> tuple[list[Word], Checks]:
    """Return the specs that are meant where none is named, and what they are held to with the project's settings read.

    UsageError where there are none.
    """
    file = project.find(Path.cwd())
    settled = project.read(file) if file else None
    if file and settled and (settled.specs or settled.problems):
        return [Word(str(path), path, named=False) for path in settled.specs], replace(checks, projects={file: settled})
    if _SPECS.is_dir():
        return [Word(str(_SPECS), _SPECS, named=False)], checks
    raise UsageError(
        "no spec is named and there is no folder specs/ here; name specs or folders of them, "
        'or list them in pyproject.toml: [tool.costlens] specs = ["networks/"]'
    )


def check(words: Sequence[str | Word], asked: Asked, checks: Checks, *, tools: Tools) -> Checked:
    """Compare networks with their published figures and budgets; one that cannot be read is part of the result.

    Each is held to the nearest project upwards from its own folder. Published figures are of a spec's own knobs: with
    others set they are not compared. Only networks whose time is limited are timed, one after the other.
    """
    if checks.plan:
        require_runtime(checks.plan)
    before = Before(checks.base) if checks.base is not None else None
    projects = dict(checks.projects)
    nearest: dict[Path, Path | None] = {}
    specs, own_knobs = [], not asked.settings
    for one in named(words, asked):
        own_knobs = own_knobs and not one.word.settings
        if not one.models and not one.problem:
            tools.note(IDLE.format(one.word.name))
            continue
        folder = Path(os.path.abspath(one.word.path)).parent  # of the name: a link is checked in the folder it is in
        if folder not in nearest:
            nearest[folder] = None if one.word.tree or one.word.is_shipped else project.find(folder)
        settings = nearest[folder]
        if settings and settings not in projects:
            projects[settings] = project.read(settings)
        base: FindBase | None = checks.history.base if checks.history else None
        if before:
            base = partial(_revision, before, one.word, asked)
        specs.append(_network(one, projects[settings] if settings else None, checks, base, asked.precision, tools))
    found = Checked(
        schema=Checked.SCHEMA,
        exit_code=0,
        own_knobs=own_knobs,
        allowed=checks.allow_inconclusive,
        specs=tuple(specs),
        troubles=tuple(_trouble(problem) for each in projects.values() for problem in each.problems),
        base=before.name if before else HISTORY if checks.history else "",
        notes=before.notes if before else checks.history.notes if checks.history else (),
    )
    errors = found.failures
    return replace(found, exit_code=most_severe(errors).exit_code) if errors else found


def _revision(before: Before, word: Word, asked: Asked, model: Model, timing: Timing | None) -> Base:
    return before.base(word, asked)


def counted(words: Sequence[str | Word], asked: Asked) -> list[Model]:
    """Return the models of a check that can be read."""
    return [model for one in named(words, asked) for model in one.models]


def _network(
    one: Named,
    settled: Project | None,
    checks: Checks,
    base: FindBase | None,
    precision: Precision | None,
    tools: Tools,
) -> CheckedSpec:
    file = utf8(one.word.name)
    if one.problem:
        found = map(_trouble, one.problem.problems) if isinstance(one.problem, SpecError) else ()
        return CheckedSpec(file, troubles=tuple(found) or (_of_error(file, one.problem),))
    (model,) = one.models
    written = AS_WRITTEN in model.names  # published figures are those of the network as written
    own = [replace(limit, file=file) for limit in model.limits if written or limit.source != "expect"]
    limits = [*own, *(settled.limits(one.word.path) if settled else ()), *checks.flags]
    if checks.history and not any(limit.amount.relative for limit in limits):
        limits += [flag(figure, "+0%") for figure in UNCHANGED]
    timing, troubles = None, tuple[Trouble, ...]()
    if checks.plan and any(limit.figure == TIME for limit in limits):
        try:
            timing = _timing(replace(model, label=model.count.name), checks.plan, tools)
        except Exception as error:  # what a framework raises on one network says nothing about the next
            troubles = (_of_error(file, error),)
    on_boards = fits(model, checks.targets, precision) if checks.targets else ()
    before = base(model, timing) if base and any(limit.amount.relative for limit in limits) else None
    return CheckedSpec(
        file=file,
        name=model.count.name,
        title=model.count.title,
        knobs=dict(model.knobs),
        figures=(
            *(judge(limit, model.count, timing, before) for limit in limits),
            *(figure for fit in on_boards for figure in budgets.of_board(fit)),
        ),
        uncounted=model.count.uncounted,
        troubles=troubles,
        timing=timing,
        fits=on_boards,
    )


def _timing(model: Model, plan: Protocol, tools: Tools) -> Timing:
    """Export a network where it is a spec, prove it, and time it beside its copy."""
    plan = suited(plan, [model])
    ready = prepare([model], tools, plan)
    for failed in ready.failed:
        raise BenchError(f"not timed: {failed.reason}")
    (one,) = ready.models
    if one.disagreement:
        raise VerificationError(f"not timed: {one.disagreement}")
    if one.file is None:
        raise BenchError("not timed: a report holds no file to run; name its spec")
    timing = budgets.timing(time_side_by_side([one], one.label, plan, tools), one.label)
    if timing is None:
        raise BenchError("not timed: no process measured it")
    return timing


def _trouble(problem: Problem) -> Trouble:
    message = f"{problem.path}: {problem.message}" if problem.path else problem.message
    return Trouble(UsageError.exit_code, utf8(problem.file), problem.line, problem.column, utf8(message))


def _of_error(file: str, error: Exception) -> Trouble:
    """Return what kept a network from being read or timed; of what nobody foresaw, its kind too."""
    code = error.exit_code if isinstance(error, UsageError | VerificationError) else BenchError.exit_code
    return Trouble(code, file, 0, 0, utf8(why(error)).removeprefix(f"{file}: "))
