"""What ``import costlens`` offers: load a network, count it, rewrite it, build it, export it, report on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costlens.errors import CostlensError, UsageError
from costlens.network.graph import Graph
from costlens.results.counts import AS_WRITTEN, ModelCount
from costlens.sources._source import ALL, Asked
from costlens.sources._source import Model as Found
from costlens.sources.find import models, require
from costlens.tasks._tools import Tools

if TYPE_CHECKING:
    from costlens.bench.protocol import Protocol
    from costlens.results.ledger import Ledger
    from costlens.results.report import Report

__all__ = ["CostlensError", "Model", "load", "report"]


@dataclass(frozen=True, slots=True)
class Model:
    """A network, in one variant. Shapes of a spec leave the batch out and are channels-last.

    >>> model = load("specs/yamnet.yaml")
    >>> model.count().totals.macs
    69165056
    >>> model.variant("standard").count().totals.macs
    595518464
    """

    word: str
    kind: str = AS_WRITTEN
    knobs: dict[str, object] = field(default_factory=dict)
    _found: Found | None = field(default=None, repr=False, compare=False)

    @property
    def graph(self) -> Graph:
        """The graph of this variant: frozen nodes in topological order; UsageError where there is none."""
        found = self._read()
        require([found], "graph", "only specs have one")
        return found.graph  # type: ignore[return-value]  # required

    def count(self, *, batch: int = 1, depth: int | None = None) -> ModelCount:
        """Count parameters, MACs, FLOPs and bytes, per row and in total; ``depth`` folds rows by name.

        ``batch`` examples at a time, at least 1: UsageError otherwise.
        """
        if not isinstance(batch, int) or batch < 1:
            raise UsageError(f"batch must be a whole number of at least 1, received {batch!r}")
        return self._read(batch=batch, depth=depth).count

    def variant(self, kind: str) -> Model:
        """Return the same network with every convertible convolution of one kind; UsageError if unknown."""
        return _model(self.word, kind, self.knobs)

    def to_keras(self) -> Any:
        """Build the network as a ``keras.Model`` (imports TensorFlow); its layers carry the rows' names."""
        from costlens.export import build

        return build(self.graph)

    def export(self, path: Path | str) -> Ledger:
        """Write the network as ONNX once it is proven equal to Keras and to the count; return the proof.

        VerificationError where they differ, ExportError where the graph cannot be exported.
        """
        from costlens.tasks.export import export

        return export([self.word], self._asked(), Path(path), tools=Tools()).ledger

    def report(self, *, bench: bool = True, quick: bool = False) -> Report:
        """Count, prove and, where ``bench``, time every variant of the network."""
        return _report(self.word, (ALL,), _protocol(quick=quick) if bench else None, self.knobs)

    def _asked(self, **more: Any) -> Asked:
        return Asked((self.kind,), self.knobs, **more) if self.kind != AS_WRITTEN else Asked((), self.knobs, **more)

    def _read(self, **more: Any) -> Found:
        plain = more in ({}, {"batch": 1, "depth": None})
        return self._found if self._found and plain else models([self.word], self._asked(**more))[0]


def _model(word: str, kind: str, knobs: dict[str, object]) -> Model:
    made = Model(word, kind, knobs)
    return replace(made, _found=made._read())


def _protocol(*, quick: bool = False) -> Protocol:
    from costlens.bench.protocol import Protocol

    return Protocol.quick() if quick else Protocol()


def load(path: Path | str, **knobs: object) -> Model:
    """Read a network, with knobs set by name: ``load("specs/mobilenet_v1.yaml", alpha=0.5)``.

    ``path`` is what a command takes: a spec, a model file, a report. Raises SpecError with every problem found: file,
    line, column, what, received, remedy.

    >>> load("specs/mobilenet_v1.yaml", alpha=0.5).count().totals.macs
    149497088
    """
    return _model(str(path), AS_WRITTEN, knobs)


def report(
    path: Path | str,
    *,
    variants: str | Sequence[str] = ALL,
    bench: Protocol | bool = True,
    output: Path | str | None = None,
    **knobs: object,
) -> Report:
    """Report on a network; with ``output``, write ``report.json`` and ``report.md`` in a folder of its name there."""
    plan = (_protocol() if bench else None) if isinstance(bench, bool) else bench
    made = _report(str(path), (variants,) if isinstance(variants, str) else tuple(variants), plan, knobs)
    if output is not None:
        from costlens.sources import report as report_folder

        report_folder.write(made, Path(output), knobs)
    return made


def _report(word: str, variants: tuple[str, ...], plan: Protocol | None, knobs: dict[str, object]) -> Report:
    from costlens.tasks import report as task

    (network,) = task.networks([word], Asked(variants, knobs))
    return task.report(network, plan, tools=Tools())
