"""What a measuring process is asked to do, and the samples that come back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from costlens.bench.protocol import Protocol, Turn
from costlens.runtimes import Fingerprint


@dataclass(frozen=True, slots=True)
class Job:
    """One process's work: ``time`` all models side by side, or load and run a single one ``alone``.

    ``turns`` is None where the process has to find out how long the models take, ``share_s`` where there is no
    time limit, ``deadline_s`` (seconds after which the process is ended) where there is no deadline.
    """

    task: Literal["time", "alone"]
    protocol: Protocol
    models: Mapping[str, Path]
    process: int = 0
    share_s: float | None = None
    turns: Mapping[str, Turn] | None = None
    deadline_s: float | None = None


@dataclass(frozen=True, slots=True)
class ModelSamples:
    """One model in one process, nanoseconds: timed calls by block; load, first and idle calls apart.

    ``was_first``: no other model had been loaded before it in this process, so its start was a cold one.
    """

    turn: Turn
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
    """One model alone in a process: start, first call, and memory in bytes; None where the system reports none.

    base_bytes, peak_bytes: peak resident before and after these. run_bytes: peak resident during a second run.
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
