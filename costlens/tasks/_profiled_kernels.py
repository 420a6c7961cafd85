"""The kernels of a profile, kept in this machine's table: what was timed in one network tells of others.

A profile times a kernel once, somewhere between in the caches and out of them. Its three times are those that the table
teaches of kernels like it, scaled to what it took. A kernel timed in a bundle is left as it is, and so is one whose
name other kernels have, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from costlens import runtimes
from costlens.errors import CostlensError
from costlens.prediction.model import Learned
from costlens.prediction.sums import between, own_coldness
from costlens.prediction.table import PROFILE, Table, Times, now, store
from costlens.runtimes._operation import call_bytes
from costlens.tasks import _kernels

if TYPE_CHECKING:
    from pathlib import Path

    from costlens.results.layer_times import KernelTime, LayerTimes
    from costlens.runtimes import Options
    from costlens.runtimes._onnxruntime_operations import Run
    from costlens.runtimes._profile import Kernel

    _Kernel = TypeVar("_Kernel", Kernel, KernelTime)

_SPREAD = 0.05
"""A guess: a profile tells no error of one kernel."""


def keep(file: Path, options: Options, runtime: str, times: LayerTimes) -> None:
    """Add the kernels of a profiled file to the table, where this machine has one; what fails is no fault of a profile.

    Only onnxruntime's on the processor are kept, which ``predict`` is about, and none of layers that do not add up.
    """
    if runtime != runtimes.DEFAULT or times.runtime.device != "cpu" or not times.trustworthy:
        return
    with suppress(CostlensError, OSError):
        table = _kernels.known(options.threads)
        if table is not None:
            store(table, taught(table, _kernels.run_of(file, options), times))


def taught(table: Table, run: Run, times: LayerTimes) -> Mapping[str, Times]:
    """Return what a profile says of the kernels that a table has no times of, by their text."""
    told = told_apart([kernel for line in times.lines for kernel in line.kernels])
    run_by = told_apart(run.kernels)
    cold = table.conditions.coldness(call_bytes(run.operations, run.weight_bytes))
    learned = Learned(table)
    found: dict[str, Times] = {}
    for key in told.keys() & run_by.keys():
        us, operation = told[key].microseconds, run.operations[run.kernels.index(run_by[key])]
        if us and operation.is_known and table.find(operation) is None:
            guess = learned.guess(operation)
            scale = us / between(guess, own_coldness(operation, cold))
            found[operation.text] = Times(
                round(scale * guess.warm_us, 3),
                round(scale * guess.cold_us, 3),
                _SPREAD,
                now(),
                PROFILE,
                near_us=round(scale * guess.near_us, 3),
            )
    return found


def told_apart(kernels: Sequence[_Kernel]) -> dict[tuple[str, str], _Kernel]:
    """Return kernels by what stays of their names from session to session, where that is one kernel's alone."""
    from costlens.bench.attribution.summary import keys
    from costlens.runtimes._profile import Kernel

    plain = keys([Kernel(one.name, one.op) for one in kernels])
    named = [(key[:2], kernel) for key, kernel in zip(plain, kernels, strict=True)]
    often = Counter(key for key, _ in named)
    return {key: kernel for key, kernel in named if often[key] == 1}
