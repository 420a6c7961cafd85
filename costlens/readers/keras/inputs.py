"""What a model is traced for: a shape for each of its inputs, with the batch and the sizes that a word gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from costlens import frameworks
from costlens.errors import UsageError, did_you_mean

REMEDY = "give it one: ?{name}:{axis}=100, or the whole shape without the batch: ?{name}=224x224x3"


@dataclass(frozen=True, slots=True)
class Inputs:
    """The arguments of a call, as specifications of tensors in the model's own structure, and its free axes.

    free: ``name:axis`` of the axes without a size. The batch is axis 0.
    """

    arguments: tuple[Any, ...]
    free: tuple[str, ...]
    shapes: Mapping[str, Sequence[int | None]]

    @property
    def sizes(self) -> dict[str, tuple[int | str, ...]]:
        """The shapes by input, with ``x:1`` for a size that is not known."""
        return {
            name: tuple(f"{name}:{axis}" if size is None else size for axis, size in enumerate(shape))
            for name, shape in self.shapes.items()
        }


def inputs(model: Any, called: str, batch: int, sizes: Mapping[str, str]) -> Inputs:
    """Return what a Keras model is called with.

    called: its name in messages. sizes: ``{"x:1": "100"}`` gives axis 1 of the input x a size, ``{"x": "224x224x3"}``
    its whole shape without the batch. UsageError for a model whose inputs are not known, and for a size of an axis
    that there is not.
    """
    tf, keras = frameworks.tensorflow(), frameworks.keras()
    given = _declared(model, called, sizes)
    declared = {_name(tensor): list(tensor.shape) for tensor in keras.tree.flatten(given)}
    shapes = {
        name: [batch if one is None else one for one in shape[:1]] + shape[1:] for name, shape in declared.items()
    }
    for key, text in sizes.items():
        set_size(shapes, key, text, called)
    free = tuple(f"{name}:{axis}" for name, shape in shapes.items() for axis, size in enumerate(shape) if size is None)

    def spec(tensor: Any) -> Any:
        return tf.TensorSpec(shapes[_name(tensor)], tensor.dtype, name=_name(tensor))

    return Inputs((keras.tree.map_structure(spec, given),), free, shapes)


def _declared(model: Any, called: str, sizes: Mapping[str, str]) -> Any:
    """Return the inputs that a model declares, or that it was built for, in its own structure."""
    keras = frameworks.keras()
    try:
        declared = model.input
    except (AttributeError, ValueError):
        declared = None
    if declared is not None:
        for tensor in keras.tree.flatten(declared):
            if getattr(tensor, "sparse", False) or getattr(tensor, "ragged", False):
                raise UsageError(f"{called}: input {_name(tensor)} is sparse or ragged; only dense inputs are counted")
        return declared
    built = getattr(model, "_build_shapes_dict", None) or {}
    if len(built) == 1:
        ((_, shape),) = built.items()
        return _tensors(shape, model)
    if sizes and all(":" not in key for key in sizes):
        made = [
            keras.KerasTensor((None, *_whole(key, text, called)), _dtype(model), name=key)
            for key, text in sizes.items()
        ]
        return made[0] if len(made) == 1 else {tensor.name: tensor for tensor in made}
    raise UsageError(
        f"{called}: the shape of its input is not known, because it was never built; call it once before it is "
        "saved, or give the shape without the batch: ?x=224x224x3"
    )


def _name(tensor: Any) -> str:
    """Return the name of an input: that of its layer, which Keras shows, or that of a tensor without one."""
    history = getattr(tensor, "_keras_history", None)
    return str(history.operation.name if history is not None else tensor.name)


def _tensors(shape: Any, model: Any) -> Any:
    """Return the tensors of shapes that a model was built for: one shape, or a list or dictionary of them."""
    keras = frameworks.keras()
    if isinstance(shape, Mapping):
        return {name: keras.KerasTensor(tuple(one), _dtype(model), name=name) for name, one in shape.items()}
    if shape and isinstance(shape[0], list | tuple):
        return [keras.KerasTensor(tuple(one), _dtype(model), name=f"x{i}") for i, one in enumerate(shape)]
    return keras.KerasTensor((None, *shape[1:]), _dtype(model), name="x")


def _dtype(model: Any) -> str:
    return str(getattr(model, "input_dtype", None) or model.compute_dtype)


def set_size(shapes: dict[str, list[int | None]], key: str, text: str, model: str) -> None:
    """Give an axis, or a whole input, its size in place."""
    name, colon, axis = key.rpartition(":")
    if not colon:
        name = key
    if name not in shapes:
        known = ", ".join(shapes)
        raise UsageError(f"{model}: ?{key}={text}: no input {name}{did_you_mean(name, shapes)}; its inputs: {known}")
    shape = shapes[name]
    whole = list(_whole(key, text, model))
    if not colon:
        if len(whole) != len(shape) - 1:
            raise UsageError(f"{model}: ?{key}={text}: {name} has {len(shape) - 1} axes besides the batch: {shape[1:]}")
        places, values = range(1, len(shape)), whole
    else:
        if not (axis.isdecimal() and int(axis) < len(shape) and len(whole) == 1):
            raise UsageError(f"{model}: ?{key}={text}: expected an axis from 1 to {len(shape) - 1} and one size")
        places, values = range(int(axis), int(axis) + 1), whole
    for place, value in zip(places, values, strict=True):
        if shape[place] not in (None, value):
            raise UsageError(f"{model}: ?{key}={text}: axis {place} of {name} is {shape[place]}; leave it out")
        shape[place] = value


def _whole(key: str, text: str, model: str) -> tuple[int, ...]:
    parts = str(text).split("x")
    if not all(part.isascii() and part.isdecimal() and int(part) for part in parts):
        raise UsageError(f"{model}: ?{key}={text}: expected sizes of 1 or more, as in 100 or 224x224x3")
    return tuple(map(int, parts))
