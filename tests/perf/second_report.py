"""The second `costlens report specs/yamnet.yaml --no-bench` against the first, and the peak memory of exporting VGG-16.

Both run with a cache of their own that starts empty. Run from the project's root:
python tests/perf/second_report.py [runs], so many second reports, of which the fastest counts
"""

import os
import resource
import tempfile

import _frame

FASTER = 10.0
MEMORY_GIB = 8.0


def measure(runs: int) -> tuple[list[str], bool]:
    with tempfile.TemporaryDirectory() as folder:

        def seconds(*words: str) -> float:
            environment = {**os.environ, "COSTLENS_CACHE": f"{folder}/cache"}
            return _frame.seconds(*_frame.COSTLENS, *words, environment=environment)

        report = ("report", "specs/yamnet.yaml", "--no-bench", "-o", f"{folder}/reports")
        first = seconds(*report)
        second = min(seconds(*report) for _ in range(runs))
        export = seconds("export", "specs/vgg_d.yaml", "-o", f"{folder}/vgg_d.onnx")
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    lines = [
        f"`costlens report specs/yamnet.yaml --no-bench`: first {first:.1f} s, second {second:.2f} s, "
        f"{first / second:.0f} times faster (at least {FASTER:.0f} wanted).",
        f"`costlens export specs/vgg_d.yaml`: {export:.0f} s, peak memory {peak:.1f} GiB of a process "
        f"(less than {MEMORY_GIB:.0f} wanted).",
    ]
    return lines, first / second < FASTER or peak > MEMORY_GIB


if __name__ == "__main__":
    _frame.run("exports", "Exports and their cache", measure, runs=3, machine=False)
