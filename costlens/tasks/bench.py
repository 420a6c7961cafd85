"""The models of one comparison: specs in their variants and bare ONNX files, labelled, timed side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING

from costlens.errors import CostlensError, UsageError, did_you_mean
from costlens.network.variants import AS_WRITTEN
from costlens.results.names import numbered
from costlens.tasks import _pipeline as pipeline
from costlens.tasks._pipeline import Observer, silent

if TYPE_CHECKING:
    from costlens.bench.protocol import Protocol
    from costlens.results.bounds import LeastTime
    from costlens.results.counts import ModelCount
    from costlens.results.latency import LatencyReport

SUFFIX = ".onnx"


@dataclass(frozen=True, slots=True)
class Entry:
    """A model of a comparison: its label, its file, other names of it, and its count where there is one.

    ``file_macs`` are those of a file that was counted by itself.
    """

    label: str
    path: Path
    also: tuple[str, ...] = ()
    count: ModelCount | None = None
    file_macs: int | None = None

    @property
    def macs(self) -> int | None:
        """The MACs of one example."""
        return self._of_one("macs") if self.count else self.file_macs

    @property
    def peak_activation_bytes(self) -> int | None:
        """The peak of activations of one example."""
        return self._of_one("peak_activation_bytes")

    def _of_one(self, figure: str) -> int | None:
        count = self.count
        if count is None or count.status[figure] != "complete":
            return None
        total: int = getattr(count.totals, figure)
        return total // count.batch


@dataclass(frozen=True, slots=True)
class Measured:
    """What was timed, and the least times of the models whose counts are known."""

    latency: LatencyReport
    least: tuple[LeastTime, ...]


def compare(
    operands: Sequence[Path],
    variants: Sequence[str],
    plan: Protocol,
    settings: Mapping[str, object],
    *,
    baseline: str = "",
    observe: Observer = silent,
) -> Measured:
    """Time operands side by side, each a spec or an ONNX file; see ``entries`` for their labels.

    The baseline is the one named, else the standard variant of a single spec, else the first model.
    """
    pipeline.require_device(plan)
    models = entries(operands, variants, settings, batch=plan.batch, baseline=baseline, observe=observe)
    wanted = baseline or ("standard" if len(operands) == 1 else models[0].label)
    latency = measure(models, (_named(models, wanted) or models[0]).label, plan, observe)
    return Measured(latency, pipeline.least_times({one.label: one.count for one in models if one.count}, latency))


def measure(models: Sequence[Entry], baseline: str, plan: Protocol, observe: Observer) -> LatencyReport:
    """Time models side by side."""
    bounds = {one.label: one.peak_activation_bytes for one in models if one.peak_activation_bytes is not None}
    macs = {one.label: one.macs for one in models if one.macs is not None}
    return pipeline.side_by_side({one.label: one.path for one in models}, plan, baseline, macs, observe, bounds)


def entries(
    operands: Sequence[Path],
    variants: Sequence[str],
    settings: Mapping[str, object],
    *,
    batch: int = 1,
    baseline: str = "",
    observe: Observer = silent,
) -> list[Entry]:
    """Return the models of operands: a spec's variants, counted for a batch and exported; an ONNX file as it is.

    A single spec stands for all its variants, labelled by them; of several each is taken as written unless
    variants are named, and its label is ``name`` or ``name:variant``. A file's label is its name. Labels that
    would be equal have the operand's path, and if that is equal too a number, behind them. UsageError before any
    export where an operand cannot be read, or none of the models is called as the baseline is.
    """
    files = [path for path in operands if path.suffix == SUFFIX]
    for path in files:
        if not path.is_file():
            raise UsageError(f"{path}: no such file; name an ONNX file or a spec (.yaml)")
    if (variants or settings) and len(files) == len(operands):
        raise UsageError("--variant and --set are for specs; an ONNX file has no variants and no knobs")
    specs = {path: pipeline.load(path, settings) for path in operands if path.suffix != SUFFIX}
    alone = len(operands) == 1
    kinds = variants or ((pipeline.ALL,) if alone else (AS_WRITTEN,))
    found: list[tuple[Path, Entry]] = []
    for path in operands:
        if path in specs:
            counted = pipeline.counts(specs[path], kinds, batch=batch)
            found += [(path, one) for one in _counted(path, counted, "" if alone else specs[path].name)]
        else:
            found.append((path, _of_file(path)))
    labels = told_apart([(one.label, str(path)) for path, one in found])
    models = [replace(one, label=label) for (_, one), label in zip(found, labels, strict=True)]
    if baseline and _named(models, baseline) is None:
        known = ", ".join(one.label for one in models)
        hint = did_you_mean(baseline, [name for one in models for name in (one.label, *one.also)])
        raise UsageError(f"--baseline {baseline}: none of the models is called so{hint}; known: {known}")
    exported = {path: [proof.path for proof in pipeline.prove(specs[path], kinds, observe=observe)] for path in specs}
    files_of = {path: cycle(exported.get(path, [path])) for path in operands}
    return [replace(one, path=next(files_of[path])) for (path, _), one in zip(found, models, strict=True)]


def _counted(path: Path, counts: Sequence[ModelCount], name: str) -> list[Entry]:
    """Return a spec's variants, labelled by variant, or by name and variant where a name is given."""
    made = []
    for count in counts:
        label = count.variant if not name else name if len(counts) == 1 else f"{name}:{count.variant}"
        also = count.also if not name else tuple(f"{name}:{other}" for other in (count.variant, *count.also))
        made.append(Entry(label, path, also, count))
    return made


def _of_file(path: Path) -> Entry:
    """Return a file as a model; one that cannot be counted is timed all the same."""
    from costlens.readers import onnx as onnx_model

    try:
        count = onnx_model.read(path)
    except CostlensError:
        return Entry(path.stem, path)
    return Entry(path.stem, path, file_macs=count.macs // count.batch if count.status == "complete" else None)


def told_apart(named: Sequence[tuple[str, str]]) -> list[str]:
    """Return labels, each given with what it was read from: that stands behind equal ones, and a number if need be.

    >>> told_apart([("a", "x.onnx"), ("b", "b.yaml"), ("a", "y.onnx"), ("a", "y.onnx")])
    ['a (x.onnx)', 'b', 'a (y.onnx)', 'a (y.onnx) #2']
    """
    times = Counter(label for label, _ in named)
    return numbered([f"{label} ({source})" if times[label] > 1 else label for label, source in named])


def _named(models: Sequence[Entry], name: str) -> Entry | None:
    return next((one for one in models if name in (one.label, *one.also)), None)
