"""A/A: networks against copies of themselves, half of them beside a competing load. How many claim a difference?

40 comparisons over five networks from 50 µs to 20 ms, as `costlens bench A A` makes them; at most 2 may be called
faster or slower. Run from the project's root: python tests/perf/aa.py --full
Without --full: two small comparisons, which show that the script works; nothing is written.
"""

import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import _frame
import timed_networks

from costlens.bench.run import bench
from costlens.results.latency import LatencyRatio, LatencyReport

ALLOWED = 2
REPEATS = 4  # of each network, with and without the load: 5 x 2 x 4 = 40


@dataclass(frozen=True)
class Trial:
    network: str
    loaded: bool
    report: LatencyReport

    @property
    def ratio(self) -> LatencyRatio:
        return self.report.ratios[0]

    def row(self) -> list[str]:
        control = self.report.control
        return [
            self.network,
            "yes" if self.loaded else "no",
            f"{self.report.models[0].median_ms:.3f}",
            _frame.interval(self.ratio),
            str(self.ratio.processes),
            str(self.ratio.verdict),
            f"±{100 * control.resolution:.2f} %" if control else "not known",
            "too noisy" if self.report.too_noisy else "",
            f"{self.report.elapsed_s:.0f}",
        ]


def trials(full: bool, folder: Path) -> list[Trial]:
    made: list[Trial] = []
    for name in list(timed_networks.SIZES)[: None if full else 1]:
        path = timed_networks.write_network(folder / f"{len(made)}.onnx", *timed_networks.SIZES[name])
        itself = Path(shutil.copy(path, folder / f"{len(made)}-itself.onnx"))  # a file of its own: no known copy
        for loaded in (False, True) * (REPEATS if full else 1):
            with timed_networks.competing_load(loaded):
                plan = replace(_frame.plan(full), seed=len(made))
                made.append(Trial(name, loaded, bench({"net": path, "itself": itself}, plan)))
            _frame.progress(made[-1].row())
    return made


def measure(full: bool) -> tuple[list[str], bool]:
    with tempfile.TemporaryDirectory() as folder:
        made = trials(full, Path(folder))
    verdicts = [trial.ratio.verdict for trial in made]
    claims = verdicts.count("faster") + verdicts.count("slower")
    excluding = sum(not trial.ratio.low <= 1 <= trial.ratio.high for trial in made)
    allowed = ALLOWED if full else 0
    lines = [
        f"{len(made)} comparisons of a network with itself: {claims} claim a difference (at most {allowed} wanted). "
        f"{excluding} intervals exclude 1, {verdicts.count('equivalent')} verdicts are equivalent, "
        f"{verdicts.count('inconclusive')} inconclusive; {sum(trial.report.too_noisy for trial in made)} times the "
        "control called the machine too noisy.",
        "",
        *_frame.table(
            ["network", "load", "ms", "time ÷ itself", "processes", "verdict", "resolves", "", "s"],
            [trial.row() for trial in made],
        ),
    ]
    return lines, claims > allowed


if __name__ == "__main__":
    _frame.run("aa", "A/A: a network against itself", measure)
