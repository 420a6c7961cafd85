"""Random weights under which a network computes something: activations of order one, whatever its depth.

A freshly initialised deep net ends in a constant (a sigmoid at 0.5), and equal constants prove nothing. Here each
kernel is drawn and then scaled by what comes out of it for a random input (Mishkin & Matas 2016, All you need is a
good init), and each BatchNorm's statistics lie near those of its input.
"""

from __future__ import annotations

from typing import Any
from zlib import crc32

from costlens.export import frameworks

_EXAMPLES = 2
_LEAST_SHARE = 0.05  # of the mean variance over channels: a channel that is always 0 has a variance of its own


def random_inputs(model: Any, examples: int, seed: int) -> list[Any]:
    """Return one random array per input of a Keras model; every example has another scale and another offset."""
    import numpy as np

    arrays = []
    for index, tensor in enumerate(model.inputs):
        random = np.random.default_rng((seed, index))
        shape = (examples, *tensor.shape[1:])
        one_each = (examples, *(1,) * (len(shape) - 1))
        scale, offset = random.uniform(0.5, 2, one_each), random.normal(0, 0.5, one_each)
        arrays.append((random.standard_normal(shape) * scale + offset).astype(np.float32))
    return arrays


def randomise(model: Any, seed: int) -> None:
    """Set every weight of a functional Keras model from a seed and each weight's name.

    Postcondition: behind every kernel the mean square is about one; biases and betas are N(0, 0.1), gammas U(0.5, 1.5).
    """
    tf = frameworks.tensorflow()
    inputs = random_inputs(model, _EXAMPLES, seed)
    values = {id(tensor): tf.constant(array) for tensor, array in zip(model.inputs, inputs, strict=True)}
    for layer in model.layers:
        if id(layer.output) in values:
            continue
        given = [values[id(t)] for t in layer.input] if isinstance(layer.input, list) else values[id(layer.input)]
        _draw(layer, given, seed)
        values[id(layer.output)] = layer(given, training=False) if _knows_training(layer) else layer(given)


def _knows_training(layer: Any) -> bool:
    return bool(getattr(layer, "_call_has_training_arg", False))


def _draw(layer: Any, given: Any, seed: int) -> None:
    import numpy as np

    drawn: dict[str, Any] = {}
    for weight in layer.weights:
        random = np.random.default_rng((seed, crc32(weight.path.encode())))
        shape = tuple(weight.shape)
        match weight.name:
            case "kernel":
                fan_in = np.float32(np.prod(shape[:-1]))
                drawn["kernel"] = random.standard_normal(shape, dtype=np.float32) / np.sqrt(fan_in)
                weight.assign(drawn["kernel"])
            case "gamma":
                weight.assign(random.uniform(0.5, 1.5, shape))
            case "moving_mean":
                drawn["mean"] = random.normal(0, 0.1, shape)
            case "moving_variance":
                drawn["variance"] = random.uniform(0.5, 1.5, shape)
            case _:
                drawn[weight.name] = random.normal(0, 0.1, shape)
                weight.assign(np.zeros(shape) if weight.name == "bias" else drawn[weight.name])
    if "kernel" in drawn:
        out = np.asarray(layer(given), np.float64)
        root_mean_square = float(np.sqrt(np.mean(out * out)))
        if root_mean_square > 0:
            layer.kernel.assign(drawn["kernel"] / np.float32(root_mean_square))
        if "bias" in drawn:
            layer.bias.assign(drawn["bias"])
    if "variance" in drawn:
        mean, variance = _statistics(np.asarray(given, np.float64))
        layer.moving_mean.assign(mean + np.sqrt(variance) * drawn["mean"])
        layer.moving_variance.assign(variance * drawn["variance"])


def _statistics(values: Any) -> tuple[Any, Any]:
    axes = tuple(range(values.ndim - 1))
    variance = values.var(axis=axes)
    least = _LEAST_SHARE * variance.mean()
    return values.mean(axis=axes), variance.clip(least if least > 0 else 1.0)
