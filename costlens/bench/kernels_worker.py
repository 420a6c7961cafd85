"""The process that times kernels, ``python -m costlens.bench.kernels_worker``, its job and its samples.

Many kernels are branches of one model, a bundle. In a bundle near all that is used fits the core's own cache, or is one
kernel of a few times that; in a warm one all weights together fit the last cache; in a cold one they and others that
are read once a run do not. The profiler tells what each took; its cost is taken off. It counts whole microseconds, so
short kernels near are timed without it, by copies. All is timed while the machine is as quick as it was.
"""

import gc
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Final

from costlens import runtimes
from costlens.bench.attribution.calibration import calibrate, corrected, least
from costlens.bench.attribution.worker import MOST_CALLS, RUNG_S, Turns, weigh
from costlens.bench.pace import Pace, is_slow
from costlens.bench.wire import Send, answer
from costlens.bench.worker import Clock
from costlens.errors import BenchError, first_line
from costlens.results.layer_times import Calibration, Rung
from costlens.runtimes import Fingerprint, Input, Options, Runtime
from costlens.runtimes._bundle import PREFIX, write_bundle
from costlens.runtimes._onnxruntime_operations import block
from costlens.runtimes._operation import Operation, from_text, working_set_bytes

NEAR_SHARE, NEAR_TIMES = 2, 4
"""What a bundle near uses takes this part of the core's own cache at most, or is one kernel of so many times that."""
MOST_NEAR: Final = 12
"""The most kernels of a bundle near. Among 48, small kernels took up to a fifth longer than in small networks."""
EVICTED: Final = 1.25
"""How many times the core's own cache is read before each kernel of a cold bundle, whose output then is not in it."""
WARM_SHARE: Final = 8
"""Weights of a warm bundle take this part of the last-level cache at most."""
COLD_TIMES: Final = 2
"""What a cold bundle reads in a run takes so many last-level caches."""
MOST_KERNELS: Final = 48
_COLD_WEIGHTS: Final = 2**27
SHORT_US: Final = 12.0
"""Kernels near that take less, with the profiler's cost, are timed without it: it counts whole microseconds."""
_WARM_UP: Final = 2
_ROUNDS: Final = (5, 40)
_TURN_S: Final = 0.005
_TRIES: Final = 3
"""A bundle is timed so often at most while the machine is slow; the quickest quarter of the calls counts."""
_COST_US, _STRETCH = 0.1, 0.02
"""Standard deviations of what a bundle's call and its kernels differ by: microseconds a kernel, and relative. They are
guesses, by which 24 small networks were nearer to what they took than by a stretch alone.
"""


@dataclass(frozen=True, slots=True)
class KernelJob:
    """One process's work: to time kernels, given as the lines of their operations, for ``seconds`` each.

    cache_bytes: the last-level cache; own_bytes: the core's own, 0 where it is not known. folder: an empty one, which
    the parent removes. pace_us: the machine's best so far, 0 where none is known. patience_s: how long it waits in all
    while the machine is slow.
    """

    options: Options
    kernels: tuple[str, ...]
    folder: Path
    cache_bytes: int
    seconds: float
    own_bytes: int = 0
    pace_us: float = 0.0
    patience_s: float = 0.0


@dataclass(frozen=True, slots=True)
class KernelSamples:
    """What one process found: microseconds of each kernel, None and the reason where the runtime refuses it.

    block: the channels that the runtime keeps together. call_us: a call without a kernel. near_us: None of a kernel
    that is too large for it. pace_us: the machine's best so far; paces_us: that of each kernel's slowest bundle.
    """

    fingerprint: Fingerprint
    block: int
    call_us: float
    warm_us: tuple[float | None, ...]
    cold_us: tuple[float | None, ...]
    refused: tuple[str, ...]
    near_us: tuple[float | None, ...] = ()
    pace_us: float = 0.0
    paces_us: tuple[float, ...] = ()


