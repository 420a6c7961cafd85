"""Harness overhead: what the bench says a call takes, against a bare loop with bound inputs and outputs.

Both run in this process on the same session of a network of at most 100 µs, turn by turn in random order; a turn of
the harness is `worker.time_turn`, as in every measuring process, a bare turn is one clock around all its calls. The
figure is the median of the ratios pair by pair; it must be below 1.03, and the harness's own time a call (clock and
list) is printed beside it. Run from the project's root: python tests/perf/overhead.py --full
Without --full: few pairs, which show that the script works; nothing is written.
"""

import gc
import random
import statistics
import tempfile
import time
from pathlib import Path

import _frame
import timed_networks

from costlens.bench import worker
from costlens.bench.protocol import Protocol, Turn
from costlens.bench.statistics import median_estimate
from costlens.runtimes import onnxruntime

LIMIT = 1.03
TURN = Turn(3, 10)


def bare_us(session: onnxruntime.BoundSession) -> float:
    """Return the microseconds a call takes in a loop of its own: nothing but the library's call in it."""
    run, binding = session._session.run_with_iobinding, session._binding
    for _ in range(TURN.discards):
        run(binding)
    before = time.perf_counter_ns()
    for _ in range(TURN.calls):
        run(binding)
    return (time.perf_counter_ns() - before) / TURN.calls / 1e3


def harness_us(session: onnxruntime.BoundSession) -> float:
    """Return the microseconds a call takes by the harness's samples."""
    return sum(worker.time_turn(session, TURN, time.perf_counter_ns)) / TURN.calls / 1e3


def measure(full: bool) -> tuple[list[str], bool]:
    with tempfile.TemporaryDirectory() as folder:
        path = timed_networks.write_network(Path(folder) / "net.onnx", *timed_networks.SIZES["tiny (separable)"])
        session = onnxruntime.Onnxruntime().load(path, Protocol(device="cpu").options)
    order = random.Random(0)
    gc.collect()
    gc.disable()
    pairs = []
    for _ in range(20_000 if full else 500):
        taken = {turn: turn(session) for turn in order.sample([harness_us, bare_us], 2)}
        pairs.append((taken[harness_us], taken[bare_us]))
    gc.enable()
    groups = [pairs[start::20] for start in range(20)]
    ratio = median_estimate([statistics.median(ours / bare for ours, bare in group) for group in groups])
    bare = statistics.median(bare for _, bare in pairs)
    lines = [
        f"A network of {bare:.1f} µs a call in a bare loop; {len(pairs):,} pairs of turns of {TURN.calls} calls.",
        f"Harness ÷ bare loop: {ratio.value:.4f} [{ratio.low:.4f}, {ratio.high:.4f}] "
        f"({1e3 * bare * (ratio.value - 1):+.0f} ns a call); below {LIMIT} wanted.",
    ]
    return lines, ratio.value > LIMIT or bare > 100


if __name__ == "__main__":
    _frame.run("overhead", "Harness overhead", measure)
