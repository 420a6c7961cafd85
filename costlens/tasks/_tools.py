"""What tasks work with: how a network is proven, how models are timed and profiled, and who watches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from costlens.tasks import _proof
from costlens.tasks._proof import Proof

if TYPE_CHECKING:
    from costlens.bench.attribution.summary import Named as Profiled
    from costlens.bench.protocol import Protocol
    from costlens.network.graph import Graph
    from costlens.results.counts import ModelCount
    from costlens.results.latency import LatencyReport
    from costlens.results.layer_times import LayerTime, LayerTimes

Observer = Callable[[str, int, int, str], None]
"""``(stage, done, total, message)``: what is being exported or timed."""


def silent(stage: str, done: int, total: int, message: str) -> None:
    """Observe nothing."""


def _bench(
    files: Mapping[str, Path],
    plan: Protocol,
    baseline: str,
    macs: Mapping[str, int],
    peak_activations: Mapping[str, int],
    observe: Observer,
) -> LatencyReport:
    from costlens.bench.run import bench

    return bench(
        files,
        plan,
        baseline=baseline,
        macs=macs,
        peak_activations=peak_activations,
        on_progress=partial(observe, "time"),
    )


def _profile(
    named: Profiled, file: Path, rows: Sequence[LayerTime], plan: Protocol, processes: int, observe: Observer
) -> LayerTimes:
    from costlens.bench.attribution.run import layer_times

    return layer_times(
        named,
        file,
        rows,
        plan.options,
        runtime=plan.runtime,
        processes=processes,
        on_progress=partial(observe, "layers"),
    )


@dataclass(frozen=True, slots=True)
class Tools:
    """The collaborators of a task; tests hand in others.

    note: takes a sentence that is not part of any result. prove: a graph and its count → an exported, verified file.
    bench: files by label, a plan, the baseline's label, the MACs and the peak activations of one example by label, an
    observer → times. profile: what is profiled, its file, its rows without times, a plan, how many processes, an
    observer → the times of the rows.
    """

    observe: Observer = silent
    note: Callable[[str], object] = str
    prove: Callable[[Graph, ModelCount], Proof] = _proof.prove
    bench: Callable[
        [Mapping[str, Path], Protocol, str, Mapping[str, int], Mapping[str, int], Observer], LatencyReport
    ] = _bench
    profile: Callable[[Profiled, Path, Sequence[LayerTime], Protocol, int, Observer], LayerTimes] = _profile