def measure(job: KernelJob, runtime: Runtime, send: Send, clock: Clock = time.perf_counter_ns) -> KernelSamples:
    """Time the kernels of a job, each in a warm bundle and in a cold one, and near where it fits."""
    profiler = runtime.profiler()
    runtime.start()
    send({"doing": "measuring what the profiler costs"})
    small = Options(job.options.device, job.options.threads)
    nets = profiler.ladder(job.folder)

    def climb() -> list[Rung]:
        return [
            weigh(runtime.load(net, small), profiler.profiled(net, small, job.folder), RUNG_S, clock).rung
            for net in nets
        ]

    pace = Pace(runtime.load(nets[-1], replace(small, threads=1)), clock, job.pace_us, job.patience_s)
    pace.settled()
    first = climb()
    fingerprint = runtime.load(nets[0], small).fingerprint
    operations = [from_text(line) for line in job.kernels]
    timer = _Timer(job, runtime, send, clock, pace)
    every = range(len(operations))
    fitting = [place for place in every if working_set_bytes([operations[place]]) <= NEAR_TIMES * job.own_bytes]
    room = Room(working_set_bytes, job.own_bytes // NEAR_SHARE, MOST_NEAR)
    near = timer.times(operations, fitting, room)
    short = timer.copies(operations, [place for place, one in near.items() if one.profiled_us < SHORT_US], room)
    warm = timer.times(operations, every, Room(weight_bytes, job.cache_bytes // WARM_SHARE))
    cold = timer.times(operations, every, Room(weight_bytes, _COLD_WEIGHTS), COLD_TIMES * job.cache_bytes)
    pace.settled()
    calibration = calibrate(least([first, climb()]))

    def microseconds(found: dict[int, InBundle]) -> tuple[float | None, ...]:
        return tuple(found[place].microseconds(calibration) if place in found else None for place in every)

    def at_least_near(found: dict[int, InBundle]) -> tuple[float | None, ...]:
        """Return the same, and of what is short its time near at least."""
        least_us = [short[place].microseconds if place in short else 0.0 for place in every]
        pairs = zip(microseconds(found), least_us, strict=True)
        return tuple(None if us is None else max(us, least) for us, least in pairs)

    return KernelSamples(
        fingerprint,
        block(job.folder),
        max(0.0, calibration.call_us),
        at_least_near(warm),
        at_least_near(cold),
        tuple(timer.refused.get(one.text, "") for one in operations),
        tuple(short[place].microseconds if place in short else us for place, us in enumerate(microseconds(near))),
        pace.best_us,
        tuple(
            max((one[place].pace_us for one in (near, short, warm, cold) if place in one), default=0.0)
            for place in every
        ),
    )


@dataclass(frozen=True, slots=True)
class InBundle:
    """A kernel as profiled within a bundle; of the bundle the sum and number of all kernels, and a call unprofiled.

    pace_us: the machine's while the bundle ran.
    """

    profiled_us: float
    sum_us: float
    kernels: int
    unprofiled_us: float
    pace_us: float = 0.0

    def microseconds(self, calibration: Calibration) -> float:
        """Return its part of a call: without the cost of the profiler, and as a call takes without it.

        What the bundle's call and its kernels differ by has two causes, and each gets its part by its variance: the
        cost that was taken off, equal for all kernels, and a stretch, which makes long kernels longer. The first is
        most of it in bundles of many small kernels.

        >>> bundle, calibration = (91.0, 90, 82.0), Calibration(0.0, 2.5, 0.0, 0.0, ())
        >>> [round(InBundle(us, *bundle).microseconds(calibration), 2) for us in (1.0, 20.0)]
        [0.9, 19.83]
        """
        whole = self.sum_us - self.kernels * calibration.inside_us
        off = self.unprofiled_us - calibration.call_us - whole
        cost, stretch = (self.kernels * _COST_US) ** 2, (_STRETCH * whole) ** 2
        each = off * cost / (cost + stretch) / self.kernels
        share = 1.0 + off * stretch / (cost + stretch) / whole if whole > 0 else 1.0
        return max(0.0, corrected(self.profiled_us, calibration) * max(0.0, share) + each)


@dataclass(frozen=True, slots=True)
class InCopies:
    """What each of some copies of a kernel takes longer than a model without it; pace_us: the machine's meanwhile."""

    microseconds: float
    pace_us: float


@dataclass(frozen=True, slots=True)
class Room:
    """What a bundle may hold: so many bytes by a measure of operations, and so many kernels."""

    size: Callable[[Sequence[Operation]], int]
    most_bytes: int
    most_kernels: int = MOST_KERNELS


def weight_bytes(operations: Sequence[Operation]) -> int:
    """Return the bytes of all weights."""
    return sum(one.weight_bytes for one in operations)


def bundles(operations: Sequence[Operation], places: Iterable[int], room: Room) -> Iterator[list[int]]:
    """Yield the places of kernels that are timed together; one that needs more room is alone.

    >>> from costlens.runtimes._operation import Operand, operation
    >>> one = operation("MatMul", [Operand((1, 4)), Operand((4, 4), stored=True)], [Operand((1, 4))])
    >>> list(bundles([one] * 5, range(5), Room(weight_bytes, 128)))
    [[0, 1], [2, 3], [4]]
    >>> list(bundles([one] * 5, range(5), Room(weight_bytes, 2**20, 3)))
    [[0, 1, 2], [3, 4]]
    """
    held: list[int] = []
    for place in places:
        together = [operations[each] for each in (*held, place)]
        if held and (room.size(together) > room.most_bytes or len(held) == room.most_kernels):
            yield held
            held = []
        held.append(place)
    if held:
        yield held


class _Timer:
    """Times bundles with and without the profiler; remembers which kernels the runtime refused, and why."""

    def __init__(self, job: KernelJob, runtime: Runtime, send: Send, clock: Clock, pace: Pace) -> None:
        self._job, self._runtime, self._send, self._clock, self._pace = job, runtime, send, clock, pace
        self.refused: dict[str, str] = {}

    def times(
        self, operations: Sequence[Operation], places: Iterable[int], room: Room, read_bytes: int = 0
    ) -> dict[int, InBundle]:
        """Return what the kernels at some places take, by their place.

        read_bytes: of weights in a run at least, so that none is in a cache when its turn comes.
        """
        found: dict[int, InBundle] = {}
        for together in bundles(operations, places, room):
            self._send({"doing": f"timing {len(together)} kernels"})
            found |= self._of_bundle(operations, together, read_bytes)
        return found

    def copies(self, operations: Sequence[Operation], places: Iterable[int], room: Room) -> dict[int, InCopies]:
        """Time kernels without the profiler, by their place: a model with copies of one beside the same without them.

        Where the runtime does not run the copies, the kernel is left out, and its time in a bundle stays.
        """
        self._send({"doing": "timing short kernels"})
        found: dict[int, InCopies] = {}
        for place in places:
            with suppress(BenchError, ValueError):
                found[place] = self._of_copies(operations[place], room)
        return found

    def _of_copies(self, operation: Operation, room: Room) -> InCopies:
        number = min(room.most_kernels, max(1, room.most_bytes // max(1, room.size([operation]))))
        both = []
        for name, bare in (("copies", False), ("bare", True)):
            path = self._job.folder / f"{name}.onnx"
            shapes = write_bundle(path, [operation] * number, bare=bare)
            options = replace(self._job.options, inputs={name: Input(shape) for name, shape in shapes.items()})
            both.append(Turns(self._runtime.profiler().plain(path, options), self._clock))
        pace_us = self._in_turns(both, self._job.seconds)
        whole, around = (turns.undisturbed_us() for turns in both)
        return InCopies(max(0.0, whole - around) / number, pace_us)

    def _in_turns(self, both: Sequence[Turns], seconds: float) -> float:
        """Call two models in turn and return the pace; BenchError where the runtime does not run one."""
        try:
            return _take_turns(both, seconds, self._pace)
        except Exception as problem:  # runtimes raise what they like
            raise BenchError(f"the runtime loads it and does not run it: {first_line(problem)}") from problem

    def _of_bundle(self, operations: Sequence[Operation], places: list[int], read_bytes: int) -> dict[int, InBundle]:
        """Time kernels together; where the runtime refuses some of them, those are found and left out."""
        asked = [place for place in places if operations[place].text not in self.refused]
        if not asked:
            return {}
        try:
            taken = self._bundle([operations[place] for place in asked], read_bytes)
        except (BenchError, ValueError) as problem:
            if len(asked) == 1:
                self.refused[operations[asked[0]].text] = first_line(problem)
                return {}
            middle = len(asked) // 2
            halves = (asked[:middle], asked[middle:])
            return {key: us for half in halves for key, us in self._of_bundle(operations, half, read_bytes).items()}
        return dict(zip(asked, taken, strict=True))

    def _bundle(self, operations: Sequence[Operation], read_bytes: int) -> list[InBundle]:
        path = self._job.folder / "bundle.onnx"
        evicted = round(EVICTED * self._job.own_bytes) if read_bytes else 0
        ballast = max(0, read_bytes - weight_bytes(operations))
        shapes = write_bundle(path, operations, ballast, evicted)
        options = replace(self._job.options, inputs={name: Input(shape) for name, shape in shapes.items()})
        profiler = self._runtime.profiler()
        plain = profiler.plain(path, options)
        session = profiler.profiled(path, options, self._job.folder, as_is=True)
        both = unprofiled, profiled = Turns(plain, self._clock), Turns(session, self._clock)
        try:
            pace_us = self._in_turns(both, self._job.seconds * len(operations))
        finally:
            path.unlink(missing_ok=True)
            profile = session.end()
        runs = [profile.runs_us[place] for place in profiled.undisturbed()]
        means = tuple(map(fmean, zip(*runs, strict=True)))
        whole = sum(means), len(means), unprofiled.undisturbed_us(), pace_us
        found = {
            int(kernel.name.removeprefix(PREFIX)): InBundle(us, *whole)
            for kernel, us in zip(profile.kernels, means, strict=True)
            if kernel.name.startswith(PREFIX)
        }
        return [found[place] for place in range(len(operations))]


def _take_turns(both: Sequence[Turns], seconds: float, pace: Pace) -> float:
    """Call sessions in turn for about so many seconds, after calls that warm up; again where the machine was slow.

    Return its pace while they were called, microseconds: of the quickest try, the larger of before and after.
    """
    for turns in both:
        for _ in range(_WARM_UP):
            turns.call()
    once_s = max(1e-6, max(turns.call() for turns in both) / 1e9)
    calls = min(MOST_CALLS, max(1, round(_TURN_S / once_s)))
    least, most = _ROUNDS
    rounds = min(most, max(least, round(seconds / (len(both) * calls * once_s))))
    paces: list[float] = []
    gc.collect()
    gc.disable()
    try:
        while not paces or (is_slow(paces[-1], pace.best_us) and pace.is_patient and len(paces) < _TRIES):
            before = pace.settled()
            began = time.monotonic()
            for number in range(rounds):
                for turns in both if number % 2 else reversed(both):
                    turns.take(0, calls)
            paces.append(max(before, pace.now()))
            pace.lose_patience(time.monotonic() - began if len(paces) > 1 else 0.0)
    finally:
        gc.enable()
    return min(paces)


def _do(job: KernelJob, send: Send) -> KernelSamples:
    try:
        return measure(job, runtimes.get(runtimes.DEFAULT), send)
    except OSError as problem:
        raise BenchError(f"models of kernels cannot be kept: {problem.strerror}; free space") from problem


if __name__ == "__main__":
    answer(KernelJob, _do)
