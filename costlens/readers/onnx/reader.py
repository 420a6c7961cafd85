"""Any ONNX file → rows and totals, with the status of the totals."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from costlens.readers.onnx.constants import Stored, constants, holds_graph
from costlens.readers.onnx.inference import Inferred, infer
from costlens.readers.onnx.operators import Call, NotCountedError, Operand, Operator, operator
from costlens.results.onnx_counts import OnnxCount, OnnxRow


def read(path: Path, sizes: Mapping[str, int] | None = None) -> OnnxCount:
    """Count an ONNX file for one run of it, without reading its weights.

    A free batch is 1; other free dimensions are what ``sizes`` says by name. Nodes whose operator or shapes are not
    known make the status ``partial`` and are named. UsageError where the file is no ONNX model.
    """
    inferred = infer(path, sizes or {})
    graph = inferred.model.graph
    known = constants(graph, inferred.shapes)
    counted: set[str] = set()
    rows: list[OnnxRow] = []
    uncounted: list[str] = []
    for index, node in enumerate(graph.node):
        if all(name in known for name in node.output):
            continue  # computed once, from stored numbers alone; they count where they are used
        name = node.name or f"{node.op_type}_{index}"
        entry = operator(node.domain, node.op_type)
        if entry is None:
            uncounted.append(f"{name}: {_unknown(node)}")
            entry = Operator(weights=None)
            rows.append(_row(name, node, entry, inferred, known, counted, None))
            continue
        try:
            macs = entry.cost(_call(node, inferred, known)).macs
        except NotCountedError as reason:
            uncounted.append(f"{name}: {reason}{_hint(inferred)}")
            macs = None
        rows.append(_row(name, node, entry, inferred, known, counted, macs))
    opset = next((o.version for o in inferred.model.opset_import if o.domain in ("", "ai.onnx")), 0)
    return OnnxCount(
        name=graph.name,
        opset=opset,
        batch=inferred.batch,
        rows=tuple(rows),
        params=sum(row.params for row in rows),
        macs=sum(row.macs or 0 for row in rows),
        status="partial" if uncounted else "complete",
        uncounted=tuple(uncounted),
    )


def _unknown(node: Any) -> str:
    domain = f"{node.domain}." if node.domain else ""
    if holds_graph(node):
        return f"{domain}{node.op_type} holds a graph of its own, which is not counted"
    return f"operator {domain}{node.op_type} is not known"


def _hint(inferred: Inferred) -> str:
    free = f"; free dimensions: {', '.join(inferred.free)}" if inferred.free else ""
    return free + (f"; ONNX says: {inferred.complaint}" if inferred.complaint else "")


def _call(node: Any, inferred: Inferred, known: Mapping[str, tuple[Stored, ...]]) -> Call:
    from onnx import helper

    def operand(name: str) -> Operand | None:
        if not name:
            return None
        floating = any(stored.floating for stored in known.get(name, ()))
        return Operand(name, inferred.shapes.get(name), name in known, floating)

    attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute if not a.HasField("g")}
    texts = {name: value.decode() if isinstance(value, bytes) else value for name, value in attributes.items()}
    return Call(node.op_type, tuple(map(operand, node.input)), tuple(map(operand, node.output)), texts)


def _row(
    name: str,
    node: Any,
    entry: Operator,
    inferred: Inferred,
    known: Mapping[str, tuple[Stored, ...]],
    counted: set[str],
    macs: int | None,
) -> OnnxRow:
    call = _call(node, inferred, known)
    try:
        kernel = entry.kernel(call)
    except NotCountedError:
        kernel = None
    data = next((operand for operand in call.inputs if operand and not operand.constant), None)
    return OnnxRow(
        name=name,
        op=node.op_type,
        kernel=kernel,
        input=data.shape if data else None,
        output=call.outputs[0].shape if call.outputs and call.outputs[0] else None,
        params=_params(call, entry, known, counted),
        macs=macs,
    )


def _params(call: Call, entry: Operator, known: Mapping[str, tuple[Stored, ...]], counted: set[str]) -> int:
    """Count the stored numbers behind the weights of a node that no node before it has counted."""
    weights = range(len(call.inputs)) if entry.weights is None else entry.weights
    found = 0
    for index in sorted(set(weights)):
        operand = call.inputs[index] if index < len(call.inputs) else None
        if operand is None or not operand.constant:
            continue
        if (entry.weights is None or call.op.startswith("Gather")) and not (operand.floating and operand.shape):
            continue
        for stored in known[operand.name]:
            if stored.name not in counted:
                counted.add(stored.name)
                found += stored.count
    return found
