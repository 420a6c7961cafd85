"""`costlens count specs/`, process included: every shipped spec, counted in one run.

Run from the project's root: python tests/perf/count_specs.py [runs]
"""

import json

import _frame

LIMIT_S = 3.0
COMMAND = (*_frame.COSTLENS, "count", "specs/")


def measure(runs: int) -> tuple[list[str], bool]:
    models = json.loads(_frame.printed(*COMMAND, "--format", "json"))["models"]
    rows = sum(len(model["rows"]) for model in models)
    median, lowest, highest = _frame.spread([_frame.seconds(*COMMAND) for _ in range(runs)])
    all_kinds = min(_frame.seconds(*COMMAND, "--variant", "all") for _ in range(3))
    lines = [
        f"`costlens count specs/`: {len(models)} specs, {rows:,} rows, {runs} runs, process included:",
        f"median {median:.2f} s, lowest {lowest:.2f} s, highest {highest:.2f} s; limit {LIMIT_S:.0f} s.",
        f"With `--variant all`: {all_kinds:.2f} s, the best of three.",
        f"{_frame.PYTHON}.",
    ]
    return lines, median > LIMIT_S


if __name__ == "__main__":
    _frame.run("count_specs", "Counting every spec", measure, runs=15, machine=False)
