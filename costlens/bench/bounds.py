"""What this machine can do at most, through the runtime: measured in processes of their own, kept by fingerprint."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from costlens import runtimes
from costlens.bench.bounds_worker import BoundsJob
from costlens.bench.caches import caches, last_level, own_cache
from costlens.bench.machine import fingerprint, machine_facts, runtime_facts
from costlens.bench.process import in_child
from costlens.errors import BenchError, UsageError
from costlens.results.bounds import (
    SCHEMA,
    Bounds,
    CacheFacts,
    MachineBounds,
    NotMeasured,
    Precision,
    Rate,
    bounds_from_json,
    bounds_to_json,
)
from costlens.runtimes import Fingerprint, Options
from costlens.runtimes._bound_models import CACHED, OPERATIONS, STREAMED, Sizes
from costlens.storage.cache import directory
from costlens.storage.files import write_whole

_MODULE = "costlens.bench.bounds_worker"
_PREFIX = "bounds-"
_ONCE = 3.0
"""Seconds that all operations of one number of threads take turns for."""

_HUNG_S = 120.0  # loading and generous besides: what takes longer hangs
_MANY_THREADS = 8
_LLC_UNKNOWN = 32 * 2**20
_OWN_UNKNOWN = 512 * 2**10
_STREAM_MOST = 512 * 2**20
_STREAM_CUDA = 512 * 2**20

Messages = Sequence[Mapping[str, Any]]
Launch = Callable[[BoundsJob], Messages]
OnProgress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class _Process:
    """What one process found, at one number of threads."""

    threads: int
    ran_by: Fingerprint
    providers: tuple[str, ...]
    rates: tuple[Rate, ...]
    missing: tuple[NotMeasured, ...]


def _launch(job: BoundsJob) -> Messages:
    def whole(received: Messages) -> Messages | None:
        return received if received and "fingerprint" in received[-1] else None

    return in_child(_MODULE, job.to_json(), whole, _HUNG_S + job.seconds)


def _silent(done: int, total: int, message: str) -> None:
    pass


def measure(
    device: Literal["cpu", "cuda"] = "cpu",
    *,
    seconds: float = _ONCE,
    sizes: Sizes | None = None,
    on_progress: OnProgress = _silent,
    launch: Launch = _launch,
) -> MachineBounds:
    """Measure peak and bandwidth at one thread and, on the processor, at all usable ones; nothing is stored.

    ``seconds`` for each number of threads; ``sizes`` are chosen for this machine's caches where they are not given.
    Raises RuntimeUnavailable or BenchError.
    """
    started = time.monotonic()
    machine, found = machine_facts(), caches()
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%MZ")
    numbers = sorted({1, machine.cores_usable}) if device == "cpu" else [1]
    processes: list[_Process] = []
    for done, threads in enumerate(numbers):
        on_progress(done, len(numbers), f"{threads} thread{'s' if threads > 1 else ''}")
        fitting = sizes or sizes_for(found, machine.memory_bytes, threads, device)
        processes.append(_measure_threads(Options(device, threads), fitting, seconds, launch))
    runtime = runtime_facts(processes[0].ran_by)
    return MachineBounds(
        schema=SCHEMA,
        fingerprint=fingerprint(machine, runtime),
        measured=at,
        seconds=round(time.monotonic() - started, 1),
        machine=machine,
        caches=found,
        runtime=runtime,
        providers_available=processes[0].providers,
        bounds=tuple(
            bounds
            for process in processes
            for bounds in _bounds(process, fingerprint(machine, runtime_facts(process.ran_by)), found, at)
        ),
        rates=tuple(rate for process in processes for rate in process.rates),
        not_measured=tuple(one for process in processes for one in process.missing),
    )


def sizes_for(found: tuple[CacheFacts, ...], memory_bytes: int | None, threads: int, device: str = "cpu") -> Sizes:
    """Return sizes that fit the machine: streams of four last-level caches, and no more than a 32nd of the memory.

    >>> sizes_for((CacheFacts(3, "unified", 2**25, 2), CacheFacts(2, "unified", 2**20, 1)), 2**34, 1).stream_bytes
    134217728
    """
    if device == "cuda":
        return Sizes(gemm=4096, channels=256, side=56, images=32, stream_bytes=_STREAM_CUDA)
    last, own = last_level(found), own_cache(found)
    stream = min(4 * (last.bytes if last else _LLC_UNKNOWN), _STREAM_MOST)
    stream = max(2**20, min(stream, memory_bytes // 32)) if memory_bytes else stream
    # Three tensors fill half of the core's own cache; several threads share only larger ones: an eighth of the last.
    cached = (own.bytes if own else _OWN_UNKNOWN) // 6
    if threads > 1:
        cached = max(cached, (last.bytes if last else _LLC_UNKNOWN) // 24)
    gemm = 2048 if threads > _MANY_THREADS else 1024
    return Sizes(gemm=gemm, images=threads, stream_bytes=stream, cached_bytes=cached // 4096 * 4096 or 4096)


def _measure_threads(options: Options, sizes: Sizes, seconds: float, launch: Launch) -> _Process:
    with _folder() as folder:
        messages = launch(BoundsJob(options, sizes, seconds, folder, _asked(options.device)))
    ran_by = messages[-1]["fingerprint"]
    return _Process(
        options.threads,
        Fingerprint(**{**ran_by, "providers": tuple(ran_by["providers"])}),
        tuple(messages[-1]["providers"]),
        tuple(_rate(message, options.threads) for message in messages if "operation" in message),
        tuple(_missing(message, options.threads) for message in messages if "missing" in message),
    )


def _folder() -> tempfile.TemporaryDirectory[str]:
    try:
        return tempfile.TemporaryDirectory(prefix="costlens-bounds-")
    except OSError as problem:
        raise BenchError(f"no temporary folder can be made: {problem.strerror}; free disk space") from problem


def _asked(device: str) -> tuple[tuple[str, str], ...]:
    """Leave int8 out on a graphics card: what it has no kernel for would run on the processor, unasked."""
    return tuple(pair for pair in OPERATIONS if device != "cuda" or pair[1] != "int8")


def _rate(message: Mapping[str, Any], threads: int) -> Rate:
    work, best_ns = message["work"], message["best_ns"]
    unit: Literal["GMAC/s", "GB/s", "us"] = "us" if work["kernels"] else "GMAC/s" if work["macs"] else "GB/s"
    value = best_ns / 1e3 / work["kernels"] if unit == "us" else (work["macs"] or work["traffic_bytes"]) / best_ns
    spread = message["median_ns"] / best_ns
    return Rate(
        message["operation"], message["precision"], threads, value, unit, work["size"], spread, message["blocks"]
    )


def _missing(message: Mapping[str, Any], threads: int) -> NotMeasured:
    return NotMeasured(message["precision"], threads, message["missing"], message["why"])


def _bounds(process: _Process, of: str, found: tuple[CacheFacts, ...], at: str) -> Iterable[Bounds]:
    """Return a bound for each precision that has a peak; bytes move alike in all of them."""
    last = last_level(found)
    on_cpu = process.ran_by.device == "cpu"
    cached = _best(process.rates, "GB/s", (CACHED,))
    for precision in dict.fromkeys(rate.precision for rate in process.rates):
        peak = _best([rate for rate in process.rates if rate.precision == precision], "GMAC/s")
        moved = _best(process.rates, "GB/s", STREAMED)
        if peak and moved:
            yield Bounds(
                fingerprint=of,
                peak_gmacs_per_s=peak,
                bandwidth_bytes_per_s=1e9 * moved,
                threads=process.threads,
                precision=precision,
                measured=at,
                cache_bytes=last.bytes if last and on_cpu else 0,
                cache_bandwidth_bytes_per_s=1e9 * max(cached, moved) if on_cpu else 0.0,
                overhead_us=_best(process.rates, "us"),
            )


def _best(rates: Iterable[Rate], unit: str, operations: Sequence[str] = ()) -> float:
    asked = [rate.value for rate in rates if rate.unit == unit and (not operations or rate.operation in operations)]
    return max(asked, default=0.0)


def store(bounds: MachineBounds) -> Path:
    """Keep a machine's bounds in the cache directory in the place of its older ones, whole or not at all.

    BenchError where the place cannot be written.
    """
    path = directory() / f"{_PREFIX}{bounds.fingerprint}.json"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, bounds_to_json(bounds))
    except OSError as error:
        raise BenchError(
            f"{path}: the bounds cannot be kept there: {error.strerror or error}; "
            "free space, or set COSTLENS_CACHE to another folder"
        ) from error
    return path


def stored() -> tuple[MachineBounds, ...]:
    """Return the bounds of every machine that are kept here, the youngest first; what cannot be read is left out."""
    kept = []
    for path in sorted(directory().glob(f"{_PREFIX}*.json")):
        try:
            kept.append(bounds_from_json(path.read_text("utf-8"), what=str(path)))
        except (OSError, UnicodeDecodeError, UsageError):
            continue  # another version's, or cut off: it is measured anew
    return tuple(sorted(kept, key=lambda bounds: bounds.measured, reverse=True))


def here(device: str = "cpu") -> MachineBounds | None:
    """Return what is stored of this machine on a device, by this build of the runtime; None where nothing is."""
    machine, versions = machine_facts(), _runtime_versions()
    known = (one for one in stored() if one.runtime.device == device and one.runtime.version in versions)
    return next((one for one in known if fingerprint(machine, one.runtime) == one.fingerprint), None)


def _runtime_versions() -> set[str]:
    """Return the versions of the runtime that are installed, without importing it: the GPU build has its own name."""
    return set(runtimes.get(runtimes.DEFAULT).versions())


def find(of: str, precision: Precision = "fp32") -> Bounds | None:
    """Return the stored bounds of a fingerprint, as latencies carry it, in a precision; None where there are none."""
    known = (bounds for machine in stored() for bounds in machine.bounds)
    return next((one for one in known if one.fingerprint == of and one.precision == precision), None)
