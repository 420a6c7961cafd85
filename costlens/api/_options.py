"""The options of functions that measure, named as on the command line, and the tools that functions work with."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypedDict

from costlens.errors import UsageError, did_you_mean
from costlens.runtimes import Device
from costlens.tasks._keras_proof import exported
from costlens.tasks._tools import Tools

if TYPE_CHECKING:
    from pathlib import Path

    from costlens.bench.protocol import Protocol
    from costlens.sources._source import Model as Found


class Common(TypedDict, total=False):
    """How much is measured, and on what.

    quick: three processes and no verdicts. device: auto, cpu, cuda or tensorrt. processes: exactly so many, instead of
    as many as an answer takes.
    """

    quick: bool
    device: Device
    processes: int


class Advising(Common, total=False):
    """Also the threads, examples at a time, and the seconds that a measurement may take, besides exports."""

    threads: int
    batch: int
    time_budget: float


class Profiling(Common, total=False):
    """Also the runtime, its threads, and examples at a time."""

    runtime: str
    threads: int
    batch: int


class Checking(Profiling, total=False):
    """Also the seconds that a measurement may take, besides exports; 60 unless given."""

    time_budget: float


class Measuring(Checking, total=False):
    """Also the smallest difference that counts as faster or slower, as a fraction; 0.03 unless given."""

    threshold: float


class Sweeping(Common, total=False):
    """The runtime, threads and batch are axes: what is left, as in :class:`Measuring`."""

    time_budget: float
    threshold: float


class Conv(TypedDict, total=False):
    """One convolution, as a spec describes it; ``input`` is the shape that it reads, without the batch."""

    input: tuple[int, ...]
    kernel: int | tuple[int, ...]
    filters: int
    stride: int | tuple[int, ...]
    dilation: int | tuple[int, ...]
    padding: str | int | tuple[str | int, ...]
    groups: int
    bias: bool


def plan_of(function: str, options: Mapping[str, Any], known: type, **defaults: Any) -> Protocol:
    """Return the plan of a measurement; UsageError for an option that the function does not have, or a wrong number."""
    from costlens.tasks._timing import planned

    _require_known(function, options, known)
    return planned(**{**defaults, **options})


def plan_if(
    function: str, bench: bool, options: Mapping[str, Any], known: type = Measuring, asks: str = "bench=True"
) -> Protocol | None:
    """Return the plan where something is timed; UsageError for options that mean nothing then.

    asks: the option that asks for times.
    """
    if bench:
        return plan_of(function, options, known)
    _require_known(function, options, known)
    for name in options:
        raise UsageError(f"{function}: {name} says how to time, and nothing is timed; add {asks}, or leave it out")
    return None


def _require_known(function: str, options: Mapping[str, Any], known: type) -> None:
    names = list(known.__annotations__)  # a TypedDict has those of its bases, too
    for name in options:
        if name not in names:
            hint = did_you_mean(name, names) or f"; it has {', '.join(names)}"
            raise UsageError(f"{function}: no option {name}{hint}")


def several(given: Any) -> tuple[Any, ...]:
    """Return what may be given as one value or as several."""
    return tuple(given) if isinstance(given, Sequence) and not isinstance(given, str) else (given,)


def named(variant: str | Sequence[str]) -> tuple[str, ...]:
    """Return the variants that were named, one or several."""
    return () if variant == "" else several(variant)


class About(TypedDict):
    """Which convolutions a variant is about, as :class:`costlens.sources._source.Asked` has it."""

    kinds: tuple[tuple[str, str], ...]
    only: tuple[str, ...]
    without: tuple[str, ...]
    exported: Callable[[Found, int], Path]


def about(kind: Mapping[str, str] | None, only: str | Sequence[str] = "", without: str | Sequence[str] = "") -> About:
    """Return what a mix gives names, or blocks, of convolutions, and which ones variants are and are not about."""
    return {"kinds": tuple((kind or {}).items()), "only": named(only), "without": named(without), "exported": exported}


@contextmanager
def working() -> Iterator[Tools]:
    """Yield the tools of a task, which tell what they do where somebody watches; a note is a warning."""
    from costlens.tasks._progress import of_python

    with of_python() as observe:
        yield Tools(observe, lambda sentence: warnings.warn(sentence, stacklevel=4))
