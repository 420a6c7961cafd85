"""What the parent asks of a measuring process and what comes back: one JSON line each way a message."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from costlens.bench.protocol import Protocol, Side
from costlens.runtimes import Fingerprint


@dataclass(frozen=True, slots=True)
class Job:
    """One process's work: ``time`` all models side by side, or load and run a single one ``alone``.

    ``sides`` is None where the process has to find out how long the models take, ``share_s`` where there is no
    time limit, ``deadline_s`` (seconds after which the process is ended) where it may take for ever.
    """

    task: Literal["time", "alone"]
    protocol: Protocol
    models: Mapping[str, Path]
    process: int = 0
    share_s: float | None = None
    sides: Mapping[str, Side] | None = None
    deadline_s: float | None = None

    def to_json(self) -> str:
        """Write the job as one line."""
        sides = None if self.sides is None else {label: asdict(side) for label, side in self.sides.items()}
        return json.dumps(
            {
                "task": self.task,
                "protocol": self.protocol.facts(),
                "models": {label: str(path) for label, path in self.models.items()},
                "process": self.process,
                "share_s": self.share_s,
                "sides": sides,
                "deadline_s": self.deadline_s,
            }
        )

    @classmethod
    def from_json(cls, line: str) -> Job:
        """Read what ``to_json`` wrote."""
        read: dict[str, Any] = json.loads(line)
        sides = read["sides"]
        return cls(
            task=read["task"],
            protocol=Protocol(**read["protocol"]),
            models={label: Path(path) for label, path in read["models"].items()},
            process=read["process"],
            share_s=read["share_s"],
            sides=sides and {label: Side(**side) for label, side in sides.items()},
            deadline_s=read["deadline_s"],
        )


@dataclass(frozen=True, slots=True)
class ModelSamples:
    """One model in one process, nanoseconds: timed calls by block; load, first and idle calls apart.

    ``was_first``: no model had been loaded before it in this process, so its start was a cold one.
    """

    side: Side
    was_first: bool
    cold_start_ns: int
    first_call_ns: int
    after_idle_ns: tuple[int, ...]
    blocks_ns: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class ProcessSamples:
    """All that one process measured. ``busy_s`` is its time from the job's arrival to the last sample."""

    fingerprint: Fingerprint
    busy_s: float
    models: Mapping[str, ModelSamples]


@dataclass(frozen=True, slots=True)
class AloneSamples:
    """One model alone in a process: start, first call, and its memory in bytes; None is what nobody told.

    base_bytes, peak_bytes: peak resident before and after these. run_bytes: peak resident in a second run.
    arena_bytes: what the runtime's allocator held after its first runs. copy_in_ns, copy_out_ns: inputs to the
    device and outputs from it; None on a processor.
    """

    fingerprint: Fingerprint
    cold_start_ns: int
    first_call_ns: int
    base_bytes: int | None
    peak_bytes: int | None
    run_bytes: int | None = None
    arena_bytes: int | None = None
    copy_in_ns: int | None = None
    copy_out_ns: int | None = None


Samples = ProcessSamples | AloneSamples


def messages(samples: Samples) -> Iterable[dict[str, Any]]:
    """Yield the messages that carry samples: one a model, then one for the process."""
    if isinstance(samples, AloneSamples):
        yield {"alone": asdict(samples)}
        return
    for label, model in samples.models.items():
        yield {"model": label, **asdict(model)}
    yield {"process": {"fingerprint": asdict(samples.fingerprint), "busy_s": samples.busy_s}}


def collect(received: Iterable[Mapping[str, Any]]) -> Samples | None:
    """Put messages together again; None where the last one is missing."""
    models: dict[str, ModelSamples] = {}
    for message in received:
        if "model" in message:
            models[message["model"]] = _model(message)
        elif "alone" in message:
            alone = dict(message["alone"])
            return AloneSamples(_fingerprint(alone.pop("fingerprint")), **alone)
        elif "process" in message:
            process = message["process"]
            return ProcessSamples(_fingerprint(process["fingerprint"]), process["busy_s"], models)
    return None


def _model(message: Mapping[str, Any]) -> ModelSamples:
    return ModelSamples(
        side=Side(**message["side"]),
        was_first=message["was_first"],
        cold_start_ns=message["cold_start_ns"],
        first_call_ns=message["first_call_ns"],
        after_idle_ns=tuple(message["after_idle_ns"]),
        blocks_ns=tuple(map(tuple, message["blocks_ns"])),
    )


def _fingerprint(read: Mapping[str, Any]) -> Fingerprint:
    return Fingerprint(**{**read, "providers": tuple(read["providers"])})
