"""Counting ONNX files beside other tools: whole processes, their CPU time and the most memory that they took.

Files are made here: VGG-16 (550 MB of weights), MobileNet v1, and networks of 1,000 to 100,000 nodes. The tools run in
turn, so that a change of the machine's speed meets all of them; a figure is the median over the rounds, and slow tools
run once. Tools that are not installed are left out (pip install onnx-tool onnxsim onnxslim onnxruntime sympy).
Run from the project's root: python tests/perf/onnx_counters.py --full
"""

import os
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

import _frame
import onnx
from numpy.random import default_rng
from onnx import TensorProto, helper

OURS, BARE = "costlens", "onnx, shape inference"
COUNTERS = ("onnxruntime, symbolic", "onnxsim", "onnxslim", "onnx-tool")
TOOLS = {
    OURS: "from pathlib import Path; from costlens.readers.onnx import read; read(Path({path!r}))",
    BARE: "import onnx; onnx.shape_inference.infer_shapes(onnx.load({path!r}))",
    "onnxruntime, symbolic": "import onnx; from onnxruntime.tools.symbolic_shape_infer import SymbolicShapeInference;"
    " SymbolicShapeInference.infer_shapes(onnx.load({path!r}))",
    "onnxsim": "import onnx, onnxsim; onnxsim.simplify(onnx.load({path!r}))",
    "onnxslim": "import onnxslim; onnxslim.slim({path!r})",
    "onnx-tool": "import onnx_tool; m = onnx_tool.Model({path!r}); m.graph.shape_infer(None); m.graph.profile()",
}
MEMORY = "\nprint(*[line for line in open('/proc/self/status') if line.startswith('VmHWM')])"
"""What a process of Linux says of the most memory it took, in kB; what its parent took counts in other figures."""
NEEDS = {BARE: ("onnx",), "onnxruntime, symbolic": ("onnxruntime", "sympy"), "onnx-tool": ("onnx_tool",)}
SLOW_S = 5.0
"""A tool that takes longer is measured once."""
LONGEST_S = 90.0
ROUNDS = 5
VGG_S, VGG_MB = 0.25, 60
NODES = (1_000, 10_000, 50_000, 100_000)
MANY = 50_000
WIDTH = 20
VGG = [64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0]
MOBILENET = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1)]


class Took(NamedTuple):
    """CPU seconds of a process, the most MB that it took, and whether it ended by itself, and well."""

    cpu_s: float
    mb: float
    ended: bool


