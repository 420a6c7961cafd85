"""`costlens count specs/mobilenet_v1.yaml`, process included, against importing pydantic and ruamel.yaml.

Both commands run in turn, so that a change of the machine's speed meets both; the figure is the median of the
ratios pair by pair. Run from the project's root: python tests/perf/count_startup.py [pairs]
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

LIMIT = 4.0
OURS = [sys.executable, "-m", "costlens", "count", "specs/mobilenet_v1.yaml"]
THEIRS = [sys.executable, "-c", "import pydantic, ruamel.yaml"]


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    seconds(OURS), seconds(THEIRS)
    timed = [(seconds(OURS), seconds(THEIRS)) for _ in range(pairs)]
    ratios = sorted(ours / theirs for ours, theirs in timed)
    lines = [
        "# Start-up of `costlens count`",
        "",
        f"`costlens count specs/mobilenet_v1.yaml` ÷ `python -c 'import pydantic, ruamel.yaml'`, {pairs} pairs:",
        f"median {statistics.median(ratios):.2f}, lowest {ratios[0]:.2f}, highest {ratios[-1]:.2f}; limit {LIMIT}.",
        f"Medians: {1e3 * statistics.median(o for o, _ in timed):.0f} ms against "
        f"{1e3 * statistics.median(t for _, t in timed):.0f} ms, "
        f"Python {sys.version_info.major}.{sys.version_info.minor}.",
    ]
    print("\n".join(lines))
    target = Path("reports/perf/count_startup.md")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    sys.exit(statistics.median(ratios) > LIMIT)


if __name__ == "__main__":
    main()
