"""The columns of a diff's tables: one line a spec, a total, or a layer."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby

from costlens.formats.pages import latency as timing
from costlens.formats.pages.count import CALLED
from costlens.results.columns import BYTES, COUNT, PERCENT, TIMES, AtLeast, Column, Unit
from costlens.results.counts import add
from costlens.results.diff import (
    Amount,
    Contribution,
    LayerChange,
    ParamsOf,
    SpecDiff,
    Standing,
    TotalDelta,
    by_contribution,
)

STANDINGS: dict[Standing, tuple[str, str]] = {
    "broken": ("BROKEN", "broken"),
    "base_broken": ("broken in base", "broken in base"),
    "changed": ("changed", "changed"),
    "deleted": ("deleted", "deleted"),
    "added": ("added", "added"),
    "same_cost": ("same cost", "of the same cost"),
}
"""The most severe first: the word in a table, and in a sentence after a number."""

_ROUGH, _FINE = 0.1, 0.01
_ALIKE = 3


def signed(value: float, unit: Unit = COUNT) -> str:
    """Write a difference with its sign.

    >>> signed(148631), signed(-2048, BYTES), signed(0)
    ('+148,631', '−2.0 KiB', '0')
    """
    return f"{'+' if value > 0 else '−'}{unit.write(abs(value))}" if value else "0"


def relative(share: float | None) -> str:
    """Write a share with its sign, the smaller the more decimals.

    >>> [relative(share) for share in (0.5231, -0.0314, 0.0004, 0.000001, 0.0, None)]
    ['+52%', '−3.1%', '+0.04%', '+0.00%', '0%', '']
    """
    if not share:
        return "" if share is None else "0%"
    size = abs(share)
    decimals = 0 if size >= _ROUGH else 1 if size >= _FINE else 2
    return f"{'+' if share > 0 else '−'}{100 * size:,.{decimals}f}%"


def side(total: TotalDelta, which: str) -> str:
    """Write a total of one side; of a partial one there is at least so much."""
    value = AtLeast.of(getattr(total, which), getattr(total, f"{which}_status"))
    return str(CALLED[total.figure][1].cell(value))


def delta(total: TotalDelta) -> str:
    """Write the difference of a total; one between bounds is not known."""
    if total.delta is None:
        return ""
    return signed(total.delta, CALLED[total.figure][1]) if total.sure else "unsure"


def share(total: TotalDelta) -> str:
    """Write the difference of a total as a share of base."""
    return relative(total.relative) if total.sure and total.delta else ""


def time_ratio(spec: SpecDiff) -> str:
    """Write head's time over base's with its verdict; nothing where there is none."""
    ratio = spec.ratio
    if ratio is None:
        return "failed" if spec.outcome == "failed" or spec.failed or spec.disagreement else ""
    open_ = spec.outcome == "inconclusive"
    word = timing.concluded(ratio) if open_ else (spec.outcome or "").replace("_", " ")
    return f"{timing.with_interval(ratio)} {word}"


def spec_name(spec: SpecDiff) -> str:
    """Write a spec's path, after the one it had."""
    return f"{spec.was} → {spec.path}" if spec.was else spec.path


def _spec_side(figure: str) -> Callable[[SpecDiff], str]:
    def written(spec: SpecDiff) -> str:
        total = spec.total(spec.params_of if figure == "params" else figure)
        return side(total, "base" if total.head is None else "head") if total else ""

    return written


def _spec_delta(figure: str) -> Callable[[SpecDiff], str]:
    def written(spec: SpecDiff) -> str:
        total = spec.total(spec.params_of if figure == "params" else figure)
        if total is None or total.delta is None:
            return ""
        return f"{delta(total)} {share(total)}".strip()

    return written


SPEC_COLUMNS: tuple[Column[SpecDiff], ...] = (
    Column("spec", "spec", value=spec_name),
    Column("standing", "", value=lambda spec: STANDINGS[spec.standing][0]),
    Column("params", "params", COUNT, _spec_side("params"), priority=2),
    Column("params_delta", "Δ params", COUNT, _spec_delta("params")),
    Column("macs", "MACs", COUNT, _spec_side("macs"), priority=2),
    Column("macs_delta", "Δ MACs", COUNT, _spec_delta("macs")),
    Column("weights_delta", "Δ weights", BYTES, _spec_delta("weight_bytes"), priority=4),
    Column("peak_delta", "Δ peak\nactivations", BYTES, _spec_delta("peak_activation_bytes"), priority=3),
    Column("time", "time ÷ base", TIMES, time_ratio, priority=1),
)
TOTAL_COLUMNS: tuple[Column[TotalDelta], ...] = (
    Column("figure", "", value=lambda total: CALLED[total.figure][0]),
    Column("base", "base", COUNT, lambda total: side(total, "base")),
    Column("head", "head", COUNT, lambda total: side(total, "head")),
    Column("delta", "Δ", COUNT, delta),
    Column("relative", "", PERCENT, share, priority=1),
)