class Network:
    """A graph under construction: nodes in a row, random weights."""

    def __init__(self, *shape: int) -> None:
        self.nodes: list[Any] = []
        self.weights: list[Any] = []
        self.shape, self.last = shape, "x"
        self.random = default_rng(0)

    def then(self, op: str, *weights: Sequence[int], also: str = "", **attributes: Any) -> str:
        names = [f"{op.lower()}{len(self.nodes)}_w{index}" for index in range(len(weights))]
        for name, shape in zip(names, weights, strict=True):
            raw = self.random.bytes(4 * prod(shape))
            self.weights.append(helper.make_tensor(name, TensorProto.FLOAT, shape, raw, raw=True))
        made = f"t{len(self.nodes)}"
        inputs = [self.last, *([also] if also else []), *names]
        self.nodes.append(helper.make_node(op, inputs, [made], f"n{len(self.nodes)}", **attributes))
        self.last = made
        return made

    def save(self, path: Path, *shape: int) -> Path:
        given = [helper.make_tensor_value_info("x", TensorProto.FLOAT, self.shape)]
        output = [helper.make_tensor_value_info(self.last, TensorProto.FLOAT, shape)]
        graph = helper.make_graph(self.nodes, path.stem, given, output, self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.save(model, path)
        return path


def vgg(path: Path) -> Path:
    net, channels = Network(1, 3, 224, 224), 3
    for width in VGG:
        if width:
            net.then("Conv", (width, channels, 3, 3), (width,), kernel_shape=[3, 3], pads=[1] * 4)
            net.then("Relu")
            channels = width
        else:
            net.then("MaxPool", kernel_shape=[2, 2], strides=[2, 2])
    net.then("Flatten")
    for wide, into in ((25_088, 4096), (4096, 4096), (4096, 1000)):
        net.then("Gemm", (into, wide), (into,), transB=1)
    return net.save(path, 1, 1000)


def mobilenet(path: Path) -> Path:
    net, channels = Network(1, 3, 224, 224), 32
    net.then("Conv", (32, 3, 3, 3), (32,), kernel_shape=[3, 3], pads=[1] * 4, strides=[2, 2])
    net.then("Clip")
    for width, stride in MOBILENET:
        pads = {"kernel_shape": [3, 3], "pads": [1] * 4, "strides": [stride] * 2}
        net.then("Conv", (channels, 1, 3, 3), (channels,), group=channels, **pads)
        net.then("Clip")
        net.then("Conv", (width, channels, 1, 1), (width,), kernel_shape=[1, 1])
        net.then("Clip")
        channels = width
    net.then("GlobalAveragePool")
    net.then("Flatten")
    net.then("Gemm", (1000, channels), (1000,), transB=1)
    return net.save(path, 1, 1000)


def chain(path: Path, nodes: int) -> Path:
    """Write blocks of five: two convolutions with weights of their own, two activations, and a sum over them."""
    net = Network(1, WIDTH, 8, 8)
    for _ in range(nodes // 5):
        first = net.last
        for _ in range(2):
            net.then("Conv", (WIDTH, WIDTH, 1, 1), (WIDTH,), kernel_shape=[1, 1])
            net.then("Relu")
        net.then("Add", also=first)
    return net.save(path, *net.shape)


def took(tool: str, path: Path) -> Took:
    script = f"{TOOLS[tool].format(path=str(path))}{MEMORY}"
    compiled = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=compiled
    )
    timer = threading.Timer(LONGEST_S, process.kill)
    timer.start()
    printed = process.stdout.read().split() if process.stdout else []
    _, status, usage = os.wait4(process.pid, 0)
    timer.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    ended = process.returncode == 0 and bool(printed)
    return Took(usage.ru_utime + usage.ru_stime, int(printed[-2]) / 1000 if ended else 0, ended)


def measured(path: Path, tools: Sequence[str], rounds: int) -> dict[str, Took]:
    found: dict[str, list[Took]] = {tool: [took(tool, path)] for tool in tools}  # the first round also fills caches
    for _ in range(rounds):
        for tool in tools:
            if found[tool][0].ended and found[tool][0].cpu_s < SLOW_S:
                found[tool].append(took(tool, path))
    medians = {}
    for tool, each in found.items():
        kept = each[1:] or each
        medians[tool] = Took(
            statistics.median(one.cpu_s for one in kept), max(one.mb for one in kept), all(one.ended for one in kept)
        )
        _frame.progress([path.stem, tool, _written(medians[tool])])
    return medians


def _written(one: Took) -> str:
    if one.ended:
        return f"{one.cpu_s:.2f} s, {one.mb:,.0f} MB"
    return f"over {LONGEST_S:.0f} s" if one.cpu_s > LONGEST_S / 2 else "fails"


def _measured_on(path: Path, tools: Sequence[str]) -> list[str]:
    """Leave the counters out of the largest file, which is there to see how time grows."""
    return [tool for tool in tools if tool not in COUNTERS or path.stem != f"{NODES[-1]:,}_nodes"]


def files(folder: Path, full: bool) -> Iterator[Path]:
    yield mobilenet(folder / "mobilenet_v1.onnx")
    if full:
        yield vgg(folder / "vgg_16.onnx")
    for nodes in NODES if full else NODES[:1]:
        yield chain(folder / f"{nodes:,}_nodes.onnx", nodes)


def judged(found: dict[str, dict[str, Took]]) -> list[tuple[str, bool]]:
    """Return what is wanted of our times, and whether it is kept."""
    said = []
    for name, times in found.items():
        ours = times[OURS]
        peers = {tool: one.cpu_s for tool, one in times.items() if tool != OURS and one.ended}
        counters = {tool: peers[tool] for tool in COUNTERS if tool in peers}
        if name == "vgg_16":
            said.append((f"VGG-16 in {VGG_S} s and {VGG_MB} MB", ours.cpu_s <= VGG_S and ours.mb <= VGG_MB))
        elif name == "mobilenet_v1" and peers:
            fastest = min(peers, key=peers.__getitem__)
            ratio = ours.cpu_s / peers[fastest]
            said.append((f"MobileNet no slower than the fastest other ({fastest}): {ratio:.2f}×", ratio <= 1))
        elif name == f"{MANY:,}_nodes":
            ratio = ours.cpu_s / peers[BARE]
            said.append((f"{MANY:,} nodes no slower than bare shape inference: {ratio:.2f}×", ratio <= 1))
            if counters:
                fastest = min(counters, key=counters.__getitem__)
                ratio = ours.cpu_s / counters[fastest]
                what = f"{MANY:,} nodes in a fifth of the fastest counter's time ({fastest}): {ratio:.2f}×"
                said.append((what, ratio <= 0.2))
    if f"{NODES[-1]:,}_nodes" in found:
        least, most = (found[f"{nodes:,}_nodes"][OURS].cpu_s for nodes in (NODES[1], NODES[-1]))
        each = (most / NODES[-1]) / (least / NODES[1])
        said.append((f"linear: a node of {NODES[-1]:,} takes {each:.2f}× one of {NODES[1]:,}", each <= 1.2))
    return said


def measure(full: bool) -> tuple[list[str], bool]:
    tools = [tool for tool in TOOLS if all(map(find_spec, NEEDS.get(tool, (tool,))))]
    with tempfile.TemporaryDirectory() as folder:
        rounds = ROUNDS if full else 1
        found = {
            path.stem: measured(path, _measured_on(path, tools), rounds) for path in files(Path(folder), full)
        }
    wanted = judged(found)
    rows = [
        [name, *(_written(times[tool]) if tool in times else "" for tool in tools)] for name, times in found.items()
    ]
    lines = [
        f"CPU seconds and most memory of whole processes, median of {ROUNDS} rounds in turn "
        f"(1 of those over {SLOW_S:.0f} s), {_frame.PYTHON}. The networks of "
        f"1,000 to 100,000 nodes are residual blocks of 1×1 convolutions.",
        "",
        *_frame.table(["file", *tools], rows),
        "",
        *(f"- {'kept' if kept else 'missed'}: {what}" for what, kept in wanted),
    ]
    return lines, not all(kept for _, kept in wanted)


if __name__ == "__main__":
    _frame.run("onnx_counters", "ONNX files beside other tools", measure)
