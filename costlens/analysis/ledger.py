"""The ledger: the spec's numbers, Keras's and the file's, side by side, and the row that does not agree.

Facts in, ledger out: nothing is built, read or run here.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

from costlens.network.graph import Graph
from costlens.results.counts import ModelCount, known
from costlens.results.facts import ExportFacts, OutputAgreement
from costlens.results.ledger import Entry, Ledger
from costlens.results.verification import Verdict, VerifiedVariant

OUTPUT_TOLERANCE = 1e-4
"""Largest difference of an output, relative to its largest value."""
WEIGHT_TOLERANCE = 1e-5
"""Largest difference of a weight, relative to the largest of its layer: a few roundings in single precision."""
_LEAST_VARIATION = 1e-3
"""An output that varies less than this share of its scale, or less than this between inputs, proves nothing."""
_SHOWN = 5


def ledger(graph: Graph, spec: ModelCount, facts: ExportFacts) -> Ledger:
    """Compare what a spec counts of a graph, row by row, with what was found of its export.

    Every disagreement names its rows and both numbers.
    """
    return Ledger(
        spec.name,
        spec.variant,
        (
            _trainable(spec, facts),
            _non_trainable(spec, facts),
            _parameters(spec, facts),
            _deployed(spec, facts),
            _macs(spec, facts),
            _names(graph, facts),
            _weights(facts),
            *(_output(output) for output in facts.outputs),
        ),
    )


def verified(model: ModelCount, facts: ExportFacts, ledger: Ledger) -> VerifiedVariant:
    """Sum a ledger up in one line beside what the spec counts."""
    verdict: Verdict = "agrees" if ledger.ok else "DISAGREES"
    return VerifiedVariant(
        variant=model.variant,
        also=model.also,
        params=known(model.totals.params),
        macs=known(model.totals.macs),
        deployed_params=known(model.totals.deployed_params),
        verdict=verdict,
        output_difference=_worst([_relative(output) for output in facts.outputs]),
        weight_difference=_worst([row.largest_error for row in facts.weights]),
        seconds=facts.seconds,
        made=facts.made,
        problem="; ".join(f"{entry.name}: {_briefly(entry)}" for entry in ledger.failures),
    )


def failed(model: ModelCount, why: str) -> VerifiedVariant:
    """Return the line of a variant for which there are no facts."""
    t = model.totals
    params, macs, deployed = known(t.params), known(t.macs), known(t.deployed_params)
    return VerifiedVariant(model.variant, model.also, params, macs, deployed, "failed", problem=why)


def _worst(differences: list[float]) -> float | str:
    """Return the largest; what is not a number is larger than any."""
    return _rounded(max(differences, key=lambda value: value if isfinite(value) else float("inf"), default=0.0))


def _briefly(entry: Entry) -> str:
    return entry.note or ", ".join(
        f"{counted} {number:,}" for counted, number in entry.roads if not isinstance(number, str)
    )


def _relative(output: OutputAgreement) -> float:
    return output.largest_error / output.scale if output.scale else float("inf")


def _sums(pairs: list[tuple[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for name, number in pairs:
        sums[name] = sums.get(name, 0) + number
    return sums


def _differences(by_count: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Return a line for each row on which the counts differ; a row that a count lacks is 0 there."""
    rows = dict.fromkeys(name for numbers in by_count.values() for name in numbers)
    found = []
    for row in rows:
        numbers = {counted: by_row.get(row, 0) for counted, by_row in by_count.items()}
        if len(set(numbers.values())) > 1:
            found.append(f"{row}: {', '.join(f'{counted} {number:,}' for counted, number in numbers.items())}")
    return found


def _shown(found: list[str]) -> str:
    more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return "; ".join(found[:_SHOWN]) + more


def _entry(name: str, by_count: Mapping[str, Mapping[str, int]], totals: Mapping[str, int], note: str = "") -> Entry:
    """Return the entry of numbers that must be equal in every row and in all."""
    found = _differences(by_count)
    agrees = not found and len(set(totals.values())) == 1
    rows = len(dict.fromkeys(row for by_row in by_count.values() for row in by_row))
    if found:
        note = _shown(found)
    elif not agrees:
        note = "every row agrees, the totals do not"
    else:
        note = f"{note}; {rows} rows, each equal" if note else f"{rows} rows, each equal"
    return Entry(name, tuple(totals.items()), agrees, note)


def _trainable(spec: ModelCount, facts: ExportFacts) -> Entry:
    ours = {row.name: known(row.trainable) for row in spec.rows}
    theirs = _sums([(layer.row, layer.trainable) for layer in facts.keras])
    totals = {"spec": sum(ours.values()), "Keras": facts.keras_trainable}
    return _entry("trainable parameters", {"spec": ours, "Keras": theirs}, totals)


