"""What a machine is, and what it can do at most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from costlens.arithmetic import units
from costlens.results.bounds import falling
from costlens.results.columns import ONE_DECIMAL, TWO_DECIMALS, WORD, Column, Unit, of_items
from costlens.results.page import Block, Items, Mark, Page, Records, Table, by_text

if TYPE_CHECKING:
    from costlens.results.bounds import Bounds, CacheFacts, LeastTime, MachineBounds, Rate

_BUSY = 1.2
"""A median block that is this much slower than the best one shows other work on the machine."""
_FACTS = of_items(Column("name", ""), Column("text", ""))
_NUMBER = Unit(str)
_RATES: tuple[Column[Rate], ...] = (
    Column("operation", "operation"),
    Column("precision", "in", WORD),
    Column("threads", "threads", _NUMBER),
    Column("value", "best", TWO_DECIMALS),
    Column("unit", "unit", WORD, lambda rate: "µs a kernel" if rate.unit == "us" else rate.unit),
    Column("spread", "median ÷ best", TWO_DECIMALS),
    Column("size", "size"),
)
_BOUNDS: tuple[Column[Bounds], ...] = (
    Column("threads", "threads", _NUMBER),
    Column("precision", "in", WORD),
    Column("peak_gmacs_per_s", "peak\nGMAC/s", ONE_DECIMAL),
    Column("bandwidth", "memory\nGB/s", ONE_DECIMAL, lambda bounds: bounds.bandwidth_bytes_per_s / 1e9),
    Column("cache_bandwidth", "cache\nGB/s", ONE_DECIMAL, lambda b: b.cache_bandwidth_bytes_per_s / 1e9 or None),
    Column("ridge_macs_per_byte", "ridge\nMAC/byte", TWO_DECIMALS),
    Column("overhead_us", "µs a\nkernel", TWO_DECIMALS, lambda bounds: bounds.overhead_us or None),
)


CHOICES: tuple[Column[Any], ...] = (*_RATES, *_BOUNDS)
"""The columns that a reader can choose."""


def page(bounds: MachineBounds) -> Page:
    """Return the page of one machine: what it is, each operation's best, and the bounds that follow."""
    rates = Table(_RATES, bounds.rates, "Measured through the runtime")
    blocks: list[Block] = [
        Table(_FACTS, [(Mark(name), text) for name, text in facts(bounds)]),
        rates,
        Table(_BOUNDS, bounds.bounds, "Bounds"),
        Items(missing(bounds), "dim"),
        Items(doubts(bounds), "warn"),
    ]
    return Page(bounds.machine.cpu, blocks, bounds, records=Records.of(rates))


def least_times(lines: Sequence[LeastTime]) -> list[str]:
    """Say what the machine can do, then each model's least time and the measured one ÷ that; nothing without models.

    A model that was faster than its least time shows that the bounds are too low; then no least time is shown.
    """
    if not lines:
        return []
    if beaten := [line.label for line in lines if line.beaten]:
        names = ", ".join(beaten)
        return [
            f"The least times are left out: {names} ran faster than the stored bounds of this machine allow. "
            "Measure these again: costlens machine --measure."
        ]
    return [f"At this machine's peak of {roofs(lines[0].bounds)} the least time is:", *map(_least, lines)]


def roofs(bounds: Bounds) -> str:
    """Write the peak and the bandwidths of bounds."""
    cached = bounds.cache_bandwidth_bytes_per_s
    cache = f" ({cached / 1e9:.3g} GB/s in its caches)" if cached else ""
    return f"{bounds.peak_gmacs_per_s:.3g} GMAC/s and {bounds.bandwidth_bytes_per_s / 1e9:.3g} GB/s{cache}"


def caches(found: Sequence[CacheFacts]) -> str:
    """Write the caches, smallest level first."""
    shared = {cache: f" shared by {cache.shared_by}" if cache.shared_by > 1 else "" for cache in found}
    kinds = {"data": " data", "instruction": " instruction", "unified": ""}
    return ", ".join(f"L{c.level}{kinds[c.kind]} {units.bytes_(c.bytes)}{shared[c]}" for c in found)


def facts(bounds: MachineBounds) -> list[tuple[str, str]]:
    """Return what the machine is, a name and a text a line."""
    machine, runtime = bounds.machine, bounds.runtime
    unsaid = "not reported by the system"
    virtualised = {True: "virtualised", False: "not virtualised", None: f"virtualised or not: {unsaid}"}
    return [
        ("CPU", machine.cpu),
        ("ISA", ", ".join(machine.cpu_isa) or unsaid),
        ("caches", caches(bounds.caches) or unsaid),
        ("cores", f"{machine.cores}, {machine.cores_usable} usable; {virtualised[machine.virtualised]}"),
        ("governor", machine.power or unsaid),
        ("memory", unsaid if machine.memory_bytes is None else units.bytes_(machine.memory_bytes)),
        ("accelerators", ", ".join(machine.accelerators) or "none"),
        ("system", f"{machine.os}, Python {machine.python}"),
        ("runtime", f"{runtime.name} {runtime.version} on {runtime.device}, optimisation {runtime.optimisation}"),
        ("build", runtime.build),
        ("providers", f"{', '.join(bounds.providers_available)}; used: {', '.join(runtime.providers)}"),
        ("fingerprint", f"{bounds.fingerprint}, measured {bounds.measured} in {bounds.seconds:.0f} s"),
    ]


def doubts(bounds: MachineBounds) -> list[str]:
    """Say why the bounds may be too low; nothing where the machine was quiet."""
    found = []
    if fallen := [f"{one.operation} {one.precision} with {one.threads} threads" for one in falling(bounds.rates)]:
        found.append(f"Slower than with fewer threads: {', '.join(fallen)}. The bound is that of fewer threads.")
    if fallen or any(rate.spread > _BUSY for rate in bounds.rates):
        found.append("Other work was running, so the best may be too low. Measure again: costlens machine --measure.")
    return found


def missing(bounds: MachineBounds) -> list[str]:
    """Say what could not be measured, each reason once."""
    lacking: dict[str, dict[tuple[str, str], None]] = {}
    for one in bounds.not_measured:
        lacking.setdefault(one.precision, {})[one.operation, one.why] = None
    return [f"{precision} {line}" for precision, found in lacking.items() for line in by_text(found)]


def _least(line: LeastTime) -> str:
    return (
        f"{line.label}: {units.milliseconds(line.least_ms)}, most of it {line.limited_by}; "
        f"measured is {units.ratio(line.times_least)}"
    )
