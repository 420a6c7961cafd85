"""What a TensorFlow Lite file stores, by the schema that LiteRT ships: the other road to sizes in a precision."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from costlens.export.conversions import Source
from costlens.export.conversions._keras import write_tflite
from costlens.network.graph import Graph

_TYPES = {number: name for name, number in vars(schema.TensorType).items() if not name.startswith("_")}
_REALS = {"FLOAT32", "FLOAT16"}
QUANTISED_BY = 4 + 8
"""Bytes of a scale (fp32) and of a zero point (int64)."""


class Held(NamedTuple):
    """The numbers that a file stores by their type, and how many scales these have; shapes and axes are left out."""

    numbers: dict[str, int]
    scales: int
    size_bytes: int

    @property
    def flash_bytes(self) -> int:
        """The numbers, the scales and as many zero points."""
        return self.size_bytes + QUANTISED_BY * self.scales


def held(path: Path) -> Held:
    """Return what a file stores, each buffer once."""
    model = schema.ModelT.InitFromPackedBuf(path.read_bytes(), 0)
    numbers: Counter[str] = Counter()
    scales, size_bytes, seen = 0, 0, set[int]()
    for tensor in (each for subgraph in model.subgraphs for each in subgraph.tensors):
        data, quantised = model.buffers[tensor.buffer].data, tensor.quantization
        own = 0 if quantised is None or quantised.scale is None else len(quantised.scale)
        kind = _TYPES[tensor.type]
        if data is None or not len(data) or not (own or kind in _REALS):
            continue
        scales += own
        if tensor.buffer not in seen:
            seen.add(tensor.buffer)
            numbers[kind] += int(np.prod(tensor.shape))
            size_bytes += len(data)
    return Held(dict(numbers), scales, size_bytes)


def converted(graph: Graph, folder: Path, precision: str) -> Path:
    """Convert a graph, in int8 as microcontrollers run it: weights, activations, inputs and outputs."""
    path = folder / f"{precision}.tflite"

    def examples() -> Iterator[list[Any]]:
        random = np.random.default_rng(0)
        yield [random.standard_normal((1, *shape)).astype(np.float32) for _, shape in graph.inputs]

    def settings(tf: Any, converter: Any) -> None:
        if precision == "int8":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.representative_dataset = examples
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
            converter.inference_input_type = converter.inference_output_type = tf.int8

    write_tflite(Source(path, "", graph, 0), path, 1, settings)
    return path
