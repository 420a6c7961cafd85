"""A predicted latency: the answer with its interval, what it rests on, and the rows that take the most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from costlens.arithmetic import units
from costlens.formats.pages.count import names
from costlens.results.columns import INTERVAL_MS, MS, PERCENT, Column, Unit
from costlens.results.page import Block, Items, Page, Say, Table
from costlens.results.prediction import BASES

if TYPE_CHECKING:
    from costlens.results.prediction import PredictedRow, Prediction

_FEW = 4
_SHOWN_SHARE = 0.005


def _columns(total_ms: float) -> tuple[Column[PredictedRow], ...]:
    return (
        Column("name", "layer"),
        Column("milliseconds", "ms", MS, lambda row: row.milliseconds if row.kernels else None),
        Column("share", "time %", PERCENT, lambda row: row.milliseconds / total_ms if row.kernels else None),
        Column("interval", "interval", INTERVAL_MS, lambda row: (row.low, row.high) if row.kernels else None, 3),
        Column("basis", "basis", value=lambda row: row.basis if row.kernels else "", priority=1),
        Column("bound_ms", "bound", MS, priority=2),
        Column("of_bound", "of bound", Unit("{:.0%}".format), _of_bound, priority=4),
        Column("kernels", "kernels", value=lambda row: kernels(row.kernels), priority=5),
    )


def _of_bound(row: PredictedRow) -> float | None:
    return min(1.0, row.bound_ms / row.milliseconds) if row.bound_ms and row.milliseconds else None


CHOICES = _columns(1.0)
"""The columns that a reader can choose."""


def kernels(ops: tuple[str, ...]) -> str:
    """Name operators, each once.

    >>> kernels(("nchwc.Conv", "Relu", "nchwc.Conv"))
    '2 nchwc.Conv, Relu'
    """
    return ", ".join(f"{ops.count(op)} {op}" if ops.count(op) > 1 else op for op in dict.fromkeys(ops))


def page(found: Prediction, notes: tuple[str, ...] = ()) -> Page:
    """Return the page of one prediction."""
    called = " · ".join(filter(None, (found.title or found.name, names(found))))
    answer = f"{names(found) or found.name}: {in_words(found)}"
    columns = _columns(found.milliseconds or 1.0)
    sums = [
        {"name": "the call itself", "milliseconds": units.milliseconds(found.call_ms)},
        {"name": "Σ", "milliseconds": units.milliseconds(found.milliseconds),
         "interval": units.interval_ms(found.low, found.high),
         "bound_ms": "" if found.bound_ms is None else units.milliseconds(found.bound_ms)},
    ]  # fmt: skip
    table = Table(columns, found.rows, called, sums, address=("prediction", found.name, found.variant), bars="share")
    details: tuple[Block, ...] = (Say(*rests_on(found), tone="dim"), Items(notes, tone="warn"))
    return Page(
        called,
        [Say(answer, tone="strong"), table, *details],
        found,
        screen=[table, *details, Say(answer, tone="strong")],
        summary=answer,
    )


def in_words(found: Prediction) -> str:
    """Say what is predicted, and how sure that is."""
    written = units.interval_ms(found.low, found.high)
    interval = written if written.endswith("s") else f"{written} ms"
    bound = "" if found.bound_ms is None else f"; its roofline bound is {units.milliseconds(found.bound_ms)}"
    time = units.milliseconds(found.milliseconds)
    return f"{time} predicted, not measured ({interval}){bound}"


def rests_on(found: Prediction) -> list[str]:
    """Say what the time rests on, and what is missing."""
    parts = [f"{found.shares[basis]:.0%} {basis}" for basis in BASES if found.shares[basis] >= _SHOWN_SHARE]
    said = [f"Of the time of kernels: {', '.join(parts)}."] if parts else []
    if found.missing:
        more = len(found.missing) - _FEW
        listed = ", ".join(found.missing[:_FEW]) + (f" and {more} more" if more > 0 else "")
        said.append(f"Modelled by kernels like them, not timed themselves: {listed}.")
    said.append(f"A call uses {units.bytes_(found.working_set_bytes)}, so its weights are {_place(found.cold)}.")
    thread = units.plural(found.threads, "thread")
    said.append(f"The interval is meant to hold with {found.confidence:.0%}.")
    return [*said, f"onnxruntime on {thread}, {units.plural(found.batch, 'example')} at a time."]


def _place(cold: float) -> str:
    """Say where the weights of a call are."""
    whole = {-1.0: "in the core's own cache", 0.0: "in the last cache", 1.0: "out of the cache"}
    partly = "partly out of the cache" if cold > 0 else "partly in the core's own cache"
    return whole.get(cold, partly)


def beside(shown: Page, found: Sequence[Prediction], notes: Sequence[str] = (), row: str = "") -> Page:
    """Return a page of counts with what is predicted of its models below, or of one row of theirs."""
    said = (
        [f"{names(one) or one.name}: {in_words(one)}" for one in found]
        if not row
        else [_of_row(one, row) for one in found]
    )
    more: tuple[Block, ...] = (Items([*said, *notes], tone="dim"),)
    return replace(
        shown,
        blocks=[*shown.blocks, *more],
        screen=None if shown.screen is None else [*shown.screen, *more],
        brief=None if shown.brief is None else [*shown.brief, *more],
    )


def _of_row(found: Prediction, name: str) -> str:
    row = next((one for one in found.rows if one.name == name), None)
    if row is None or not row.kernels:
        return f"{name}: another layer's kernel does its work, or no kernel is known of it"
    interval = units.interval_ms(row.low, row.high)
    unit = "" if interval.endswith("s") else " ms"
    share = row.milliseconds / found.milliseconds
    time = units.milliseconds(row.milliseconds)
    return f"{name}: {time} predicted, not measured ({interval}{unit}), {share:.0%} of the network; {row.basis}"
