"""Sizes and arenas of specs beside the files that TensorFlow's converter makes of them, in fp32 and int8.

Run from the project's root: python -m tests.perf.int8_files [--full]
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from costlens.arithmetic import arena
from costlens.arithmetic.precision import together
from costlens.errors import CostlensError, first_line
from costlens.network.count import count
from costlens.network.deployed import deployed_params
from costlens.network.graph import Graph
from costlens.network.precisions import Precisions
from costlens.network.variants import rewrite
from costlens.readers.tflite import plan_of
from costlens.results.counts import known
from costlens.spec.loading import load
from tests.cases.quantised import converted, held
from tests.perf import _frame

SPECS = (
    "ds_cnn_s", "ds_cnn_m", "keyword_head", "keyword_spotter", "mlperf_tiny_autoencoder", "mlperf_tiny_kws",
    "mlperf_tiny_resnet8", "mlperf_tiny_vww", "speech_embedding", "tc_resnet8", "separable_example", "bc_resnet_1",
)  # fmt: skip
KINDS = ("as-written", "standard", "separable", "factorized", "grouped", "bottleneck")
SMALL = tuple(("mobilenet_v1", {"alpha": 0.25, "resolution": size}) for size in (96, 128, 224))
MOST_BYTES = 2_000_000
HEADERS = ("network", "stored, spec", "stored, file", "differs by", "arena, spec", "arena, file", "")
CLOSE = 0.05
ENOUGH = 0.9


def networks(full: bool) -> Iterator[tuple[str, Graph]]:
    """Yield networks, each graph once."""
    for name, knobs in (*((name, {}) for name in SPECS), *SMALL) if full else (("keyword_head", {}), ("ds_cnn_s", {})):
        spec = load(Path("specs") / f"{name}.yaml", knobs)
        seen = set()
        for kind in KINDS if full and not knobs else KINDS[:1]:
            graph = rewrite(spec.graph, kind).graph
            if graph.nodes not in seen and known(count(graph).totals.weight_bytes_int8) < MOST_BYTES:
                seen.add(graph.nodes)
                size = f" {knobs['resolution']}" if knobs else ""
                yield f"{name}{size}{'' if kind == KINDS[0] else f':{kind}'}", graph


def measure(full: bool) -> tuple[list[str], bool]:
    rows, close, wrong = [], 0, 0
    for name, graph in networks(full):
        for precision in ("fp32", "int8"):
            row = [f"{name} {precision}", *_compared(graph, precision)]
            rows.append(row)
            _frame.progress(row)
            wrong += row[3] not in ("", "constants of formulas")
            close += row[6] in ("equal", "close")
    lines = [
        f"{len(rows)} files of {len(rows) // 2} networks. Stored: weights, biases and constants with their scales and",
        f"zero points, in bytes. One rule plans the arena for the spec's tensors and for the file's: {close} are equal",
        f"or within {CLOSE:.0%}.",
        "",
        *_frame.table(HEADERS, rows),
    ]
    return lines, bool(wrong) or close < ENOUGH * len(rows)


def _compared(graph: Graph, precision: str) -> list[str]:
    """Return what a spec and its file store, and what their arenas take."""
    ours = count(graph, precisions=Precisions.all(precision)).totals  # type: ignore[arg-type]
    with tempfile.TemporaryDirectory() as folder:
        try:
            path = converted(graph, Path(folder), precision)
        except CostlensError as error:
            return [f"{ours.flash_bytes:,}", "", first_line(error), f"{ours.arena_bytes:,}", "", "no file"]
        theirs, planned = held(path), arena.plan(plan_of(path)[1]).bytes
    stored = together(each.stored for each in deployed_params(graph).values())
    more = theirs.numbers.get("INT8", theirs.numbers.get("FLOAT32", 0)) - stored.weights - stored.constants
    more -= 0 if precision == "int8" else stored.biases + stored.zeros
    differs = theirs.flash_bytes - known(ours.flash_bytes)
    said = "" if not differs else "constants of formulas" if 0 < more < 16 else f"{differs:,} bytes"
    ratio = known(ours.arena_bytes) / planned
    verdict = "equal" if ratio == 1 else "close" if abs(ratio - 1) <= CLOSE else f"{ratio:.2f}×"
    figures = (ours.flash_bytes, theirs.flash_bytes)
    return [*(f"{known(each):,}" for each in figures), said, f"{ours.arena_bytes:,}", f"{planned:,}", verdict]


if __name__ == "__main__":
    _frame.run("int8_files", "Sizes in int8 beside converted files", measure, machine=False)
