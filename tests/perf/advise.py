"""`costlens advise` within three budgets of time a network: the mix is timed, and its time is beside the plan.

A budget lies a quarter, half or three quarters of the way from the time as written to the least of any mix. Kernels are
timed first and are not in the seconds. Run from the project's root, alone: python tests/perf/advise.py --full
Without --full: the smallest network and one budget with --quick, to show that the script works; nothing is written.
"""

import json
import subprocess
import sys
import time
from typing import Any

import _frame

FULL = ("yamnet:standard", "mobilenet_v1:standard", "speech_embedding", "resnet18", "ds_cnn_l:standard")
SHORT = ("ds_cnn_l:standard",)
WAYS = (0.25, 0.5, 0.75)
WITHIN = 0.05
"""How far from the plan the measured time may be."""
WANTED = 0.9
LARGE, LIMIT_S = "resnet152", 5.0


def advised(word: str, limit: str, *options: str) -> dict[str, Any]:
    """Return the result of the command; a budget that is missed, or whose verdict is open, is part of it."""
    command = [*_frame.COSTLENS, "advise", word, "--budget", limit, *options, "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in {0, 3, 7}:
        sys.exit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def times(word: str) -> tuple[float, float]:
    """Return the time as written and the least of any mix, in ms, as predicted once all kernels are timed."""
    (limit,) = advised(word, "latency_ms=1000000", "--no-prove", "--measure")["limits"]
    return limit["written"], limit["bound"]


def row(word: str, limit_ms: float, proofs: list[dict[str, Any]]) -> tuple[list[str], bool]:
    last = proofs[-1]
    near = abs(last["planned_ms"] / last["measured_ms"] - 1) <= WITHIN
    good = near and last["measured_ms"] <= limit_ms
    plans = ", ".join(f"{one['planned_ms']:.3g} → {one['measured_ms']:.3g}" for one in proofs)
    low, high = last["interval_ms"]
    cells = [
        word, f"{limit_ms:.3g}", str(len(last["kinds"])), plans, f"[{low:.3g}, {high:.3g}]",
        f"{last['ratio'][0]:.3f}", last["verdict"], "yes" if good else "no",
    ]  # fmt: skip
    return cells, good


def measure(full: bool) -> tuple[list[str], bool]:
    rows, good = [], 0
    for word in FULL if full else SHORT:
        written, bound = times(word)
        for way in WAYS if full else WAYS[:1]:
            limit_ms = written - way * (written - bound)
            found = advised(word, f"latency_ms={limit_ms:.4f}", *(() if full else ("--quick",)))
            if not found["proofs"]:
                rows.append([word, f"{limit_ms:.3g}", "0", "no mix", "", "", "", "no"])
                continue
            cells, kept = row(word, limit_ms, found["proofs"])
            rows.append(cells)
            good += kept
            _frame.progress(cells)
    start = time.perf_counter()
    advised(LARGE, "macs=-20%")
    seconds = time.perf_counter() - start
    lines = [
        f"{good} of {len(rows)} are within {WITHIN:.0%} of the plan and under their budgets. {LARGE} is advised in "
        f"{seconds:.1f} s, start of Python included (limit {LIMIT_S:.0f} s).",
        "",
        *_frame.table(
            ["network", "budget, ms", "layers", "planned → measured, ms", "interval", "÷ as written", "budget", "good"],
            rows,
        ),
    ]
    return lines, full and (good < WANTED * len(rows) or seconds > LIMIT_S)


if __name__ == "__main__":
    _frame.run("advice", "Advice: planned and measured", measure)
