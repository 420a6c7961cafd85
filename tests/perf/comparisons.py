"""`costlens bench` of named networks, process included: seconds, verdicts and resolution, with and without --quick.

The exports are made first and are not in the figures. Run from the project's root:
python tests/perf/comparisons.py --full
Without --full: the smallest network with --quick, which shows that the script works; nothing is written.
"""

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

import _frame

KINDS = ("standard", "separable", "factorized")
QUICK_LIMIT_S = 15.0


@dataclass(frozen=True)
class Case:
    """A network, the seconds that its comparison may take, and the budget it is given."""

    name: str
    limit_s: float
    budget: str = "60s"


FULL = (Case("yamnet", 90), Case("speech_embedding", 90), Case("mobilenet_v1", 240, "180s"))
SHORT = (Case("separable_example", 90),)


def bench(case: Case, *options: str) -> str:
    """Run the comparison; its verdicts may be inconclusive, exit 7."""
    kinds = (word for kind in KINDS for word in ("--variant", kind))
    command = [*_frame.COSTLENS, "bench", f"specs/{case.name}.yaml", *kinds, *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in {0, 7}:
        sys.exit(done.stderr)
    return done.stdout


def row(name: str, limit_s: float, seconds: float, latency: dict[str, Any]) -> list[str]:
    ratios = "; ".join(
        f"{one['label']} {one['ratio']:.3g} [{one['low']:.3g}, {one['high']:.3g}] {one['verdict']}"
        for one in latency["ratios"]
    )
    samples = [len(process) for model in latency["models"] for process in model["samples_ms"]]
    control = latency["control"]
    return [
        name,
        f"{seconds:.1f}",
        f"{limit_s:.0f}",
        str(control["processes"]),
        str(min(samples)),
        f"±{100 * control['resolution']:.2g} %" + (" TOO NOISY" if control["too_noisy"] else ""),
        ratios,
    ]


def measure(full: bool) -> tuple[list[str], bool]:
    rows, late = [], []
    for case in FULL if full else SHORT:
        bench(case, "--processes", "1", "--time-budget", "1s")
        for quick in (False, True) if full else (True,):
            name, limit_s = (f"{case.name} --quick", QUICK_LIMIT_S) if quick else (case.name, case.limit_s)
            start = time.perf_counter()
            printed = bench(case, *(["--quick"] if quick else ["--time-budget", case.budget]), "--format", "json")
            seconds = time.perf_counter() - start
            rows.append(row(name, limit_s, seconds, json.loads(printed)))
            _frame.progress(rows[-1])
            late += [name] if seconds > limit_s else []
    lines = [
        f"`costlens bench` of {', '.join(KINDS)}, exports in the cache; {len(late)} over the limit"
        f"{': ' + ', '.join(late) if late else ''}.",
        "",
        *_frame.table(
            ["network", "s", "limit", "processes", "least blocks", "machine resolves", "time ÷ standard"], rows
        ),
    ]
    return lines, bool(late)


if __name__ == "__main__":
    _frame.run("comparisons", "Comparisons and their time", measure)
