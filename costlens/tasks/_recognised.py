"""``costlens new --from`` of a model that is no spec: it is recognised, written as a spec and proven to be the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from costlens.errors import CostlensError, UsageError, VerificationError
from costlens.tasks._proof import SEED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from costlens.export.recognition.built import Recognised, Unsaid
    from costlens.network.graph import Graph
    from costlens.sources._source import KerasModel, Model

_SHOWN = 40


def recognised_as_spec(model: Model, source: KerasModel, name: str) -> tuple[str, str]:
    """Return the text of the spec of a Keras model, and one line on what was proven of it.

    UsageError where some of its layers have no kind, each named; VerificationError where the spec is not the same.
    """
    from costlens.export.recognition.keras import recognise
    from costlens.readers.keras import inputs
    from costlens.readers.keras.inputs import unsized
    from costlens.spec.loading import loads
    from costlens.spec.written import spec_text

    made, word = source.make(), model.word.name
    given = inputs(made, word, 1, source.sizes)
    if given.free:
        raise UsageError(f"--from {word}: {unsized(given.free)}")
    found = recognise(made, name, [tuple(size or 0 for size in shape[1:]) for shape in given.shapes.values()])
    if isinstance(found, tuple):
        raise UsageError(_said(word, found))
    read = loads(spec_text(found.graph), file=f"{name}.yaml").graph
    try:
        proven = _proven(model, read, _renamed(found, read), made)
    except CostlensError as error:
        raise type(error)(f"--from {word}: {error}") from error
    return spec_text(found.graph, notes=[f"{word} as a spec: {proven}."]), proven


def _said(word: str, unsaid: Sequence[Unsaid]) -> str:
    """Say which layers have no kind."""
    lines = [f"  {each.name} ({each.what}): {each.why}" for each in unsaid[:_SHOWN]]
    more = [f"  and {len(unsaid) - _SHOWN} more"] if len(unsaid) > _SHOWN else []
    what = "1 layer has" if len(unsaid) == 1 else f"{len(unsaid)} layers have"
    return "\n".join([f"--from {word}: {what} no kind in the spec language; nothing was written", *lines, *more])


def _renamed(found: Recognised, read: Graph) -> Mapping[str, tuple[Any, ...]]:
    """Return the weights by the names that the spec gives; VerificationError where it is not read as it was meant."""
    ours, theirs = found.graph.nodes, read.nodes
    names = {a.name: b.name for a, b in zip(ours, theirs, strict=False)}
    same = len(ours) == len(theirs) and all(
        a.layer == b.layer and [_called(each, names) for each in a.inputs] == [*b.inputs]
        and names.get(a.weights, "") == b.weights
        for a, b in zip(ours, theirs, strict=True)
    )  # fmt: skip
    if not same:
        raise VerificationError(f"{read.name}: its spec is read as another network than was meant, please report")
    held = {}
    for name, weights in found.weights.items():
        owner, dash, end = name.partition("-")
        held[f"{names[owner]}{dash}{end}"] = weights
    return held


def _called(tensor: str, names: Mapping[str, str]) -> str:
    if tensor in names:
        return names[tensor]
    owner, _, part = tensor.rpartition(".")
    return f"{names[owner]}.{part}" if owner in names else tensor


def _proven(model: Model, graph: Graph, weights: Mapping[str, tuple[Any, ...]], made: Any) -> str:
    """Compare counts and outputs; return what was found in one line, VerificationError where something differs."""
    from costlens.analysis.ledger import output_check
    from costlens.export.copied import compared_as_copied
    from costlens.network.count import count
    from costlens.results.counts import known

    ours, theirs = count(graph).totals, model.count
    params, macs = known(ours.params), known(ours.macs)
    for figure, one, other in (("parameters", params, theirs.totals.params), ("MACs", macs, model.macs)):
        if one != other:
            counted = "an unknown number of" if other is None else f"{other:,}"
            raise VerificationError(f"the spec has {one:,} {figure}, the model {counted} {figure}; nothing was written")
    worst = 0.0
    for drawn, agreements in compared_as_copied(made, graph, weights, seed=SEED).items():
        for each in agreements:
            check = output_check(each, "model to spec", drawn=drawn)
            if not check.agrees:
                whose = "random weights" if drawn else "the model's own weights"
                raise VerificationError(
                    f"{check.name}, with {whose}: off by {each.relative:.2g} of the largest value, {check.note}; "
                    "nothing was written"
                )
            worst = max(worst, each.relative)
    agree = f"outputs agree to {worst:.1g} of their largest value"
    return f"{params:,} parameters and {macs:,} MACs, as the model has; {agree}"
