"""`costlens bench` of named networks, process included: seconds, verdicts and resolution, with and without --quick.

The exports are made first and are not in the figures. Run from the project's root:
python tests/perf/comparisons.py --full
Without --full: the smallest network with --quick, which shows that the script works; nothing is written.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

import page

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


def costlens(*arguments: str) -> str:
    done = subprocess.run([sys.executable, "-m", "costlens", *arguments], capture_output=True, text=True, check=False)
    if done.returncode not in {0, 7}:
        sys.exit(done.stderr)
    return done.stdout


def variants() -> list[str]:
    return [word for kind in KINDS for word in ("--variant", kind)]


def timed(case: Case, *options: str) -> tuple[float, dict[str, Any]]:
    """Return the seconds of one whole command and what it measured."""
    start = time.perf_counter()
    printed = costlens("bench", f"specs/{case.name}.yaml", *variants(), *options, "--format", "json")
    return time.perf_counter() - start, json.loads(printed)


def row(case: Case, quick: bool, limit_s: float, seconds: float, latency: dict[str, Any]) -> list[str]:
    ratios = "; ".join(
        f"{one['label']} {one['ratio']:.3g} [{one['low']:.3g}, {one['high']:.3g}] {one['verdict']}"
        for one in latency["ratios"]
    )
    samples = [len(process) for model in latency["models"] for process in model["samples_ms"]]
    return [
        case.name + (" --quick" if quick else ""),
        f"{seconds:.1f}",
        f"{limit_s:.0f}",
        str(latency["control"]["processes"]),
        str(min(samples)),
        f"±{100 * latency['control']['resolution']:.2g} %" + (" TOO NOISY" if latency["control"]["too_noisy"] else ""),
        ratios,
    ]


def main() -> None:
    full = "--full" in sys.argv
    rows, late = [], []
    for case in FULL if full else SHORT:
        costlens("bench", f"specs/{case.name}.yaml", *variants(), "--processes", "1", "--time-budget", "1s")
        for quick in (False, True) if full else (True,):
            limit_s = QUICK_LIMIT_S if quick else case.limit_s
            seconds, latency = timed(case, *(["--quick"] if quick else ["--time-budget", case.budget]))
            rows.append(row(case, quick, limit_s, seconds, latency))
            print(" | ".join(rows[-1]), file=sys.stderr)
            late += [rows[-1][0]] if seconds > limit_s else []
    lines = [
        f"`costlens bench` of {', '.join(KINDS)}, exports in the cache; {len(late)} over the limit"
        f"{': ' + ', '.join(late) if late else ''}.",
        "",
        *page.table(
            ["network", "s", "limit", "processes", "least blocks", "machine resolves", "time ÷ standard"], rows
        ),
    ]
    page.write("comparisons", "Comparisons and their time", lines, record=full)
    sys.exit(bool(late))


if __name__ == "__main__":
    main()
