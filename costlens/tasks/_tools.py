"""What tasks work with: how a network is proven, how models are timed and profiled, and who watches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from costlens.tasks import _keras_proof, _proof
from costlens.tasks._proof import Proof

if TYPE_CHECKING:
    from costlens.bench.attribution.summary import Named
    from costlens.bench.kernels import TimedKernels
    from costlens.bench.protocol import Protocol
    from costlens.network.graph import Graph
    from costlens.results.counts import ModelCount
    from costlens.results.latency import LatencyReport
    from costlens.results.layer_times import LayerTime, LayerTimes
    from costlens.results.verification import Ledger, VerifiedVariant
    from costlens.runtimes import Inputs, Options
    from costlens.runtimes._operation import Operation
    from costlens.sources._source import Model

Observer = Callable[[str, int, int, str], None]
"""``(stage, done, total, message)``: what is being exported or timed."""


def silent(stage: str, done: int, total: int, message: str) -> None:
    """Observe nothing."""


@dataclass(frozen=True, slots=True)
class Tools:
    """The collaborators of a task; tests hand in others. ``note`` takes a sentence that is not part of any result."""

    observe: Observer = silent
    note: Callable[[str], object] = str

    def prove(self, graph: Graph, count: ModelCount) -> Proof:
        """Return the export of a graph, compared with its count."""
        return _proof.prove(graph, count)

    def prove_keras(self, model: Model, batch: int) -> Proof:
        """Return the export of a Keras model for a batch, compared with its count."""
        return _keras_proof.prove(model, batch)

    def prove_file(self, model: Model) -> tuple[VerifiedVariant, Ledger | None]:
        """Return what a run of a model file says of its count."""
        from costlens.tasks import _file_proof, _tflite_proof  # they need what this file offers

        return _tflite_proof.check(model) if model.runtime else _file_proof.check(model)

    def bench(
        self,
        files: Mapping[str, Path],
        plan: Protocol,
        baseline: str,
        macs: Mapping[str, int],
        peaks: Mapping[str, int],
        inputs: Mapping[str, Inputs],
    ) -> LatencyReport:
        """Time files by label; their MACs and peak activations are of one example, inputs are by path."""
        from costlens.bench.run import bench

        seen = partial(self.observe, "time")
        return bench(files, plan, baseline=baseline, macs=macs, peak_activations=peaks, inputs=inputs, on_progress=seen)

    def time_kernels(
        self, operations: Sequence[Operation], threads: int, *, passes: int, pace_us: float = 0.0
    ) -> TimedKernels:
        """Time kernels."""
        from costlens.bench.kernels import time_kernels

        observe = partial(self.observe, "kernels")
        return time_kernels(operations, threads, passes=passes, pace_us=pace_us, on_progress=observe)

    def profile(
        self, named: Named, file: Path, rows: Sequence[LayerTime], runtime: str, options: Options, processes: int
    ) -> LayerTimes:
        """Time the rows of a file, which are given without times."""
        from costlens.bench.attribution.run import layer_times

        seen = partial(self.observe, "layers")
        return layer_times(named, file, rows, options, runtime=runtime, processes=processes, on_progress=seen)
