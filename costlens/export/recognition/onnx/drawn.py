"""Random weights for a file whose weights are all one number, as those of ONNX's light models are.

With such weights all channels are the same, and what differs between two networks is lost in sums of equal numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod, sqrt
from pathlib import Path
from typing import Any
from zlib import crc32

from costlens.export.recognition.built import NoKindError
from costlens.export.recognition.onnx.numbers import Numbers

_GAIN = sqrt(2)
_NORM = ("BatchNormalization", (1.0, 0.0, 0.0, 1.0))
"""About what scale, shift, mean and variance are drawn."""
_MULTIPLY = ("Conv", "ConvTranspose", "Gemm", "MatMul")


def are_one_number(weights: Mapping[str, Sequence[Any]]) -> bool:
    """Say whether each of several kernels holds one number only."""
    held = [each for every in weights.values() for each in every if each.ndim > 1 and each.size > 1]
    return bool(held) and all((each == each.flat[0]).all() for each in held)


def write_drawn(path: Path, target: Path, seed: int) -> None:
    """Write a file again with random weights: activations of order one, norms near what they begin with."""
    import onnx
    from onnx import numpy_helper

    model = onnx.load(path)
    made: dict[str, Any] = {}
    numbers = Numbers(model)
    for node, place, around, spread in _weights(model):
        name = node.input[place]
        if name not in made:
            try:
                held = numbers.array(name)
            except NoKindError:  # a run decides it
                continue
            made[name] = _drawn(name, held.shape, around, spread or _spread(node, held.shape), seed)
        node.input[place] = f"{name}/drawn"
    model.graph.initializer.extend(numpy_helper.from_array(each, f"{name}/drawn") for name, each in made.items())
    onnx.save(model, target)


def _weights(model: Any) -> Iterator[tuple[Any, int, float, float]]:
    """Yield where nodes read weights, about what these are drawn and how far from it; 0: what keeps activations."""
    for node in model.graph.node:
        if node.op_type == _NORM[0]:
            yield from ((node, place, around, 0.1) for place, around in enumerate(_NORM[1], 1))
        elif node.op_type in _MULTIPLY:
            yield node, 1, 0.0, 0.0
            if len(node.input) > 2:  # noqa: PLR2004
                yield node, 2, 0.0, 0.1


def _spread(node: Any, shape: tuple[int, ...]) -> float:
    transposed = any(one.name == "transB" and one.i for one in node.attribute)
    if node.op_type == "Conv" or transposed:
        return _GAIN / sqrt(prod(shape[1:]))
    return _GAIN / sqrt(shape[0] if len(shape) == 2 else prod(shape[1:]))  # noqa: PLR2004


def _drawn(name: str, shape: tuple[int, ...], around: float, spread: float, seed: int) -> Any:
    import numpy as np

    random = np.random.default_rng((seed, crc32(name.encode())))
    return (around + spread * random.standard_normal(shape)).astype(np.float32)
