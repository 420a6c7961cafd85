"""The second `costlens report specs/yamnet.yaml --no-bench` against the first, and the peak memory of exporting VGG-16.

Both run with a cache of their own that starts empty. Run from the project's root: python tests/perf/second_report.py
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FASTER = 10.0
MEMORY_GIB = 8.0


def seconds(environment: dict[str, str], *arguments: str) -> float:
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "costlens", *arguments], check=True, stdout=subprocess.DEVNULL, env=environment
    )
    return time.perf_counter() - start


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "COSTLENS_CACHE": f"{folder}/cache"}
        report = ("report", "specs/yamnet.yaml", "--no-bench", "-o", f"{folder}/reports")
        first = seconds(environment, *report)
        second = min(seconds(environment, *report) for _ in range(3))
        export = seconds(environment, "export", "specs/vgg_d.yaml", "-o", f"{folder}/vgg_d.onnx")
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    lines = [
        "# Exports and their cache",
        "",
        f"`costlens report specs/yamnet.yaml --no-bench`: first {first:.1f} s, second {second:.2f} s, "
        f"{first / second:.0f} times faster (at least {FASTER:.0f} wanted).",
        f"`costlens export specs/vgg_d.yaml`: {export:.0f} s, peak memory {peak:.1f} GiB of a process "
        f"(less than {MEMORY_GIB:.0f} wanted).",
    ]
    print("\n".join(lines))
    target = Path("reports/perf/exports.md")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    sys.exit(first / second < FASTER or peak > MEMORY_GIB)


if __name__ == "__main__":
    main()
