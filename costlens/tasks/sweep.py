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
from typing import TYPE_CHECKING, Any

from costlens import runtimes
from costlens.errors import CostlensError, RuntimeUnavailable, UsageError
from costlens.export import conversions as conversion
from costlens.results.sweep import Condition, Sweep, SweepLine
from costlens.sources.find import models, one_file, require
from costlens.tasks import _proof
from costlens.tasks._timing import prepare
from costlens.tasks._tools import Observer, Tools

if TYPE_CHECKING:
    from costlens.bench.protocol import Protocol
    from costlens.results.latency import LatencyReport
    from costlens.runtimes import Device
    from costlens.sources._source import Asked, Model

_LEAST_S = 1.0


@dataclass(frozen=True, slots=True)
class Axes:
    """The values of each axis; UsageError for one that cannot be."""

    runtimes: tuple[str, ...] = (runtimes.DEFAULT,)
    threads: tuple[int, ...] = (1,)
    batches: tuple[int, ...] = (1,)
    precisions: tuple[str, ...] = ("fp32",)

    def __post_init__(self) -> None:
        """Refuse unknown words and numbers below one."""
        for name in self.runtimes:
            runtimes.get(name)
        for name in self.precisions:
            conversion.check_precision(name)
        for axis in ("threads", "batches"):
            if low := [value for value in getattr(self, axis) if value < 1]:
                raise UsageError(f"{axis} must be at least 1, received {low[0]}")


