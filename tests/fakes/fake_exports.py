"""Exports that are imitated: facts that agree with the spec, without a framework."""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

import pytest

from costlens.arithmetic.cost import BYTES_PER_VALUE
from costlens.network.count import count
from costlens.network.graph import Graph
from costlens.results.facts import ExportFacts, KerasLayer, OutputAgreement
from tests.cases.file_counts import file_count


def agreeing(graph: Graph) -> ExportFacts:
    """Return the facts of an export that agrees with its spec in everything."""
    counted = count(graph)
    rows, totals = counted.rows, counted.totals
    kinds = ["Conv" if row.head.layer.convolves else "Relu" for row in graph.rows()]
    file = [(row.name, kind, row.deployed_params, row.macs) for row, kind in zip(rows, kinds, strict=True)]
    return ExportFacts(
        schema=ExportFacts.SCHEMA,
        model=graph.name,
        seed=0,
        opset=18,
        file_bytes=BYTES_PER_VALUE,
        file_sha256="",
        versions={},
        keras_trainable=totals.trainable,
        keras_non_trainable=totals.non_trainable,
        keras=tuple(KerasLayer(r.name, r.name, "", None, (), r.trainable, r.non_trainable, r.macs) for r in rows),
        onnx=file_count(graph.name, file),
        weights=(),
        outputs=(OutputAgreement("out", 4, (7,), 0.8, 0.2, 0.1, 8e-7),),
        seconds=1.5,
        made="2025-01-31",
    )


@dataclass
class Exports:
    """Imitates exports and remembers them; ``raising`` says what happens to a network of a name."""

    made: list[str] = field(default_factory=list)
    raising: dict[str, BaseException] = field(default_factory=dict)
    change: Callable[[ExportFacts], ExportFacts] = lambda facts: facts

    def __call__(self, graph: Graph, path: Path, *, seed: int) -> ExportFacts:
        path.write_bytes(b"file")
        self.made.append(graph.name)
        if graph.name in self.raising:
            raise self.raising[graph.name]
        return self.change(agreeing(graph))


@pytest.fixture
def exports(monkeypatch: pytest.MonkeyPatch) -> Exports:
    imitated = Exports()
    monkeypatch.setattr(import_module("costlens.export"), "export_and_prove", imitated)
    return imitated
