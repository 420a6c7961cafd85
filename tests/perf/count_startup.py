"""Start-up: commands, process included, against importing pydantic and ruamel.yaml in a bare process.

The commands run in turn, so that a change of the machine's speed meets all of them; a figure is the median of the
ratios round by round. Bytecode is cached. Run from the project's root: python tests/perf/count_startup.py [rounds]
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

BARE = ("-c", "import pydantic, ruamel.yaml")
PYTHON = ("-c", "pass")
IMPORT = ("-c", "import costlens")
LIMITS = {
    ("-m", "costlens", "count", "specs/mobilenet_v1.yaml"): 2.6,
    ("-m", "costlens", "--help"): 2.0,
}
"""Most times as long as the bare process."""
IMPORT_LIMIT_S = 0.05
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def seconds(arguments: tuple[str, ...]) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, env=ENVIRONMENT)
    return time.perf_counter() - start


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    commands = (BARE, PYTHON, IMPORT, *LIMITS)
    for arguments in commands:
        seconds(arguments)
    timed = [{arguments: seconds(arguments) for arguments in commands} for _ in range(rounds)]
    bare = 1e3 * statistics.median(times[BARE] for times in timed)
    imported = statistics.median(times[IMPORT] - times[PYTHON] for times in timed)
    lines = [
        "# Start-up",
        "",
        f"Processes in {rounds} rounds, ÷ `python -c 'import pydantic, ruamel.yaml'` ({bare:.0f} ms), "
        f"Python {sys.version_info.major}.{sys.version_info.minor}.",
        "",
        "| command | median ms | ÷ bare | lowest | highest | limit |",
        "| :-- | --: | --: | --: | --: | --: |",
    ]
    kept = imported <= IMPORT_LIMIT_S
    for arguments, limit in LIMITS.items():
        ratios = sorted(times[arguments] / times[BARE] for times in timed)
        median = statistics.median(ratios)
        kept &= median <= limit
        ms = 1e3 * statistics.median(times[arguments] for times in timed)
        words = " ".join(arguments[1:])
        lines.append(f"| `{words}` | {ms:.0f} | {median:.2f} | {ratios[0]:.2f} | {ratios[-1]:.2f} | {limit} |")
    lines += ["", f"`import costlens` adds {1e3 * imported:.0f} ms to a process that does nothing; limit 50 ms."]
    print("\n".join(lines))
    target = Path("reports/perf/count_startup.md")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    sys.exit(not kept)


if __name__ == "__main__":
    main()
