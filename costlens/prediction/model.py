"""What a kernel takes that was never measured: learned from the kernels of its class that were.

The logarithm of time ÷ roofline time is a Gaussian process of the logarithms of the sizes: a linear function and a
smooth one beside it, told by the hundred nearest kernels, each with the error of its own time. How far the standard
deviation that comes of it may be trusted is found by kernels left out one by one.

Source: Rasmussen and Williams, Gaussian Processes for Machine Learning (2006), 2.25, 2.26; Matérn 3/2: 4.17.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from math import exp, gcd, log, prod
from typing import TYPE_CHECKING, Any, NamedTuple

from costlens.prediction.classes import class_of, row_length, wider
from costlens.prediction.tiles import tile_macs
from costlens.runtimes._operation import Operation, from_text

if TYPE_CHECKING:
    from costlens.prediction.table import Table, Times

_PEAK = 3e4  # MACs a microsecond, and bytes a microsecond in the cache and out of it: only what the fit starts from
_WARM, _COLD = 4e4, 1e4
_START_US = 2.0
_SMALL_US = 0.5
"""What is added to a time before its logarithm is taken: of what is much shorter only that is known."""
_NEIGHBOURS = 100
_LENGTH = 1.5
"""The distance at which kernels tell half of each other, in standard deviations of sizes."""
_LEAST_ERROR, _ERROR_US = 0.03, 0.16
"""The standard deviation of every time, relative, and in microseconds."""
_MOST_LEFT_OUT = 100
_FEW = 8
"""Kernels below which a class is too small for a fit of its own: those of its operator stand for it, or all."""
_ALL = "all"
_QUANTILE = 0.95
_LEAST_US = 0.05
_PAGE, _BLOCK_BYTES = 4096, 64
_WITHIN = "Relu"
"""The function that costs a convolution nothing; with Clip it took up to half longer, by the size of its output."""
_MOST_APART = 3.0
"""The logarithm of the largest factor: a guess that may be 20 times off tells nothing."""
_NO_NEIGHBOUR = 4.0
"""The factor within which the time of a kernel is taken to be where nothing was measured."""


class Guess(NamedTuple):
    """Microseconds in the cache, out of it and in the core's own; 95 % of such guesses are within the factor."""

    warm_us: float
    cold_us: float
    near_us: float
    factor: float


def roofline_us(operation: Operation, bandwidth: float, block: int) -> float:
    """Return what the fit starts from."""
    moved = operation.activation_bytes / _WARM + operation.weight_bytes / bandwidth
    return max(_macs(operation, block) / _PEAK, moved) + _START_US


def _macs(operation: Operation, block: int) -> float:
    """Return the multiplications of whole tiles where a kernel has such, else those of its operator."""
    return tile_macs(operation, block) or operation.macs


def features(operation: Operation, block: int) -> list[float]:
    """Return what describes a kernel's size: logarithms, so that a factor is a distance.

    block: the channels that the runtime keeps together.
    """
    out = operation.outputs[0]
    first = operation.read[0] if operation.read else out
    weights = operation.read[1].shape if len(operation.read) > 1 and operation.read[1].stored else ()
    strides = operation.attribute.get("strides", ())
    spatial = out.shape[2:] or (1,)
    tiled = _macs(operation, block)
    function = operation.attribute.get("activation", _WITHIN)
    sizes = [
        operation.macs, tiled, tiled / max(1, operation.macs), weights[-1] if len(weights) > 2 else 1,  # noqa: PLR2004
        operation.weight_bytes, operation.activation_bytes, out.elements, first.elements,
        prod(spatial), spatial[-1], first.shape[1] if len(first.shape) > 1 else 1,
        out.shape[1] if len(out.shape) > 1 else 1, prod(weights[2:]) if len(weights) > 2 else 1,  # noqa: PLR2004
        prod(strides) if isinstance(strides, tuple) else 1, 0 if function == _WITHIN else out.elements,
        _aligned(operation), row_length(operation),
    ]  # fmt: skip
    return [log(1 + float(size)) for size in sizes]


