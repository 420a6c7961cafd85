"""The arithmetic of one convolution or one layer, ready to be written down: factors, positions, sums and ratios."""

from dataclasses import dataclass

from costlens.arithmetic.cost import Contraction, Quotient
from costlens.results.counts import CountRow, ModelCount, ShapeTuple, Totals
from costlens.results.shown import Shown


@dataclass(frozen=True, slots=True)
class Part:
    """One layer of a form; ``contractions`` are the factors of its kernels and the positions each is used at.

    ``kernel`` is None for a layer that multiplies nothing (a channel shuffle).
    """

    name: str
    input: ShapeTuple
    output: ShapeTuple
    kernel: ShapeTuple | None
    groups: int
    contractions: tuple[Contraction, ...]
    biases: int

    @property
    def kernels(self) -> int:
        """Weights, biases aside."""
        return sum(contraction.weights for contraction in self.contractions)

    @property
    def macs(self) -> int:
        """Multiply-accumulates for one example."""
        return sum(contraction.macs for contraction in self.contractions)


@dataclass(frozen=True, slots=True)
class Form:
    """A convolution in one kind, or the reason why it has no such form (then the rest is empty).

    ``terms`` are those of ``formula`` with their numbers, ``predicted`` their sum: MACs ÷ those of the standard form.
    ``beside`` are the MACs that the formula leaves out.
    """

    kind: str
    formula: str
    refusal: str = ""
    parts: tuple[Part, ...] = ()
    terms: tuple[Quotient, ...] = ()
    predicted: float = 0.0
    beside: int = 0
    beside_reason: str = ""

    @property
    def kernels(self) -> int:
        """Weights of all parts, biases aside."""
        return sum(part.kernels for part in self.parts)

    @property
    def biases(self) -> int:
        """Biases of all parts."""
        return sum(part.biases for part in self.parts)

    @property
    def macs(self) -> int:
        """Multiply-accumulates of all parts, for one example."""
        return sum(part.macs for part in self.parts)


@dataclass(frozen=True, slots=True)
class ConvolutionExplanation(Shown):
    """One convolution in every kind, ``standard`` first; sizes per spatial axis, zeros before and after each."""

    input: ShapeTuple
    output: ShapeTuple
    kernel: ShapeTuple
    stride: ShapeTuple
    dilation: ShapeTuple
    padding: str
    zeros: tuple[tuple[int, int], ...]
    groups: int
    bias: bool
    forms: tuple[Form, ...]

    @property
    def standard_macs(self) -> int:
        """What the convolution costs as it stands: the number that ratios are of."""
        return self.forms[0].macs


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor that a row reads or writes: the row that made it or the graph's input; bytes in fp32."""

    name: str
    shape: ShapeTuple
    bytes: int


@dataclass(frozen=True, slots=True)
class RowExplanation:
    """One row of the network: what it reads, the layers it is made of as a spec writes them, and what it writes.

    ``zeros`` are the padding's, before and after each spatial axis; None for a layer without a window. ``remarks``
    are what a reader must know of the layers' numbers. ``weights_of`` names the row that stores the weights it uses,
    where it does not itself; ``weight_bytes`` are read, wherever they are stored. ``also_writes`` are the further
    outputs of a layer that has several.
    """

    row: CountRow
    reads: tuple[Tensor, ...]
    layers: tuple[str, ...]
    zeros: tuple[tuple[int, int], ...] | None
    writes: Tensor
    remarks: tuple[str, ...] = ()
    weights_of: str = ""
    weight_bytes: int = 0
    also_writes: tuple[Tensor, ...] = ()


@dataclass(frozen=True, slots=True)
class Alternative:
    """What a convolution of the network would cost in one kind, with its norms, and the network with it.

    Where the kind is refused, there is a reason instead of numbers.
    """

    kind: str
    refusal: str = ""
    params: int = 0
    macs: int = 0
    network_params: int = 0
    network_macs: int = 0


@dataclass(frozen=True, slots=True)
class SiteExplanation:
    """A convolution of the network, whatever its kind, in every kind; ``fixed`` ones are left alone by variants."""

    name: str
    kind: str
    fixed: bool
    convolution: ConvolutionExplanation
    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True, slots=True)
class LayerExplanation(Shown):
    """The rows of a layer in its network, and the convolution they realise if they do; None for other layers."""

    model: str
    title: str
    variant: str
    asked: str
    rows: tuple[RowExplanation, ...]
    totals: Totals
    site: SiteExplanation | None


@dataclass(frozen=True, slots=True)
class FileRowExplanation(Shown):
    """A row of a model that is no spec, with the model's count; its convolution in every kind where it is one."""

    model: ModelCount
    row: CountRow
    convolution: ConvolutionExplanation | None
