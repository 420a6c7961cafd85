"""The specs shipped here → Keras → specs: whether rows and totals come back as they were.

Run from the project's root: PYTHONPATH=. python tests/perf/round_trip.py [--full]
"""

import time
from pathlib import Path

import _frame

from costlens import frameworks
from costlens.errors import CostlensError
from costlens.export import build
from costlens.export.recognition.built import Recognised
from costlens.export.recognition.keras import recognise
from costlens.network.count import count
from costlens.network.graph import Graph
from costlens.results.counts import ModelCount
from costlens.spec import shipped
from costlens.spec.loading import load, loads
from costlens.spec.written import spec_text, statements

FEW = ("ds_cnn_s", "dtln_core1", "mlperf_tiny_kws")
HEADERS = ("spec", "rows", "parameters", "MACs", "rows of the graph", "totals of the spec", "rows of the spec", "s")


def measure(full: bool) -> tuple[list[str], bool]:
    names = sorted(path.stem for path in Path(shipped.FOLDER).glob("*.yaml") if "." not in path.stem)
    rows = [row(name) for name in (names if full else FEW)]
    unchanged, equal, alike = (sum(each[column] == "equal" for each in rows) for column in (4, 5, 6))
    lines = [
        f"{len(rows)} specs in their own sizes, built in Keras and read back from the model of this process. In",
        f"{unchanged} each row of the graph has its name, its figures and its place again. Written as a spec and read,",
        f"{equal} have equal parameters, MACs and FLOPs, and {alike} equal rows, where a dot in a name is an",
        "underscore: statements have no dots in theirs. An activation behind a layer that has no field for it is a",
        "statement, and a row, of its own.",
        "Outputs are not compared here: both Keras models are made of equal graphs.",
        "",
        *_frame.table(HEADERS, rows),
    ]
    return lines, unchanged < len(rows) or equal < len(rows)


def row(name: str) -> list[str]:
    start = time.perf_counter()
    graph = load(shipped.FOLDER / f"{name}.yaml").graph
    ours = count(graph)
    try:
        found = recognise(build(graph), graph.name, [shape for _, shape in graph.inputs])
        assert isinstance(found, Recognised), found
        judged = _judged(graph, ours, found.graph)
    except CostlensError as error:
        judged = [str(error), "", ""]
    figures = [len(ours.rows), ours.totals.params, ours.totals.macs]
    made = [name, *(f"{figure:,}" for figure in figures), *judged, f"{time.perf_counter() - start:.1f}"]
    _frame.progress(made)
    frameworks.release()
    return made


def _judged(graph: Graph, ours: ModelCount, found: Graph) -> list[str]:
    """Say of the graph's rows, the spec's totals and the spec's rows whether they are what they were."""
    written = count(loads(spec_text(found, statements(found))).graph)
    same = (
        _rows(ours) == _rows(count(found)) and graph.inputs == found.inputs,
        _totals(ours) == _totals(written),
        [(str(name).replace(".", "_"), *rest) for name, *rest in _rows(ours)] == _rows(written),
    )
    return ["equal" if each else "other" for each in same]


def _totals(counted: ModelCount) -> tuple[object, ...]:
    return counted.totals.params, counted.totals.macs, counted.totals.flops, counted.totals.weight_bytes


def _rows(counted: ModelCount) -> list[tuple[object, ...]]:
    return [(row.name, row.params, row.macs, row.flops, row.output) for row in counted.rows]


if __name__ == "__main__":
    _frame.run("round_trip", "Shipped specs through Keras and back", measure)
