"""Counts of mutated ONNX files: bytes and fields changed at random, each counted in a process of limited memory.

Seeds are the models that come with onnx, the cases of the tests, and small specs that are exported.
Run from the project's root: python tests/perf/mutated.py [files]
Linux only: memory is read from /proc.
"""

import sys
import tempfile
from collections import Counter
from pathlib import Path
from random import Random

import _frame

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.draw.mutated_models import LARGEST, drawn, seeds
from tests.fakes.judged_models import FAULTS, LIMIT_BYTES, LIMIT_S, Verdict, judged, judges

FILES = 10_000
EXPORTED = ("separable_example", "bc_resnet_1", "ds_cnn_s", "keyword_head", "matchboxnet_3x1x64", "keyword_spotter")
WORDS = {
    "refused": "refused with a message",
    "as run": "complete, and the same MACs in a run",
    "complete": "complete; the file does not run any more",
    "formula": "a formula of free axes",
    "partial": "partial: what is not counted is named",
}


def exported(folder: Path) -> dict[str, bytes]:
    """Return exports of small specs by their names."""
    found = {}
    for spec in EXPORTED:
        path = folder / f"{spec}.onnx"
        _frame.printed(*_frame.COSTLENS, "export", f"specs/{spec}.yaml", "-o", str(path))
        if path.stat().st_size <= LARGEST:
            found[spec] = path.read_bytes()
    return found


def measure(files: int) -> tuple[list[str], bool]:
    verdicts: list[Verdict] = []
    bad: list[list[str]] = []
    with tempfile.TemporaryDirectory() as folder:
        known = {**seeds(), "exports": exported(Path(folder))}
        count, run = judges()
        path = Path(folder) / "mutated.onnx"
        for number in range(files):
            name, content = drawn(Random(number), known)
            path.write_bytes(content)
            verdict = judged(path, count, run)
            verdicts.append(verdict)
            if verdict.word in FAULTS:
                bad.append([str(number), name, verdict.word, verdict.said.replace("\n", " ").replace("|", "\\|")])
                _frame.progress(bad[-1])
        count.close()
        run.close()
    words = Counter(verdict.word for verdict in verdicts)
    slowest = max(verdict.seconds for verdict in verdicts)
    largest = max(verdict.held_bytes for verdict in verdicts)
    seeds_ = sum(map(len, known.values()))
    lines = [
        f"{files:,} files made of {seeds_:,} models: one to four random changes each, three in ten of bytes, else of "
        f"fields. {len(bad)} faults. Limits: {LIMIT_S:.0f} s of the processor, {LIMIT_BYTES / 2**30:.0f} GiB.",
        "",
        *_frame.table(["how a count ends", "files"], [[text, f"{words[word]:,}"] for word, text in WORDS.items()]),
        "",
        *_frame.table(["fault", "files"], [[word, f"{words[word]:,}"] for word in FAULTS]),
        "",
        f"Slowest count: {slowest:.2f} s. Most memory held beside the imports, over all files: {largest / 2**20:.0f} "
        "MiB.",
    ]
    if bad:
        lines += ["", *_frame.table(["file", "seed", "fault", "what is said"], bad)]
    return lines, bool(bad)


if __name__ == "__main__":
    _frame.run("mutated", "Mutated ONNX files", measure, runs=FILES, machine=False)
