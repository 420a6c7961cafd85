"""How a tensor lies in memory, and a kernel while what follows it may still be fused into it.

A tensor lies channels last (as a spec has it), channels first (as ONNX has it), or in blocks of channels (NCHWc), in
which convolutions are fastest. A sequence between recurrent layers lies step by step, its batch behind the steps.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from costlens.runtimes._operation import Attribute, Operand, Operation, operation

Layout = Literal["last", "first", "blocks", "steps"]
Shape = tuple[int, ...]
LINE, IMAGE = 2, 3


@dataclass(slots=True)
class Emitted:
    """A kernel that grows while what follows it is fused into it."""

    row: str
    op: str
    inputs: list[Operand | None]
    outputs: list[Operand]
    attributes: dict[str, Attribute] = field(default_factory=dict)

    def done(self) -> Operation:
        """Return its operation."""
        return operation(self.op, self.inputs, self.outputs, self.attributes)


@dataclass(slots=True)
class Tensor:
    """A tensor: its shape without the batch, channels last; how it lies, and what may still be fused with its maker.

    ``blocks_of``: where its batch came into blocks; the runtime adds only tensors whose batch it knows to be one.
    """

    shape: Shape
    layouts: set[Layout]
    uses: int = 1
    first_later: bool = False
    """Whether what follows needs channels first, now or later."""
    maker: Emitted | None = None
    blocks_of: int = -1
    dtype: str = "float32"
    normed: bool = False
    """Whether the exporter left its transpose behind a norm: the runtime moves that further, by rules of its own."""
    image: "Tensor | None" = None
    """The same as an image of one row, in blocks: what a convolution over a sequence made."""
    parted: bool = False
    """Whether the exporter adds a bias behind that image: it makes a sequence of it, and an image again of that."""
    read_as: dict[str, "Tensor"] = field(default_factory=dict)
    """The same as an image of one row, as each kind of convolution over a sequence reads it."""
    padded: dict[tuple[Any, ...], "Tensor"] = field(default_factory=dict)
    """The same with cells around it: the export writes equal pads once."""
    forked: bool = False
    """Whether steps of different kinds read it; the exporter moves no transpose of a sequence past such a place."""
    home: Layout | None = None
    """The layout in which it was made; the runtime works on in blocks only with tensors that were made so."""

    def __post_init__(self) -> None:
        if self.home is None and len(self.layouts) == 1:
            (self.home,) = self.layouts

    @property
    def made_in_blocks(self) -> bool:
        """Whether it was made in blocks."""
        return self.home == "blocks"

    @property
    def is_line(self) -> bool:
        """Whether it is a sequence."""
        return len(self.shape) == LINE

    @property
    def is_one_place(self) -> bool:
        """Whether each channel is one number: then channels first and last are the same."""
        return len(self.shape) > 1 and all(size == 1 for size in self.shape[:-1])

    @property
    def is_left(self) -> bool:
        """Whether the exporter left its transpose where it is, so that the runtime moves it or does not."""
        return self.normed or (self.is_line and self.forked)

    @property
    def turns(self) -> bool:
        """Whether it lies channels first, or in blocks that can be read so, and has to be turned to lie last."""
        return "first" in self.layouts or "blocks" in self.layouts or not self.layouts

    @property
    def channels(self) -> int:
        """Its last size."""
        return self.shape[-1]


def one_row(window: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a window over an image of one row; pads are all those before, then all those after."""
    found = {name: (1, *value) if value is not None else None for name, value in window.items()}
    if window.get("pads") is not None:
        before, after = window["pads"]
        found["pads"] = (0, before, 0, after)
    return found


def fused_parameters(op: str, attributes: dict[str, Any]) -> dict[str, Attribute]:
    """Return what a convolution says of the function that is fused into it."""
    match op:
        case "LeakyRelu":
            return {"activation_params": (attributes["alpha"],)}
        case "Clip":
            return {"activation_params": attributes.pop("limits")}
        case "HardSigmoid":
            return {"activation_params": (attributes["alpha"], attributes["beta"])}
    return {}
