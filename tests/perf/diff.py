"""`costlens diff` of two ResNet-152 specs, process included: the table, and what a job in CI writes.

Run from the project's root: python tests/perf/diff.py [runs]
"""

import json
import tempfile
from pathlib import Path

import _frame

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
    return [*_frame.COSTLENS, "diff", str(SPEC), head, "--why", "--format", format_]


def measure(runs: int) -> tuple[list[str], bool]:
    rows, slowest = [], 0.0
    with tempfile.TemporaryDirectory() as folder:
        for title, head in heads(Path(folder)).items():
            (spec,) = json.loads(_frame.printed(*command(head, "json")))["specs"]
            rows_of_head = spec["unchanged_rows"] + sum(len(change["head_rows"]) for change in spec["changes"])
            for format_ in FORMATS:
                times = _frame.spread([_frame.seconds(*command(head, format_)) for _ in range(runs)])
                slowest = max(slowest, times[0])
                shown = (f"{each:.2f}" for each in times)
                rows.append([title, str(rows_of_head), str(len(spec["changes"])), format_, *shown])
    lines = [
        f"`costlens diff` of {SPEC} and another ResNet-152, {runs} runs, process included; "
        f"the limit is a median of {LIMIT_S:.0f} s.",
        "",
        *_frame.table(["the other", "rows", "changes", "format", "median s", "lowest s", "highest s"], rows),
    ]
    return lines, slowest > LIMIT_S


if __name__ == "__main__":
    _frame.run("diff", "Comparing two large specs", measure, runs=15)
