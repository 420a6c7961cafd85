"""An ONNX file → a graph: its nodes in the order of a run, those that only work out sizes left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from costlens.errors import UsageError, first_line
from costlens.export.recognition.built import NoKindError, Recognised, Unsaid
from costlens.export.recognition.onnx.call import Call, Net, View, as_it_is, channels_second, sizes
from costlens.export.recognition.onnx.families import family
from costlens.export.recognition.onnx.numbers import Numbers
from costlens.export.recognition.onnx.patterns import Said, patterns
from costlens.export.recognition.tails import with_tails
from costlens.readers.onnx import file
from costlens.readers.onnx.steps import Step, WalkError
from costlens.readers.onnx.tensor import Tensor
from costlens.readers.onnx.walk import walk

_SPATIAL = 3
"""Axes that a tensor has at least which may have channels behind its batch."""
_CHANNELS_SECOND = frozenset({
    "AveragePool", "BatchNormalization", "Conv", "ConvTranspose", "DepthToSpace", "GlobalAveragePool", "GlobalMaxPool",
    "InstanceNormalization", "LRN", "MaxPool", "PRelu", "Resize", "SpaceToDepth", "Upsample",
})  # fmt: skip
_SEEN_THROUGH = frozenset({
    "Add", "Cast", "Clip", "Concat", "Div", "Identity", "LeakyRelu", "Max", "Min", "Mul", "Pad", "Pow", "Relu",
    "Sigmoid", "Slice", "Split", "Sub", "Tanh",
})  # fmt: skip
_LOOKED_AT = 40
"""Nodes that are looked through at most for one that says where an input's channels are."""
_OF_ITS_OPERATOR = re.compile(r"(?:[#_]\d+)?$")


@dataclass(frozen=True, slots=True)
class FromFile:
    """A file as a graph. inputs, outputs: what the tensors of the file, by their names, are in it.

    stored_once: numbers that the file stores once and that several layers of the graph hold.
    """

    found: Recognised
    inputs: Mapping[str, View]
    outputs: Mapping[str, View]
    stored_once: int = 0


def recognise(
    path: Path, name: str, shapes: Mapping[str, Sequence[int | str]], batch: int
) -> FromFile | tuple[Unsaid, ...]:
    """Return the graph of an ONNX file, or its nodes that no kind says.

    shapes: those of its inputs, the batch first. UsageError where the file cannot be read with its weights, or where
    its inputs and outputs are nothing that a spec can have.
    """
    import onnx

    try:
        model = onnx.load(path)
        walked = walk(file.model(path), {key: tuple(map(int, shape)) for key, shape in shapes.items()})
    except WalkError as error:
        raise UsageError(f"{path}: {error}") from None
    except Exception as error:  # what a missing file of external data raises is onnx's own
        raise UsageError(f"{path}: its weights cannot be read: {first_line(error)}") from error
    readers = _readers(walked.steps, walked.outputs)
    net = Net(Numbers(model), readers)
    together, inside = patterns(walked.steps, readers, net.numbers)
    for tensor in walked.inputs:
        net.views[tensor.name] = _input(net, tensor, batch, f"{name}: ", alone=len(walked.inputs) == 1)
    unsaid = [each for step in walked.steps if _makes(step).isdisjoint(inside) and (each := _said(net, step, together))]
    if unsaid:
        return tuple(unsaid)
    given = {tensor.name: net.views[tensor.name] for tensor in walked.inputs}
    outputs = dict(_outputs(net, walked.outputs, name))
    _prune(net, [view.tensor for view in outputs.values()])
    tensors = [view.tensor for view in outputs.values()]
    found = with_tails(name, net.builder, tensors, by_name=False)  # PyTorch names a module's parts, too, with a dot
    names = dict(zip(dict.fromkeys(view.tensor for view in outputs.values()), found.graph.outputs, strict=True))
    made = {key: View(names[view.tensor], view.axes) for key, view in outputs.items()}
    return FromFile(found, given, made, net.stored_once)


def _readers(steps: Iterable[Step], outputs: Iterable[Tensor | None]) -> dict[str, list[Step | None]]:
    """Return the steps that read each tensor, by its name; None stands for the outputs of the file."""
    found: dict[str, list[Step | None]] = {}
    for tensor in filter(None, outputs):
        found.setdefault(tensor.name, []).append(None)
    for step in steps:
        for each in step.inputs:
            if each is not None:
                found.setdefault(each.name, []).append(step)
    return found


