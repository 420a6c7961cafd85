"""`costlens machine --measure`, several times over: how far its figures differ from one time to the next.

Each time is a run of its own, processes included. Nothing is stored in the cache of the user.
Run from the project's root: python tests/perf/bounds.py [--times 5]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

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
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "costlens", "machine", "--measure", "--format", "json"],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "COSTLENS_CACHE": folder},
        )
        return time.perf_counter() - start, json.loads(done.stdout)


def row(name: str, values: list[float]) -> str:
    middle = statistics.median(values)
    spread = (max(values) - min(values)) / middle
    return f"| {name} | {middle:.3g} | {min(values):.3g} | {max(values):.3g} | {100 * spread:.1f} % |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5)
    times = parser.parse_args().times
    runs = []
    for number in range(times):
        runs.append(measured())
        print(f"{number + 1} of {times}: {runs[-1][0]:.1f} s", flush=True)
    seconds = [taken for taken, _ in runs]
    machine, runtime = runs[0][1]["machine"], runs[0][1]["runtime"]
    names = [(bounds["threads"], bounds["precision"]) for bounds in runs[0][1]["bounds"]]
    busy = max(rate["spread"] for _, found in runs for rate in found["rates"])
    lines = [
        "# Bounds of this machine, measured again and again",
        "",
        f"`costlens machine --measure`, {times} times: {min(seconds):.1f} to {max(seconds):.1f} s, process included; "
        f"limit {LIMIT_S:.0f} s.",
        f"{machine['cpu']}, {machine['cores_usable']} cores, {runtime['name']} {runtime['version']}, "
        f"{runs[0][1]['measured']}. In the busiest moment the median block was {busy:.2f} times slower than the best.",
        "",
        "| figure | median | lowest | highest | spread |",
        "| :-- | --: | --: | --: | --: |",
    ]
    for index, (threads, precision) in enumerate(names):
        for field, title, scale in FIGURES:
            values = [scale * found["bounds"][index][field] for _, found in runs]
            if min(values) > 0 and (precision == "fp32" or field == "peak_gmacs_per_s"):
                lines.append(row(f"{precision}, {threads} thread{'s' if threads > 1 else ''}: {title}", values))
    print("\n".join(lines))
    target = Path("reports/perf/bounds.md")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    sys.exit(max(seconds) > LIMIT_S)


if __name__ == "__main__":
    main()
