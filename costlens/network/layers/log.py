from costlens.network.fields import field
from costlens.network.layers._base import Tensor, Toolkit
from costlens.network.layers._elementwise import Elementwise


class Log(Elementwise):
    """Natural logarithm, log(x + offset): ``(...) -> (...)``; 2 FLOPs an element."""

    flops_per_element = 2
    shorthand = "offset"

    offset: float = field(default=1e-3, gt=0, description="added first, so that silence has a logarithm")

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        offset = self.offset
        return k.layers.Lambda(lambda x: k.ops.log(x + offset), name=name)(tensor)
