"""What ``import costlens`` offers: load a spec, count it, rewrite it, build it, export it, report on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costlens.errors import CostlensError
from costlens.network.graph import Graph
from costlens.network.variants import AS_WRITTEN
from costlens.network.variants import variant as rewrite
from costlens.results.counts import ModelCount
from costlens.spec.model import Spec
from costlens.tasks import _pipeline as pipeline

if TYPE_CHECKING:
    from costlens.bench.protocol import Protocol
    from costlens.results.ledger import Ledger
    from costlens.results.report import Report

__all__ = ["CostlensError", "Model", "load", "report"]


@dataclass(frozen=True, slots=True)
class Model:
    """A network from a spec, in one variant. Shapes leave the batch out and are channels-last.

    >>> model = load("specs/yamnet.yaml")
    >>> model.count().totals.macs
    69165056
    >>> model.variant("standard").count().totals.macs
    595518464
    """

    spec: Spec = field(repr=False)
    kind: str = AS_WRITTEN
    _settings: dict[str, object] = field(default_factory=dict, repr=False)

    @property
    def graph(self) -> Graph:
        """The graph of this variant: frozen nodes in topological order."""
        return rewrite(self.spec.graph, self.kind).graph

    def count(self, *, batch: int = 1, depth: int | None = None) -> ModelCount:
        """Count parameters, MACs, FLOPs and bytes, per row and in total; ``depth`` folds rows by name."""
        (counted,) = pipeline.counts(self.spec, (self.kind,), batch=batch, depth=depth)
        return counted

    def variant(self, kind: str) -> Model:
        """Return the same network with every convertible convolution of one kind; UsageError if unknown."""
        rewrite(self.spec.graph, kind)
        return Model(self.spec, kind, self._settings)

    def to_keras(self) -> Any:
        """Build the network as a ``keras.Model`` (imports TensorFlow); its layers carry the rows' names."""
        return pipeline.keras_model(self.graph)

    def export(self, path: Path | str) -> Ledger:
        """Write the network as ONNX once it is proven equal to Keras and to the count; return the proof.

        VerificationError where they differ, ExportError where the graph cannot be exported.
        """
        return pipeline.export(self.spec, self.kind, Path(path)).ledger

    def report(self, *, bench: bool = True, quick: bool = False) -> Report:
        """Count, prove and, where ``bench``, time every variant of the spec."""
        protocol = pipeline.protocol(quick=quick) if bench else None
        return pipeline.report(self.spec, (pipeline.ALL,), protocol, self._settings)


def load(path: Path | str, **knobs: object) -> Model:
    """Read a spec, with knobs set by name: ``load("specs/mobilenet_v1.yaml", alpha=0.5)``.

    Raises SpecError with every problem found: file, line, column, what, received, remedy.

    >>> load("specs/mobilenet_v1.yaml", alpha=0.5).count().totals.macs
    149497088
    """
    return Model(pipeline.load(path, knobs), AS_WRITTEN, knobs)


def report(
    path: Path | str,
    *,
    variants: str | Sequence[str] = pipeline.ALL,
    bench: Protocol | bool = True,
    output: Path | str | None = None,
    **knobs: object,
) -> Report:
    """Report on a spec; with ``output``, write ``report.json`` and ``report.md`` in a folder of its name there."""
    asked = (variants,) if isinstance(variants, str) else variants
    plan = (pipeline.protocol() if bench else None) if isinstance(bench, bool) else bench
    made = pipeline.report(pipeline.load(path, knobs), asked, plan, knobs)
    if output is not None:
        from costlens.sources import report as report_folder

        report_folder.write(made, Path(output), knobs)
    return made
