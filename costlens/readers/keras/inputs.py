"""What a model is traced for: a shape for each of its inputs, with the batch and the sizes that a word gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from costlens import frameworks
from costlens.errors import UsageError, did_you_mean

Sizes = Mapping[str, Sequence[int]]
"""``{"x:1": (100,)}`` gives axis 1 of the input x a size, ``{"x": (224, 224, 3)}`` its shape, with or without the batch
before it."""


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
        return shown(self.shapes)


def inputs(model: Any, called: str, batch: int, sizes: Sizes) -> Inputs:
    """Return what a Keras model is called with.

    called: its name in messages. UsageError for a model whose inputs are not known, for a size of an axis that there is
    not, and for one that the model fixes otherwise.
    """
    tf, keras = frameworks.tensorflow(), frameworks.keras()
    given = _declared(model, called, sizes)
    declared = {_name(tensor): list(tensor.shape) for tensor in keras.tree.flatten(given)}
    shapes = bound(declared, called, batch, sizes)

    def spec(tensor: Any) -> Any:
        return tf.TensorSpec(shapes[_name(tensor)], tensor.dtype, name=_name(tensor))

    return Inputs((keras.tree.map_structure(spec, given),), free_axes(shapes), shapes)


def sizes_to_give(model: Any, called: str) -> tuple[str, ...] | None:
    """Return the inputs of a model and their free axes by place (``x:1``); None of one that takes any input."""
    try:
        found = inputs(model, called, 1, {})
    except UsageError:
        return None
    return (*found.shapes, *found.free)


def _declared(model: Any, called: str, sizes: Sizes) -> Any:
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
        made = [keras.KerasTensor((None, *shape), _dtype(model), name=key) for key, shape in sizes.items()]
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


Shapes = Mapping[str, Sequence[int | None]]
"""Shapes by input, None for a size that is open."""


def bound(declared: Shapes, called: str, batch: int, sizes: Sizes) -> dict[str, list[int | None]]:
    """Return shapes with the batch and the sizes that are given; UsageError for a size that there is not."""
    shapes: dict[str, list[int | None]] = {name: [*shape] for name, shape in declared.items()}
    for shape in shapes.values():
        shape[:1] = [batch if one is None else one for one in shape[:1]]
    for key, given in sizes.items():
        _set(shapes, key, given, called)
    return shapes


def free_axes(shapes: Shapes) -> tuple[str, ...]:
    """Return the axes without a size by input and place, ``x:1``."""
    return tuple(f"{name}:{axis}" for name, shape in shapes.items() for axis, size in enumerate(shape) if size is None)


def shown(shapes: Shapes) -> dict[str, tuple[int | str, ...]]:
    """Return shapes with ``x:1`` for a size that is not known."""
    return {
        name: tuple(f"{name}:{axis}" if size is None else size for axis, size in enumerate(shape))
        for name, shape in shapes.items()
    }


def unsized(free: Sequence[str]) -> str:
    """Say which axes have no size, with the remedy."""
    name = free[0].rpartition(":")[0]
    given = f"give it one: ?{free[0]}=100, or the whole shape: ?{name}=1x224x224x3"
    return f"{', '.join(free)} {'has' if len(free) == 1 else 'have'} no size; {given}"


def _set(shapes: dict[str, list[int | None]], key: str, sizes: Sequence[int], model: str) -> None:
    """Give an axis its size, or an input its whole shape, with the batch or without it, in place."""
    shown = f"{model}: {key}={'x'.join(map(str, sizes))}"
    name, colon, axis = key.rpartition(":")
    if not colon:
        name = key
    if name not in shapes:
        known = ", ".join(shapes)
        raise UsageError(f"{shown}: no input {name}{did_you_mean(name, shapes)}; its inputs: {known}")
    shape = shapes[name]
    if not colon:
        if len(sizes) not in (len(shape), len(shape) - 1):
            raise UsageError(f"{shown}: {name} has {len(shape) - 1} axes besides the batch: {shape[1:]}")
        first = len(shape) - len(sizes)
    else:
        if not (axis.isdecimal() and int(axis) < len(shape) and len(sizes) == 1):
            raise UsageError(f"{shown}: expected an axis from 1 to {len(shape) - 1} and one size")
        first = int(axis)
    for place, size in enumerate(sizes, first):
        if shape[place] not in (None, size):
            remedy = f"give it by --batch {size}" if place == 0 else "leave it out"
            raise UsageError(f"{shown}: axis {place} of {name} is {shape[place]}; {remedy}")
        shape[place] = size
