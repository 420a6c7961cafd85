"""Keras model → ONNX with its weights as inputs: so that large models fit the memory."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from costlens import frameworks
from costlens.errors import ExportError, first_line
from costlens.export.cuts import Cuts
from costlens.export.forms import form_of
from costlens.export.keras_model import unlisted
from costlens.export.tf_rules import RULES

BATCHES = (37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149)
"""Primes, one of which is the batch while tracing: no size of the network is a multiple of it.

Small ones, since TensorFlow's optimiser makes an input of that batch.
"""
_SCOPE = re.compile(r"^(layer\d+)(?:_\d+)?(?:/|$)")


@dataclass(frozen=True, slots=True)
class Traced:
    """An ONNX model whose inputs are ``x0…`` (the network's) and ``w0…`` (its weights).

    ``weights`` maps an input's name to its Keras variable, ``layers`` a scope in node names to the layer's name.
    """

    model: Any
    batch: int
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    weights: dict[str, Any]
    layers: dict[str, str]

    def layer_of(self, node_name: str) -> str | None:
        """Return the Keras layer that an ONNX node was made by: its name begins with the scope, ``layer12_1/mul``."""
        match = _SCOPE.match(node_name)
        return self.layers.get(match[1]) if match else None


def trace(model: Any, opset: int) -> Traced:
    """Convert a functional Keras model; ExportError names what tf2onnx cannot convert."""
    tf, tf2onnx = frameworks.tensorflow(), frameworks.tf2onnx()
    batch = _batch(model)
    xs = [tf.TensorSpec((batch, *t.shape[1:]), t.dtype, name=f"x{i}") for i, t in enumerate(model.inputs)]
    trainable, others = model.trainable_variables, model.non_trainable_variables
    weights = {f"w{i}": weight for i, weight in enumerate((*trainable, *others))}
    ws = [tf.TensorSpec(weight.shape, weight.dtype, name=name) for name, weight in weights.items()]

    cuts = Cuts(model, batch)

    def forward(inputs: Any, values: Any, stand_ins: Any) -> Any:
        trained, fixed = values[: len(trainable)], values[len(trainable) :]
        with cuts.out(stand_ins) as read:
            outputs, _ = model.stateless_call(trained, fixed, unlisted(inputs), training=False)
        return [*tf.nest.flatten(outputs), *read]

    with frameworks.silence(), _square_shapes(), _prepared(model) as layers:
        try:
            function = tf.function(forward, autograph=False)
            signature = [xs, ws, list(cuts.specs.values())]
            proto, _ = tf2onnx.convert.from_function(
                function, input_signature=signature, opset=opset, custom_op_handlers=dict(RULES)
            )
        except Exception as error:  # tf2onnx raises what it likes
            raise ExportError(f"{model.name}: tf2onnx cannot convert the model: {first_line(error)}") from error
    cuts.put_back(proto)
    outputs = tuple(output.name for output in proto.graph.output)
    return Traced(proto, batch, tuple(spec.name for spec in xs), outputs, weights, layers)


def _batch(model: Any) -> int:
    outputs = frameworks.tensorflow().nest.flatten([layer.output for layer in model.layers])
    sizes = {size for output in outputs for size in output.shape[1:]}
    for prime in BATCHES:
        if all(size % prime for size in sizes):
            return prime
    raise ExportError(f"{model.name}: its sizes have every prime from {BATCHES[0]} to {BATCHES[-1]} as a factor")


@contextmanager
def _prepared(model: Any) -> Iterator[dict[str, str]]:
    """Give layers names that stay unambiguous when TensorFlow appends ``_1`` to them; yield the old by the new ones.

    Also keep a layer without weights apart from the one before: TensorFlow would merge its constants with a bias there.
    It does not look through a StopGradient, which tf2onnx makes an Identity and takes away. A layer with a form to be
    traced in (``traced``) has that one for the time.
    """
    tf = frameworks.tensorflow()
    names = {f"layer{index}": layer.name for index, layer in enumerate(model.layers)}
    weightless = [layer for layer in model.layers if not layer.weights and form_of(layer) is None]
    replaced = [layer for layer in model.layers if hasattr(layer, "traced")]

    def stopped(call: Any) -> Any:
        return lambda x, *rest, **named: call(tf.nest.map_structure(tf.stop_gradient, x), *rest, **named)

    try:
        for layer in replaced:
            layer.call = layer.traced
        for layer in weightless:
            layer.call = stopped(layer.call)
        for scope, layer in zip(names, model.layers, strict=True):
            layer.name = scope
        yield names
    finally:
        for name, layer in zip(names.values(), model.layers, strict=True):
            layer.name = name
        for layer in {id(layer): layer for layer in (*weightless, *replaced)}.values():
            del layer.call


@contextmanager
def _square_shapes() -> Iterator[None]:
    """Let tf2onnx (1.17) record the shape of a square that a transpose was moved after.

    Its transpose optimiser moves a Transpose after ``Mul(x, x)`` and leaves the product's recorded shape as it was.
    Where a size is 1, a later step makes transposes into reshapes by the recorded shapes, and the file computes
    something else: for example a layer norm of ``(1, W, C)`` after a convolution.
    """
    module = import_module("tf2onnx.optimizer.transpose_optimizer")
    optimizer, original = module.TransposeOptimizer, module.TransposeOptimizer._mul_handler

    def handler(self: Any, transpose: Any, node: Any) -> Any:
        square = list(node.input) == [transpose.output[0]] * 2
        shape = self._g.get_shape(node.output[0])
        moved = original(self, transpose, node)
        if square and moved and shape:
            before = module.invert_perm(transpose.get_attr_value("perm"))
            self._g.set_shape(node.output[0], [shape[axis] for axis in before])
            self._g.set_shape(transpose.output[0], shape)
        return moved

    optimizer._mul_handler = handler
    try:
        yield
    finally:
        optimizer._mul_handler = original
