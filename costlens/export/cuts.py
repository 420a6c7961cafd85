"""Layers with an ONNX form of their own: cut out while a model is traced, and put into the file as that form."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from costlens import frameworks
from costlens.export.forms import Draft, Form, form_of
from costlens.export.keras_model import listed
from costlens.export.sharing import unshared


@dataclass(frozen=True, slots=True)
class _Call:
    """A call of a layer: the shapes it reads without the batch, and the names of what stands for what it makes."""

    layer: Any
    form: Form
    reads: tuple[tuple[int, ...], ...]
    makes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Made:
    """A call as it was met: the scope of its nodes, that of its weights, and how many tensors it reads."""

    call: _Call
    scope: str
    owner: str
    reads: int


class Cuts:
    """The calls to cut out of a functional model.

    ``specs`` are the further inputs of a trace, one for each tensor that the calls make. What the calls read has to be
    among its outputs, at the end.
    """

    def __init__(self, model: Any, batch: int) -> None:
        tf = frameworks.tensorflow()
        self.specs: dict[str, Any] = {}
        self._calls: list[_Call] = []
        self._made: list[_Made] = []
        for layer in model.layers:
            if (form := form_of(unshared(layer))) is None:
                continue
            for node in layer._inbound_nodes:
                shapes = tuple(tuple(tensor.shape[1:]) for tensor in node.input_tensors)
                made = [(f"r{len(self.specs) + index}", tensor) for index, tensor in enumerate(listed(node.outputs))]
                self.specs |= {
                    name: tf.TensorSpec((batch, *tensor.shape[1:]), tensor.dtype, name=name) for name, tensor in made
                }
                self._calls.append(_Call(layer, form, shapes, tuple(name for name, _ in made)))

    @contextmanager
    def out(self, stand_ins: Sequence[Any]) -> Iterator[list[Any]]:
        """Let each call return what stands for what it makes; yield what the calls read, in their order."""
        tf = frameworks.tensorflow()
        tensors, waiting, read = dict(zip(self.specs, stand_ins, strict=True)), list(self._calls), []
        times: Counter[str] = Counter()
        self._made.clear()

        def cut(layer: Any, *given: Any, **named: Any) -> Any:
            found = [one for one in tf.nest.flatten((given, named)) if tf.is_tensor(one)]
            shapes = tuple(tuple(one.shape[1:]) for one in found)
            call = next(each for each in waiting if each.layer is layer and each.reads == shapes)
            waiting.remove(call)
            read.extend(found)
            scope = f"{layer.name}_{times[layer.name]}" if times[layer.name] else layer.name
            times[layer.name] += 1
            self._made.append(_Made(call, scope, unshared(layer).name, len(found)))
            made = tuple(tensors[name] for name in call.makes)
            return made if len(made) > 1 else made[0]

        layers = {id(call.layer): call.layer for call in self._calls}.values()
        try:
            for layer in layers:
                layer.call = partial(cut, layer)
            yield read
        finally:
            for layer in layers:
                del layer.call

    def put_back(self, model: Any) -> None:
        """Write the forms of the calls that were met into an ONNX model that was traced with them out.

        Postcondition: the further inputs and outputs are gone, and nodes are in topological order.
        """
        graph = model.graph
        ends = [value.name for value in graph.output]
        read = iter(ends[len(ends) - sum(made.reads for made in self._made) :])
        constants: dict[str, Any] = {}
        added = []
        for made in self._made:
            reads = [next(read) for _ in range(made.reads)]
            draft = Draft(made.scope, made.owner, reads, made.call.makes)
            made.call.form.write(unshared(made.call.layer), draft)
            constants |= draft.constants
            added += draft.nodes
        del graph.output[len(ends) - sum(made.reads for made in self._made) :]
        inputs = [value for value in graph.input if value.name not in self.specs]
        nodes = list(_ordered([*graph.node, *added]))
        graph.initializer.extend(constants.values())
        del graph.input[:], graph.node[:]
        graph.input.extend(inputs)
        graph.node.extend(nodes)


def _ordered(nodes: Sequence[Any]) -> Iterable[Any]:
    """Yield nodes, each directly before the first one that needs it where it stood too late."""
    makers = {name: index for index, node in enumerate(nodes) for name in node.output if name}
    placed: set[int] = set()
    for start in range(len(nodes)):
        waiting = [start]
        while waiting:
            index = waiting[-1]
            needs = [makers[name] for name in nodes[index].input if name in makers and makers[name] not in placed]
            if needs and index not in placed:
                waiting += needs
                continue
            waiting.pop()
            if index not in placed:
                placed.add(index)
                yield nodes[index]
