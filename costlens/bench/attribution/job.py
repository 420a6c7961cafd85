"""What the parent asks of a profiling process and what comes back: one JSON line each way a message."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from costlens.results.layer_times import Rung
from costlens.runtimes import Fingerprint, Options
from costlens.runtimes._profile import GraphNode, Kernel


@dataclass(frozen=True, slots=True)
class ProfileJob:
    """One process's work: weigh the profiler, then run a model with and without it, by turns, for ``seconds``.

    ``graphs``: tell of the model's graphs too, which are the same for all processes. ``folder`` is for what the
    runtime writes; the parent removes it, however the process ends.
    """

    runtime: str
    options: Options
    model: Path
    folder: Path
    seconds: float
    graphs: bool

    def to_json(self) -> str:
        """Write the job as one line."""
        return json.dumps({**asdict(self), "model": str(self.model), "folder": str(self.folder)})

    @classmethod
    def from_json(cls, line: str) -> ProfileJob:
        """Read what ``to_json`` wrote."""
        read: dict[str, Any] = json.loads(line)
        places = {name: Path(read[name]) for name in ("model", "folder")}
        return cls(**{**read, **places, "options": Options(**read["options"])})


@dataclass(frozen=True, slots=True)
class Weighed:
    """A model with and without the profiler, microseconds a call: both latencies, and each kernel by its account.

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
    """What one process found out: the model, the ladder, and where it was asked for, the nodes of both graphs."""

    fingerprint: Fingerprint
    model: Weighed
    ladder: tuple[Rung, ...]
    optimised: tuple[GraphNode, ...]
    source: tuple[GraphNode, ...]


def messages(samples: ProfileSamples) -> Iterator[dict[str, Any]]:
    """Yield the one message that carries samples."""
    yield {"profile": asdict(samples)}


def collect(received: Sequence[Mapping[str, Any]]) -> ProfileSamples | None:
    """Read samples from the messages; None where they did not come."""
    for message in received:
        if "profile" in message:
            return _samples(message["profile"])
    return None


def _samples(read: Mapping[str, Any]) -> ProfileSamples:
    model, ran_by = dict(read["model"]), dict(read["fingerprint"])
    ran_by["providers"] = tuple(ran_by["providers"])
    model["kernels"] = tuple(Kernel(**kernel) for kernel in model["kernels"])
    model["kernels_us"], model["within"] = tuple(model["kernels_us"]), tuple(model["within"])
    return ProfileSamples(
        fingerprint=Fingerprint(**ran_by),
        model=Weighed(**model),
        ladder=tuple(Rung(**rung) for rung in read["ladder"]),
        optimised=_nodes(read["optimised"]),
        source=_nodes(read["source"]),
    )


def _nodes(read: Sequence[Mapping[str, Any]]) -> tuple[GraphNode, ...]:
    return tuple(GraphNode(n["name"], n["op"], tuple(n["inputs"]), tuple(n["outputs"])) for n in read)
