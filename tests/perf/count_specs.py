"""`costlens count specs/`, process included: every shipped spec, counted in one run.

Run from the project's root: python tests/perf/count_specs.py [runs]
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

LIMIT_S = 3.0
COMMAND = [sys.executable, "-m", "costlens", "count", "specs/"]


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    counted = subprocess.run([*COMMAND, "--format", "json"], check=True, capture_output=True, text=True).stdout
    models = json.loads(counted)["models"]
    rows = sum(len(model["rows"]) for model in models)
    timed = sorted(seconds(COMMAND) for _ in range(runs))
    median = statistics.median(timed)
    all_kinds = min(seconds([*COMMAND, "--variant", "all"]) for _ in range(3))
    lines = [
        "# Counting every spec",
        "",
        f"`costlens count specs/`: {len(models)} specs, {rows:,} rows, {runs} runs, process included:",
        f"median {median:.2f} s, lowest {timed[0]:.2f} s, highest {timed[-1]:.2f} s; limit {LIMIT_S:.0f} s.",
        f"With `--variant all`: {all_kinds:.2f} s, the best of three.",
        f"Python {sys.version_info.major}.{sys.version_info.minor}.",
    ]
    print("\n".join(lines))
    target = Path("reports/perf/count_specs.md")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    sys.exit(median > LIMIT_S)


if __name__ == "__main__":
    main()
