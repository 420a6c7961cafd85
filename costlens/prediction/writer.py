"""Which kernels onnxruntime's processor runs: its rules of fusion, and where it changes layouts.

A rule that is missing here costs accuracy, not truth: a kernel that is taken for another is predicted with that one's
time. ``tests/prediction`` compares the kernels with those that the runtime runs.

Source of the rules: onnxruntime 1.31, core/optimizer/nchwc_transformer.cc and conv_activation_fusion.cc.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import prod
from typing import Any

from costlens.prediction.layout import IMAGE, Emitted, Layout, Shape, Tensor, fused_parameters, one_row
from costlens.runtimes._operation import NCHWC, Operand

LONG_SUM = 1 << 14
"""Values above which the export writes a sum over several axes as one node an axis."""
ALIGNED = 4
"""Channels that a kernel in blocks reads divide by this; those of a block are fewer or equal."""
_FUSED_WITH_CONV = frozenset({"Relu", "Sigmoid", "Tanh", "LeakyRelu", "Clip", "HardSigmoid"})
_RUNS_IN_BLOCKS = frozenset({"Relu", "Sigmoid", "Tanh", "microsoft.QuickGelu"})
_FUSED_LATER = frozenset({"Relu", "Sigmoid", "Tanh"})


class Writer:
    """Writes kernels one after another; methods return the tensor that a kernel makes."""

    def __init__(self, block: int, batch: int) -> None:
        self.block, self.batch = block, batch
        self.kernels: list[Emitted] = []
        self.row = ""
        self._origins = 0
        self._sums: dict[int, tuple[Emitted, Operand]] = {}

    def emit(self, op: str, inputs: Iterable[Operand | None], output: Operand, **attributes: Any) -> Emitted:
        """Write one kernel."""
        made = Emitted(self.row, op, [*inputs], [output], {n: v for n, v in attributes.items() if v is not None})
        self.kernels.append(made)
        return made

    def operand(self, tensor: Tensor, layout: Layout) -> Operand:
        """Return a tensor as a kernel reads it in a layout that it has."""
        *sizes, channels = tensor.shape
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
        rank, to = len(tensor.shape), self.operand(tensor, layout)
        tensor.uses += 1  # the maker's output is read as it is, too
        if layout == "blocks":
            came: Layout = "first" if "first" in tensor.layouts else "last"
            self.emit(f"{NCHWC}ReorderInput", [self.operand(tensor, came)], to, channels_last=int(came == "last"))
            self._origins += 1
            tensor.blocks_of = self._origins
        elif "blocks" in tensor.layouts:
            out = {"channels": tensor.channels, "channels_last": int(layout == "last")}
            self.emit(f"{NCHWC}ReorderOutput", [self.operand(tensor, "blocks")], to, **out)
        else:
            came = "last" if layout == "first" else "first"
            move = (0, rank, *range(1, rank)) if layout == "first" else (0, *range(2, rank + 1), 1)
            moved = tensor.channels > 1
            self.emit(
                "Transpose" if moved else "Reshape", [self.operand(tensor, came)], to, perm=move if moved else None
            )
        tensor.layouts.add(layout)
        return to

    def common(self, *tensors: Tensor) -> Layout:
        """Return the layout outside of blocks in which tensors are read together."""
        for each in tensors:
            if each.image is not None and not each.layouts:
                self.lay(each, "first")
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

    def conv(
        self, x: Tensor, kernel: Shape, out: Shape, *, groups: int = 1, bias: bool = True, **window: Any
    ) -> Tensor:
        """Write a convolution; one over a sequence is one over an image of one row."""
        flat = len(kernel) == 1
        if flat:
            kernel, window = (1, *kernel), one_row(window)
            x = self.as_image(x)
        shape = (1, *out) if flat else out
        filters, inputs = out[-1], x.channels // groups
        in_blocks, direct = self._blocks(inputs, filters, groups) if len(kernel) + 1 == IMAGE else (False, False)
        layout: Layout = "blocks" if in_blocks else "first"
        made = Tensor(shape, {layout}, first_later=True)
        read = self.lay(x, "first" if direct or not in_blocks else "blocks")
        stored = [(self.padded(filters) if in_blocks else filters, inputs, *kernel)]
        if in_blocks and groups == 1 and not direct:
            stored = [(self.padded(filters), self.padded(inputs), *kernel)]
        depthwise = inputs == 1 and groups == filters
        groups = self.padded(groups) if in_blocks and depthwise and groups > 1 else groups
        biases = [Operand(stored[0][:1], stored=True)] if bias else []
        weights = Operand(stored[0], stored=True)
        made.maker = self.emit(
            f"{NCHWC}Conv" if in_blocks else "Conv", [read, weights, *biases], self.operand(made, layout),
            group=groups, **window,
        )  # fmt: skip
        made.blocks_of = x.blocks_of if "blocks" in x.layouts and not direct else 0
        return self._as_line(made, out) if flat else made

    def as_image(self, x: Tensor) -> Tensor:
        """Return a sequence as an image of one row."""
        if x.image is not None:
            return x.image
        *sizes, channels = x.shape
        shape = (1, *sizes, channels)
        if "first" in x.layouts:
            steps = sizes[0]
            self.emit("Reshape", [self.operand(x, "first")], Operand((self.batch, 1, channels, steps)))
            turned = Operand((self.batch, channels, 1, steps))
            self.emit("Transpose", [Operand((self.batch, 1, channels, steps))], turned, perm=(0, 2, 1, 3))
            x.image = Tensor(shape, {"first"}, x.uses, first_later=True)
        else:
            self.emit("Reshape", [self.operand(x, "last")], Operand((self.batch, *shape)))
            x.image = Tensor(shape, {"last"}, x.uses, first_later=True)
        return x.image

    def _as_line(self, image: Tensor, shape: Shape) -> Tensor:
        """Return an image of one row as a sequence, which is written when something reads it so."""
        return Tensor(shape, set(), image=image, maker=None, first_later=True)

    def _blocks(self, inputs: int, filters: int, groups: int) -> tuple[bool, bool]:
        """Return whether a convolution runs in blocks, and whether it reads channels first even so."""
        if self.block == 1:
            return False, False
        if groups > 1:
            depthwise = inputs == 1 and filters == groups
            whole = inputs % self.block == 0 and filters // groups % self.block == 0
            return filters % ALIGNED == 0 and (depthwise or whole), False
        if inputs < self.block:
            return True, True
        return inputs % ALIGNED == 0, False

    def pool(self, op: str, x: Tensor, out: Shape, **window: Any) -> Tensor:
        """Write a pool; one over a sequence is one over an image of one row."""
        flat = len(out) == IMAGE - 1
        if flat:
            window = {
                name: (1, *value) if name != "pads" else one_row({"pads": value})["pads"] if value else value
                for name, value in window.items()
            }
            x = self.as_image(x)
        shape = (1, *out) if flat else out
        in_blocks = self.block > 1 and x.channels % self.block == 0 and len(shape) == IMAGE
        layout: Layout = "blocks" if in_blocks else "first"
        made = Tensor(shape, {layout}, first_later=True)
        read = self.lay(x, layout)
        made.blocks_of = x.blocks_of
        self.emit(f"{NCHWC}{op}" if in_blocks else op, [read], self.operand(made, layout), **window)
        return self._as_line(made, out) if flat else made

    def activation(self, op: str, x: Tensor, *scalars: Operand, **attributes: Any) -> Tensor:
        """Write a function of each value, within the convolution before it where the runtime fuses the two."""
        maker = x.maker
        plain = {op: fused_parameters(op, attributes)} if op in _FUSED_WITH_CONV else {}
        if maker is not None and maker.op == "Add" and op == "Relu" and x.uses == 1 and id(maker) in self._sums:
            return self._with_sum(x, maker, op)
        if maker is not None and x.uses == 1 and "activation" not in maker.attributes and op in plain:
            bare = maker.op.rpartition(".")[2]
            tail = x.normed and not x.first_later and "blocks" in x.layouts
            summed = len(maker.inputs) > 3  # noqa: PLR2004  # input, weights, bias and what is added
            if bare in {"Conv", "FusedConv"} and not tail and (not summed or op in _FUSED_LATER):
                maker.op = "microsoft.FusedConv" if bare == maker.op else maker.op
                maker.attributes |= {"activation": op, **plain[op]}
                return self._after(x, maker)
            if bare == "Gemm" and op in {"Relu", "Sigmoid", "Tanh", "LeakyRelu"}:
                maker.op = "microsoft.FusedGemm"
                maker.attributes |= {"activation": op}
                return self._after(x, maker)
        return self.unary(op, x, *scalars, **attributes)

    def _with_sum(self, x: Tensor, added: Emitted, op: str) -> Tensor:
        """Put a sum and the function after it into the convolution before it."""
        conv, other = self._sums[id(added)]
        self.kernels.remove(added)
        self.kernels.remove(conv)
        self.kernels.append(conv)
        conv.op = "microsoft.FusedConv"
        conv.inputs += [None] * (3 - len(conv.inputs)) + [other]
        conv.attributes["activation"] = op
        return self._after(x, conv)

    def unary(self, op: str, x: Tensor, *stored: Operand, **attributes: Any) -> Tensor:
        """Write an operator that makes a tensor of the same shape."""
        in_blocks = x.made_in_blocks and op in _RUNS_IN_BLOCKS and (x.first_later or not x.normed)
        layout: Layout = "blocks" if in_blocks else self._outside(x)
        read = self.lay(x, layout)
        self.emit(op, [read, *stored], read, **attributes)
        return Tensor(x.shape, {layout}, blocks_of=x.blocks_of, normed=x.normed)

    def _outside(self, x: Tensor) -> Layout:
        if x.image is not None and not x.layouts:
            return "first"
        if len(x.layouts - {"blocks"}) == 1:
            (layout,) = x.layouts - {"blocks"}
            return layout
        return "first" if x.first_later or not x.normed or "first" in x.layouts else "last"

    def _after(self, x: Tensor, maker: Emitted | None) -> Tensor:
        return replace(x, layouts=set(x.layouts), maker=maker, image=None)

    def channelwise(self, op: str, x: Tensor) -> Tensor:
        """Write a product with, or a sum of, a stored number for each channel."""
        rank = len(x.shape)
        if not x.first_later:
            x.normed = True
        if op == "Mul" and x.made_in_blocks and rank == IMAGE and x.first_later:
            made = Tensor(x.shape, {"blocks"}, first_later=x.first_later, blocks_of=x.blocks_of)
            read = self.lay(x, "blocks")
            weights = Operand((self.padded(x.channels), 1, 1, 1), stored=True)
            self.emit(f"{NCHWC}Conv", [read, weights], read, group=self.padded(x.channels))
            return made
        layout = self._outside(x)
        sizes = (1, x.channels, *(1,) * (rank - 1)) if layout == "first" and rank > 1 else (x.channels,)
        return self.unary(op, x, Operand(sizes, stored=True))

    def join(self, op: str, tensors: Sequence[Tensor], shape: Shape) -> Tensor:
        """Write Add, Mul, Max and the like of two tensors."""
        equal = all(each.shape == shape for each in tensors)
        in_blocks = equal and all(each.made_in_blocks for each in tensors)
        if op in {"Add", "Mul"} and in_blocks:
            return self._join_in_blocks(op, tensors, shape)
        layout = self.common(*tensors)
        reads = [self.lay(each, layout) for each in tensors]
        made = Tensor(shape, {layout}, normed=all(each.normed for each in tensors))
        made.maker = self.emit(op, reads, self.operand(made, layout))
        if op == "Add" and equal and layout == "first":
            for one, other in ((0, 1), (1, 0)):
                maker = tensors[one].maker
                if maker is not None and maker.op == "Conv" and tensors[one].uses == 1:
                    self._sums[id(made.maker)] = maker, reads[other]
                    break
        return made

    def _join_in_blocks(self, op: str, tensors: Sequence[Tensor], shape: Shape) -> Tensor:
        made = Tensor(shape, {"blocks"}, blocks_of=tensors[0].blocks_of, normed=all(each.normed for each in tensors))
        same = len({each.blocks_of for each in tensors}) == 1
        if op == "Add" and same:
            for one, other in (tensors, reversed(tensors)):
                maker = one.maker
                if maker is None or maker.op != f"{NCHWC}Conv" or one.uses > 1:
                    continue
                if len(maker.inputs) > 3 or "activation" in maker.attributes:  # noqa: PLR2004
                    continue
                maker.inputs += [None] * (3 - len(maker.inputs)) + [self.operand(other, "blocks")]
                self.kernels.remove(maker)  # it runs when both are there
                self.kernels.append(maker)
                made.maker = maker
                return made
        read = self.operand(made, "blocks")
        if not same:  # sizes are equal, but the runtime cannot know: it adds with the blocks as an axis
            batch, channels, *sizes = read.shape
            read = Operand((batch, channels // self.block, *sizes, self.block))
            for each in tensors:
                self.emit("Reshape", [self.operand(each, "blocks")], read)
        self.emit(op, [read] * len(tensors), read)
        if not same:
            self.emit("Reshape", [read], self.operand(made, "blocks"))
        return made

    def concat(self, tensors: Sequence[Tensor], shape: Shape, axis: int) -> Tensor:
        """Write a concatenation along an axis of the shape without the batch."""
        rank = len(shape)
        channels = axis == rank - 1
        if channels and all(each.made_in_blocks and each.channels % self.block == 0 for each in tensors):
            layout: Layout = "blocks"
        else:
            layout = self.common(*tensors)
        reads = [self.lay(each, layout) for each in tensors]
        made = Tensor(shape, {layout}, blocks_of=tensors[0].blocks_of, normed=all(each.normed for each in tensors))
        place = axis + 1 if layout == "last" else 1 if channels else axis + 2
        self.emit("Concat", reads, self.operand(made, layout), axis=place)
        return made

    def reduce(self, op: str, x: Tensor, axes: Sequence[int], shape: Shape, *, keep: bool = False) -> Tensor:
        """Write a reduction over axes of the shape without the batch."""
        rank = len(x.shape)
        layout = self._outside(x)
        if op in {"ReduceMean", "ReduceSum"} and prod(x.shape[axis] for axis in axes) > LONG_SUM:
            for axis in sorted(axes)[:0:-1]:
                left = (*(1 if at == axis else size for at, size in enumerate(x.shape)),)
                x = self.reduce(op, x, [axis], left, keep=True)
        read = self.lay(x, layout)
        places = [axis + 1 if layout == "last" or rank == 1 else axis + 2 if axis < rank - 1 else 1 for axis in axes]
        made = Tensor(shape, {layout})
        kept = Tensor((*(1 if axis in axes else size for axis, size in enumerate(x.shape)),), {layout})
        output = self.operand(kept, layout) if keep else Operand((self.batch, *shape))
        indices = Operand((len(places),), "int64", stored=True, values=tuple(places))
        self.emit(op, [read, indices], output, keepdims=int(keep), noop_with_empty_axes=1)
        return made

    def dense(self, x: Tensor, units: int, *, bias: bool) -> Tensor:
        """Write a dense layer over the last axis."""
        *leading, channels = x.shape
        shape = (*leading, units)
        read = self.lay(x, "last")
        weights = Operand((channels, units), stored=True)
        made = Tensor(shape, {"last"})
        if not leading:
            biases = [Operand((units,), stored=True)] if bias else []
            made.maker = self.emit(
                "Gemm" if bias else "MatMul",
                [read, weights, *biases],
                Operand((self.batch, units)),
                alpha=1.0 if bias else None,
            )
            return made
        rows = self.batch * prod(leading)
        self.emit("Reshape", [read], Operand((rows, channels)))
        self.emit("MatMul", [Operand((rows, channels)), weights], Operand((rows, units)))
        self.emit("Reshape", [Operand((rows, units))], self.operand(made, "last"))
        return self.unary("Add", made, Operand((units,), stored=True)) if bias else made

    def viewed(self, x: Tensor, shape: Shape) -> Tensor:
        """Return a tensor with an axis of one more or less; the numbers stay where they are."""
        layout = self._outside(x) if "first" not in x.layouts else "first"
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
