"""The ledger: the spec's numbers, Keras's and the file's, side by side, and the row that does not agree.

Facts in, ledger out: nothing is built, read or run here.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import isfinite

from costlens.arithmetic.units import plural
from costlens.network.graph import Graph
from costlens.results.allocated import DeviceFacts
from costlens.results.counts import ModelCount, Totals, known
from costlens.results.facts import ConvertedOutput, ExportFacts, OutputAgreement
from costlens.results.verification import CrossCheck, Ledger, ProofVerdict, VerifiedVariant

OUTPUT_TOLERANCE = 1e-4
"""Largest difference of an output, relative to its largest value."""
WEIGHT_TOLERANCE = 1e-5
"""Largest difference of a weight, relative to the largest of its layer: a few roundings in single precision."""
NOISE_TOLERANCE = 0.5
"""Noise of quantisation, relative to the standard deviation of an output: 6 dB. A network of random weights has no
margin that training gave it, so this shows a wrong file and no loss of accuracy."""
ARENA_TOLERANCE = 0.05
"""Of the activations that an interpreter allocates, how far a plan may be from them."""
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
            _stored(spec, facts, "trainable"),
            _stored(spec, facts, "non_trainable"),
            _parameters(spec, facts),
            _deployed(graph, spec, facts),
            _macs(spec, facts),
            _names(graph, facts),
            _weights(facts),
            *(output_check(output) for output in facts.outputs),
        ),
    )


def of_layers(count: ModelCount, facts: ExportFacts) -> Ledger:
    """Compare the count of a Keras model, layer by layer, with that of the file exported from it, and their outputs."""
    return Ledger(
        count.name,
        count.variant,
        (_multiplied(count, facts), *(output_check(output, drawn=False) for output in facts.outputs)),
    )


def _multiplied(count: ModelCount, facts: ExportFacts) -> CrossCheck:
    """Compare MACs in all, by roads that share no rule; converters move nodes, so rows that differ are only named."""
    per_example = {row.name: (row.macs or 0) // count.batch for row in count.rows}
    ours, theirs = sum(per_example.values()), (facts.onnx.totals.macs or 0) // facts.onnx.batch
    by_row = {"layers": per_example, "ONNX": {n: m // facts.onnx.batch for n, m in _of_file(facts, "macs").items()}}
    numbers = (("layers", ours), ("ONNX", theirs))
    for said, found in (("the file", facts.onnx), ("the model", count)):
        if found.status["macs"] != "complete":
            return CrossCheck("MACs", numbers, False, f"{said} was not counted whole: {_first(found.uncounted)}")
    apart = _differences(by_row)
    equal = f"{plural(len(per_example), 'row')}, each equal"
    note = f"the file counts them for other rows: {_first(apart)}" if apart else equal
    return CrossCheck("MACs", numbers, ours == theirs, note)


def with_checks(line: VerifiedVariant, ledger: Ledger, checks: Iterable[CrossCheck]) -> tuple[VerifiedVariant, Ledger]:
    """Return the line and the ledger of a variant with more checks."""
    whole = replace(ledger, entries=(*ledger.entries, *checks))
    return replace(line, verdict="agrees" if whole.ok else "DISAGREES", problem=_problem(whole)), whole


def _problem(ledger: Ledger) -> str:
    return "; ".join(f"{entry.name}: {_briefly(entry)}" for entry in ledger.failures)


def verified(model: ModelCount, facts: ExportFacts, ledger: Ledger) -> VerifiedVariant:
    """Sum a ledger up in one line beside what the spec counts."""
    return replace(
        failed(model, _problem(ledger)),
        verdict="agrees" if ledger.ok else "DISAGREES",
        output_difference=_worst(output.relative for output in facts.outputs),
        weight_difference=_worst(row.largest_error for row in facts.weights),
        seconds=facts.seconds,
        made=facts.made,
    )


def failed(model: ModelCount, why: str, verdict: ProofVerdict = "failed") -> VerifiedVariant:
    """Return the line of a variant for which there are no facts."""
    t = model.totals
    return VerifiedVariant(model.variant, model.also, t.params, t.macs, t.deployed_params, verdict, problem=why)


def _worst(differences: Iterable[float]) -> float | str:
    """Return the largest; what is not a number is larger than any."""
    return _rounded(max(differences, key=lambda value: value if isfinite(value) else float("inf"), default=0.0))


def _briefly(entry: CrossCheck) -> str:
    return entry.note or ", ".join(
        f"{counted} {number:,}" for counted, number in entry.roads if not isinstance(number, str)
    )


def _of_spec(spec: ModelCount, figure: str) -> dict[str, int]:
    return {row.name: known(getattr(row, figure)) for row in spec.rows}


def _of_keras(facts: ExportFacts, figure: str) -> Mapping[str, int]:
    sums: Counter[str] = Counter()
    for layer in facts.keras:
        sums[layer.row] += getattr(layer, figure)
    return sums


def _of_file(facts: ExportFacts, figure: str) -> Mapping[str, int]:
    sums: Counter[str] = Counter()
    for node in facts.onnx.rows:
        sums[node.name.partition("/")[0]] += getattr(node, figure) or 0
    return sums


def _differences(by_count: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Return a line for each row on which the counts differ; a row that a count lacks is 0 there."""
    found = []
    for row in dict.fromkeys(name for numbers in by_count.values() for name in numbers):
        numbers = {counted: by_row.get(row, 0) for counted, by_row in by_count.items()}
        if len(set(numbers.values())) > 1:
            found.append(f"{row}: {', '.join(f'{counted} {number:,}' for counted, number in numbers.items())}")
    return found


