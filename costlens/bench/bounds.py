"""What this machine can do at most through the runtime: measured in processes of its own, kept by fingerprint."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from costlens import runtimes
from costlens.arithmetic import units
from costlens.bench.bounds_worker import BoundsJob, BoundsSamples
from costlens.bench.machine import caches, fingerprint, last_level, machine_facts, own_cache
from costlens.bench.process import OnProgress, in_child, silent
from costlens.errors import BenchError, UsageError
from costlens.results.bounds import (
    Bounds,
    CacheFacts,
    MachineBounds,
    Precision,
    Rate,
    falling,
)
from costlens.results.stored import to_json
from costlens.runtimes import Fingerprint, Options
from costlens.runtimes._bound_models import CACHED, STREAMED, Sizes
from costlens.storage.cache import directory
from costlens.storage.files import kept_elsewhere, reason, scratch, write_whole

_PREFIX = "bounds-"
_ONCE = 3.0
"""Seconds for all operations of one number of threads together."""
_HUNG_S = 120.0  # generous, loading included: a process that takes longer hangs
_MANY_THREADS = 8
_LLC_UNKNOWN = 32 * 2**20
_OWN_UNKNOWN = 512 * 2**10
_STREAM_MOST = 512 * 2**20


def run_job(job: BoundsJob) -> BoundsSamples:
    """Do a job in a process of its own."""
    return in_child("costlens.bench.bounds_worker", job, BoundsSamples, _HUNG_S + job.seconds)


def measure(
    device: Literal["cpu", "cuda"] = "cpu",
    *,
    seconds: float = _ONCE,
    sizes: Sizes | None = None,
    on_progress: OnProgress = silent,
    launch: Callable[[BoundsJob], BoundsSamples] = run_job,
) -> MachineBounds:
    """Measure peak and bandwidth at one thread and, on the processor, at all usable ones; nothing is stored.

    ``seconds`` for each number of threads; ``sizes`` are chosen for this machine's caches where they are not given.
    Where more threads have a lower peak, other work is likely: all is measured again, and the best of both counts.
    Raises RuntimeUnavailable or BenchError.
    """
    started = time.monotonic()
    machine, found = machine_facts(), caches()
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%MZ")
    numbers = sorted({1, machine.cores_usable}) if device == "cpu" else [1]

    def attempt(done: int, total: int) -> list[BoundsSamples]:
        samples = []
        for number, threads in enumerate(numbers, start=done):
            on_progress(number, total, units.plural(threads, "thread"))
            fitting = sizes or sizes_for(found, machine.memory_bytes, threads, device)
            with scratch() as folder:
                samples.append(launch(BoundsJob(Options(device, threads), fitting, seconds, folder)))
        return samples

    samples = attempt(0, len(numbers))
    if falling([rate for sample in samples for rate in sample.rates]):
        samples = list(map(_better, samples, attempt(len(numbers), 2 * len(numbers))))
    first, rates = samples[0].fingerprint, tuple(rate for sample in samples for rate in sample.rates)
    return MachineBounds(
        schema=MachineBounds.SCHEMA,
        fingerprint=fingerprint(machine, first),
        measured=at,
        seconds=round(time.monotonic() - started, 1),
        machine=machine,
        caches=found,
        runtime=first,
        providers_available=samples[0].providers,
        bounds=tuple(
            bounds
            for ran_by in (sample.fingerprint for sample in samples)
            for bounds in _bounds(ran_by, fingerprint(machine, ran_by), at, rates, last_level(found))
        ),
        rates=rates,
        not_measured=tuple(one for sample in samples for one in sample.not_measured),
    )


def _better(one: BoundsSamples, other: BoundsSamples) -> BoundsSamples:
    """Return the first measurement with the better of both for each of its rates."""
    again = {(rate.operation, rate.precision): rate for rate in other.rates}
    pairs = ((rate, again.get((rate.operation, rate.precision), rate)) for rate in one.rates)
    better = (min(pair, key=lambda rate: rate.value if rate.unit == "us" else -rate.value) for pair in pairs)
    return replace(one, rates=tuple(better))


def sizes_for(found: tuple[CacheFacts, ...], memory_bytes: int | None, threads: int, device: str = "cpu") -> Sizes:
    """Return sizes that fit the machine: streams of four last-level caches, and no more than a 32nd of the memory.

    >>> sizes_for((CacheFacts(3, "unified", 2**25, 2), CacheFacts(2, "unified", 2**20, 1)), 2**34, 1).stream_bytes
    134217728
    """
    if device == "cuda":
        return Sizes(gemm=4096, channels=256, side=56, images=32, stream_bytes=_STREAM_MOST)
    last, own = last_level(found), own_cache(found)
    last_bytes = last.bytes if last else _LLC_UNKNOWN
    stream = min(4 * last_bytes, _STREAM_MOST)
    stream = max(2**20, min(stream, memory_bytes // 32)) if memory_bytes else stream
    # Three tensors fill half of the core's own cache; several threads share only larger ones: an eighth of the last.
    cached = (own.bytes if own else _OWN_UNKNOWN) // 6
    if threads > 1:
        cached = max(cached, last_bytes // 24)
    gemm = 2048 if threads > _MANY_THREADS else 1024
    return Sizes(gemm=gemm, images=threads, stream_bytes=stream, cached_bytes=cached // 4096 * 4096 or 4096)


def _bounds(ran_by: Fingerprint, of: str, at: str, rates: Sequence[Rate], last: CacheFacts | None) -> Iterable[Bounds]:
    """Return a bound for each precision that has a peak; bytes move alike in all of them.

    Rates of fewer threads count too: a runtime can leave threads idle, so a bound never falls with their number.
    """
    on_cpu = ran_by.device == "cpu"
    rates = [rate for rate in rates if rate.threads <= ran_by.threads]

    cached = max((rate.value for rate in rates if rate.operation == CACHED), default=0.0)
    moved = max((rate.value for rate in rates if rate.operation in STREAMED), default=0.0)
    overheads = [rate.value for rate in rates if rate.unit == "us" and rate.threads == ran_by.threads]
    for precision in dict.fromkeys(rate.precision for rate in rates):
        peaks = [rate.value for rate in rates if rate.precision == precision and rate.unit == "GMAC/s"]
        if peaks and moved:
            yield Bounds(
                fingerprint=of,
                peak_gmacs_per_s=max(peaks),
                bandwidth_bytes_per_s=1e9 * moved,
                threads=ran_by.threads,
                precision=precision,
                measured=at,
                cache_bytes=last.bytes if last and on_cpu else 0,
                cache_bandwidth_bytes_per_s=1e9 * max(cached, moved) if on_cpu else 0.0,
                overhead_us=max(overheads, default=0.0),
            )


def place(bounds: MachineBounds) -> Path:
    """Return the file in which a machine's bounds are kept."""
    return directory() / f"{_PREFIX}{bounds.fingerprint}.json"


