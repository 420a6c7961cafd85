"""Functions of each value, within the convolution before them where the runtime fuses the two."""

from dataclasses import replace
from typing import Any

from costlens.prediction.layout import IMAGE, Emitted, Layout, Tensor, fused_parameters
from costlens.prediction.writer import Writer
from costlens.runtimes._operation import NCHWC, Operand

_FUSED_WITH_CONV = frozenset({"Relu", "Sigmoid", "Tanh", "LeakyRelu", "Clip", "HardSigmoid"})
_RUNS_IN_BLOCKS = frozenset({"Relu", "Sigmoid", "Tanh", "microsoft.QuickGelu"})
BIASED = 3
"""Inputs of a convolution: what it reads, weights, bias; a fourth is added to what it makes."""
_FUSED_LATER = frozenset({"Relu", "Sigmoid", "Tanh"})


def activation(w: Writer, op: str, x: Tensor, *scalars: Operand, **attributes: Any) -> Tensor:
    """Write a function of each value, within the convolution before it where the runtime fuses the two."""
    maker = x.maker
    plain = {op: fused_parameters(op, attributes)} if op in _FUSED_WITH_CONV else {}
    if maker is not None and maker.op == "Add" and op == "Relu" and x.uses == 1 and id(maker) in w.sums:
        return _with_sum(w, x, maker, op)
    if maker is not None and x.uses == 1 and "activation" not in maker.attributes and op in plain:
        bare = maker.op.rpartition(".")[2]
        tail = x.normed and (not x.first_later or x.is_one_place)
        summed = len(maker.inputs) > BIASED
        if bare in {"Conv", "FusedConv"} and not tail and (not summed or op in _FUSED_LATER):
            maker.op = "microsoft.FusedConv" if bare == maker.op else maker.op
            maker.attributes |= {"activation": op, **plain[op]}
            return _after(x, maker)
        if bare == "Gemm" and op in {"Relu", "Sigmoid", "Tanh", "LeakyRelu"}:
            maker.op = "microsoft.FusedGemm"
            maker.attributes |= {"activation": op}
            return _after(x, maker)
    return unary(w, op, x, *scalars, **attributes)


def _with_sum(w: Writer, x: Tensor, added: Emitted, op: str) -> Tensor:
    """Put a sum and the function after it into the convolution before it."""
    conv, other = w.sums[id(added)]
    w.kernels.remove(added)
    w.kernels.remove(conv)
    w.kernels.append(conv)
    conv.op = "microsoft.FusedConv"
    conv.inputs += [None] * (3 - len(conv.inputs)) + [other]
    conv.attributes["activation"] = op
    return _after(x, conv)


def unary(w: Writer, op: str, x: Tensor, *stored: Operand, **attributes: Any) -> Tensor:
    """Write an operator that makes a tensor of the same shape."""
    in_blocks = x.made_in_blocks and op in _RUNS_IN_BLOCKS and (x.first_later or not x.normed)
    layout: Layout = "blocks" if in_blocks else w.outside(x)
    read = w.lay(x, layout)
    w.emit(op, [read, *stored], read, **attributes)
    return Tensor(x.shape, {layout}, first_later=x.first_later, blocks_of=x.blocks_of, normed=x.is_left)


def channelwise(w: Writer, op: str, x: Tensor) -> Tensor:
    """Write a product with, or a sum of, a stored number for each channel."""
    rank, maker = len(x.shape), x.maker
    if op == "Mul" and maker is not None and x.uses == 1 and x.first_later and is_bare(maker):
        return x  # the runtime multiplies the convolution's weights
    if not x.first_later or x.is_line:
        x.normed = True
    if op == "Mul" and x.made_in_blocks and rank == IMAGE and x.first_later:
        made = Tensor(x.shape, {"blocks"}, first_later=x.first_later, blocks_of=x.blocks_of)
        read = w.lay(x, "blocks")
        weights = Operand((w.padded(x.channels), 1, 1, 1), stored=True)
        w.emit(f"{NCHWC}Conv", [read, weights], read, group=w.padded(x.channels))
        return made
    layout = w.outside(x)
    sizes = (1, x.channels, *(1,) * (rank - 1)) if layout == "first" and rank > 1 else (x.channels,)
    return unary(w, op, x, Operand(sizes, stored=True))


def _after(x: Tensor, maker: Emitted | None) -> Tensor:
    return replace(x, layouts=set(x.layouts), maker=maker, image=None)


def is_bare(maker: Emitted) -> bool:
    """Say whether a kernel is a convolution and nothing else yet."""
    return maker.op.endswith("Conv") and "activation" not in maker.attributes and len(maker.inputs) <= BIASED
