"""TensorFlow operations as ONNX where tf2onnx's own rule (1.17) loses a name, rounds a size or uses an old mode."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

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


RULES: dict[str, tuple[Any, list[str]]] = dict.fromkeys(("ResizeBilinear", "ResizeNearestNeighbor"), (_resize, []))
"""The rules by operation, as tf2onnx takes them."""
