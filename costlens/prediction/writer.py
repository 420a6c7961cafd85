"""Which kernels onnxruntime's processor runs: its rules of fusion, and where it changes layouts.

A rule that is missing here costs accuracy, not truth: a kernel that is taken for another is predicted with that one's
time. ``tests/prediction`` compares the kernels with those that the runtime runs.

Two optimisers move the transposes of convolutions. tf2onnx pushes one down until several read it, and not past a
product with weights, which are inputs while it works: so not past a norm. onnxruntime pushes on what is left there,
where that removes more transposes than it adds and the result leads to another transpose.

Source of the rules: tf2onnx 1.17, optimizer/transpose_optimizer.py; onnxruntime 1.31,
core/optimizer/nchwc_transformer.cc and conv_activation_fusion.cc.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from costlens.prediction.layout import Emitted, Layout, Shape, Tensor
from costlens.runtimes._operation import NCHWC, Operand


class Writer:
    """Writes kernels one after another; methods return the tensor that a kernel makes."""

    def __init__(self, block: int, batch: int) -> None:
        self.block, self.batch = block, batch
        self.kernels: list[Emitted] = []
        self.row = ""
        self.forked = False
        """Whether steps of different kinds read what is written now."""
        self._origins = 0
        self.sums: dict[int, tuple[Emitted, Operand]] = {}

    def emit(self, op: str, inputs: Iterable[Operand | None], output: Operand, **attributes: Any) -> Emitted:
        """Write one kernel."""
        made = Emitted(self.row, op, [*inputs], [output], {n: v for n, v in attributes.items() if v is not None})
        self.kernels.append(made)
        return made

    def operand(self, tensor: Tensor, layout: Layout) -> Operand:
        """Return a tensor as a kernel reads it in a layout that it has."""
        *sizes, channels = tensor.shape
        if layout == "steps":
            return Operand((*sizes, self.batch, channels), tensor.dtype)
        if layout == "last" or not sizes:
            return Operand((self.batch, *tensor.shape), tensor.dtype)
        return Operand((self.batch, self.padded(channels) if layout == "blocks" else channels, *sizes), tensor.dtype)

    def padded(self, channels: int) -> int:
        """Return how many channels whole blocks hold."""
        return -(-channels // self.block) * self.block

    def lay(self, tensor: Tensor, layout: Layout) -> Operand:
        """Return a tensor in a layout, changed to it where it does not lie so already."""
        if tensor.image is not None and not tensor.layouts:
            image, tensor.image = tensor.image, None
            flat = self.viewed(image, tensor.shape)
            tensor.layouts = flat.layouts
            tensor.image = image
        if layout in tensor.layouts or len(tensor.shape) == 1:
            return self.operand(tensor, layout)
        if "last" not in (layout, *tensor.layouts) and "steps" in (layout, *tensor.layouts):
            self.lay(tensor, "last")
        rank, to = len(tensor.shape), self.operand(tensor, layout)
        tensor.uses += 1  # the maker's output is read as it is, too
        if layout == "blocks":
            came: Layout = "first" if "first" in tensor.layouts or tensor.is_one_place else "last"
            self.emit(f"{NCHWC}ReorderInput", [self.operand(tensor, came)], to, channels_last=int(came == "last"))
            self._origins += 1
            tensor.blocks_of = self._origins
        elif layout == "steps" or ("steps" in tensor.layouts and layout == "last"):
            came = "last" if layout == "steps" else "steps"
            self.emit("Transpose", [self.operand(tensor, came)], to, perm=(1, 0, 2))
        elif "blocks" in tensor.layouts and tensor.is_one_place:
            self.emit(
                f"{NCHWC}ReorderOutput",
                [self.operand(tensor, "blocks")],
                self.operand(tensor, "first"),
                channels=tensor.channels,
            )
        elif "blocks" in tensor.layouts:
            out = {"channels": tensor.channels, "channels_last": int(layout == "last")}
            self.emit(f"{NCHWC}ReorderOutput", [self.operand(tensor, "blocks")], to, **out)
        else:
            came = "last" if layout == "first" else "first"
            move = (0, rank, *range(1, rank)) if layout == "first" else (0, *range(2, rank + 1), 1)
            still = tensor.is_one_place and (tensor.is_line or tensor.maker is not None)
            moved = tensor.channels > 1 and not still
            self.emit(
                "Transpose" if moved else "Reshape", [self.operand(tensor, came)], to, perm=move if moved else None
            )
        tensor.layouts.add(layout)
        return to

    def common(self, *tensors: Tensor) -> Layout:
        """Return the layout outside of blocks in which tensors are read together."""
        if all(each.is_line for each in tensors):
            return "first" if all(each.turns for each in tensors) else "last"
        if all("first" in each.layouts for each in tensors):
            return "first"
        if all("last" in each.layouts for each in tensors):
            return "last"
        tail = all(each.normed and not each.first_later for each in tensors)
        return (
            "last"
            if tail or not any("blocks" in each.layouts or "first" in each.layouts for each in tensors)
            else "first"
        )

    def outside(self, x: Tensor) -> Layout:
        """Return the layout outside of blocks in which a tensor is read."""
        if "steps" in x.layouts:
            return "last"
        if x.is_one_place and x.normed:
            return "last"
        if x.is_line and x.turns:
            stays = x.normed and (not x.first_later or self.forked)
            return "last" if stays else "first"
        if x.normed and x.maker is not None and not x.first_later and x.layouts == {"first"}:
            return "last"
        if len(x.layouts - {"blocks"}) == 1:
            (layout,) = x.layouts - {"blocks"}
            return layout
        return "first" if x.first_later or not x.normed or "first" in x.layouts else "last"

    def viewed(self, x: Tensor, shape: Shape) -> Tensor:
        """Return a tensor with an axis of one more or less; the numbers stay where they are."""
        layout = self.outside(x) if "first" not in x.layouts else "first"
        read = self.lay(x, layout)
        made = Tensor(shape, {layout}, first_later=x.first_later, normed=x.normed)
        self.emit("Reshape", [read], self.operand(made, layout))
        return made

    def opaque(self, kind: str, reads: Sequence[Tensor], outputs: Sequence[Shape], stored: int = 0) -> list[Tensor]:
        """Write what a layer does as one kernel whose operator is not known: it is never measured, only modelled."""
        inputs = [self.lay(each, "last") for each in reads]
        if stored:
            inputs.append(Operand((stored,), stored=True))
        made = [Tensor(shape, {"last"}) for shape in outputs]
        emitted = self.emit(f"?.{kind}", inputs, self.operand(made[0], "last"))
        emitted.outputs = [self.operand(each, "last") for each in made]
        return made
