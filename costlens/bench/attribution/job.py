"""What a profiling process is asked to do, and the samples that come back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from costlens.results.layer_times import Rung
from costlens.runtimes import Fingerprint, Options
from costlens.runtimes._profile import GraphNode, Kernel


@dataclass(frozen=True, slots=True)
class ProfileJob:
    """One process's work: measure the profiler's cost, then run a model with and without it in turn, for ``seconds``.

    ``graphs``: return the model's graphs too, which are the same for all processes. ``folder`` is for what the
    runtime writes; the parent removes it, however the process ends.
    """

    runtime: str
    options: Options
    model: Path
    folder: Path
    seconds: float
    graphs: bool


@dataclass(frozen=True, slots=True)
class Weighed:
    """A model with and without the profiler, microseconds a call: both latencies, and each kernel as profiled.

    All are means over the fastest quarter of the calls; ``runs`` is how many were profiled. ``within`` is how many
    kernels ran inside each, as in a loop.
    """

    unprofiled_us: float
    profiled_us: float
    kernels: tuple[Kernel, ...]
    kernels_us: tuple[float, ...]
    within: tuple[float, ...]
    runs: int

    @property
    def rung(self) -> Rung:
        """The sums, as a rung of a ladder."""
        return Rung(len(self.kernels), self.unprofiled_us, self.profiled_us, sum(self.kernels_us))


@dataclass(frozen=True, slots=True)
class ProfileSamples:
    """What one process found: the model, the ladder, and the nodes of both graphs if the job asks for them."""

    fingerprint: Fingerprint
    model: Weighed
    ladder: tuple[Rung, ...]
    optimised: tuple[GraphNode, ...]
    source: tuple[GraphNode, ...]
