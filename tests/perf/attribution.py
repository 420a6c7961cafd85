"""Time per layer: does every kernel find its row, and do the rows make up the latency?

Six specs of different families in all their kinds, as `costlens profile` measures them: at least 99 % of the kernels
are booked, the corrected sum is within 5 % of the unprofiled latency (median over the specs), every convolution row
has a time. An independent check on two networks: the latency of the network cut off behind block k, minus that of the
network cut off behind block k - 1, against what the kernels of block k were found to take.

Run from the project's root: python tests/perf/attribution.py --full
Without --full: one small spec as written, which shows that the script works; nothing is written.
"""

import random
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import _frame

from costlens.bench.protocol import Protocol
from costlens.results.layer_times import LayerTimes, fold
from costlens.runtimes import onnxruntime
from costlens.runtimes._onnxruntime_profile import nodes
from costlens.sources._source import Asked
from costlens.sources.find import models
from costlens.tasks._proof import Proof
from costlens.tasks._timing import prepare
from costlens.tasks._tools import Tools
from costlens.tasks.profile import profile_models

SPECS = ("ds_cnn_s", "speech_embedding", "yamnet", "mobilenet_v2", "resnet18", "squeezenet")
CUT = ("yamnet", "resnet18")
COVERAGE, RESIDUAL, DIFFERENCE = 0.99, 0.05, 0.10
SHARE = 0.04  # of the time: a smaller block is lost in the difference of two latencies
PLAN = Protocol(device="cpu")
OPTIONS = PLAN.options


@dataclass(frozen=True)
class Profiled:
    spec: str
    proof: Proof
    times: LayerTimes

    @property
    def untimed(self) -> list[str]:
        """Convolution rows without a kernel."""
        convolving = {row.name for row in self.proof.count.rows if row.kernel and row.macs}
        return [row.row for row in self.times.rows if row.row in convolving and not row.microseconds]

    def row(self) -> list[str]:
        times = self.times
        return [
            self.spec,
            " = ".join((times.variant, *times.also)),
            f"{times.unprofiled_us:,.0f}",
            f"{times.sum_us:,.0f}",
            f"{100 * times.residual:+.1f} %",
            f"{100 * times.raw_residual:+.1f} %",
            str(times.kernels),
            f"{100 * times.coverage:.1f} %",
            f"{100 * times.layout.share:.1f} %",
            ", ".join(self.untimed) or "none",
        ]


@dataclass(frozen=True)
class Block:
    spec: str
    name: str
    attributed_us: float
    difference_us: float
    share: float

    @property
    def error(self) -> float:
        return self.attributed_us / self.difference_us - 1

    def row(self) -> list[str]:
        figures = f"{self.attributed_us:,.1f}", f"{self.difference_us:,.1f}", f"{100 * self.error:+.1f} %"
        return [self.spec, self.name, *figures, f"{100 * self.share:.1f} %"]


def profiled(spec: str, variants: tuple[str, ...]) -> list[Profiled]:
    made = []
    ready = prepare(models([f"specs/{spec}.yaml"], Asked(variants)), Tools())
    for model in ready.models:
        (times,) = profile_models([model], PLAN, Tools()).times
        made.append(Profiled(spec, ready.proofs[model.label], times))
        _frame.progress(made[-1].row())
    return made


def cut(one: Profiled, rounds: int, folder: Path) -> list[Block]:
    """Compare each block with the difference between the networks that end before and behind it."""
    from onnx.utils import extract_model

    path = one.proof.path
    source = nodes(path)
    blocks = fold(one.times, 1).rows
    ends: dict[str, str] = {}
    for node in source:
        ends[node.name.split("/")[0].split(".")[0]] = node.outputs[0]
    names = [block.row for block in blocks if block.row in ends]
    inputs = [name for name in source[0].inputs if not name.startswith(source[0].name)]
    sessions = {}
    for name in names:
        target = folder / f"{one.spec}-{name}.onnx"
        extract_model(path, target, inputs, [ends[name]], check_model=False)
        sessions[name] = onnxruntime.Onnxruntime().load(target, OPTIONS)
    taken = latencies_us(sessions, rounds)
    found = []
    for block in blocks:
        if block.row in names and (place := names.index(block.row)):
            difference = taken[block.row] - taken[names[place - 1]]
            found.append(Block(one.spec, block.row, block.microseconds, difference, block.share))
    return found


def latencies_us(sessions: dict[str, onnxruntime.BoundSession], rounds: int) -> dict[str, float]:
    """Return the median over rounds of each session's fastest call of five, its turns in random order."""
    order = random.Random(0)
    taken: dict[str, list[int]] = {name: [] for name in sessions}
    for _ in range(rounds):
        for name in order.sample(sorted(sessions), len(sessions)):
            run, calls = sessions[name].run, []
            for _ in range(7):
                before = time.perf_counter_ns()
                run()
                calls.append(time.perf_counter_ns() - before)
            taken[name].append(min(calls[2:]))
    return {name: median(found) / 1e3 for name, found in taken.items()}


def measure(full: bool) -> tuple[list[str], bool]:
    specs, variants = (SPECS, ("all",)) if full else (("speech_embedding",), ())
    made = [one for spec in specs for one in profiled(spec, variants)]
    chosen = [next(one for one in made if one.spec == spec) for spec in (CUT if full else specs)]
    with tempfile.TemporaryDirectory() as folder:
        blocks = [block for one in chosen for block in cut(one, 100 if full else 10, Path(folder))]
    compared = [block for block in blocks if block.share >= SHARE and block.difference_us > 0]
    coverage = min(one.times.coverage for one in made)
    by_spec = [median(abs(one.times.residual) for one in made if one.spec == spec) for spec in specs]
    residual, difference = median(by_spec), median(abs(block.error) for block in compared)
    untimed = sum(len(one.untimed) for one in made)
    raw = median(abs(one.times.raw_residual) for one in made)
    residuals = [one.times.residual for one in made]
    lines = [
        f"{len(specs)} specs, {len(made)} networks: at least {100 * coverage:.1f} % of a network's kernels are "
        f"assigned (at least {100 * COVERAGE:.0f} % wanted); the corrected sum is {100 * residual:.1f} % off the "
        f"unprofiled latency (median over specs of the median over kinds; at most {100 * RESIDUAL:.0f} % wanted), from "
        f"{100 * min(residuals):+.1f} % to {100 * max(residuals):+.1f} % over the networks (uncorrected "
        f"{100 * raw:.1f} %, median over networks); {untimed} convolution rows have no time (none wanted).",
        "",
        *_frame.table(
            ["spec", "kind", "latency, µs", "sum, µs", "off", "uncorrected", "kernels", "assigned",
             "layout", "untimed"],
            [one.row() for one in made],
        ),
        "",
        f"Against prefix differencing, {len(compared)} blocks with at least {100 * SHARE:.0f} % of their network's "
        f"time are {100 * difference:.1f} % off (median; at most {100 * DIFFERENCE:.0f} % wanted). A cut network moves "
        "its last tensor back to the file's layout and is fused differently at its end; layout inside a block is in "
        "the difference and not in the block's kernels.",
        "",
        *_frame.table(
            ["spec", "block", "by kernels, µs", "by difference, µs", "off", "share"], [block.row() for block in blocks]
        ),
    ]
    missed = coverage < COVERAGE or residual > RESIDUAL or untimed > 0 or difference > DIFFERENCE
    return lines, missed and full


if __name__ == "__main__":
    _frame.run("attribution", "Attribution: the time of layers against the time of networks", measure)