def store(bounds: MachineBounds) -> Path:
    """Keep a machine's bounds in the cache directory, in place of its older ones, whole or not at all.

    BenchError where the place cannot be written: they are kept in a temporary folder, and it says where that is.
    """
    path, text = place(bounds), to_json(bounds)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text)
    except OSError as error:
        raise BenchError(
            f"{path}: the bounds cannot be kept there: {reason(error)}{kept_elsewhere({path: text})}; "
            "free space, or set COSTLENS_CACHE to another folder"
        ) from error
    return path


def is_kept() -> bool:
    """Say whether bounds of any machine are kept here; nothing is read."""
    return next(directory().glob(f"{_PREFIX}*.json"), None) is not None


def stored() -> tuple[MachineBounds, ...]:
    """Return the bounds of every machine that are kept here, the youngest first; unreadable files are left out."""
    kept = []
    for path in sorted(directory().glob(f"{_PREFIX}*.json")):
        try:
            kept.append(MachineBounds.from_json(path.read_text("utf-8")))
        except (OSError, UnicodeDecodeError, UsageError):
            continue  # another version's, or cut off: it is measured again
    return tuple(sorted(kept, key=lambda bounds: bounds.measured, reverse=True))


def here(device: str = "cpu") -> MachineBounds | None:
    """Return the stored bounds of this machine on a device, by this build of the runtime; None where there are none."""
    machine, versions = machine_facts(), runtimes.get(runtimes.DEFAULT).versions()
    known = (one for one in stored() if one.runtime.device == device and one.runtime.version in versions)
    return next((one for one in known if fingerprint(machine, one.runtime) == one.fingerprint), None)


def find(of: str, precision: Precision = "fp32") -> Bounds | None:
    """Return the stored bounds of a fingerprint, as latencies carry it, in a precision; None where there are none."""
    known = (bounds for machine in stored() for bounds in machine.bounds)
    return next((one for one in known if one.fingerprint == of and one.precision == precision), None)
