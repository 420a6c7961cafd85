"""TensorFlow operations as ONNX where tf2onnx's own rule (1.17) loses a name, rounds a size or sums badly."""

from collections.abc import Sequence
from importlib import import_module
from math import prod
from typing import Any

_LONG_SUM = 1 << 14
"""Values that one node may add up: the error of a plain sum of that many is near 1e-6."""
_TO_CHANNELS_FIRST, _TO_CHANNELS_LAST = [0, 3, 1, 2], [0, 2, 3, 1]


def _resize(ctx: Any, node: Any, name: str, _: Any) -> None:
    """Write a Resize under the operation's name, whose scales give the sizes that are asked for.

    tf2onnx gives it no name. Its scales are rounded to nearest, so that runtimes, which round ``size · scale`` down,
    can make one value less (7 → 31 becomes 30). For whole factors it asks for a mode that ONNX has dropped.
    """
    import numpy as np

    shape = ctx.get_shape(node.input[0])
    if not shape or -1 in shape[1:3] or not node.inputs[1].is_const():
        import_module("tf2onnx.onnx_opset.nn").Resize.version_11(ctx, node)
        return
    old, new = shape[1:3], [int(size) for size in node.inputs[1].get_tensor_value()]
    scales = np.array([1, 1, *map(_scale, old, new)], np.float32)
    first = ctx.make_node("Transpose", [node.input[0]], {"perm": _TO_CHANNELS_FIRST})
    inputs = [
        first.output[0],
        ctx.make_const(f"{name}/roi", np.array([], np.float32)).output[0],
        ctx.make_const(f"{name}/scales", scales).output[0],
    ]
    resized = ctx.make_node("Resize", inputs, _modes(node, old, new), name=f"{name}/Resize")
    shapes, types = node.output_shapes, node.output_dtypes
    ctx.remove_node(name)
    last = {"perm": _TO_CHANNELS_LAST}
    ctx.make_node("Transpose", resized.output, last, name=name, outputs=node.output, shapes=shapes, dtypes=types)


def _scale(old: int, new: int) -> Any:
    """Return the smallest 32-bit number by which one size is at least the other.

    >>> import numpy as np
    >>> int(np.float32(31 / 7) * np.float32(7)), int(_scale(7, 31) * np.float32(7)), float(_scale(4, 6))
    (30, 31, 1.5)
    """
    import numpy as np

    scale = np.float32(new / old)
    return scale if float(scale) * old >= new else np.nextafter(scale, np.float32(np.inf))


def _modes(node: Any, old: Sequence[int], new: Sequence[int]) -> dict[str, Any]:
    corners, halves = (node.get_attr_value(name, 0) for name in ("align_corners", "half_pixel_centers"))
    nearest = node.type == "ResizeNearestNeighbor"
    place, rounding = "asymmetric", "floor"
    if corners:
        place, rounding = "align_corners", "round_prefer_ceil"
    elif halves and not nearest:
        place = "half_pixel"
    elif halves and any(size % before for size, before in zip(new, old, strict=True)):
        place = "tf_half_pixel_for_nn"
    mode = "nearest" if nearest else "linear"
    return {"mode": mode, "nearest_mode": rounding, "coordinate_transformation_mode": place}


def _sum(ctx: Any, node: Any, name: str, _: Any) -> None:
    """Write a mean or a sum of many values over several axes as one node an axis, the last axis first.

    onnxruntime (1.31) adds up all values of a node one by one in single precision. The mean of 1,001 x 512 squares is
    then wrong by 2e-4, of 4,001 x 512 by 1e-3; axis by axis by 1e-7, in a sixth of the time.
    """
    import numpy as np

    shape = ctx.get_shape(node.input[0])
    _, *others = _long_axes(shape, node.inputs[1]) or [0]
    for axis in reversed(others):  # each leaves a size of one, over which the node itself may go as before
        shape = [1 if at == axis else size for at, size in enumerate(shape)]
        over = ctx.make_const(f"{name}/axis{axis}", np.array([axis], np.int64))
        step = ctx.make_node(
            node.type,
            [node.input[0], over.output[0]],
            {"keepdims": 1, "noop_with_empty_axes": 1},
            name=f"{name}/over{axis}",
            shapes=[shape],
            dtypes=[ctx.get_dtype(node.input[0])],
        )
        ctx.replace_input(node, node.input[0], step.output[0], 0)
    import_module("tf2onnx.onnx_opset.reduction").ReduceOpBase.version_18(ctx, node)


def _long_axes(shape: Sequence[int] | None, axes: Any) -> list[int]:
    """Return the axes, in order, of a sum that is too long for one node; none of another or where a size is free."""
    if not shape or -1 in shape or not axes.is_const():
        return []
    summed = sorted(int(axis) % len(shape) for axis in axes.get_tensor_value(as_list=False).flat)
    return summed if prod(shape[axis] for axis in summed) > _LONG_SUM else []


RULES: dict[str, tuple[Any, list[str]]] = {
    **dict.fromkeys(("ResizeBilinear", "ResizeNearestNeighbor"), (_resize, [])),
    "Mean": (_sum, ["ReduceMean"]),
    "Sum": (_sum, ["ReduceSum"]),
}
"""The rules by operation, as tf2onnx takes them: each with the operator that it becomes, where a rule expects that."""
