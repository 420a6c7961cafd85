"""``costlens advise``: word → network → what each convolution costs in each kind → the mix that keeps the budgets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from costlens.analysis.budgets import TIME, Limit
from costlens.analysis.choosing import Choices, Chosen
from costlens.analysis.forms import Forms
from costlens.arithmetic.figures import Figure
from costlens.errors import UsageError
from costlens.network.variants import convolution_kind, kind_names
from costlens.results.advice import OFF, ROOM, Advice, PlannedTime, Proof
from costlens.results.counts import FIGURES, PLANNED
from costlens.sources._source import Asked
from costlens.sources._word import Word
from costlens.sources.find import models, one_file, require_one_variant
from costlens.spec.model import LIMITED, flag
from costlens.storage.files import require_new
from costlens.tasks._advice_file import require_target, write
from costlens.tasks._advice_proof import as_written, measured, profiled, told
from costlens.tasks._advised import Wish, advised, field_of, least, limits_of
from costlens.tasks._changeable import Changeable, changeable
from costlens.tasks._prices import Prices, corrected, priced
from costlens.tasks._tools import Tools

if TYPE_CHECKING:
    from costlens.bench.protocol import Protocol

PROOFS = 3
"""Mixes at most that are built and timed."""
ROUNDS = 8
"""Choices at most until one keeps a budget of time by its own prediction."""


def wish(budget: Mapping[str, object], **how: object) -> Wish:
    """Return what is asked for by options; UsageError for a budget or a kind that is none, and where there is none."""
    if not budget:
        raise UsageError(
            "advise: what may it cost? add a budget, for example --budget macs=300M or --budget params=-30%"
        )
    found = Wish([_read(name, written) for name, written in budget.items()], **how)  # type: ignore[arg-type]
    for kind in found.kinds:
        convolution_kind(kind)
    return found


def _read(name: str, written: object) -> Limit:
    """Read a budget; one of time may be relative, too, as what it is relative to is predicted as well."""
    text = str(written).strip()
    if name != TIME or not text.endswith("%"):
        return flag(name, written)
    try:
        return Limit("flag", name, Figure.parse_change(text))
    except ValueError as error:
        raise UsageError(f"--budget {name}={text}: {error}") from None


def advise(
    word: str | Word, asked: Asked, wanted: Wish, plan: Protocol | None = None, *, output: Path | None = None,
    tools: Tools,
) -> Advice:  # fmt: skip
    """Choose the mix of kinds that keeps budgets at the least change; the result says where there is none.

    A budget in percent, as ``macs=-30%``, is relative to the network as written. With a plan a budget of time is proven
    by measuring. output: a new file for the network that results. UsageError for a word that names several networks or
    none that can be changed, for a figure that is not known of it, and for a glob that matches nothing.
    """
    require_one_variant(asked, "advise changes")
    if output is not None:
        require_new(output)
    network = _network(word, asked, wanted, plan)
    if output is not None:
        require_target(output, network)
    held = network.forms(wanted.kinds or kind_names(), keep=wanted.keep, tie=wanted.tie)
    _require_known(network, held.choices, wanted)
    if _is_timed(wanted):
        found = _in_milliseconds(network, held, wanted, plan, tools)
    else:
        limits = limits_of(wanted, held.choices)
        found = advised(network.model, held, wanted, limits, least(held.choices, wanted, limits))
    found = replace(found, notes=(*found.notes, *(network.notes if found.kinds else ())))
    if output is not None and found.kinds is not None:
        write(network, found.kinds, output, tools)
    return found


def _network(word: str | Word, asked: Asked, wanted: Wish, plan: Protocol | None) -> Changeable:
    """Return the one network that a word names, for the batch that its time is planned at."""
    given = one_file([word], "advise")
    if isinstance(given, Word):
        given, asked = replace(given, settings={**asked.settings, **given.settings}), replace(asked, settings={})
    is_timed = _is_timed(wanted)
    asked = replace(asked, batch=wanted.under.batch if is_timed else 1)
    (model,) = models([given], asked)
    return changeable(model, asked, plan if is_timed else None)


def _is_timed(wanted: Wish) -> bool:
    return any(one.figure == TIME for one in wanted.limits)


def _require_known(network: Changeable, choices: Choices, wanted: Wish) -> None:
    """Raise UsageError for a budget of a figure that is not known of this network."""
    known, count = {TIME, *choices.rest.sums, *choices.rest.peaks}, network.model.count
    for one in wanted.limits:
        name = field_of(one)
        if name in known:
            continue
        lacks = f": not all of it was counted ({', '.join(count.uncounted)})" if count.uncounted else " of such a file"
        lacks = " of a mix of kinds before it is planned" if name in PLANNED else lacks
        others = ", ".join(each for each in LIMITED if FIGURES.get(each, each) in known)
        raise UsageError(
            f"{network.model.word.name}: --budget {one.figure}={one.amount.text}: {one.figure} is not known{lacks}; "
            f"limit one of {others}"
        )


def _in_milliseconds(network: Changeable, held: Forms, wanted: Wish, plan: Protocol | None, tools: Tools) -> Advice:
    """Return the advice of budgets of which one is of time, proven with a plan."""
    prices, plain = Prices(network, wanted.under, tools), held
    held, limits, chosen = _in_time(replace(plain, choices=priced(plain, prices)), wanted, prices)
    if plan is not None and chosen and any(chosen.mix):
        prices = prices.anchored(as_written(network, plan, tools))
        held, limits, chosen = _in_time(replace(plain, choices=priced(plain, prices)), wanted, prices)
    proofs: list[Proof] = []
    if plan is not None and chosen and any(chosen.mix):
        held, chosen, proofs = _proven(network, held, wanted, limits, chosen, prices, plan, tools)
    made = advised(network.model, held, wanted, limits, chosen)
    made = _timed(made, prices, None if chosen is None else held.kinds(chosen.mix))
    return replace(made, proofs=tuple(proofs))


def _proven(
    network: Changeable, held: Forms, wanted: Wish, limits: Mapping[str, float], chosen: Chosen, prices: Prices,
    plan: Protocol, tools: Tools,
) -> tuple[Forms, Chosen | None, list[Proof]]:  # fmt: skip
    """Time what was chosen; a plan that was off is corrected and chosen anew, ``PROOFS`` times at most.

    The last proof is of the mix that is advised: one that keeps its budget, where there is one, or may keep it.
    """
    found: list[tuple[Proof, Forms, Chosen]] = []
    best: Chosen | None = chosen
    (written,) = prices.predict({})
    while best is not None:
        kinds = held.kinds(best.mix)
        (plain,) = prices.predict(kinds)
        planned = held.choices.total(TIME, best.mix)
        interval = planned * plain.low / plain.milliseconds, planned * plain.high / plain.milliseconds
        proof, made = measured(network, kinds, (planned, *interval), limits[TIME], written.milliseconds, plan, tools)
        found.append((proof, held, best))
        if _is_good(proof, limits[TIME]) or len(found) == PROOFS:
            break
        held = told(held, best.mix, profiled(network, made, plan, tools), proof.measured_ms)
        best = _least(held, wanted, limits)
        if best is not None and not any(best.mix):
            break
    if best is None and all(proof.verdict == "missed" for proof, _, _ in found):
        return held, None, [proof for proof, _, _ in found]
    found.sort(key=lambda one: (one[0].verdict != "missed", _is_kept(one[0], limits[TIME])))
    _, held, best = found[-1]
    return held, best, [proof for proof, _, _ in found]


def _is_kept(proof: Proof, limit_ms: float) -> bool:
    return proof.verdict != "missed" and proof.measured_ms <= limit_ms


def _is_good(proof: Proof, limit_ms: float) -> bool:
    return _is_kept(proof, limit_ms) and abs(proof.off) <= OFF


def _least(held: Forms, wanted: Wish, limits: Mapping[str, float]) -> Chosen | None:
    """Return the mix of the least change that leaves room below the budget of time, else one that keeps it."""
    with_room = {**limits, TIME: (1 - ROOM) * limits[TIME]}
    return least(held.choices, wanted, with_room) or least(held.choices, wanted, limits)


def _in_time(held: Forms, wanted: Wish, prices: Prices) -> tuple[Forms, dict[str, float], Chosen | None]:
    """Choose until a mix takes no longer by its own prediction than planned; else its rows correct the plan.

    Without an answer after ``ROUNDS`` the last choice is none: the mixes that were planned take longer than planned.
    """
    limits = limits_of(wanted, held.choices)
    for _ in range(ROUNDS):
        chosen = _least(held, wanted, limits)
        if chosen is None:
            return held, limits, None
        kinds = held.kinds(chosen.mix)
        (whole,) = prices.predict(kinds)
        rows, rest = prices.rows(kinds), held.choices.rest.sums[TIME]
        planned = held.choices.total(TIME, chosen.mix)
        choices = corrected(held.choices, chosen.mix, rows, whole.milliseconds)
        kept = whole.milliseconds <= max(planned, (1 - ROOM) * limits[TIME])
        held = replace(held, choices=choices if kept else choices.with_rest(TIME, max(rest, choices.rest.sums[TIME])))
        if kept:
            return held, limits, chosen
    return held, limits, None


def _timed(made: Advice, prices: Prices, kinds: Mapping[str, str] | None) -> Advice:
    """Return advice with the network's own time as written, and with that of the mix and how sure it is."""
    (before,) = prices.predict({})
    written = {**made.written, TIME: before.milliseconds}
    limits = [replace(one, written=before.milliseconds) if one.figure == TIME else one for one in made.limits]
    planned = None
    if kinds is not None:
        (after,) = prices.predict(kinds)
        planned = PlannedTime(
            after.milliseconds, after.low, after.high, after.threads, after.batch, after.shares, prices.level
        )
    return replace(made, written=written, limits=tuple(limits), planned_time=planned, notes=prices.notes)