def _aligned(operation: Operation) -> int:
    """Return the power of two in the channels that a 1x1 convolution in blocks reads; 0 of other kernels.

    Kernels of 512 channels took 16 % longer than those around told. It reads several filters at once, which are a
    multiple of 4 KiB apart then, so they may share a place in the core's first cache.
    """
    if class_of(operation) != "nchwc.Conv 1x1":
        return 0
    return gcd(operation.read[1].shape[1], _PAGE // _BLOCK_BYTES)


class _Fit:
    """The kernels of one class; guesses are of their times in the cache, out of it, and in the core's own."""

    def __init__(self, held: Sequence[tuple[Operation, Times]], block: int) -> None:
        import numpy as np

        self._block = block
        raw = np.array([features(one, block) for one, _ in held])
        self._mean, self._scale = raw.mean(axis=0), raw.std(axis=0) + 1e-3
        self._inputs = (raw - self._mean) / self._scale
        taken = np.maximum([_taken(times) for _, times in held], 0.0) + _SMALL_US
        self._goals = np.log(taken / [_roofs(one, block) for one, _ in held])
        spread = np.minimum([times.spread for _, times in held], 0.3) * (1 - _SMALL_US / taken[:, 0])
        self._errors = _LEAST_ERROR**2 + spread**2 + (_ERROR_US / taken[:, 0]) ** 2

    def guess(self, operation: Operation) -> Guess:
        """Return what a kernel takes by the nearest ones."""
        import numpy as np

        found, sigma = self._at((np.array(features(operation, self._block)) - self._mean) / self._scale)
        roofs = _roofs(operation, self._block)
        every = (roof * exp(each) for roof, each in zip(roofs, found, strict=True))
        warm, cold, near = (max(_LEAST_US, each - _SMALL_US) for each in every)
        factor = exp(min(_MOST_APART, self._sigmas * sigma * (1 + _SMALL_US / warm)))
        return Guess(*map(_rounded, (warm, max(warm, cold), min(warm, near), factor)))

    def _at(self, given: Any, skip: int = -1) -> tuple[Any, float]:
        """Return the logarithms at a place, without the kernel of a number, and their standard deviation."""
        import numpy as np

        apart = ((self._inputs - given) ** 2).sum(axis=1)
        if skip >= 0:
            apart[skip] = np.inf
        nearest = np.argsort(apart)[: min(_NEIGHBOURS, len(apart) - (skip >= 0))]
        inputs, goals = self._inputs[nearest] - given, self._goals[nearest]
        mean = goals.mean(axis=0)
        here = _alike(np.zeros((1, inputs.shape[1])), inputs)
        both = _alike(inputs, inputs) + np.diag(self._errors[nearest])
        solved = np.linalg.solve(both, np.hstack([goals - mean, here.T]))
        return (here @ solved[:, :-1])[0] + mean, float(np.sqrt(max(1e-6, 1.0 - (here @ solved[:, -1])[0])))

    @cached_property
    def _sigmas(self) -> float:
        """How many standard deviations hold the errors of kernels that are left out one by one."""
        import numpy as np

        every = len(self._goals)
        errors = []
        for place in range(0, every, -(-every // _MOST_LEFT_OUT)):
            found, sigma = self._at(self._inputs[place], skip=place)
            errors.append(np.abs(found - self._goals[place]).max() / sigma)
        return float(np.quantile(errors, min(1.0, _QUANTILE * (1 + 1 / len(errors)))))


def _rounded(value: float) -> float:
    """Return six digits of a value: the others depend on the processor's vectors."""
    return float(f"{value:.6g}")


def _alike(some: Any, others: Any) -> Any:
    """Return how much kernels tell of each other, by their sizes."""
    import numpy as np

    sizes = some.shape[1]
    products = some @ others.T
    apart = (some**2).sum(axis=1)[:, None] + (others**2).sum(axis=1) - 2 * products
    far = np.sqrt(3 * np.maximum(0.0, apart) / sizes) / _LENGTH
    return (1 + far) * np.exp(-far) + products / sizes


def _taken(times: Times) -> tuple[float, float, float]:
    """Return the times of a kernel in the order of a guess."""
    return times.warm_us, times.cold_us, times.warm_us if times.near_us is None else times.near_us


def _roofs(operation: Operation, block: int) -> tuple[float, float, float]:
    """Return what the fit starts from in the cache, out of it, and in the core's own."""
    warm = roofline_us(operation, _WARM, block)
    return warm, roofline_us(operation, _COLD, block), warm


class Learned:
    """What a table teaches of kernels that are not in it; fits are made when they are asked for."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._fits: dict[str, _Fit | None] = {}

    @cached_property
    def _classes(self) -> Mapping[str, list[tuple[Operation, Times]]]:
        found: dict[str, list[tuple[Operation, Times]]] = {}
        for text, times in self._table.times.items():
            operation = from_text(text)
            kind = class_of(operation)
            for each in (kind, wider(kind), _ALL):
                found.setdefault(each, []).append((operation, times))
        return found

    def guess(self, operation: Operation) -> Guess:
        """Return what a kernel takes by its class, else by its operator, else by all, else by its size alone."""
        kind = class_of(operation)
        fit = self._fit(kind)
        if fit is not None:
            return fit.guess(operation)
        further = self._fit(wider(kind)) or self._fit(_ALL)
        if further is not None:
            guess = further.guess(operation)
            return guess._replace(factor=max(2.0, guess.factor))
        return Guess(*_roofs(operation, self._table.conditions.block), _NO_NEIGHBOUR)

    def _fit(self, kind: str) -> _Fit | None:
        if kind not in self._fits:
            held = self._classes.get(kind, [])
            self._fits[kind] = _Fit(held, self._table.conditions.block) if len(held) >= _FEW else None
        return self._fits[kind]
