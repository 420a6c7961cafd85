"""What sizes in every precision and an arena plan add to counting: CPU time beside the revision without them, in turns.

Run from the project's root: python tests/perf/precisions.py [runs]
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from compileall import compile_dir
from io import BytesIO
from pathlib import Path
from statistics import median
from tarfile import open as tar

import _frame

LIMIT = 1.10
ADDED = "costlens/arithmetic/arena.py"
"""The file that came with plans; the revision before it had none."""
COMMANDS = {
    "count specs/": ("count", "specs/"),
    "count specs/, every kind": ("count", "specs/", "--variant", "all"),
    "count one": ("count", "mobilenet_v1"),
    "explore 300 points": (
        "explore", "mobilenet_v1", "--set", "alpha=0.25:1:0.05", "--set", "resolution=96:320:8", "--sample", "300",
        "--workers", "1",
    ),
}  # fmt: skip


def measure(runs: int) -> tuple[list[str], bool]:
    with tempfile.TemporaryDirectory() as folder:
        before, revision = _before(Path(folder))
        rows, missed = [], False
        for name, arguments in COMMANDS.items():
            pairs = [_pair(before, arguments, Path(folder), turn) for turn in range(runs)]
            ratio, lowest, highest = _frame.spread([new / old for old, new in pairs])
            missed = missed or ratio > LIMIT
            old, new = (median(times) for times in zip(*pairs, strict=True))
            rows.append([name, f"{old:.3f} s", f"{new:.3f} s", f"{ratio:.3f}", f"{lowest:.3f} to {highest:.3f}"])
            _frame.progress(rows[-1])
    lines = [
        f"CPU time of whole processes, {runs} pairs in turns: `costlens` as it is beside {revision[:12]}, the revision",
        f"before there were plans. The median of the pairs' ratios may be {LIMIT:.2f}.",
        "",
        *_frame.table(("command", "before", "now", "ratio", "of the pairs"), rows),
        "",
        f"{_frame.PYTHON}.",
    ]
    return lines, missed


def _before(folder: Path) -> tuple[Path, str]:
    """Write the revision before plans into a folder; return where it is, and its hash."""
    added = _frame.printed("git", "log", "--diff-filter=A", "--format=%H", "--", ADDED).split()[-1]
    revision = _frame.printed("git", "rev-parse", f"{added}^").strip()
    content = subprocess.run(["git", "archive", revision], check=True, capture_output=True).stdout
    with tar(fileobj=BytesIO(content)) as archive:
        archive.extractall(folder / "before", filter="data")
    compile_dir(folder / "before" / "costlens", quiet=1)
    compile_dir("costlens", quiet=1)
    return folder / "before", revision


def _pair(before: Path, arguments: Sequence[str], folder: Path, turn: int) -> tuple[float, float]:
    """Return the CPU seconds of both, the one that begins changing from pair to pair; nothing that was kept is used."""
    times = {}
    for place, root in sorted(enumerate((before, Path.cwd())), reverse=turn % 2 == 1):
        cache = folder / f"cache-{turn}-{place}"
        environment = {**os.environ, "PYTHONPATH": str(root), "COSTLENS_CACHE": str(cache)}
        started = _children_s()
        subprocess.run(
            [sys.executable, "-m", "costlens", *arguments], check=True, capture_output=True, env=environment, cwd=root
        )
        times[place] = _children_s() - started
    return times[0], times[1]


def _children_s() -> float:
    spent = os.times()
    return spent.children_user + spent.children_system


if __name__ == "__main__":
    _frame.run("precisions", "Counting in every precision", measure, runs=15)
