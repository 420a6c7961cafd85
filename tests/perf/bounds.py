"""`costlens machine --measure`, several times over: how far its figures differ from one time to the next.

Each time is a run of its own, processes included. Nothing is stored in the cache of the user.
Run from the project's root: python tests/perf/bounds.py [runs]
"""

import json
import os
import tempfile
import time
from typing import Any

import _frame

LIMIT_S = 20.0
FIGURES = (
    ("peak_gmacs_per_s", "peak, GMAC/s", 1.0),
    ("bandwidth_bytes_per_s", "memory, GB/s", 1e-9),
    ("cache_bandwidth_bytes_per_s", "cache, GB/s", 1e-9),
    ("overhead_us", "µs a kernel", 1.0),
)


def measured() -> tuple[float, dict[str, Any]]:
    """Return the seconds of one whole command, and what it printed."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "COSTLENS_CACHE": folder}
        start = time.perf_counter()
        found = _frame.printed(*_frame.COSTLENS, "machine", "--measure", "--format", "json", env=environment)
        return time.perf_counter() - start, json.loads(found)


def rows(found: list[dict[str, Any]]) -> list[list[str]]:
    """Return a row for each figure of each precision and number of threads."""
    made = []
    for index, bounds in enumerate(found[0]["bounds"]):
        precision, threads = bounds["precision"], bounds["threads"]
        for field, title, scale in FIGURES:
            middle, lowest, highest = _frame.spread([scale * each["bounds"][index][field] for each in found])
            if lowest > 0 and (precision == "fp32" or field == "peak_gmacs_per_s"):
                name = f"{precision}, {threads} thread{'s' if threads > 1 else ''}: {title}"
                figures = (f"{figure:.3g}" for figure in (middle, lowest, highest))
                made.append([name, *figures, f"{100 * (highest - lowest) / middle:.1f} %"])
    return made


def measure(runs: int) -> tuple[list[str], bool]:
    taken, found = [], []
    for number in range(runs):
        seconds, printed = measured()
        taken.append(seconds)
        found.append(printed)
        print(f"{number + 1} of {runs}: {seconds:.1f} s", flush=True)
    machine, runtime = found[0]["machine"], found[0]["runtime"]
    busy = max(rate["spread"] for each in found for rate in each["rates"])
    lines = [
        f"`costlens machine --measure`, {runs} times: {min(taken):.1f} to {max(taken):.1f} s, process included; "
        f"limit {LIMIT_S:.0f} s.",
        f"{machine['cpu']}, {machine['cores_usable']} cores, {runtime['name']} {runtime['version']}, "
        f"{found[0]['measured']}. In the busiest moment the median block was {busy:.2f} times slower than the best.",
        "",
        *_frame.table(["figure", "median", "lowest", "highest", "spread"], rows(found)),
    ]
    return lines, max(taken) > LIMIT_S


if __name__ == "__main__":
    _frame.run("bounds", "Bounds of this machine, measured again and again", measure, runs=5, machine=False)
