"""``costlens sweep``: words → models → a file for each runtime and precision → a comparison for each condition → lines.

What can share a process is compared in one: precisions and variants. Runtimes, numbers of threads and batches have
comparisons of their own. A condition that fails is a line with its reason, and the others go on.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from costlens import runtimes
from costlens.errors import CostlensError, RuntimeUnavailable
from costlens.export import conversions as conversion
from costlens.results.sweep import Condition, Sweep, SweepLine
from costlens.sources.find import models, one_file, require
from costlens.tasks._proof import why
from costlens.tasks._timing import inputs_of, misfit, prepare, source_of, unsettled, with_start
from costlens.tasks._tools import Tools

if TYPE_CHECKING:
    from costlens.bench.protocol import Protocol
    from costlens.results.latency import LatencyReport
    from costlens.runtimes import Inputs
    from costlens.sources._source import Asked, Model
    from costlens.sources._word import Word

_LEAST_S = 1.0


@dataclass(frozen=True, slots=True)
class Axes:
    """The values of each axis; UsageError for a word that is none."""

    runtimes: tuple[str, ...] = (runtimes.DEFAULT,)
    threads: tuple[int, ...] = (1,)
    batches: tuple[int, ...] = (1,)
    precisions: tuple[str, ...] = ("fp32",)

    def __post_init__(self) -> None:
        """Refuse unknown words."""
        for name in self.runtimes:
            runtimes.get(name)
        for name in self.precisions:
            conversion.check_precision(name)

    def plans(self, plan: Protocol) -> list[Protocol]:
        """Return the plan of each comparison, which stays at its first look; UsageError for a number below one."""
        groups = product(self.runtimes, self.threads, self.batches)
        return [replace(plan, runtime=name, threads=threads, batch=batch, looks=1) for name, threads, batch in groups]


@dataclass(frozen=True, slots=True)
class _Planned:
    """A line to be, with the file that it is measured by where it can be."""

    line: SweepLine
    path: Path | None
    macs: int | None
    inputs: Inputs


def sweep(
    words: Sequence[str | Word],
    asked: Asked,
    axes: Axes,
    plan: Protocol,
    *,
    time_budget_s: float | None = None,
    tools: Tools,
) -> Sweep:
    """Measure a network's variants, or one model file, under every combination of the axes' values.

    ``plan`` says how each comparison is taken, ``time_budget_s`` is of all of them together. UsageError where words
    name several networks or one that has no file; RuntimeUnavailable, before anything is exported, where none of the
    runtimes can run on the device.
    """
    started = time.monotonic()
    refused = _refused(axes.runtimes, plan.device)
    word = one_file(words, "sweep")
    found = models([word], asked)
    require([model for model in found if not model.is_exported], "file", "sweep runs model files")
    if axes.runtimes == (runtimes.DEFAULT,) and (own := {model.runtime for model in found}) != {""}:
        axes = replace(axes, runtimes=tuple(own))
        refused = _refused(axes.runtimes, plan.device)
    plans = axes.plans(plan)
    sources = {batch: _sources(found, tools, batch) for batch in _batches(found, axes)}
    at = {
        batch: found if found[0].is_exported else models([word], replace(asked, batch=batch))
        for batch in {each.batch for each in plans}
    }
    planned = [
        _files(
            at[each.batch],
            sources.get(each.batch) or sources[1],
            axes.precisions,
            each,
            refused.get(each.runtime, ""),
            tools,
        )
        for each in plans
    ]
    lines: list[SweepLine] = []
    comparisons: list[LatencyReport] = []
    left = sum(any(each.path for each in members) for members in planned)
    measuring = time.monotonic()
    for each, members in zip(plans, planned, strict=True):
        timed = [member for member in members if member.path]
        share_s = _share_s(time_budget_s, time.monotonic() - measuring, max(1, left))
        left -= bool(timed)
        try:
            report = _compare(timed, each, share_s, tools) if timed else None
        except CostlensError as error:
            lines += [_failed(member.line, member.line.problem or str(error)) for member in members]
            continue
        lines += [_found(member.line, report, len(comparisons)) for member in members]
        comparisons += [report] if report else []
    elapsed_s = round(time.monotonic() - started, 1)
    first = found[0].count
    return Sweep(Sweep.SCHEMA, first.name, first.title, tuple(lines), tuple(comparisons), elapsed_s)


def _refused(asked: Sequence[str], device: str) -> dict[str, str]:
    """Return why runtimes cannot run here, by name; RuntimeUnavailable where that is all of them."""
    reasons = {}
    for name in asked:
        try:
            runtimes.get(name).require(device)
        except Exception as error:  # what one library raises says nothing about the next
            reasons[name] = why(error)
    if len(reasons) == len(asked):
        raise RuntimeUnavailable("; ".join(dict.fromkeys(reasons.values())))
    return reasons


def _batches(found: Sequence[Model], axes: Axes) -> tuple[int, ...]:
    """Return the batches that files are exported for: the file of a spec takes any, that of a Keras model one."""
    return (1,) if all(model.keras is None for model in found) else tuple(dict.fromkeys((1, *axes.batches)))


def _sources(found: Sequence[Model], tools: Tools, batch: int) -> dict[str, conversion.Source | str]:
    """Return what each model's files are made from, exports that are proven and files as they are, or why nothing."""
    ready = prepare(found, tools, batch=batch)
    made: dict[str, conversion.Source | str] = {one.label: one.reason for one in ready.failed}
    for model in ready.models:
        made[model.label] = model.disagreement or source_of(model, ready.proofs.get(model.label))
    return made


