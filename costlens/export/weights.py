"""Random weights under which a network computes something: activations of order one, whatever its depth.

A freshly initialised deep net ends in a constant (a sigmoid at 0.5), and equal constants prove nothing. Here each
kernel is drawn and then scaled by what comes out of it for a random input (Mishkin & Matas 2016, All you need is a
good init), and so are the statistics of each BatchNorm: one size for all its channels. Statistics channel by channel
would take away what examples have in common and let their differences, rounding errors too, grow by a fifth with every
layer (Yang et al. 2019, A mean field theory of batch normalization).
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from zlib import crc32

from costlens import frameworks
from costlens.export.sharing import unshared

_EXAMPLES = 2


def random_inputs(model: Any, examples: int, seed: int) -> list[Any]:
    """Return one random array per input of a Keras model; every example has another scale and another offset.

    One of whole numbers holds tokens that every table that reads it has.
    """
    import numpy as np

    arrays = []
    for index, tensor in enumerate(model.inputs):
        random = np.random.default_rng((seed, index))
        shape = (examples, *tensor.shape[1:])
        if tensor.dtype != "float32":
            arrays.append(random.integers(0, _tokens(model, tensor), shape, dtype=np.int32))
            continue
        one_each = (examples, *(1,) * (len(shape) - 1))
        scale, offset = random.uniform(0.7, 1.4, one_each), random.normal(0, 0.25, one_each)
        arrays.append((random.standard_normal(shape) * scale + offset).astype(np.float32))
    return arrays


def _tokens(model: Any, tensor: Any) -> int:
    """Return how many rows the smallest table that an input is looked up in has."""
    tables = (unshared(layer) for layer in model.layers if layer.input is tensor)
    return min(int(table.input_dim) for table in tables if hasattr(table, "input_dim"))


def randomise(model: Any, seed: int) -> None:
    """Set every weight of a functional Keras model from a seed and each weight's name; layers not trained keep theirs.

    Postcondition: after every kernel the mean square is about one; biases and betas are N(0, 0.1), gammas U(0.5, 1.5).
    """
    tf = frameworks.tensorflow()
    inputs = random_inputs(model, _EXAMPLES, seed)
    done: set[int] = set()

    def call(layer: Any, *given: Any, **named: Any) -> Any:
        holder = unshared(layer)
        drawn = layer.trainable and id(holder) not in done
        done.add(id(holder))
        return _draw(partial(holder, *given, **named), holder, holder.weights if drawn else (), given[0], seed)

    # Keras's own walk over its graph: it knows which inputs and keywords each layer is called with.
    model._run_through_graph([tf.constant(array) for array in inputs], call_fn=call)


def _draw(run: Callable[..., Any], layer: Any, weights: Sequence[Any], given: Any, seed: int) -> Any:
    """Set a layer's weights, unless they are fixed or set already, and return what ``run`` makes of its input."""
    import numpy as np

    drawn = {weight.name: _drawn(weight, seed) for weight in weights}
    if "recurrent_kernel" in drawn:  # what comes out is bounded, whatever the kernels are; two directions have two
        for weight in weights:
            weight.assign(_drawn(weight, seed))
        return run(training=False)
    if "moving_variance" in drawn:
        power = _mean_square(given) or 1.0
        drawn["moving_mean"] = np.sqrt(power) * drawn["moving_mean"]
        drawn["moving_variance"] = power * drawn["moving_variance"]
    for weight in weights:
        weight.assign(drawn[weight.name])
    made = run(training=False) if getattr(layer, "_call_has_training_arg", False) else run()
    if "kernel" not in drawn:
        return made
    # The layer is linear in its kernel but for its bias, so one run gives the factor and, with it, the output.
    bias = layer.bias if "bias" in drawn else 0.0
    linear = getattr(layer, "activation", None) in (None, frameworks.keras().activations.linear)
    alone = np.asarray(made - bias if linear else made, np.float32)
    size = np.float32(np.sqrt(_mean_square(alone)) or 1.0)
    layer.kernel.assign(drawn["kernel"] / size)
    return alone / size + np.asarray(bias) if linear else run()


def _drawn(weight: Any, seed: int) -> Any:
    import numpy as np

    random = np.random.default_rng((seed, crc32(weight.path.encode())))
    shape = tuple(weight.shape)
    if weight.name in ("kernel", "recurrent_kernel"):
        return random.standard_normal(shape, dtype=np.float32) / np.sqrt(np.float32(np.prod(shape[:-1])))
    if weight.name in ("gamma", "moving_variance", "scale"):
        return random.uniform(0.5, 1.5, shape)
    return random.normal(0, 1 if weight.name == "embeddings" else 0.1, shape)


def _mean_square(values: Any) -> float:
    import numpy as np

    return float(np.mean(np.square(np.asarray(values), dtype=np.float64)))
