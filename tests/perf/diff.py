"""`costlens diff` of two ResNet-152 specs, process included: the table, and what a job in CI writes.

Run from the project's root: python tests/perf/diff.py [runs]
With --record the page is written to reports/perf/diff.md.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import page

LIMIT_S = 1.0
SPEC = Path("specs/resnet152.yaml")
BLOCKS = SPEC.with_name("resnet.blocks.yaml")
FORMATS = ("terminal", "json", "markdown", "junit", "github")


def heads(folder: Path) -> dict[str, str]:
    """Return other ResNet-152s by what is different: a knob, and a kind of convolution in every bottleneck."""
    separable = BLOCKS.read_text(encoding="utf-8").replace("- conv: {name: spatial", "- separable: {name: spatial")
    (folder / BLOCKS.name).write_text(separable, encoding="utf-8")
    (folder / SPEC.name).write_text(SPEC.read_text(encoding="utf-8"), encoding="utf-8")
    return {"the stride elsewhere": f"{SPEC}?stride_on=3", "all 3×3 separable": str(folder / SPEC.name)}


def command(head: str, format_: str) -> list[str]:
    return [sys.executable, "-m", "costlens", "diff", str(SPEC), head, "--why", "--format", format_]


def seconds(words: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    given = [int(word) for word in sys.argv[1:] if word.isdigit()]
    runs = given[0] if given else 15
    rows, slowest = [], 0.0
    with tempfile.TemporaryDirectory() as folder:
        for title, head in heads(Path(folder)).items():
            told = subprocess.run(command(head, "json"), check=True, capture_output=True, text=True).stdout
            (spec,) = json.loads(told)["specs"]
            rows_of_head = spec["unchanged_rows"] + sum(len(change["head_rows"]) for change in spec["changes"])
            for format_ in FORMATS:
                timed = sorted(seconds(command(head, format_)) for _ in range(runs))
                median = statistics.median(timed)
                slowest = max(slowest, median)
                times = [f"{each:.2f}" for each in (median, timed[0], timed[-1])]
                rows.append([title, str(rows_of_head), str(len(spec["changes"])), format_, *times])
    lines = [
        f"`costlens diff` of {SPEC} and another ResNet-152, {runs} runs, process included; "
        f"the limit is a median of {LIMIT_S:.0f} s.",
        "",
        *page.table(["the other", "rows", "changes", "format", "median s", "lowest s", "highest s"], rows),
    ]
    page.write("diff", "Comparing two large specs", lines, record="--record" in sys.argv)
    sys.exit(slowest > LIMIT_S)


if __name__ == "__main__":
    main()