def _files(
    found: Sequence[Model],
    sources: Mapping[str, conversion.Source | str],
    precisions: Sequence[str],
    plan: Protocol,
    refused: str,
    tools: Tools,
) -> list[_Planned]:
    """Make or find the files of one comparison."""
    asked = list(product(precisions, found))
    made = []
    for done, (precision, model) in enumerate(asked):
        tools.observe("convert", done, len(asked), f"{model.label} for {plan.runtime} in {precision}")
        condition = Condition(plan.runtime, plan.threads, plan.batch, precision)
        label = f"{model.label} {precision}" if len(precisions) > 1 else model.label
        line = SweepLine(condition, model.label, label=label)
        path, look = _file(model, sources[model.label], plan, precision, refused or unsettled(model, plan))
        line = _failed(line, look.problem) if look.problem else replace(line, remark=look.remark)
        made.append(_Planned(line, None if look.problem else path, model.macs, inputs_of(model)))
    tools.observe("convert", len(asked), len(asked), plan.runtime)
    return made


def _file(
    model: Model, source: conversion.Source | str, plan: Protocol, precision: str, refused: str
) -> tuple[Path | None, conversion.Look]:
    if isinstance(source, str) or refused:
        return None, conversion.Look(source if isinstance(source, str) else refused)
    if model.runtime:
        other = "" if precision == conversion.FP32 else "it is run as it is, and not made in other precisions"
        return model.file, conversion.Look(misfit(model, plan) or other)
    try:
        path = conversion.model_file(source, plan.runtime, precision, batch=plan.batch)
        return path, conversion.look(path, plan.runtime, precision, plan.device)
    except Exception as error:  # what a converter raises under one condition says nothing about the next
        return None, conversion.Look(why(error))


def _failed(line: SweepLine, problem: str) -> SweepLine:
    return replace(line, label="", problem=problem)


def _found(line: SweepLine, report: LatencyReport | None, comparison: int) -> SweepLine:
    """Say in which comparison a line was measured; one that the comparison lost is a problem."""
    if line.problem or report is None:
        return line
    lost = next((one.reason for one in report.failed if one.label == line.label), "")
    return _failed(line, lost) if lost else replace(line, comparison=comparison)


def _compare(timed: Sequence[_Planned], plan: Protocol, share_s: float | None, tools: Tools) -> LatencyReport:
    """Measure what shares a condition but for its precision, side by side.

    A runtime that starts slowly is given that time besides, unless the sweep is bounded.
    """
    condition = f"{plan.runtime}, threads {plan.threads}, batch {plan.batch}"

    def observe(stage: str, done: int, total: int, message: str) -> None:
        tools.observe(stage, done, total, f"{condition}: {message}")

    return replace(tools, observe=observe).bench(
        {each.line.label: each.path for each in timed if each.path},
        with_start(plan, len(timed)) if share_s is None else replace(plan, time_budget_s=share_s),
        timed[0].line.label,
        {each.line.label: each.macs for each in timed if each.macs is not None},
        {},
        {str(each.path): each.inputs for each in timed if each.inputs},
    )


def _share_s(budget_s: float | None, elapsed_s: float, left: int) -> float | None:
    """Return the seconds of the next of ``left`` comparisons, whole ones.

    >>> _share_s(60.0, 20.0, 4), _share_s(60.0, 70.0, 1), _share_s(None, 5.0, 2)
    (10.0, 1.0, None)
    """
    return None if budget_s is None else max(_LEAST_S, float(round((budget_s - elapsed_s) / left)))
