"""The gate of a pull request: does it cry wolf, and does it see a known slow-down? `costlens diff --base main --bench`.

A git repository holds a chain of 20 equal convolutions. One head calls its blocks otherwise, so that the network is
the same and its file is not: 20 times beside a competing load, which must never be exit 6. The other head has one more
convolution, which is 5 % more work: 10 times, at least 9 of them exit 6. Each time as the command does it by itself:
its threshold, its time, not `--quick`. Run from the project's root: python tests/perf/gate.py --full
Without --full: one small comparison of each, which show that the script works; nothing is written.
"""

import os
import subprocess
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import _frame
import timed_networks

from costlens.bench.protocol import Protocol
from costlens.errors import RegressionError
from costlens.results.diff import Diff
from costlens.tasks import diff as diffing
from costlens.tasks._tools import Tools

CHAIN = 20
SPEC = """\
name: chain
input: [24, 24, 16]
blocks:
  {block}: {{layers: [{{conv: {{filters: 16, kernel: 3, norm: batch, activation: relu, padding: same}}}}]}}
layers: [{{repeat: {{times: {times}, layers: [{block}]}}}}]
"""
_IDENTITY = {f"GIT_{who}_{what}": "a@b.c" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


@dataclass(frozen=True)
class Head:
    title: str
    text: str
    loaded: bool
    runs: int


SAME = Head("the same network, its blocks called otherwise", SPEC.format(block="part", times=CHAIN), True, 20)
SLOWER = Head("5 % more work", SPEC.format(block="unit", times=CHAIN + 1), False, 10)
FOUND = 9
"""In so many of ten runs the slower head has to be exit 6."""


def repository(folder: Path) -> Path:
    """Make a repository whose branch main holds the chain, and work in it."""
    spec = folder / "specs" / "chain.yaml"
    spec.parent.mkdir()
    spec.write_text(SPEC.format(block="unit", times=CHAIN), encoding="utf-8")
    for command in (
        ("init", "--template=", "--quiet", "--initial-branch=main"),
        ("add", "--all"),
        ("commit", "--quiet", "-m", "base"),
    ):
        subprocess.run(["git", "-C", str(folder), *command], env=os.environ | _IDENTITY, check=True)
    os.chdir(folder)
    return spec


def run(head: Head, spec: Path, protocol: Protocol) -> Diff:
    spec.write_text(head.text, encoding="utf-8")
    with timed_networks.competing_load(head.loaded):
        return diffing.of_repository("main", None, [Path("specs")], timing=diffing.Timing(protocol), tools=Tools())


def row(head: Head, diff: Diff) -> list[str]:
    (spec,) = diff.specs
    ratio, latency = spec.ratio, spec.latency
    shown = _frame.interval(ratio) if ratio else spec.failed or spec.disagreement
    processes, seconds = (str(latency.processes), f"{latency.elapsed_s:.0f}") if latency else ("", "")
    return [head.title, shown, processes, (spec.outcome or "").replace("_", " "), str(diff.exit_code), seconds]


def measure(full: bool) -> tuple[list[str], bool]:
    here, rows, codes = Path.cwd(), [], {}
    with tempfile.TemporaryDirectory() as folder:
        spec = repository(Path(folder))
        for head in (SAME, SLOWER):
            codes[head] = []
            for number in range(head.runs if full else 1):
                diff = run(head, spec, replace(_frame.plan(full), seed=number))
                codes[head].append(diff.exit_code)
                rows.append(row(head, diff))
                _frame.progress(rows[-1])
        os.chdir(here)
    slower = RegressionError.exit_code
    cried, found = codes[SAME].count(slower), codes[SLOWER].count(slower)
    broken = sum(code not in (0, slower, 7) for each in codes.values() for code in each)
    lines = [
        f"{SAME.title}, beside a competing load: exit {slower} in {cried} of {len(codes[SAME])} runs (none wanted); "
        f"exit 0 in {codes[SAME].count(0)}, exit 7 (inconclusive or too noisy) in {codes[SAME].count(7)}.",
        "",
        f"{SLOWER.title}: exit {slower} in {found} of {len(codes[SLOWER])} runs "
        f"(at least {FOUND} of {SLOWER.runs} wanted).",
        "",
        *_frame.table(["head", "time ÷ base", "processes", "verdict", "exit", "s"], rows),
    ]
    return lines, bool(broken or cried or (full and found < FOUND))


if __name__ == "__main__":
    _frame.run("gate", "The gate: no false alarm, and a known slow-down", measure)
