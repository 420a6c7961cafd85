"""Products with stored matrices, and of two tensors."""

from __future__ import annotations

from costlens.export.recognition.built import NoKindError
from costlens.export.recognition.onnx.call import Call, as_it_is

_MATRIX = 2


def _gemm(call: Call) -> None:
    given = call.attributes
    for name in ("alpha", "beta"):
        if given.get(name, 1.0) != 1:
            raise NoKindError(f"{name}: {given[name]}")
    if given.get("transA"):
        raise NoKindError("transA: 1")
    weights = call.array(1)
    kernel = weights.T if given.get("transB") else weights
    units = kernel.shape[1]
    bias = call.array(2) if call.operand(2) is not None else call.bias(units, -1)
    if bias is not None and bias.size not in (1, units):
        raise NoKindError(f"a third operand of shape {list(bias.shape)}")
    if bias is not None and bias.size != units:
        raise NoKindError("one number that all units share is added")
    held = (kernel,) if bias is None else (kernel, bias.reshape(units))
    made = call.add("dense", call.plain(), weights=held, units=units, bias=bias is not None)
    call.returns(made, as_it_is(_MATRIX))


def _matmul(call: Call) -> None:
    rank = len(call.sizes())
    if call.is_constant(0):
        raise NoKindError("a stored matrix is its first operand; a dense layer's is the second")
    if not call.is_constant(1):
        made = call.add("matmul", call.plain(0), call.plain(1))
        call.returns(made, as_it_is(rank))
        return
    kernel = call.array(1)
    if kernel.ndim != _MATRIX:
        raise NoKindError(f"multiplies with stored numbers of shape {list(kernel.shape)}")
    axes = call.view().axes
    axes = axes if axes[-1] == rank - 1 else as_it_is(rank)
    units = kernel.shape[1]
    bias = call.bias(units, -1)
    held = (kernel,) if bias is None else (kernel, bias)
    call.returns(call.add("dense", call.ordered(0, axes), weights=held, units=units, bias=bias is not None), axes)


OPERATORS = {"Gemm": _gemm, "MatMul": _matmul}
