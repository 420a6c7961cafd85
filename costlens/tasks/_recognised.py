"""``costlens new --from`` of a model that is no spec: it is recognised, written as a spec and proven to be the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from costlens.errors import CostlensError, SpecError, UsageError, VerificationError
from costlens.tasks._proof import SEED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from costlens.export.recognition.built import Recognised, Unsaid
    from costlens.network.graph import Graph
    from costlens.readers.keras import Sizes
    from costlens.sources._source import Model
    from costlens.spec.written import Statements

_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Proven:
    """The text of a spec and what was proven of it: one line, and the largest difference of an output by its scale."""

    text: str
    said: str
    worst: float


def proven_spec(model: Model, made: Any, sizes: Sizes, name: str) -> Proven:
    """Return the spec of a Keras model that was counted.

    UsageError where some of its layers have no kind, each named; VerificationError where the spec is not the same.
    """
    from costlens.export.recognition.keras import recognise
    from costlens.readers.keras import inputs
    from costlens.readers.keras.inputs import unsized
    from costlens.spec.written import spec_text

    word = model.word.name
    given = inputs(made, word, 1, sizes)
    if given.free:
        raise UsageError(f"--from {word}: {unsized(given.free)}")
    found = recognise(made, name, [tuple(size or 0 for size in shape[1:]) for shape in given.shapes.values()])
    if isinstance(found, tuple):
        raise UsageError(_said(word, found))
    said, read, weights = _readable(found)
    try:
        counted = _counted(model, read)
        worst = _worst(read, weights, made)
    except CostlensError as error:
        raise type(error)(f"--from {word}: {error}") from error
    proven = f"{counted}, as the model has; outputs agree to {worst:.1g} of their largest value"
    return Proven(spec_text(found.graph, said, notes=[f"{word} as a spec: {proven}."]), proven, worst)


def _said(word: str, unsaid: Sequence[Unsaid]) -> str:
    """Say which layers have no kind."""
    lines = [f"  {each.name} ({each.what}): {each.why}" for each in unsaid[:_SHOWN]]
    more = [f"  and {len(unsaid) - _SHOWN} more"] if len(unsaid) > _SHOWN else []
    what = "1 layer has" if len(unsaid) == 1 else f"{len(unsaid)} layers have"
    return "\n".join([f"--from {word}: {what} no kind in the spec language; nothing was written", *lines, *more])


def _readable(found: Recognised) -> tuple[Statements, Graph, Mapping[str, tuple[Any, ...]]]:
    """Return the statements of a graph, with blocks where it is read from these, that graph, and its weights.

    VerificationError where not even single statements are.
    """
    from costlens.network.same import renamed
    from costlens.spec.loading import loads
    from costlens.spec.repeated import with_blocks
    from costlens.spec.written import spec_text, statements

    plain = statements(found.graph)
    for said in (with_blocks(plain), plain):
        try:
            read = loads(spec_text(found.graph, said), file=f"{found.graph.name}.yaml").graph
        except SpecError:
            if said is plain:
                raise
            continue
        names = renamed(found.graph, read)
        if names is not None:
            return said, read, {_held(name, names): weights for name, weights in found.weights.items()}
    raise VerificationError(f"{found.graph.name}: its spec is read as another network than was meant, please report")


def _held(layer: str, names: Mapping[str, str]) -> str:
    """Return the name of a Keras layer where nodes have other names: it is that of its node, or ``node-what``."""
    node, dash, what = layer.partition("-")
    return f"{names[node]}{dash}{what}"


def _counted(model: Model, graph: Graph) -> str:
    """Say what a spec counts; VerificationError where the model counts another number."""
    from costlens.network.count import count
    from costlens.results.counts import known

    ours = count(graph).totals
    params, macs = known(ours.params), known(ours.macs)
    for figure, one, other in (("parameters", params, model.count.totals.params), ("MACs", macs, model.macs)):
        if one != other:
            counted = "an unknown number of" if other is None else f"{other:,}"
            raise VerificationError(f"the spec has {one:,} {figure}, the model {counted} {figure}; nothing was written")
    return f"{params:,} parameters and {macs:,} MACs"


def _worst(graph: Graph, weights: Mapping[str, tuple[Any, ...]], made: Any) -> float:
    """Return the largest difference of an output; VerificationError where one does not agree."""
    from costlens.analysis.ledger import output_check
    from costlens.export.copied import compared_as_copied

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
    return worst
