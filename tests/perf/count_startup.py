"""Start-up: commands, process included, against importing pydantic and ruamel.yaml in a bare process.

The commands run in turn, so that a change of the machine's speed meets all of them; a figure is the median of the
ratios round by round. Bytecode is cached. Run from the project's root: python tests/perf/count_startup.py [runs]
"""

import os
import statistics
import sys

import _frame

BARE = ("-c", "import pydantic, ruamel.yaml")
NOTHING = ("-c", "pass")
IMPORT = ("-c", "import costlens")
LIMITS = {
    ("-m", "costlens", "count", "specs/mobilenet_v1.yaml"): 2.6,
    ("-m", "costlens", "--help"): 2.0,
}
"""Most times as long as the bare process."""
IMPORT_LIMIT_S = 0.05
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def timed_round() -> dict[tuple[str, ...], float]:
    commands = (BARE, NOTHING, IMPORT, *LIMITS)
    return {words: _frame.seconds(sys.executable, *words, environment=ENVIRONMENT) for words in commands}


def measure(runs: int) -> tuple[list[str], bool]:
    timed_round()
    timed = [timed_round() for _ in range(runs)]
    bare = 1e3 * statistics.median(times[BARE] for times in timed)
    imported = statistics.median(times[IMPORT] - times[NOTHING] for times in timed)
    kept, rows = imported <= IMPORT_LIMIT_S, []
    for words, limit in LIMITS.items():
        ratios = _frame.spread([times[words] / times[BARE] for times in timed])
        kept &= ratios[0] <= limit
        ms = 1e3 * statistics.median(times[words] for times in timed)
        rows.append([f"`{' '.join(words[1:])}`", f"{ms:.0f}", *(f"{ratio:.2f}" for ratio in ratios), str(limit)])
    lines = [
        f"Processes in {runs} rounds, ÷ `python -c 'import pydantic, ruamel.yaml'` ({bare:.0f} ms), {_frame.PYTHON}.",
        "",
        *_frame.table(["command", "median ms", "÷ bare", "lowest", "highest", "limit"], rows),
        "",
        f"`import costlens` adds {1e3 * imported:.0f} ms to a process that does nothing; limit 50 ms.",
    ]
    return lines, not kept


if __name__ == "__main__":
    _frame.run("count_startup", "Start-up", measure, runs=15, machine=False)