def _non_trainable(spec: ModelCount, facts: ExportFacts) -> Entry:
    ours = {row.name: known(row.non_trainable) for row in spec.rows}
    theirs = _sums([(layer.row, layer.non_trainable) for layer in facts.keras])
    totals = {"spec": sum(ours.values()), "Keras": facts.keras_non_trainable}
    return _entry("non-trainable parameters", {"spec": ours, "Keras": theirs}, totals)


def _parameters(spec: ModelCount, facts: ExportFacts) -> Entry:
    ours = sum(known(row.trainable) + known(row.non_trainable) for row in spec.rows)
    theirs = facts.keras_trainable + facts.keras_non_trainable
    return Entry("parameters", (("spec", ours), ("Keras", theirs)), ours == theirs)


def _onnx_row(node: str) -> str:
    return node.partition("/")[0]


def _deployed(spec: ModelCount, facts: ExportFacts) -> Entry:
    ours = {row.name: known(row.deployed_params) for row in spec.rows}
    theirs = _sums([(_onnx_row(row.name), row.deployed_params or 0) for row in facts.onnx.rows])
    kept = sum(ours.values())
    norms = sum(n.trainable + n.non_trainable for n in facts.keras if n.kind == "BatchNormalization")
    others = facts.keras_trainable + facts.keras_non_trainable - norms
    note = f"BatchNorm's {norms:,} numbers become {kept - others:,}" if norms else ""
    totals = {"spec": kept, "ONNX": facts.onnx.totals.deployed_params or 0}
    return _entry("deployed parameters", {"spec": ours, "ONNX": theirs}, totals, note)


def _macs(spec: ModelCount, facts: ExportFacts) -> Entry:
    by_count = {
        "spec": {row.name: known(row.macs) // spec.batch for row in spec.rows},
        "Keras": _sums([(layer.row, layer.macs) for layer in facts.keras]),
        "ONNX": _sums([(_onnx_row(row.name), row.macs or 0) for row in facts.onnx.rows]),
    }
    entry = _entry("MACs", by_count, {counted: sum(by_row.values()) for counted, by_row in by_count.items()})
    if facts.onnx.status["macs"] == "complete":
        return entry
    missing = f"the file was not counted whole: {_shown(list(facts.onnx.uncounted))}"
    return Entry(entry.name, entry.roads, False, missing)


def _names(graph: Graph, facts: ExportFacts) -> Entry:
    ours = [row.name for row in graph.rows() if row.head.layer.convolves]
    theirs = [row.name for row in facts.onnx.rows if row.kind in ("Conv", "ConvTranspose")]
    missing, extra = sorted(set(ours) - set(theirs)), sorted(set(theirs) - set(ours))
    agrees = sorted(ours) == sorted(theirs)
    note = (
        "each convolution row is one node of its name"
        if agrees
        else "; ".join(
            f"{what}: {_shown(names)}" for what, names in (("no node for", missing), ("no row for", extra)) if names
        )
        or "a name stands twice"
    )
    return Entry("convolutions by name", (("spec rows", len(ours)), ("ONNX nodes", len(theirs))), agrees, note)


def _weights(facts: ExportFacts) -> Entry:
    compared = sum(row.compared for row in facts.weights)
    worst = max((row.largest_error for row in facts.weights), default=0.0)
    wrong = [
        f"{r.row}: off by {r.largest_error:.2g} of its largest"
        for r in facts.weights
        if not r.largest_error <= WEIGHT_TOLERANCE
    ]
    note = _shown(wrong) if wrong else f"{compared:,} values, norms folded in double precision"
    by_count = (("largest relative difference", _rounded(worst)), ("allowed", WEIGHT_TOLERANCE))
    return Entry("weights, Keras to ONNX", by_count, not wrong, note)


def _output(output: OutputAgreement) -> Entry:
    relative = _relative(output)
    varied = (
        f"largest value {output.scale:.3g}, standard deviation {output.deviation:.3g}, "
        f"between inputs {output.spread:.3g}"
    )
    note = f"{output.examples} random inputs; {varied}"
    degenerate = not (
        isfinite(output.scale)
        and output.deviation > _LEAST_VARIATION * output.scale
        and output.spread > _LEAST_VARIATION * output.deviation
    )
    if degenerate:
        note = f"the output hardly varies, so its agreement proves nothing: {varied}"
    agrees = relative <= OUTPUT_TOLERANCE and not degenerate
    by_count = (("largest relative difference", _rounded(relative)), ("allowed", OUTPUT_TOLERANCE))
    return Entry(f"output {output.name}, Keras to ONNX", by_count, agrees, note)


def _rounded(value: float) -> float | str:
    """Return two digits; a word where there is no number, since JSON has none for it."""
    return float(f"{value:.2g}") if isfinite(value) else str(value)
