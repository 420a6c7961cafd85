"""What a kernel takes that was never measured: learned from the kernels of its class that were.

The logarithm of time ÷ roofline time is a linear function of the logarithms of the sizes, fitted by ridge regression,
and what is left of its nearest neighbours by size. The error is that of the same for kernels left out one by one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp, log, prod
from typing import TYPE_CHECKING, Any, NamedTuple

from costlens.runtimes._operation import Operation, from_text

if TYPE_CHECKING:
    from costlens.prediction.table import Table

_PEAK = 3e4  # MACs a microsecond, and bytes a microsecond in the cache and out of it: only what the fit starts from
_WARM, _COLD = 4e4, 1e4
_START_US = 1.0
_RIDGE = 0.3
_NEIGHBOURS = 6
_FEW = 8
"""Kernels below which a class is too small for a fit of its own, and all kernels stand for it."""
_QUANTILE = 0.95
_NO_NEIGHBOUR = 4.0
"""The factor within which the time of a kernel is taken to be where nothing was measured."""


class Guess(NamedTuple):
    """Microseconds in the cache, out of it and in the core's own; 95 % of such guesses are within the factor."""

    warm_us: float
    cold_us: float
    near_us: float
    factor: float


def class_of(operation: Operation) -> str:
    """Return the kernels that are alike: by operator, and of convolutions by layout and groups.

    >>> from costlens.runtimes._operation import Operand
    >>> x, w = Operand((1, 8, 4, 4)), Operand((16, 8, 1, 1), stored=True)
    >>> class_of(Operation("nchwc.Conv", (x, w), (Operand((1, 16, 4, 4)),)))
    'nchwc.Conv 1x1'
    """
    bare = operation.op.replace("Fused", "").removeprefix("microsoft.")
    if not bare.endswith("Conv") or len(operation.read) < 2:  # noqa: PLR2004  # its input and its weights
        return bare
    filters, inputs, *kernel = operation.read[1].shape
    groups = operation.attribute.get("group", 1)
    if inputs == 1 and filters == groups:
        return f"{bare} depthwise"
    if groups != 1:
        return f"{bare} grouped"
    if bare.startswith("nchwc") and operation.read[0].shape[1] == inputs and inputs % 4:
        return f"{bare} first"
    return f"{bare} 1x1" if prod(kernel) == 1 else bare


def roofline_us(operation: Operation, bandwidth: float) -> float:
    """Return what the fit starts from."""
    moved = operation.activation_bytes / _WARM + operation.weight_bytes / bandwidth
    return max(operation.macs / _PEAK, moved) + _START_US


def features(operation: Operation) -> list[float]:
    """Return what describes a kernel's size: logarithms, so that a factor is a distance."""
    out = operation.outputs[0]
    first = operation.read[0] if operation.read else out
    weights = operation.read[1].shape if len(operation.read) > 1 and operation.read[1].stored else ()
    strides = operation.attribute.get("strides", ())
    spatial = out.shape[2:] or (1,)
    sizes = [
        operation.macs, operation.weight_bytes, operation.activation_bytes, out.elements, first.elements,
        prod(spatial), spatial[-1], first.shape[1] if len(first.shape) > 1 else 1,
        out.shape[1] if len(out.shape) > 1 else 1, prod(weights[2:]) if len(weights) > 2 else 1,  # noqa: PLR2004
        prod(strides) if isinstance(strides, tuple) else 1,
    ]  # fmt: skip
    return [log(1 + float(size)) for size in sizes]


@dataclass(frozen=True)
class _Fit:
    """One class: its fit, and what is left of each of its kernels, for each of its times."""

    mean: Any
    scale: Any
    inputs: Any
    weights: Any
    left: Any
    factor: float

    @classmethod
    def of(cls, operations: Sequence[Operation], times: Sequence[tuple[float, float, float]]) -> _Fit:
        import numpy as np

        raw = np.array([features(one) for one in operations])
        mean, scale = raw.mean(axis=0), raw.std(axis=0) + 1e-6
        inputs = np.hstack([(raw - mean) / scale, np.ones((len(raw), 1))])
        roofs = np.array([_roofs(one) for one in operations])
        goal = np.log(np.maximum(np.array(times), 0.05) / roofs)
        penalty = _RIDGE * np.eye(inputs.shape[1])
        penalty[-1, -1] = 1e-9
        weights = np.linalg.solve(inputs.T @ inputs + penalty, inputs.T @ goal)
        left = goal - inputs @ weights
        errors = [abs(left[place, 1] - _near(inputs, left, inputs[place], skip=place)[1]) for place in range(len(raw))]
        spread = float(np.quantile(errors, min(1.0, _QUANTILE * (1 + 1 / len(errors)))))
        return cls(mean, scale, inputs, weights, left, exp(spread))

    def guess(self, operation: Operation) -> Guess:
        import numpy as np

        given = np.append((np.array(features(operation)) - self.mean) / self.scale, 1.0)
        found = given @ self.weights + _near(self.inputs, self.left, given)
        warm, cold, near = (roof * exp(each) for roof, each in zip(_roofs(operation), found, strict=True))
        return Guess(warm, max(warm, cold), min(warm, near), self.factor)


def _roofs(operation: Operation) -> tuple[float, float, float]:
    """Return what the fit starts from in the cache, out of it, and in the core's own."""
    warm = roofline_us(operation, _WARM)
    return warm, roofline_us(operation, _COLD), warm


def _near(inputs: Any, left: Any, given: Any, skip: int = -1) -> Any:
    """Return the mean of what is left of the nearest kernels, the nearer the heavier."""
    import numpy as np

    apart = np.sqrt(((inputs - given) ** 2).sum(axis=1))
    if skip >= 0:
        apart[skip] = np.inf
    nearest = np.argsort(apart)[:_NEIGHBOURS]
    nearest = nearest[np.isfinite(apart[nearest])]
    if not len(nearest):
        return np.zeros(left.shape[1])
    heavy = 1 / (0.1 + apart[nearest]) ** 2
    near = 1 / (1 + apart[nearest].min())  # far from all that was measured, the fit alone holds
    return near * (left[nearest] * heavy[:, None]).sum(axis=0) / heavy.sum()


class Learned:
    """What a table teaches of kernels that are not in it; fits are made when they are asked for."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._fits: dict[str, _Fit | None] = {}

    @cached_property
    def _classes(self) -> Mapping[str, list[tuple[Operation, tuple[float, float, float]]]]:
        found: dict[str, list[tuple[Operation, tuple[float, float, float]]]] = {}
        for text, times in self._table.times.items():
            operation = from_text(text)
            near_us = times.warm_us if times.near_us is None else times.near_us
            found.setdefault(class_of(operation), []).append((operation, (times.warm_us, times.cold_us, near_us)))
        return found

    def guess(self, operation: Operation) -> Guess:
        """Return what a kernel takes by those like it, else by all, else by its size alone."""
        kind = class_of(operation)
        fit = self._fit(kind)
        if fit is not None:
            return fit.guess(operation)
        of_all = self._fit("")
        if of_all is not None:
            guess = of_all.guess(operation)
            return guess._replace(factor=max(2.0, guess.factor))
        return Guess(*_roofs(operation), _NO_NEIGHBOUR)

    def _fit(self, kind: str) -> _Fit | None:
        if kind not in self._fits:
            held = self._classes.get(kind, []) if kind else [one for each in self._classes.values() for one in each]
            self._fits[kind] = _Fit.of(*zip(*held, strict=True)) if len(held) >= _FEW else None
        return self._fits[kind]
