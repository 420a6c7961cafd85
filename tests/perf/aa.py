"""A/A: networks against copies of themselves, half of them beside a competing load. How many claim a difference?

40 comparisons over five networks from 50 µs to 20 ms, as `costlens bench A A` makes them; at most 2 may be called
faster or slower. Run from the project's root: python tests/perf/aa.py --full
Without --full: two small comparisons, which show that the script works; nothing is written.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import page
import timed_networks

from costlens.bench.protocol import Protocol
from costlens.bench.run import bench
from costlens.results.latency import LatencyReport

ALLOWED = 2
REPEATS = 4  # of each network, with and without the load: 5 x 2 x 4 = 40


@dataclass(frozen=True)
class Trial:
    network: str
    loaded: bool
    report: LatencyReport

    @property
    def claims(self) -> bool:
        return self.report.ratios[0].verdict in {"faster", "slower"}

    def row(self) -> list[str]:
        (ratio,), control = self.report.ratios, self.report.control
        resolution = f"±{100 * control.resolution:.2f} %" if control else "not known"
        return [
            self.network,
            "yes" if self.loaded else "no",
            f"{self.report.models[0].median_ms:.3f}",
            f"{ratio.ratio:.4f} [{ratio.low:.4f}, {ratio.high:.4f}]",
            str(ratio.processes),
            str(ratio.verdict),
            resolution,
            "too noisy" if self.report.too_noisy else "",
            f"{self.report.elapsed_s:.0f}",
        ]


def trials(names: list[str], repeats: int, protocol: Protocol, folder: Path) -> list[Trial]:
    made = []
    for name in names:
        path = timed_networks.write_network(folder / f"{len(made)}.onnx", *timed_networks.SIZES[name])
        itself = Path(shutil.copy(path, folder / f"{len(made)}-itself.onnx"))  # a file of its own: no known copy
        for _ in range(repeats):
            for loaded in (False, True):
                with timed_networks.competing_load(loaded):
                    time.sleep(0.5 * loaded)
                    plan = replace(protocol, seed=len(made))
                    made.append(Trial(name, loaded, bench({"net": path, "itself": itself}, plan)))
                print(" | ".join(made[-1].row()), file=sys.stderr)
    return made


def main() -> None:
    full = "--full" in sys.argv
    names = list(timed_networks.SIZES)
    with tempfile.TemporaryDirectory() as folder:
        if full:
            made = trials(names, REPEATS, Protocol(device="cpu"), Path(folder))
        else:
            made = trials(names[:1], 1, Protocol(device="cpu", processes=7, looks=1, blocks=4), Path(folder))
    claims = sum(trial.claims for trial in made)
    excluding = sum(not trial.report.ratios[0].low <= 1 <= trial.report.ratios[0].high for trial in made)
    verdicts = [trial.report.ratios[0].verdict for trial in made]
    allowed = ALLOWED if full else 0
    lines = [
        f"{len(made)} comparisons of a network with itself: {claims} claim a difference (at most {allowed} wanted). "
        f"{excluding} intervals exclude 1, {verdicts.count('equivalent')} verdicts are equivalent, "
        f"{verdicts.count('inconclusive')} inconclusive; {sum(trial.report.too_noisy for trial in made)} times the "
        "control called the machine too noisy.",
        "",
        *page.table(
            ["network", "load", "ms", "time ÷ itself", "processes", "verdict", "resolves", "", "s"],
            [trial.row() for trial in made],
        ),
    ]
    page.write("aa", "A/A: a network against itself", lines, record=full)
    sys.exit(claims > allowed)


if __name__ == "__main__":
    main()
