from costlens.arithmetic.shapes import Shape, show, spatial
from costlens.errors import ShapeError
from costlens.network.layers._blocks import Blocks


class SpaceToDepth(Blocks):
    """Space to channels: ``(H, W, C) -> (H/b, W/b, C·b²)``; costs traffic only.

    ``order`` says to which channel place (i, j) of channel c's block goes: ``DCR`` ``(i·b + j)·C + c``, as in
    TensorFlow, Keras, ONNX and LiteRT; ``CRD`` ``c·b² + i·b + j``, as in PyTorch's pixel_unshuffle.
    """

    also_called = ("spacetodepth",)
    keras_operation = "space_to_depth"

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        sizes = spatial(shape, "space_to_depth")
        if any(size % self.block for size in sizes):
            raise ShapeError(
                f"space_to_depth: spatial sizes of {show(shape)} must be divisible by the block (={self.block})"
            )
        return (*(size // self.block for size in sizes), shape[-1] * self.block ** len(sizes))

    def turned(self, made: Shape) -> tuple[Shape, tuple[int, ...]]:
        *sizes, depth = made
        channels, axes = depth // self.block ** len(sizes), range(1, len(sizes) + 1)
        split = (channels, *(part for size in sizes for part in (size, self.block)))
        blocks, places = (2 * axis + 1 for axis in axes), (2 * axis for axis in axes)
        return split, ((*blocks, 1, *places) if self.order == "DCR" else (1, *blocks, *places))