def _input(net: Net, tensor: Tensor, batch: int, who: str, *, alone: bool) -> View:
    """Add an input of the graph, with its channels last where the file convolves it or the like."""
    try:
        shape = sizes(tensor)
    except NoKindError as error:
        raise UsageError(f"{who}{error}; give them, for example ?{tensor.name}=1x3x224x224") from error
    if not shape or shape[0] != batch:
        raise UsageError(f"{who}the first axis of its input {tensor.name} is not the batch, and a spec's is")
    axes = channels_second(len(shape)) if _has_channels_second(net, tensor) else as_it_is(len(shape))
    ours = dict(zip(axes, shape, strict=True))
    named = net.builder.add_input("input" if alone else tensor.name, tuple(ours[at] for at in range(1, len(shape))))
    return View(named, axes)


def _has_channels_second(net: Net, tensor: Tensor) -> bool:
    """Say whether a tensor is read by an operator whose input has its channels behind the batch."""
    if len(tensor.shape or ()) < _SPATIAL:
        return False
    left, seen = [tensor.name], 0
    while left and seen < _LOOKED_AT:
        for step in net.readers.get(left.pop(0), ()):
            seen += 1
            if step is not None and step.op in _CHANNELS_SECOND:
                return True
            if step is not None and step.op in _SEEN_THROUGH:
                left += [one.name for one in step.outputs if one is not None]
    return False


def _makes(step: Step) -> set[str]:
    return {one.name for one in step.outputs if one is not None}


def _said(net: Net, step: Step, together: Mapping[str, Said]) -> Unsaid | None:
    """Add a node to the graph, or several that end in it; return it where no kind says it."""
    made = [one for one in step.outputs if one is not None]
    if id(step) in net.merged:
        _passed_on(net, step)
        return None
    if made and all(one.value is not None or one.constant for one in made):
        return None
    call = Call(step, _name(step), net)
    try:
        if step.times != 1:
            raise NoKindError("runs in a loop")
        if made and (said := together.get(made[0].name)):
            view = net.views[said.of]
            axes = channels_second(len(view.axes)) if said.channels_second else view.axes
            call.returns(call.add(said.kind, call.turned(view, axes), **said.fields), axes)
        else:
            family(step.op)(call)
    except NoKindError as error:
        for one in made:
            _stands_for(net, one)
        return Unsaid(step.name, step.op, str(error))
    return None


def _passed_on(net: Net, step: Step) -> None:
    """Let what a merged node makes be what it reads."""
    read = next(one for one in step.inputs if one is not None and one.name in net.views)
    net.views |= {one.name: net.views[read.name] for one in step.outputs if one is not None}


def _stands_for(net: Net, tensor: Tensor) -> None:
    """Let the nodes behind one that no kind says be looked at, too."""
    shape = tuple(size if isinstance(size, int) else 1 for size in tensor.shape or (1, 1))
    named = net.builder.add_input(f"{tensor.name}.missing", shape[1:])
    net.views[tensor.name] = View(named, as_it_is(len(shape)))


def _name(step: Step) -> str:
    """Return the name of a node without what exporters add.

    ``/stem/conv/Conv`` is ``stem/conv``, and ``/stem/stem.0/stem.0.1/Conv`` is ``stem.0.1``: PyTorch repeats a module's
    place in the name of each module inside it.
    """
    name = step.name.strip("/")
    before, slash, last = name.rpartition("/")
    modules = (before if slash and _OF_ITS_OPERATOR.sub("", last) == step.op else name).split("/")
    said = [one for one, inner in pairwise([*modules, ""]) if not inner.startswith(f"{one}.")]
    return "/".join(said)


def _prune(net: Net, outputs: Iterable[str]) -> None:
    """Leave out what nothing reads: a reshape that another one undoes."""
    read = {*outputs}
    for node in reversed(net.builder.nodes[:]):
        made = {node.name, *(each for each in net.builder.shapes if each.startswith(f"{node.name}."))}
        if read.isdisjoint(made) and node.layer.kind() == "reshape":
            net.builder.nodes.remove(node)
        else:
            read.update(node.inputs)


def _outputs(net: Net, tensors: Iterable[Tensor | None], name: str) -> Iterator[tuple[str, View]]:
    for tensor in tensors:
        view = None if tensor is None else net.views.get(tensor.name)
        if tensor is None or view is None:
            raise UsageError(f"{name}: an output is the same in every run; a spec's outputs are layers")
        if view.tensor in net.builder.inputs:
            raise UsageError(f"{name}: its output {tensor.name} is an input; a spec's outputs are layers")
        yield tensor.name, view
