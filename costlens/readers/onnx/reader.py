"""Any ONNX file → the count of its nodes, with the status of each figure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, replace
from math import prod
from pathlib import Path
from typing import Any

from costlens.arithmetic.cost import BYTES_PER_VALUE, Cost, formula
from costlens.readers.onnx.constants import Stored, constants, holds_graph
from costlens.readers.onnx.inference import Inferred, infer
from costlens.readers.onnx.liveness import live_values
from costlens.readers.onnx.operators import Call, NotCountedError, Operand, Operator, operator
from costlens.results.counts import CountRow, ModelCount, Status, Totals, add
from costlens.results.names import numbered

_FP32_OR_STRUCTURE = frozenset({0, 1, 6, 7, 8, 9})
"""TensorProto.DataType: not given, fp32, and the types of shapes, axes, texts and conditions."""


def read(path: Path, sizes: Mapping[str, int] | None = None) -> ModelCount:
    """Count an ONNX file for one run of it, without reading its weights: a row for each node that computes something.

    A free batch is 1; ``sizes`` gives other free dimensions by name. The second node of a name is ``name #2``. Bytes
    are known where all numbers of the file are fp32, and where all shapes are known. Nodes that are not counted are
    named, and make the status ``partial``. UsageError where the file is not an ONNX model, RuntimeUnavailable where
    the package onnx is missing.
    """
    inferred = infer(path, sizes or {})
    graph = inferred.model.graph
    known = constants(graph, inferred.shapes)
    named = [
        (node.name or f"{node.op_type}_{index}", node)
        for index, node in enumerate(graph.node)
        if not all(name in known for name in node.output)  # those are computed once; they count where they are used
    ]
    names, nodes = numbered([name for name, _ in named]), [node for _, node in named]
    value_bytes = BYTES_PER_VALUE if _is_fp32(graph) else None
    found = [*_rows(zip(names, nodes, strict=True), inferred, known, value_bytes)]
    macs = sum(row.macs or 0 for row in found)
    rows = tuple(
        replace(
            row,
            live_bytes=_times(live, value_bytes),
            macs_share=row.macs / macs if macs and row.macs is not None else None,
        )
        for row, live in zip(found, live_values(graph, nodes, known.keys(), inferred.shapes), strict=True)
    )
    uncounted = tuple(f"{row.name}: {why}" for row in rows for why in row.uncounted)
    totals = _totals(rows, macs)
    counted: Status = "partial" if uncounted else "complete"
    return ModelCount(
        name=graph.name,
        batch=inferred.batch,
        totals=totals,
        status={
            total.name: "unavailable" if getattr(totals, total.name) is None else counted for total in fields(Totals)
        },
        uncounted=uncounted,
        rows=rows,
    )


def _rows(
    named: Iterable[tuple[str, Any]],
    inferred: Inferred,
    known: Mapping[str, tuple[Stored, ...]],
    value_bytes: int | None,
) -> Iterator[CountRow]:
    """Yield what each node costs; numbers that several nodes read are stored for the first of them."""
    seen: set[str] = set()
    for name, node in named:
        call = _call(node, inferred, known)
        rule = operator(node.domain, node.op_type)
        cost, missing = None, ""
        try:
            cost = rule.cost(call) if rule else None
            missing = "" if rule else _unknown(node)
        except NotCountedError as reason:
            missing = f"{reason}{_hint(inferred)}"
        rule = rule or Operator(weights=None, structure=True)
        stored = {one.name: one.count for one in _weights(call, rule, known) if one.name not in seen}
        seen |= stored.keys()
        row = _row(name, call, rule, cost, sum(stored.values()), value_bytes)
        yield replace(row, uncounted=(missing,)) if missing else row


def _weights(call: Call, rule: Operator, known: Mapping[str, tuple[Stored, ...]]) -> Iterable[Stored]:
    """Yield the stored numbers that the weights of a node are made of."""
    for index in sorted(set(range(len(call.inputs)) if rule.weights is None else rule.weights)):
        operand = call.inputs[index] if index < len(call.inputs) else None
        if operand and operand.constant and (not rule.structure or (operand.weighs and operand.shape)):
            yield from known[operand.name]


def _unknown(node: Any) -> str:
    domain = f"{node.domain}." if node.domain else ""
    if holds_graph(node):
        return f"{domain}{node.op_type} holds a graph of its own, which is not counted"
    return f"operator {domain}{node.op_type} is not known"


def _hint(inferred: Inferred) -> str:
    free = f"; free dimensions: {', '.join(inferred.free)}" if inferred.free else ""
    return free + (f"; ONNX reports: {inferred.complaint}" if inferred.complaint else "")


def _call(node: Any, inferred: Inferred, known: Mapping[str, tuple[Stored, ...]]) -> Call:
    from onnx import helper

    def operand(name: str) -> Operand | None:
        if not name:
            return None
        weighs = any(stored.weighs for stored in known.get(name, ()))
        return Operand(name, inferred.shapes.get(name), name in known, weighs)

    attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute if not a.HasField("g")}
    texts = {name: value.decode() if isinstance(value, bytes) else value for name, value in attributes.items()}
    return Call(node.op_type, tuple(map(operand, node.input)), tuple(map(operand, node.output)), texts)


def _is_fp32(graph: Any) -> bool:
    """Say whether no tensor of a graph, stored or made, is of another precision or quantised."""
    made = (
        value.type.tensor_type.elem_type
        for value in (*graph.input, *graph.value_info, *graph.output)
        if value.type.HasField("tensor_type")
    )
    return _FP32_OR_STRUCTURE.issuperset((*(tensor.data_type for tensor in graph.initializer), *made))


def _row(name: str, call: Call, rule: Operator, cost: Cost | None, stored: int, value_bytes: int | None) -> CountRow:
    read = {one.name: one.shape for one in call.inputs if one and not one.constant}
    made = [one.shape for one in call.outputs if one]
    moved = add(None if shape is None else prod(shape) for shape in (*read.values(), *made))
    kernel = None
    with suppress(NotCountedError):
        kernel = rule.kernel(call) if rule.kernel else None
    return CountRow(
        name=name,
        kind=call.op,
        input=next(iter(read.values()), None),
        inputs=tuple(shape for shape in read.values() if shape is not None),
        output=made[0] if made else None,
        kernel=kernel,
        stride=None if kernel is None else tuple(call.attributes.get("strides") or (1,) * len(kernel)),
        groups=int(call.attributes.get("group", 1)) if kernel and rule.role == "contraction" else None,
        deployed_params=stored,
        macs=cost.macs if cost else None,
        formula=formula(cost.contractions) if cost else "",
        weight_bytes=_times(stored, value_bytes),
        traffic_bytes=_times(add((stored, moved)), value_bytes),
    )


def _times(values: int | None, value_bytes: int | None) -> int | None:
    return None if values is None or value_bytes is None else values * value_bytes


def _totals(rows: Sequence[CountRow], macs: int) -> Totals:
    """Sum rows up. MACs are a lower bound where a row has none; FLOPs are defined for the layers of a spec."""
    live = [row.live_bytes for row in rows]
    return Totals(
        deployed_params=add(row.deployed_params for row in rows),
        macs=macs,
        weight_bytes=add(row.weight_bytes for row in rows),
        traffic_bytes=add(row.traffic_bytes for row in rows),
        peak_activation_bytes=None if None in live else max((size for size in live if size is not None), default=0),
    )
