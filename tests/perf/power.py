"""Power: a network with a known amount of extra work. Is it found to be slower?

The network is a chain of 100 equal convolutions; 3 more are 3 % more work, 10 more are 10 %. What the work amounts to
in time is taken from all runs together. A slow-down of 3 % is asked of `--threshold 2%` (an estimate of 3 % exceeds
a threshold of 3 % half the time), and must be called slower in 9 of 10 comparisons; one of 10 % of the default
threshold, always. Run from the project's root: python tests/perf/power.py --full
Without --full: one small comparison of each, which show that the script works; nothing is written.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import page
import timed_networks

from costlens.bench.protocol import Protocol
from costlens.bench.run import bench
from costlens.results.latency import LatencyReport

CHAIN = 100
RUNS = 10
CASES = ((3, 0.02, 9), (10, 0.03, 10))
"""Convolutions more, threshold, and in how many of ten runs it has to be found."""


def network(folder: Path, layers: int) -> Path:
    path = folder / f"chain{layers}.onnx"
    return path if path.exists() else timed_networks.write_network(path, "standard", 16, 24, layers)


def compared(folder: Path, more: int, protocol: Protocol) -> LatencyReport:
    return bench({"chain": network(folder, CHAIN), "longer": network(folder, CHAIN + more)}, protocol)


def row(more: int, report: LatencyReport) -> list[str]:
    (ratio,) = report.ratios
    shown = f"{ratio.ratio:.4f} [{ratio.low:.4f}, {ratio.high:.4f}]"
    return [f"+{more} %", shown, str(ratio.processes), str(ratio.verdict), f"{report.elapsed_s:.0f}"]


def main() -> None:
    full = "--full" in sys.argv
    plan = Protocol(device="cpu") if full else Protocol(device="cpu", processes=7, looks=1, blocks=4)
    lines, rows, missed = [], [], False
    with tempfile.TemporaryDirectory() as folder:
        for more, threshold, least in CASES:
            protocol = replace(plan, threshold=threshold)
            reports = []
            for run in range(RUNS if full else 1):
                reports.append(compared(Path(folder), more, replace(protocol, seed=run)))
                rows.append(row(more, reports[-1]))
                print(" | ".join(rows[-1]), file=sys.stderr)
            found = sum(report.ratios[0].verdict == "slower" for report in reports)
            measured = statistics.median(report.ratios[0].ratio for report in reports)
            missed |= full and found < least
            lines.append(
                f"{more} % more work, which takes {100 * (measured - 1):.1f} % more time: found in {found} of "
                f"{len(reports)} comparisons at a threshold of {100 * threshold:g} % "
                f"(at least {least} of {RUNS} wanted).\n"
            )
    lines += page.table(["extra work", "time ÷ chain", "processes", "verdict", "s"], rows)
    page.write("power", "Power: known slow-downs", lines, record=full)
    sys.exit(missed)


if __name__ == "__main__":
    main()
