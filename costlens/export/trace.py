"""Keras model → ONNX with its weights as inputs: so that large models fit the memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from costlens.errors import ExportError, first_line
from costlens.export import frameworks
from costlens.export.square_shapes import square_shapes

BATCHES = (37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149)
"""Primes, one of which is the batch while tracing: no size of the network is a multiple of it.

Small ones, since TensorFlow's optimiser makes an input of that batch.
"""


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


def trace(model: Any, opset: int) -> Traced:
    """Convert a functional Keras model; ExportError names what tf2onnx cannot convert."""
    tf, tf2onnx = frameworks.tensorflow(), frameworks.tf2onnx()
    batch = _batch(model)
    xs = [tf.TensorSpec((batch, *t.shape[1:]), tf.float32, name=f"x{i}") for i, t in enumerate(model.inputs)]
    trainable, others = model.trainable_variables, model.non_trainable_variables
    named = {f"w{i}": weight for i, weight in enumerate((*trainable, *others))}
    ws = [tf.TensorSpec(weight.shape, weight.dtype, name=name) for name, weight in named.items()]
    single = len(xs) == 1

    def forward(inputs: Any, weights: Any) -> Any:
        x = inputs[0] if single else inputs
        outputs, _ = model.stateless_call(weights[: len(trainable)], weights[len(trainable) :], x, training=False)
        return tf.nest.flatten(outputs)

    with frameworks.silence(), square_shapes(), _apart(model), _scopes(model) as layers:
        try:
            function = tf.function(forward, autograph=False)
            proto, _ = tf2onnx.convert.from_function(function, input_signature=[xs, ws], opset=opset)
        except Exception as error:  # tf2onnx raises what it likes
            raise ExportError(f"{model.name}: tf2onnx cannot convert the model: {first_line(error)}") from error
    return Traced(
        proto,
        batch,
        tuple(spec.name for spec in xs),
        tuple(output.name for output in proto.graph.output),
        named,
        layers,
    )


def _batch(model: Any) -> int:
    sizes = {size for layer in model.layers for t in _tensors(layer.output) for size in t.shape[1:]}
    for prime in BATCHES:
        if all(size % prime for size in sizes):
            return prime
    raise ExportError(f"{model.name}: its sizes have every prime from {BATCHES[0]} to {BATCHES[-1]} as a factor")


def _tensors(output: Any) -> list[Any]:
    return output if isinstance(output, list) else [output]


@contextmanager
def _apart(model: Any) -> Iterator[None]:
    """Keep a layer without weights apart from the one before: TensorFlow would merge its constants with a bias there.

    It does not look through a StopGradient, which tf2onnx makes an Identity and takes away.
    """
    tf = frameworks.tensorflow()
    alone = [layer for layer in model.layers if not layer.weights]

    def stopped(call: Any) -> Any:
        return lambda x, *rest, **named: call(tf.nest.map_structure(tf.stop_gradient, x), *rest, **named)

    try:
        for layer in alone:
            layer.call = stopped(layer.call)
        yield
    finally:
        for layer in alone:
            del layer.call


@contextmanager
def _scopes(model: Any) -> Iterator[dict[str, str]]:
    """Give layers names that stay unambiguous when TensorFlow appends ``_1`` to them, and take them back."""
    names = {f"layer{index}": layer.name for index, layer in enumerate(model.layers)}
    try:
        for scope, layer in zip(names, model.layers, strict=True):
            layer.name = scope
        yield names
    finally:
        for name, layer in zip(names.values(), model.layers, strict=True):
            layer.name = name