def _first(found: Sequence[str]) -> str:
    """Write the first few, and how many more there are."""
    more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return "; ".join(found[:_SHOWN]) + more


def _entry(
    name: str, by_count: Mapping[str, Mapping[str, int]], totals: Mapping[str, int], note: str = ""
) -> CrossCheck:
    """Return the check of numbers that must be equal in every row and in all."""
    found = _differences(by_count)
    agrees = not found and len(set(totals.values())) == 1
    if found:
        note = _first(found)
    elif not agrees:
        note = "every row agrees, the totals do not"
    else:
        note += f"{'; ' if note else ''}{len(set().union(*by_count.values()))} rows, each equal"
    return CrossCheck(name, tuple(totals.items()), agrees, note)


def _stored(spec: ModelCount, facts: ExportFacts, figure: str) -> CrossCheck:
    ours = _of_spec(spec, figure)
    totals = {"spec": sum(ours.values()), "Keras": getattr(facts, f"keras_{figure}")}
    return _entry(f"{figure.replace('_', '-')} parameters", {"spec": ours, "Keras": _of_keras(facts, figure)}, totals)


def _parameters(spec: ModelCount, facts: ExportFacts) -> CrossCheck:
    ours = sum(known(row.trainable) + known(row.non_trainable) for row in spec.rows)
    theirs = facts.keras_trainable + facts.keras_non_trainable
    return CrossCheck("parameters", (("spec", ours), ("Keras", theirs)), ours == theirs)


def _deployed(graph: Graph, spec: ModelCount, facts: ExportFacts) -> CrossCheck:
    """Compare what is stored; rows of the same weights together, since a file may run any of them first."""
    alike = _rows_of_weights(graph)
    ours, theirs = (
        _summed(numbers, alike) for numbers in (_of_spec(spec, "deployed_params"), _of_file(facts, "deployed_params"))
    )
    kept = sum(ours.values())
    norms = sum(n.trainable + n.non_trainable for n in facts.keras if n.kind == "BatchNormalization")
    layers = ((node.layer, graph.input_shapes(node)) for node in graph.nodes if not node.layer.is_norm)
    beside = sum(layer.deployed(*shapes) - layer.cost(*shapes).params for layer, shapes in layers)
    others = facts.keras_trainable + facts.keras_non_trainable - norms + beside
    note = f"BatchNorm's {norms:,} numbers become {kept - others:,}" if norms else ""
    totals = {"spec": kept, "ONNX": facts.onnx.totals.deployed_params or 0}
    return _entry("deployed parameters", {"spec": ours, "ONNX": theirs}, totals, note)


