"""Networks for microcontrollers: what their .tflite files store and what interpreters allocate, beside the count.

Run from the project's root: PYTHONPATH=. python tests/perf/micro_arena.py [--full]
Nothing depends on time. KEPT=FOLDER keeps the converted files there, and takes them from there.
"""

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import _frame
import numpy as np

from costlens.errors import CostlensError
from costlens.export.conversions import Source
from costlens.export.conversions._keras import write_tflite
from costlens.network.graph import Graph
from costlens.network.variants import rewrite
from costlens.results.allocated import DeviceFacts
from costlens.results.counts import Totals
from costlens.spec import shipped
from costlens.spec.loading import load, loads
from costlens.tasks._device_proof import counted, facts_of

MOST_BYTES = 2_000_000
WITHIN = 0.05
SHARE = 0.9
KINDS = ("standard", "separable", "factorized", "grouped", "bottleneck")
NARROW_YAMNET = """
name: yamnet_{name}
include: mobilenet.blocks.yaml
input: [96, 64, 1]
layers:
  - mobilenet: {{norm: {{batch: {{scale: false, epsilon: 1e-4}}}}, alpha: {alpha}, classes: 521, activation: sigmoid}}
"""
ALL_KINDS = ("ds_cnn_s", "keyword_head", "mlperf_tiny_kws", "mlperf_tiny_resnet8", "mlperf_tiny_vww",
             "speech_embedding", "tc_resnet8", "separable_example")  # fmt: skip
AS_WRITTEN = ("ds_cnn_m", "ds_cnn_l", "keyword_spotter", "mlperf_tiny_autoencoder", "bc_resnet_1", "blazeface",
              "fomo_mobilenet_v2", "matchboxnet_3x1x64")  # fmt: skip
RESOLUTIONS = (96, 128, 160, 192, 224)
HEADERS = ("network", "kind", "precision", "file", "stored, ours", "stored, file", "indices", "tables", "at least",
           "planned", "allocated", "difference", "kept", "LiteRT")  # fmt: skip


class Case(NamedTuple):
    """A network in a kind; ``kinds`` are the kinds whose graph it is."""

    name: str
    kind: str
    graph: Graph


@dataclass(frozen=True)
class Found:
    """What was counted of a case in a precision, and what was found of its file."""

    case: Case
    precision: str
    totals: Totals
    facts: DeviceFacts

    @property
    def stored_equal(self) -> bool:
        return self.totals.flash_bytes == self.facts.stored.numbers

    @property
    def apart(self) -> float | None:
        """How far the plan is from what is allocated, as a share of that."""
        if self.facts.micro is None:
            return None
        return (self.totals.arena_bytes or 0) / self.facts.micro.activations - 1

    @property
    def cells(self) -> list[str]:
        facts, micro, apart = self.facts, self.facts.micro, self.apart
        return [
            self.case.name, self.case.kind, self.precision, f"{facts.file_bytes:,}", f"{self.totals.flash_bytes:,}",
            f"{facts.stored.numbers:,}", f"{facts.stored.indices:,}", f"{facts.stored.rest:,}", f"{facts.peak:,}",
            f"{self.totals.arena_bytes:,}", f"{micro.activations:,}" if micro else "refused",
            "" if apart is None else f"{apart:+.1%}" if apart else "0", f"{micro.persistent:,}" if micro else "",
            "" if facts.litert is None else f"{facts.litert:,}",
        ]  # fmt: skip


def measure(full: bool) -> tuple[list[str], bool]:
    found, failed = [], []
    for case in [*cases()] if full else [*cases()][:1]:
        for precision in ("int8", "fp32"):
            try:
                one = look(case, precision)
            except CostlensError as error:
                failed.append(f"{case.name}, {case.kind}, {precision}: {error}")
                continue
            if one.facts.file_bytes > MOST_BYTES:
                continue
            found.append(one)
            _frame.progress(one.cells)
    return page(found, failed), missed(found)


def missed(found: list[Found]) -> bool:
    allocated = [one for one in found if one.apart is not None]
    near = [one for one in allocated if abs(one.apart or 0) <= WITHIN]
    below = [one for one in allocated if one.facts.micro and one.facts.micro.activations < one.facts.peak]
    return not all(one.stored_equal for one in found) or len(near) < SHARE * len(allocated) or bool(below)


