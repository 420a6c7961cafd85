"""``costlens new --from`` of a model that is no spec: it is recognised, written as a spec and proven to be the same."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from costlens.errors import CostlensError, SpecError, UsageError, VerificationError
from costlens.tasks._proof import SEED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from costlens.export.recognition.built import Recognised, Unsaid
    from costlens.export.recognition.onnx import FromFile
    from costlens.network.graph import Graph
    from costlens.readers.keras import Sizes
    from costlens.results.facts import OutputAgreement
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


def proven_file(model: Model, name: str) -> Proven:
    """Return the spec of an ONNX file that was counted.

    UsageError where some of its nodes have no kind, each named, or an input has no size; VerificationError where the
    spec is not the same.
    """
    from costlens.export.recognition.onnx import recognise
    from costlens.spec.written import spec_text

    word = model.word.name
    given, path = model.count.inputs, model.file
    assert path is not None  # noqa: S101  # a file it is
    if free := [size for shape in given.values() for size in shape if isinstance(size, str)]:
        raise UsageError(f"--from {word}: {free[0]} has no size, and a spec needs one: name ?{free[0]}=224")
    found = recognise(path, name, given, model.count.batch)
    if isinstance(found, tuple):
        raise UsageError(_said(word, found, "node"))
    said, read, weights = _readable(found.found)
    try:
        counted = _counted(model, read, found.stored_once)
        worst = _worst_of_file(model, read, weights, found)
    except CostlensError as error:
        raise type(error)(f"--from {word}: {error}") from error
    whole = f"as the file has{_less(found.stored_once)}"
    proven = f"{counted}, {whole}; outputs agree to {worst:.1g} of their largest value"
    return Proven(spec_text(found.found.graph, said, notes=[f"{word} as a spec: {proven}."]), proven, worst)


def _said(word: str, unsaid: Sequence[Unsaid], noun: str = "layer") -> str:
    """Say which layers, or nodes of a file, have no kind."""
    lines = [f"  {each.name} ({each.what}): {each.why}" for each in unsaid[:_SHOWN]]
    more = [f"  and {len(unsaid) - _SHOWN} more"] if len(unsaid) > _SHOWN else []
    what = f"1 {noun} has" if len(unsaid) == 1 else f"{len(unsaid)} {noun}s have"
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


def _less(stored_once: int) -> str:
    """Say that a file has fewer parameters, since it stores those once that are equal in several layers."""
    return f" (it stores {stored_once:,} of the parameters once for several layers)" if stored_once else ""


def _counted(model: Model, graph: Graph, stored_once: int = 0) -> str:
    """Say what a spec counts; VerificationError where the model counts another number.

    A file stores more biases of recurrent layers than they have, and may store a constant once for several layers.
    """
    from costlens.network.count import count
    from costlens.results.counts import known

    ours, theirs = count(graph).totals, model.count.totals
    params, macs = known(ours.params), known(ours.macs)
    stored = theirs.params if model.keras else theirs.deployed_params
    if stored is not None and not model.keras:
        stored += stored_once - _twice_biased(graph)
    for figure, one, other in (("parameters", params, stored), ("MACs", macs, model.macs)):
        if one != other:
            counted = "an unknown number of" if other is None else f"{other:,}"
            raise VerificationError(f"the spec has {one:,} {figure}, the model {counted} {figure}; nothing was written")
    return f"{params:,} parameters and {macs:,} MACs"


def _twice_biased(graph: Graph) -> int:
    """Return how many numbers an ONNX file stores of recurrent layers beyond their parameters."""
    from costlens.network.layers._recurrent import Recurrent

    found = 0
    for node in graph.nodes:
        if isinstance(node.layer, Recurrent) and not node.weights:
            shapes = graph.input_shapes(node)
            found += node.layer.deployed(*shapes) - node.layer.cost(*shapes).params
    return found


def _worst_of_file(model: Model, graph: Graph, weights: Mapping[str, tuple[Any, ...]], found: FromFile) -> float:
    """Return the largest difference of an output of a file; VerificationError where one does not agree."""
    from costlens.export.copied_file import compared_with_file
    from costlens.export.recognition.onnx import FromFile, recognise
    from costlens.export.recognition.onnx.drawn import are_one_number, write_drawn

    own, batch = model.file, model.count.batch
    assert own is not None  # noqa: S101  # a file it is
    path = own
    names = dict(zip(found.found.graph.outputs, graph.outputs, strict=True))
    outputs = {name: view._replace(tensor=names[view.tensor]) for name, view in found.outputs.items()}
    with TemporaryDirectory() as folder:
        drawn = are_one_number(weights)
        if drawn:
            path = Path(folder) / "drawn.onnx"
            write_drawn(own, path, SEED)
            again = recognise(path, graph.name, model.count.inputs, batch)
            assert isinstance(again, FromFile)  # noqa: S101  # as the same nodes were
            weights = dict(zip(weights, again.found.weights.values(), strict=True))
        agreements = compared_with_file(path, graph, weights, found.inputs, outputs, batch=batch, seed=SEED)
    whose = "random weights" if drawn else "the file's weights"
    return max(_relative(each, whose, drawn=False) for each in agreements)


def _relative(each: OutputAgreement, whose: str, *, drawn: bool) -> float:
    """Return the difference of an output; VerificationError where it does not agree."""
    from costlens.analysis.ledger import output_check

    check = output_check(each, "model to spec", drawn=drawn)
    if not check.agrees:
        raise VerificationError(
            f"{check.name}, with {whose}: off by {each.relative:.2g} of the largest value, {check.note}; "
            "nothing was written"
        )
    return each.relative


def _worst(graph: Graph, weights: Mapping[str, tuple[Any, ...]], made: Any) -> float:
    """Return the largest difference of an output; VerificationError where one does not agree."""
    from costlens.export.copied import compared_as_copied

    worst = 0.0
    for drawn, agreements in compared_as_copied(made, graph, weights, seed=SEED).items():
        whose = "random weights" if drawn else "the model's own weights"
        worst = max(worst, *(_relative(each, whose, drawn=drawn) for each in agreements))
    return worst
