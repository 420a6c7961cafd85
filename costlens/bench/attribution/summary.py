"""Samples of the processes → one time per row; every kernel is in exactly one line."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from costlens.bench.attribution.calibration import calibrate, corrected, pooled
from costlens.bench.attribution.join import Assignment, assign, rows_without_kernel
from costlens.bench.attribution.worker import ProfileSamples
from costlens.bench.machine import fingerprint, machine_facts
from costlens.errors import BenchError
from costlens.results.counts import add
from costlens.results.layer_times import Calibration, KernelTime, LayerTime, LayerTimes
from costlens.runtimes import Options
from costlens.runtimes._profile import HOLD_GRAPHS, GraphNode, Kernel

_NUMBER = re.compile(r"(?:_token_\d+)+$")


@dataclass(frozen=True, slots=True)
class Named:
    """The model that the times are of."""

    name: str
    title: str
    variant: str
    also: tuple[str, ...] = ()


def summarise(
    named: Named, rows: Sequence[LayerTime], options: Options, samples: Sequence[ProfileSamples]
) -> LayerTimes:
    """Assign the kernels to rows and fill the rows' lines with medians over processes.

    ``rows`` hold what the count knows about them, in its order. BenchError where the processes ran different kernels
    or two rows have one name.
    """
    first = samples[0]
    calibration = pooled([calibrate(one.ladder) for one in samples])
    kernels = kernel_times(named.name, samples, calibration)
    rows = whole_nodes(rows, first.source)
    assignments = assign(first.model.kernels, first.optimised, first.source, [row.row for row in rows])
    *filled, layout, other = _shared(_complete(named.name, lines(rows, assignments, kernels), kernels))
    machine, runtime = machine_facts(), first.fingerprint
    return LayerTimes(
        schema=LayerTimes.SCHEMA,
        name=named.name,
        title=named.title,
        variant=named.variant,
        also=named.also,
        batch=options.batch,
        machine=machine,
        runtime=runtime,
        fingerprint=fingerprint(machine, runtime),
        processes=len(samples),
        runs=sum(one.model.runs for one in samples),
        unprofiled_us=median(one.model.unprofiled_us for one in samples),
        profiled_us=median(one.model.profiled_us for one in samples),
        calibration=calibration,
        rows=tuple(filled),
        layout=layout,
        other=other,
    )


def whole_nodes(rows: Sequence[LayerTime], source: Sequence[GraphNode]) -> list[LayerTime]:
    """Return the rows with those of a node's own graphs as one: a loop is one kernel, whatever runs inside it.

    Such rows are called by the node's name and a path in it; the node's MACs and traffic are their sums.
    """
    full = {node.name or f"{node.op}_{index}": node.op for index, node in enumerate(source)}
    names = {row.row for row in rows}
    holders = {name: op for name, op in full.items() if op in HOLD_GRAPHS or name not in names}
    found: list[LayerTime] = []
    place: dict[str, int] = {}
    for row in rows:
        holder = _holder(row.row, holders, full)
        if holder is None:
            found.append(row)
        elif holder not in place:
            place[holder] = len(found)
            found.append(replace(row, row=holder, kind=holders[holder]))
        else:
            before = found[place[holder]]
            found[place[holder]] = replace(
                before,
                macs=add([before.macs, row.macs]),
                macs_share=add([before.macs_share, row.macs_share]),
                traffic_bytes=add([before.traffic_bytes, row.traffic_bytes]),
            )
    return found


def _holder(row: str, holders: Mapping[str, str], nodes: Collection[str]) -> str | None:
    """Return the node that a row is of, where that is a node with graphs of its own, or a call of a function."""
    if row in holders:
        return row
    parts = row.split("/")
    starts = ("/".join(parts[:length]) for length in range(1, len(parts)))
    return None if row in nodes else next((start for start in starts if start in holders), None)


def kernel_times(name: str, samples: Sequence[ProfileSamples], calibration: Calibration) -> tuple[KernelTime, ...]:
    """Return each kernel's median over processes, in the first one's order, with the profiler's cost taken off."""
    found = [dict(zip(keys(one.model.kernels), one.model.kernels_us, strict=True)) for one in samples]
    if any(one.keys() != found[0].keys() for one in found) or len({one.fingerprint for one in samples}) > 1:
        raise BenchError(f"{name}: its processes ran different kernels, so their times cannot be combined; try again")
    middle = [median(one[key] for one in found) for key in found[0]]
    first = samples[0].model
    return tuple(
        KernelTime(kernel.name, kernel.op, us, corrected(us, calibration, within))
        for kernel, within, us in zip(first.kernels, first.within, middle, strict=True)
    )


def keys(kernels: Sequence[Kernel]) -> list[tuple[str, str, int]]:
    """Name kernels alike in all processes: the runtime numbers the kernels it adds differently in each session.

    >>> keys([Kernel("ReorderOutput_token_7", "ReorderOutput"), Kernel("ReorderOutput", "ReorderOutput")])
    [('ReorderOutput', 'ReorderOutput', 1), ('ReorderOutput', 'ReorderOutput', 2)]
    """
    seen: Counter[tuple[str, str]] = Counter()
    found = []
    for kernel in kernels:
        key = _NUMBER.sub("", kernel.name), kernel.op
        seen[key] += 1
        found.append((*key, seen[key]))
    return found


def lines(
    rows: Sequence[LayerTime], assignments: Sequence[Assignment], kernels: Sequence[KernelTime]
) -> list[LayerTime]:
    """Fill the rows, then a line of layout and one of what is left."""
    inside = rows_without_kernel(assignments)
    assigned = list(zip(assignments, kernels, strict=True))
    filled = []
    for row in rows:
        own = [(assignment, kernel) for assignment, kernel in assigned if assignment.row == row.row]
        fused = dict.fromkeys(name for assignment, _ in own for name in assignment.fused)
        line = replace(row, fused=tuple(fused), inside=inside.get(row.row, ""))
        filled.append(_timed(line, [kernel for _, kernel in own]))
    for name, moves in (("layout", True), ("other", False)):
        left = [kernel for one, kernel in assigned if one.row is None and one.layout == moves]
        filled.append(_timed(LayerTime(name, "", 0.0, 0.0, ()), left))
    return filled


def _complete(name: str, found: list[LayerTime], kernels: Sequence[KernelTime]) -> list[LayerTime]:
    """Return the lines; BenchError where their kernels together are not all kernels, as with two rows of one name."""
    if Counter(kernel for line in found for kernel in line.kernels) == Counter(kernels):
        return found
    twice = [row for row, times in Counter(line.row for line in found).items() if times > 1]
    held = sum(len(line.kernels) for line in found)
    raise BenchError(
        f"{name}: expected each of {len(kernels)} kernels in one row, received {held}"
        + (f"; two rows are named {twice[0]!r}: name each differently" if twice else "")
    )


def _timed(line: LayerTime, kernels: Sequence[KernelTime]) -> LayerTime:
    return replace(line, kernels=tuple(kernels), microseconds=sum(kernel.microseconds for kernel in kernels))


def _shared(found: Sequence[LayerTime]) -> list[LayerTime]:
    total = sum(line.microseconds for line in found)
    return [replace(line, share=line.microseconds / total if total else 0.0) for line in found]
