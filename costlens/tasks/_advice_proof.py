"""The proof of advice: the mix is built, exported, verified and timed beside the network as written.

Where the plan was off, a profile of the mix corrects the times of its options, and the choice is made anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from costlens.analysis.budgets import TIME, judge_time, timing
from costlens.analysis.forms import Forms
from costlens.errors import BenchError, VerificationError
from costlens.results.advice import OFF, Proof
from costlens.tasks._prices import corrected
from costlens.tasks._timing import called, prepare, time_side_by_side
from costlens.tasks.profile import profile_models

if TYPE_CHECKING:
    from costlens.analysis.choosing import Mix
    from costlens.bench.protocol import Protocol
    from costlens.results.latency import LatencyReport
    from costlens.sources._source import Model
    from costlens.tasks._changeable import Changeable
    from costlens.tasks._tools import Tools

WRITTEN, ADVISED = "as written", "advised"
TIMES = 3
"""How often at most a mix is timed while the machine is slower than before."""


def as_written(network: Changeable, plan: Protocol, tools: Tools) -> float:
    """Return the milliseconds of the network as written; errors as those of ``measured``."""
    report = time_side_by_side(_ready([_named(network.made({}), WRITTEN)], plan, tools), WRITTEN, plan, tools)
    taken = timing(report, WRITTEN)
    if taken is None:
        raise _untimed(report)
    return taken.median_ms


def measured(
    network: Changeable, kinds: Mapping[str, str], planned: tuple[float, float, float], limit_ms: float,
    written_ms: float, plan: Protocol, tools: Tools,
) -> tuple[Proof, Model]:  # fmt: skip
    """Time a mix beside the network as written, in pairs, and judge its time; the model has its file.

    planned: its time as planned, with its interval, in ms. written_ms: what the network as written took before; where
    it takes clearly longer now, other work is on the machine, and both are timed again. BenchError where one of them
    cannot be built or timed, VerificationError where the counts of one disagree.
    """
    models = _ready([_named(network.made({}), WRITTEN), _named(network.made(kinds), ADVISED)], plan, tools)
    made = models[1]
    if not made.is_exported:
        _require_proven(made, tools)
    proofs: list[Proof] = []
    while not proofs or (len(proofs) < TIMES and proofs[-1].written_ms > (1 + OFF) * written_ms):
        proofs.append(_proof(time_side_by_side(models, WRITTEN, plan, tools), kinds, planned, limit_ms))
    return min(proofs, key=lambda proof: proof.written_ms), made


def _ready(models: Sequence[Model], plan: Protocol, tools: Tools) -> tuple[Model, ...]:
    """Return models with their files; BenchError and VerificationError where one has none that is proven."""
    ready = prepare(models, tools, plan)
    for failed in ready.failed:
        raise BenchError(f"not timed: {failed.label}: {failed.reason}")
    for one in ready.models:
        if one.disagreement:
            raise VerificationError(f"{one.label}: {one.disagreement}")
    return ready.models


def _named(model: Model, label: str) -> Model:
    return replace(model, label=label, count=replace(model.count, variant=label.replace(" ", "-")))


def _require_proven(model: Model, tools: Tools) -> None:
    """Raise BenchError where a variant of a model file cannot be run, VerificationError where a run disagrees."""
    tools.observe("verify", 0, 1, called(model))
    said, ledger = tools.prove_file(model)
    if ledger is None:
        raise BenchError(f"not timed: {model.label}: {said.problem}")
    if not ledger.ok:
        raise VerificationError(f"{model.label}: its verification FAILED: {said.problem}")


def _proof(
    report: LatencyReport, kinds: Mapping[str, str], planned: tuple[float, float, float], limit_ms: float
) -> Proof:
    taken = timing(report, ADVISED)
    before = next((one.median_ms for one in report.models if one.label == WRITTEN), None)
    ratio = next((one for one in report.ratios if one.label == ADVISED), None)
    if taken is None or before is None or ratio is None:
        raise _untimed(report)
    verdict, reason = judge_time(limit_ms, taken)
    return Proof(
        dict(kinds), *planned, before, taken.median_ms, taken.interval_ms, (ratio.ratio, ratio.low, ratio.high),
        verdict, reason, taken.processes, report.machine.cpu,
    )  # fmt: skip


def _untimed(report: LatencyReport) -> BenchError:
    return BenchError(f"not timed: {'; '.join(one.reason for one in report.failed) or 'no process measured it'}")


def profiled(network: Changeable, model: Model, plan: Protocol, tools: Tools) -> dict[str, float]:
    """Return the milliseconds of each convolution of a model that has a file, as profiled; BenchError otherwise."""
    found = profile_models([model], plan, tools)
    if found.problems:
        raise BenchError("; ".join(found.problems))
    owners = network.owners(model)
    sums: dict[str, float] = {}
    for row in found.times[0].rows:
        owner = owners.get(row.row, "")
        sums[owner] = sums.get(owner, 0.0) + row.microseconds / 1e3
    return sums


def told(held: Forms, mix: Mix, rows: Mapping[str, float], whole_ms: float) -> Forms:
    """Return forms whose times are what a mix took; times that were not measured are off by as much as its plan was."""
    choices = held.choices
    factor = whole_ms / choices.total(TIME, mix)
    costs = [[factor * one.sums[TIME] for one in site.options] for site in choices.sites]
    scaled = choices.with_figure(TIME, costs, factor * choices.rest.sums[TIME])
    return replace(held, choices=corrected(scaled, mix, rows, whole_ms))