def _rows_of_weights(graph: Graph) -> dict[str, str]:
    """Return for each row that uses weights of others one of the rows that have these weights, the same for all."""
    towards: dict[str, str] = {}

    def found(row: str) -> str:
        while row in towards:
            row = towards[row]
        return row

    rows = {node.name: node.row for node in graph.nodes}
    for node in graph.nodes:
        ours, owners = found(node.row), found(rows[node.owner])
        if ours != owners:
            towards[ours] = owners
    return {row: found(row) for row in towards}


def _summed(numbers: Mapping[str, int], alike: Mapping[str, str]) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for row, number in numbers.items():
        sums[alike.get(row, row)] += number
    return sums


def _macs(spec: ModelCount, facts: ExportFacts) -> CrossCheck:
    by_count = {
        "spec": {name: macs // spec.batch for name, macs in _of_spec(spec, "macs").items()},
        "Keras": _of_keras(facts, "macs"),
        "ONNX": _of_file(facts, "macs"),
    }
    entry = _entry("MACs", by_count, {counted: sum(by_row.values()) for counted, by_row in by_count.items()})
    if facts.onnx.status["macs"] == "complete":
        return entry
    return replace(entry, agrees=False, note=f"the file was not counted whole: {_first(facts.onnx.uncounted)}")


def _names(graph: Graph, facts: ExportFacts) -> CrossCheck:
    ours = sorted(row.name for row in graph.rows() if row.head.layer.convolves)
    theirs = sorted(row.name for row in facts.onnx.rows if row.kind in ("Conv", "ConvTranspose"))
    lacking = {"no node for": sorted(set(ours) - set(theirs)), "no row for": sorted(set(theirs) - set(ours))}
    wrong = "; ".join(f"{what}: {_first(names)}" for what, names in lacking.items() if names)
    note = "each convolution row is one node of its name" if ours == theirs else wrong or "a name stands twice"
    return CrossCheck(
        "convolutions by name", (("spec rows", len(ours)), ("ONNX nodes", len(theirs))), ours == theirs, note
    )


def _weights(facts: ExportFacts) -> CrossCheck:
    compared = sum(row.compared for row in facts.weights)
    worst = max((row.largest_error for row in facts.weights), default=0.0)
    wrong = [
        f"{r.row}: off by {r.largest_error:.2g} of its largest"
        for r in facts.weights
        if not r.largest_error <= WEIGHT_TOLERANCE
    ]
    note = _first(wrong) if wrong else f"{compared:,} values, norms folded in double precision"
    by_count = (("largest relative difference", _rounded(worst)), ("allowed", WEIGHT_TOLERANCE))
    return CrossCheck("weights, Keras to ONNX", by_count, not wrong, note)


def output_check(output: OutputAgreement, roads: str = "Keras to ONNX", *, drawn: bool = True) -> CrossCheck:
    """Judge an output. One that hardly varies does not agree where weights were ``drawn`` so that it varies.

    Of a model of somebody's own weights it is said, and one example has nothing to vary between.
    """
    relative = output.relative
    said = (
        f"largest value {output.scale:.3g}, standard deviation {output.deviation:.3g}, "
        f"between inputs {output.spread:.3g}"
    )
    varies = (
        isfinite(output.scale)
        and output.deviation > _LEAST_VARIATION * output.scale
        and (output.spread > _LEAST_VARIATION * output.deviation or not drawn)
    )
    note = f"{plural(output.examples, 'random input')}; {said}"
    if not varies:
        note = f"the output hardly varies, so its agreement proves {'nothing' if drawn else 'little'}: {said}"
    by_count = (("largest relative difference", _rounded(relative)), ("allowed", OUTPUT_TOLERANCE))
    agrees = (varies or not drawn) and relative <= OUTPUT_TOLERANCE
    return CrossCheck(f"output {output.name}, {roads}", by_count, agrees, note)


def converted_check(output: ConvertedOutput, precision: str) -> CrossCheck:
    """Judge an output of a converted file beside that of the export.

    Real numbers may differ by :data:`OUTPUT_TOLERANCE`. Integers are rounded in each layer: their noise may be
    :data:`NOISE_TOLERANCE` of what the output varies by, and a step.
    """
    of = " ".join(filter(None, ("output", output.name)))
    name, given = f"{of}, Keras to TensorFlow Lite {precision}", plural(output.examples, "example")
    if not output.step:
        relative = output.largest_error / output.scale if output.scale else output.largest_error
        counted = (("largest relative difference", _rounded(relative)), ("allowed", OUTPUT_TOLERANCE))
        return CrossCheck(name, counted, relative <= OUTPUT_TOLERANCE, f"{given}; largest value {output.scale:.3g}")
    allowed = NOISE_TOLERANCE * output.deviation + output.step
    note = f"{given}; standard deviation {output.deviation:.3g}, step {output.step:.3g}"
    if output.deviation < output.step:
        note = f"the output varies less than the step between its integers, so its agreement proves little: {note}"
    noise = (("root mean square difference", _rounded(output.noise)), ("allowed", _rounded(allowed)))
    return CrossCheck(name, noise, output.noise <= allowed, note)


def device_checks(model: ModelCount, facts: DeviceFacts, precision: str) -> tuple[CrossCheck, ...]:
    """Compare what a count says that a TensorFlow Lite file stores and takes with what was found of the file."""
    stored, totals = facts.stored, model.totals
    roads = (("spec", totals.flash_bytes or 0), ("file", stored.numbers))
    note = (
        f"of the file's {facts.file_bytes:,} bytes, {stored.weights:,} are weights and constants, {stored.biases:,} "
        f"biases of integers, {stored.scales + stored.zero_points:,} scales and zero points; {stored.indices:,} are "
        f"axes and sizes, {stored.rest:,} names and tables"
    )
    agrees = totals.flash_bytes == stored.numbers
    return (CrossCheck(f"bytes of weights, {precision}", roads, agrees, note), _arena(totals, facts, precision))


def _arena(totals: Totals, facts: DeviceFacts, precision: str) -> CrossCheck:
    """Compare the plan of an arena with what an interpreter allocates; what it keeps beside is no activation."""
    name, planned = f"arena, {precision}", totals.arena_bytes or 0
    if facts.micro is None:
        reason = "; ".join(facts.problems) or "no interpreter was asked"
        return CrossCheck(name, (("planned", planned), ("plan of the file", facts.planned)), True, reason)
    micro = facts.micro
    said = []
    if planned != facts.planned:
        said.append(f"the file's own tensors are planned in {facts.planned:,}: its converter makes others")
    if micro.activations != facts.planned:
        said.append(f"{micro.activations - facts.planned:,} are scratch buffers of kernels, or alignment")
    kinds = ", ".join(f"{kind.name} {kind.used:,}" for kind in micro.kinds)
    said.append(f"{micro.runtime} keeps {micro.persistent:,} beside them ({kinds})")
    if facts.litert is not None:
        said.append(f"LiteRT's arena is {facts.litert:,}")
    share = abs(planned - micro.activations) / micro.activations if micro.activations else 0.0
    roads = (("planned", planned), ("allocated", micro.activations))
    return CrossCheck(name, roads, share <= ARENA_TOLERANCE and facts.peak <= micro.activations, "; ".join(said))


def _rounded(value: float) -> float | str:
    """Return two digits; a word where there is no number, since JSON has none for it."""
    return float(f"{value:.2g}") if isfinite(value) else str(value)
