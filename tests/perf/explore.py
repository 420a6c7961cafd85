"""Exploring: points a second and core, what a second process brings, memory, and totals against ``costlens count``.

Points of mobilenet_v1: width × resolution × kind; 10,125 and ten times as many. Each run begins with an empty cache;
that of one process and that of two take turns. What a second process brings is told of both sizes, as a command also
starts and writes. Run alone on a quiet machine, from the project's root: python -m tests.perf.explore [runs]
"""

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time

from costlens.network.count import count
from costlens.network.variants import rewrite
from costlens.spec.loading import load
from tests.cases.family import without_arena
from tests.perf import _frame

SPEC = "specs/mobilenet_v1.yaml"
KINDS = ("--kind", "*=as-written,standard,factorized,grouped,bottleneck")
SPACE = ("--set", "alpha=0.25:1:0.03125", "--set", "resolution=96:256:2", *KINDS)
LARGE = (*SPACE, "--set", "classes=100:1000:100")
ALONE = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:], stderr=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss, file=sys.stderr)
sys.exit(code)
"""
"""Runs a command from a small process: a child's peak memory begins with that of the process that starts it."""
LEAST_RATE, LEAST_GAIN, SAMPLED = 500, 1.8, 200


def explored(workers: int, *space: str) -> tuple[float, float, int, str]:
    """Return the seconds and the core-seconds of a run, children included, its peak memory in MiB, and its JSON."""
    words = ("explore", SPEC, *space, "--workers", str(workers), "--format", "json")
    with tempfile.TemporaryDirectory() as cache, tempfile.TemporaryFile() as out:
        start = time.perf_counter()
        environment = {**os.environ, "COSTLENS_CACHE": cache}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # each process would compile all that it imports
        command = [sys.executable, "-c", ALONE, *_frame.COSTLENS, *words]
        done = subprocess.run(command, env=environment, stdout=out, stderr=subprocess.PIPE, check=False)
        took = time.perf_counter() - start
        if done.returncode:
            raise SystemExit(f"explore ended with {done.returncode}")
        core_s, peak_kib = done.stderr.split()[-2:]
        out.seek(0)
        return took, float(core_s), int(peak_kib) // 1024, out.read().decode()


def differing(text: str) -> int:
    """Return how many of the sampled points have other totals than a count."""
    points = random.Random(1).sample(json.loads(text)["points"], SAMPLED)
    wrong = 0
    for point in points:
        alpha, resolution, kind = point["values"]
        graph = load(SPEC, {"alpha": alpha, "resolution": resolution}).graph
        totals = without_arena(count(rewrite(graph, {"*": kind})).totals)
        wrong += any(getattr(totals, name) != value for name, value in point["totals"].items())
    return wrong


def measure(runs: int) -> tuple[list[str], bool]:
    explored(1, *SPACE[:2])  # what Python compiles once
    one, two = [], []
    for _ in range(runs):
        one.append(explored(1, *SPACE))
        two.append(explored(2, *SPACE))
        _frame.progress([f"{one[-1][0]:.1f} s", f"{two[-1][0]:.1f} s"])
    large_one, large_two = explored(1, *LARGE), explored(2, *LARGE)
    points, many = (len(json.loads(text)["points"]) for text in (one[0][3], large_two[3]))
    rate = statistics.median(points / core_s for _, core_s, *_ in one)
    gain = statistics.median(a[0] / b[0] for a, b in zip(one, two, strict=True))
    wrong = differing(one[0][3])
    same = len({run[3] for run in (*one, *two)}) == 1 and large_one[3] == large_two[3]
    memory = max(run[2] for run in two)
    a_point = (large_two[2] - memory) * 2**20 / (many - points)
    rows = [
        ["points a second and core, start to end", f"{rate:,.0f}", f"≥ {LEAST_RATE}"],
        [f"two processes ÷ one, {points:,} points, start to end", f"{gain:.2f}", f"≥ {LEAST_GAIN}"],
        [
            f"two processes ÷ one, {many:,} points, start to end",
            f"{large_one[0] / large_two[0]:.2f}",
            f"≥ {LEAST_GAIN}",
        ],
        [f"of {SAMPLED} sampled points, those whose totals are not those of a count", str(wrong), "0"],
        ["one process and two wrote the same bytes", "yes" if same else "no", "yes"],
        [f"peak memory, {points:,} points", f"{memory} MiB", ""],
        [f"peak memory, {many:,} points", f"{large_two[2]} MiB", ""],
        ["what a further point takes", f"{a_point:,.0f} bytes", ""],
        ["what a point is in the JSON", f"{len(large_two[3]) / many:,.0f} bytes", ""],
    ]
    lines = [
        f"{points:,} points of mobilenet_v1, {runs} runs, medians; {many:,} points, one run each.",
        "",
        *_frame.table(["what", "", "wanted"], rows),
    ]
    return lines, bool(rate < LEAST_RATE or gain < LEAST_GAIN or wrong or not same)


if __name__ == "__main__":
    _frame.run("explore", "Exploring", measure, runs=3)