@dataclass(frozen=True, slots=True)
class Network:
    """A variant to sweep: its export and the MACs of one example, or the problem that left none."""

    variant: str
    source: conversion.Source | None
    macs: int | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a sweep measures; ``time_budget_s`` is of all its comparisons together."""

    quick: bool = False
    device: Device = "auto"
    time_budget_s: float | None = None


@dataclass(frozen=True, slots=True)
class _Planned:
    """A line to be, with the file that it is measured by where it can be."""

    line: SweepLine
    path: Path | None
    macs: int | None


_Group = tuple[str, int, int]
"""Runtime, threads and batch of one comparison."""


def sweep(words: Sequence[str], asked: Asked, axes: Axes, plan: Plan, *, tools: Tools) -> Sweep:
    """Measure a network's variants, or one model file, under every combination of the axes' values.

    UsageError where words name several networks or one that has no file; RuntimeUnavailable, before anything is
    exported, where none of the runtimes can run on the device.
    """
    started = time.monotonic()
    refused = _refused(axes.runtimes, plan.device)
    found = models([one_file(words, "sweep")], asked)
    require([model for model in found if model.graph is None], "file", "sweep runs model files")
    networks = _networks(found, tools)
    groups = list(product(axes.runtimes, axes.threads, axes.batches))
    planned = [_plan(networks, axes.precisions, group, plan.device, refused, tools.observe) for group in groups]
    lines: list[SweepLine] = []
    comparisons: list[LatencyReport] = []
    left = sum(any(each.path for each in members) for members in planned)
    measuring = time.monotonic()
    for group, members in zip(groups, planned, strict=True):
        timed = [each for each in members if each.path]
        share_s = _share_s(plan.time_budget_s, time.monotonic() - measuring, max(1, left))
        left -= bool(timed)
        try:
            report = _compare(timed, group, plan, share_s, tools) if timed else None
        except CostlensError as error:
            lines += [each.line if each.line.problem else _failed(each.line, str(error)) for each in members]
            continue
        lines += [_found(each.line, report, len(comparisons)) for each in members]
        comparisons += [report] if report else []
    elapsed_s = round(time.monotonic() - started, 1)
    first = found[0].count
    return Sweep(Sweep.SCHEMA, first.name, first.title, tuple(lines), tuple(comparisons), elapsed_s)


def _networks(found: Sequence[Model], tools: Tools) -> list[Network]:
    """Return what is swept: exports of graphs that are proven, and files as they are."""
    ready = prepare(found, tools)
    made = {model.label: model for model in ready.models}
    reasons = {one.label: one.reason for one in ready.failed}
    reasons |= {model.label: model.disagreement for model in ready.models if model.disagreement}
    networks = []
    for model in found:
        file = made[model.label].file if model.label in made else None
        if file is None or model.label in reasons:
            networks.append(Network(model.label, None, problem=reasons[model.label]))
            continue
        proof = ready.proofs.get(model.label)
        digest = proof.file.sha256 if proof else conversion.digest(file)
        source = conversion.Source(file, digest, model.graph, _proof.SEED)
        networks.append(Network(model.label, source, model.macs))
    return networks


def _refused(asked: Sequence[str], device: Device) -> dict[str, str]:
    """Return why runtimes cannot run here, by name; RuntimeUnavailable where that is all of them."""
    reasons = {}
    for name in asked:
        try:
            runtimes.get(name).require(device)
        except Exception as error:  # what one library raises says nothing about the next
            reasons[name] = _proof.why(error)
    if len(reasons) == len(asked):
        raise RuntimeUnavailable("; ".join(dict.fromkeys(reasons.values())))
    return reasons


def _plan(
    found: Sequence[Network],
    precisions: Sequence[str],
    group: _Group,
    device: Device,
    refused: Mapping[str, str],
    observe: Observer,
) -> list[_Planned]:
    """Make or find the files of one comparison."""
    runtime, threads, batch = group
    asked = list(product(precisions, found))
    made = []
    for done, (precision, network) in enumerate(asked):
        observe("convert", done, len(asked), f"{network.variant} for {runtime} in {precision}")
        condition = Condition(runtime, threads, batch, precision)
        label = f"{network.variant} {precision}" if len(precisions) > 1 else network.variant
        line = SweepLine(condition, network.variant, label=label)
        made.append(_planned(line, network, device, refused.get(runtime, "")))
    observe("convert", len(asked), len(asked), runtime)
    return made


def _planned(line: SweepLine, network: Network, device: Device, refused: str) -> _Planned:
    at = line.condition
    if network.source is None or refused:
        return _Planned(_failed(line, network.problem or refused), None, None)
    try:
        path = conversion.model_file(network.source, at.runtime, at.precision, batch=at.batch)
        look = conversion.look(path, at.runtime, at.precision, device)
    except Exception as error:  # what a converter raises under one condition says nothing about the next
        return _Planned(_failed(line, _proof.why(error)), None, None)
    if look.problem:
        return _Planned(_failed(line, look.problem), None, None)
    return _Planned(replace(line, remark=look.remark), path, network.macs)


def _failed(line: SweepLine, problem: str) -> SweepLine:
    return replace(line, label="", problem=problem)


def _found(line: SweepLine, report: LatencyReport | None, comparison: int) -> SweepLine:
    """Say in which comparison a line was measured; one that the comparison lost is a problem."""
    if line.problem or report is None:
        return line
    reasons = {one.label: one.reason for one in report.failed}
    if line.label in reasons:
        return _failed(line, reasons[line.label])
    return replace(line, comparison=comparison)


def _compare(
    timed: Sequence[_Planned], group: _Group, plan: Plan, share_s: float | None, tools: Tools
) -> LatencyReport:
    """Measure what shares a condition but for its precision, side by side."""
    runtime, threads, batch = group
    return tools.bench(
        {each.line.label: each.path for each in timed if each.path},
        _protocol(group, plan, share_s, len(timed)),
        timed[0].line.label,
        {each.line.label: each.macs for each in timed if each.macs is not None},
        {},
        lambda stage, done, total, message: tools.observe(
            stage, done, total, f"{runtime}, threads {threads}, batch {batch}: {message}"
        ),
    )


def _protocol(group: _Group, plan: Plan, share_s: float | None, models: int) -> Protocol:
    """Return the plan of one comparison, which stays at its first look: a sweep has many.

    A runtime that starts slowly is given that time besides, unless the sweep is bounded.
    """
    runtime, threads, batch = group
    from costlens.bench.protocol import Protocol

    given: dict[str, Any] = {"runtime": runtime, "device": plan.device, "threads": threads, "batch": batch, "looks": 1}
    given |= {} if share_s is None else {"time_budget_s": share_s}
    made = Protocol.quick(**given) if plan.quick else Protocol(**given)
    start_s = runtimes.get(runtime).start_s * (made.processes + models)
    if share_s is not None or made.time_budget_s is None or not start_s:
        return made
    return replace(made, time_budget_s=made.time_budget_s + start_s)


def _share_s(budget_s: float | None, elapsed_s: float, left: int) -> float | None:
    """Return the seconds of the next of ``left`` comparisons, whole ones.

    >>> _share_s(60.0, 20.0, 4), _share_s(60.0, 70.0, 1), _share_s(None, 5.0, 2)
    (10.0, 1.0, None)
    """
    return None if budget_s is None else max(_LEAST_S, float(round((budget_s - elapsed_s) / left)))
