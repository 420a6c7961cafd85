from costlens.arithmetic.shapes import Shape, show, spatial
from costlens.errors import ShapeError
from costlens.network.layers._blocks import Blocks


class DepthToSpace(Blocks):
    """Channels to space: ``(H, W, C·b²) -> (H·b, W·b, C)``; costs traffic only (Shi et al. 2016, section 3.2).

    ``order`` says which channel goes to place (i, j) of channel c's block: ``DCR`` ``(i·b + j)·C + c``, as in
    TensorFlow, Keras and LiteRT; ``CRD`` ``c·b² + i·b + j``, as in PyTorch's pixel_shuffle. ONNX has both.
    """

    also_called = ("depthtospace",)
    keras_operation = "depth_to_space"
    example_input = (32, 32, 16)

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        sizes = spatial(shape, "depth_to_space")
        places = self.block ** len(sizes)
        if shape[-1] % places:
            raise ShapeError(
                f"depth_to_space: channels (={shape[-1]}) of {show(shape)} must be divisible by the {places} places "
                f"of a block (={self.block})"
            )
        return (*(size * self.block for size in sizes), shape[-1] // places)

    def turned(self, made: Shape) -> tuple[Shape, tuple[int, ...]]:
        *sizes, channels = made
        axes, blocks = range(1, len(sizes) + 1), (self.block,) * len(sizes)
        small = tuple(size // self.block for size in sizes)
        if self.order == "DCR":
            last = len(sizes) + 1
            return (*blocks, channels, *small), (last, *(place for axis in axes for place in (last + axis, axis)))
        rank = len(sizes)
        return (channels, *blocks, *small), (1, *(place for axis in axes for place in (1 + rank + axis, 1 + axis)))
