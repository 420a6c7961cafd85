"""What the profiler costs on this machine: measured on nets of few to many small kernels, then taken off each kernel.

Over a ladder of nets, the latency without the profiler, the latency with it and the sum of the kernels as profiled are
straight lines over the number of kernels:

    unprofiled = call + cost · n
    kernels    = (cost + inside) · n
    profiled   = call' + (cost + inside + outside) · n

The differences of the slopes are what profiling adds to a kernel, inside its reported duration and outside it. The
first line at n = 0 is the call itself. ``cost`` includes the start of a kernel, so a corrected time is how much slower
the net is with this kernel than without it. On a virtual machine (AMD EPYC, family 25, model 17) onnxruntime 1.31 added
2.0 µs inside a kernel and 2.5 µs outside, with two threads 3.7 µs and 2.6 µs. The cost is measured every time.
"""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from math import sqrt
from statistics import fmean, linear_regression, median
from typing import Any, TypeVar

from costlens.results.layer_times import Calibration, Rung

_Measured = TypeVar("_Measured", Calibration, Rung)


def calibrate(rungs: Sequence[Rung]) -> Calibration:
    """Fit the lines, by least squares.

    >>> rungs = [Rung(n, 3.0 + 2 * n, 10.0 + 8 * n, 4.0 * n) for n in (4, 8, 16)]
    >>> found = calibrate(rungs)
    >>> found.inside_us, found.outside_us, found.call_us, found.error_us
    (2.0, 4.0, 3.0, 0.0)
    """
    counts = [float(rung.kernels) for rung in rungs]
    _, call = linear_regression(counts, [rung.unprofiled_us for rung in rungs])
    kernels = [rung.kernels_us - rung.unprofiled_us + call for rung in rungs]
    inside = linear_regression(counts, kernels, proportional=True).slope
    outside, _ = linear_regression(counts, [rung.profiled_us - rung.kernels_us for rung in rungs])
    error = sqrt(fmean((us / number - inside) ** 2 for us, number in zip(kernels, counts, strict=True)))
    return Calibration(inside, outside, call, error, tuple(rungs))


def corrected(profiled_us: float, calibration: Calibration, within: float = 0.0) -> float:
    """Return a kernel's time without the profiler's cost, never below 0.

    Where ``within`` other kernels ran inside it, its time includes the whole cost of profiling those.
    """
    added = calibration.inside_us + within * (calibration.inside_us + calibration.outside_us)
    return max(0.0, profiled_us - added)


def least(ladders: Sequence[Sequence[Rung]]) -> tuple[Rung, ...]:
    """Return the shortest times of each rung of a ladder that was climbed several times.

    Other work makes times longer, and a rung that ran beside it would tilt the lines.

    >>> least([[Rung(4, 9.0, 30.0, 12.0)], [Rung(4, 8.0, 31.0, 12.5)]])
    (Rung(kernels=4, unprofiled_us=8.0, profiled_us=30.0, kernels_us=12.0),)
    """
    return tuple(_each(rungs, min) for rungs in zip(*ladders, strict=True))


def pooled(calibrations: Sequence[Calibration]) -> Calibration:
    """Return the medians of several processes' calibrations and rungs."""
    rungs = tuple(_each(of_one_net, median) for of_one_net in zip(*(one.rungs for one in calibrations), strict=True))
    return replace(_each(calibrations, median), rungs=rungs)


def _each(ones: Sequence[_Measured], of: Callable[[Any], Any]) -> _Measured:
    """Return each time as one of all; the other fields are the first one's."""
    times = [field.name for field in fields(ones[0]) if field.name.endswith("_us")]
    return replace(ones[0], **{name: of([getattr(one, name) for one in ones]) for name in times})
