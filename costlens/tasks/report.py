"""``costlens report``: one network → counted, proven, timed and profiled → everything a reader is told about it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from costlens.analysis.budgets import judge, timing
from costlens.errors import BenchError, RuntimeUnavailable
from costlens.network.count import count
from costlens.results.counts import AS_WRITTEN
from costlens.results.report import Budget, Expectation, Report
from costlens.sources import find
from costlens.sources.find import Named
from costlens.storage.cache import tool_versions
from costlens.tasks._timing import (
    called,
    least_times,
    prepare,
    require_profiler,
    require_runtime,
    suited,
    time_side_by_side,
)
from costlens.tasks._tools import Tools
from costlens.tasks.bench import baseline_of
from costlens.tasks.profile import Profiled, profile_models

if TYPE_CHECKING:
    from costlens.bench.protocol import Protocol
    from costlens.results.latency import LatencyReport
    from costlens.results.verification import Ledger
    from costlens.sources._source import Asked, Model
    from costlens.sources._word import Word

TASK = "report proves and times networks"

_RELATIVE = "relative to a base, which costlens check --base compares it with"


def networks(words: Sequence[str | Word], asked: Asked) -> list[Named]:
    """Return the networks that words name, each with its variants; UsageError with all that is wrong with them."""
    found = find.networks(words, asked)
    find.require([model for one in found for model in one.models if not model.is_exported], "file", TASK)
    return found


def report(network: Named, plan: Protocol | None, *, tools: Tools) -> Report:
    """Count, prove and, where there is a plan, time and profile the variants of one network.

    A variant that cannot be exported does not stop the others; BenchError where none can.
    """
    if plan:
        require_runtime(plan)
        plan = suited(plan, network.models)
    ready = prepare(network.models, tools, plan)
    if not ready.models:
        raise BenchError("\n".join(f"{one.label}: {one.reason}" for one in ready.failed))
    latency = time_side_by_side(ready.models, baseline_of(ready.models), plan, tools) if plan else None
    profiled = _profile(ready.models, latency, plan, tools) if plan and latency else Profiled(())
    proofs = list(ready.proofs.values())
    run = [ledger for model in ready.models if not model.is_exported and (ledger := _run(model, tools))]
    first = network.models[0]
    expectations, budgets = _judged(network.models, latency)
    return Report(
        schema=Report.SCHEMA,
        name=first.count.name,
        title=first.count.title,
        source=first.link,
        knobs=dict(first.knobs),
        versions=proofs[0].versions if proofs else tool_versions(),
        counts=tuple(model.count for model in ready.models),
        expectations=tuple(expectations),
        budgets=tuple(budgets),
        ledgers=(*(proof.ledger for proof in proofs), *run),
        files=tuple(proof.file for proof in proofs),
        latency=latency,
        least=least_times(ready.models, latency) if latency else (),
        layer_times=profiled.times,
        not_profiled=profiled.problems,
        not_exported=tuple(f"{one.label}: {one.reason}" for one in ready.failed),
    )


def _run(model: Model, tools: Tools) -> Ledger | None:
    """Return what a run says of a model file's count; None where it cannot be run."""
    tools.observe("verify", 0, 1, called(model))
    with suppress(RuntimeUnavailable):
        return tools.prove_file(model)[1]
    return None


def _profile(found: Sequence[Model], latency: LatencyReport, plan: Protocol, tools: Tools) -> Profiled:
    """Profile the variants that were timed, where their runtime reports the time of its kernels.

    On a graphics card the runtime's profile tells when kernels are launched, not how long they take: nothing there.
    """
    try:
        require_profiler(plan, found)
    except RuntimeUnavailable as error:
        return Profiled((), (f"any variant: {error}" if any(one.count.variant for one in found) else str(error),))
    timed = {model.label for model in latency.models} if latency.runtime.device == "cpu" else set()
    return profile_models([model for model in found if model.label in timed], plan, tools)


def _judged(found: Sequence[Model], latency: LatencyReport | None) -> tuple[list[Expectation], list[Budget]]:
    """Compare a network's limits with its count as written, of one example, and with its time where it was measured."""
    model = next((one for one in found if AS_WRITTEN in one.names), None)
    time = timing(latency, model.label) if latency and model else None
    first = model or next(iter(found))
    whole = model.count if model and model.count.batch == 1 else None
    written = whole or (count(first.written, precisions=first.precisions) if first.written else None)
    judged = [judge(limit, written, time) for limit in first.limits] if written else []
    expectations, budgets = [], []
    for one in judged:
        kept = {"kept": True, "missed": False}.get(one.verdict)
        if one.published:
            expectations.append(Expectation(one.figure, one.wanted, int(one.ours or 0), bool(kept), one.published_in))
        else:
            reason = _RELATIVE if one.verdict == "no base" else one.reason
            budgets.append(Budget(one.figure, one.wanted, one.ours, kept, reason))
    return expectations, budgets
