"""Power: a network with a known amount of extra work. Is it found to be slower?

The network is a chain of 100 equal convolutions; 3 more are 3 % more work, 10 more are 10 %. What the work amounts to
in time is taken from all runs together. A slow-down of 3 % is asked of `--threshold 2%` (an estimate of 3 % exceeds
a threshold of 3 % half the time), and must be called slower in 9 of 10 comparisons; one of 10 % of the default
threshold, always. Run from the project's root: python tests/perf/power.py --full
Without --full: one small comparison of each, which show that the script works; nothing is written.
"""

import statistics
import tempfile
from dataclasses import replace
from pathlib import Path

import _frame
import timed_networks

from costlens.bench.run import bench

CHAIN = 100
RUNS = 10
CASES = ((3, 0.02, 9), (10, 0.03, 10))
"""Convolutions more, threshold, and in how many of ten runs it has to be found."""


def measure(full: bool) -> tuple[list[str], bool]:
    lines, rows, missed = [], [], False
    with tempfile.TemporaryDirectory() as folder:
        chain, longer = Path(folder, "chain.onnx"), Path(folder, "longer.onnx")
        timed_networks.write_network(chain, "standard", 16, 24, CHAIN)
        for more, threshold, least in CASES:
            timed_networks.write_network(longer, "standard", 16, 24, CHAIN + more)
            ratios = []
            for run in range(RUNS if full else 1):
                protocol = replace(_frame.plan(full), threshold=threshold, seed=run)
                report = bench({"chain": chain, "longer": longer}, protocol)
                (ratio,) = report.ratios
                ratios.append(ratio)
                figures = str(ratio.processes), str(ratio.verdict), f"{report.elapsed_s:.0f}"
                rows.append([f"+{more} %", _frame.interval(ratio), *figures])
                _frame.progress(rows[-1])
            found = sum(ratio.verdict == "slower" for ratio in ratios)
            measured = statistics.median(ratio.ratio for ratio in ratios)
            missed |= full and found < least
            lines.append(
                f"{more} % more work, which takes {100 * (measured - 1):.1f} % more time: found in {found} of "
                f"{len(ratios)} comparisons at a threshold of {100 * threshold:g} % "
                f"(at least {least} of {RUNS} wanted).\n"
            )
    return lines + _frame.table(["extra work", "time ÷ chain", "processes", "verdict", "s"], rows), missed


if __name__ == "__main__":
    _frame.run("power", "Power: known slow-downs", measure)
