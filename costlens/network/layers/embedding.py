"""A table of vectors, one for each token (Bengio et al. 2003)."""

from costlens.arithmetic.cost import Cost
from costlens.arithmetic.shapes import Shape, Size, elements
from costlens.network.fields import field
from costlens.network.layers._base import Layer, Tensor, Toolkit


class Embedding(Layer):
    """Embedding: ``(T,) -> (T, units)``: the row of a table for each token; ``size·units`` parameters, no MACs.

    The input of the network that it reads is of whole numbers from 0 to size - 1, int32 in Keras and in the file. Its
    table is no kernel: nothing is multiplied with it.
    """

    sort = "attention and tokens"
    reads_integers = True
    also_called = ("lookup", "embed", "token_embedding", "embeddingbag")
    example_input = (32,)

    size: Size = field(example=1000, description="how many tokens there are")
    units: Size = field(example=16, description="numbers of a token's vector")

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        return (*shape, self.units)

    def cost(self, shape: Shape, *more: Shape) -> Cost:
        return Cost(affine=self.size * self.units)

    def remark(self, shape: Shape, *more: Shape) -> str:
        read, whole = elements(shape) * self.units, self.size * self.units
        said = f"traffic holds the whole table ({whole:,} numbers), of which at most {read:,} are read"
        return said if read < whole else ""

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        return k.layers.Embedding(self.size, self.units, name=name)(tensor)