def page(found: list[Found], failed: list[str]) -> list[str]:
    networks = len({(one.case.name, one.case.kind) for one in found})
    allocated = [one for one in found if one.apart is not None]
    exact = sum(one.apart == 0 for one in allocated)
    near = sum(abs(one.apart or 0) <= WITHIN for one in allocated)
    equal = sum(one.stored_equal for one in found)
    below = sum(one.facts.micro.activations < one.facts.peak for one in allocated if one.facts.micro)
    least = f"{below} are" if below else "None is"
    lines = [
        f"{networks} networks, each in a kind of convolution, {len(found)} files of at most 2 MB in int8 and fp32, of",
        "random weights, converted by TensorFlow and loaded into the interpreter of TensorFlow Lite Micro.",
        "",
        f"- **Stored**: in {equal} of {len(found)} files the bytes of weights, biases, scales and zero points are",
        "  those counted from the spec (`flash_bytes`). Beside them a file holds indices (axes, sizes and the single",
        "  numbers that layers are set to) and tables (names, shapes, what aligns them): they add up to its size.",
        f"- **Arena**: {exact} of {len(allocated)} plans are what the interpreter allocates for activations, to the",
        f"  byte, and {near} within 5 %. {least} below the least that a plan of the file's tensors needs (`at least`).",
        "  `kept` is what it allocates beside activations: its own tables, and what kernels keep for each channel.",
        "- **LiteRT** is its own arena without a delegate, by the addresses of its tensors. It aligns to 64 bytes,",
        "  lets operators write over what they read, and kernels ask for buffers that those of Micro do without.",
        "",
        *_frame.table(HEADERS, [one.cells for one in found]),
    ]
    for title, said in (("Differences", [*explained(found)]), ("Not compared", [*refused(found), *failed])):
        lines += ["", f"## {title}", "", *(f"- {line}" for line in said)] if said else []
    return lines


def explained(found: list[Found]) -> Iterator[str]:
    for one in found:
        name, facts = f"{one.case.name}, {one.case.kind}, {one.precision}", one.facts
        if not one.stored_equal:
            more = facts.stored.numbers - (one.totals.flash_bytes or 0)
            yield f"{name}: {more:+,} bytes are stored: constants that the converter makes, or makes one of."
        if one.apart and facts.micro:
            scratch = facts.micro.activations - facts.planned
            made = facts.planned - (one.totals.arena_bytes or 0)
            parts = [f"{made:+,} bytes since the converter makes other tensors than the spec says"] if made else []
            parts += [f"{scratch:+,} bytes are scratch buffers of kernels"] if scratch else []
            yield f"{name}: {'; '.join(parts)}."


def refused(found: list[Found]) -> Iterator[str]:
    for one in found:
        if one.facts.micro is None:
            yield f"{one.case.name}, {one.case.kind}, {one.precision}: {'; '.join(one.facts.problems)}"


def cases() -> Iterator[Case]:
    for name in ALL_KINDS:
        graph = load(shipped.path(name)).graph
        yield from of_kinds(name, graph)
    for name in AS_WRITTEN:
        yield Case(name, "as written", load(shipped.path(name)).graph)
    for resolution in RESOLUTIONS:
        settings = {"alpha": 0.25, "resolution": resolution}
        yield Case(f"mobilenet_v1_025_{resolution}", "as written", load(shipped.path("mobilenet_v1"), settings).graph)
    for alpha in (0.25, 0.5):
        name = f"{alpha}".replace(".", "")
        text, file = NARROW_YAMNET.format(name=name, alpha=alpha), str(shipped.FOLDER / "yamnet.yaml")
        yield Case(f"yamnet_{name}", "as written", loads(text, file=file).graph)


def of_kinds(name: str, graph: Graph) -> Iterator[Case]:
    """Yield a network as written and in each kind that makes another graph of it."""
    seen = [graph.nodes]
    yield Case(name, "as written", graph)
    for kind in KINDS:
        made = rewrite(graph, kind).graph
        if made.nodes not in seen:
            seen.append(made.nodes)
            yield Case(name, kind, made)


def look(case: Case, precision: str) -> Found:
    name = case.name if case.kind == "as written" else f"{case.name}.{case.kind}"
    with tempfile.TemporaryDirectory() as made:
        path = Path(os.environ.get("KEPT", made)) / f"{name}.{precision}.tflite"
        if not path.is_file():
            convert(case.graph, path, precision)
        return Found(case, precision, counted(case.graph, precision).totals, facts_of(path))


def convert(graph: Graph, path: Path, precision: str) -> None:
    """Convert a network with random weights; its integers are calibrated on random inputs."""

    def examples() -> Iterator[list[Any]]:
        random = np.random.default_rng(0)
        for _ in range(2):
            yield [np.asarray(random.standard_normal((1, *shape)), np.float32) for _, shape in graph.inputs]

    def settings(tf: Any, converter: Any) -> None:
        if precision == "int8":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.representative_dataset = examples
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
            converter.inference_input_type = converter.inference_output_type = tf.int8

    write_tflite(Source(path, "", graph), path, 1, settings)


if __name__ == "__main__":
    _frame.run("micro_arena", "Files and arenas of small devices", measure, machine=False)