def layer_lines(changes: Sequence[LayerChange], why: Contribution | None = None) -> list[LayerChange]:
    """Return the lines of a table of layers: three or more in a row that changed alike are one, with their sum.

    In the order of the network, or with ``why`` by what each line contributed to the difference of that figure.
    """
    lines: list[LayerChange] = []
    placed = enumerate(sorted(changes, key=lambda change: change.place))
    for _, alike in groupby(placed, key=lambda one: _likeness(one[1], one[1].place - one[0])):
        run = [change for _, change in alike]
        lines += [_together(run)] if len(run) >= _ALIKE else run
    return [*by_contribution(lines, why)] if why else lines


def _likeness(change: LayerChange, row: int) -> tuple[object, ...]:
    """Return what changes of one line have in common; of places that follow each other, place − rank is the same."""
    return (
        row,
        change.change, change.fields, change.params.delta, change.macs.delta, change.live_bytes.delta, change.partial,
        bool(change.was),
    )  # fmt: skip


def _together(run: Sequence[LayerChange]) -> LayerChange:
    first, last = run[0], run[-1]
    return replace(
        first,
        name=f"{layer_name(first)} … {layer_name(last)} ({len(run)})",
        was="",
        base_rows=tuple(row for one in run for row in one.base_rows),
        head_rows=tuple(row for one in run for row in one.head_rows),
        params=_sum([one.params for one in run]),
        macs=_sum([one.macs for one in run]),
        params_share=_sum_of_shares([one.params_share for one in run]),
        macs_share=_sum_of_shares([one.macs_share for one in run]),
    )


def _sum(amounts: Sequence[Amount]) -> Amount:
    return Amount(*(add(getattr(one, side) for one in amounts) for side in ("base", "head", "delta")))


def _sum_of_shares(shares: Sequence[float | None]) -> float | None:
    known = [part for part in shares if part is not None]
    return sum(known) if known else None


def layer_name(change: LayerChange) -> str:
    """Write a layer's name, after the one it had."""
    return f"{change.was} → {change.name}" if change.was else change.name


def what(change: LayerChange) -> str:
    """Say what differs in a layer, or what it is where it is on one side only."""
    if change.change != "changed":
        said = " → ".join(one.head or one.base for one in change.fields)
        return f"{change.change}{': ' if said else ''}{said}"
    named = {one.field for one in change.fields}
    shown = [one for one in change.fields if one.field != "input" or named.isdisjoint({"kind", "output"})]
    return ", ".join(f"{one.field} {one.base or 'none'} → {one.head or 'none'}" for one in shown) or change.change


def _amount(figure: str, header: str, unit: Unit = COUNT, priority: int = 0) -> Column[LayerChange]:
    def value(change: LayerChange) -> str:
        amount: Amount = getattr(change, figure)
        return "unsure" if change.partial else "" if amount.delta is None else signed(amount.delta, unit)

    return Column(figure, header, unit, value, priority)


def _share(figure: str, header: str) -> Column[LayerChange]:
    def value(change: LayerChange) -> str:
        part: float | None = getattr(change, f"{figure}_share")
        return "" if part is None or change.partial else relative(part).removeprefix("+")

    return Column(f"{figure}_share", header, PERCENT, value, priority=1)


def layer_columns(why: Contribution | None = None, held: ParamsOf = "params") -> tuple[Column[LayerChange], ...]:
    """Return the columns of one line a layer that differs.

    held: which parameters they are. With ``why`` they hold each layer's part in the differences, in that of this figure
    before the other.
    """
    named: Column[LayerChange] = Column("name", "layer", value=layer_name)
    said: Column[LayerChange] = Column("what", "", value=what)
    called = "deployed" if held == "deployed_params" else "params"
    params, macs = _amount("params", f"Δ {called}"), _amount("macs", "Δ MACs")
    if why is None:
        return (named, said, params, macs, _amount("live_bytes", "Δ live", BYTES, priority=3))
    pairs = [(params, _share("params", f"of Δ {called}")), (macs, _share("macs", "of Δ MACs"))]
    (first, part), (second, other) = pairs if why == "params" else reversed(pairs)
    return (named, said, first, replace(part, header="of it", priority=0), second, other)
