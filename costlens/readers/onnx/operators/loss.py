"""Losses of training: no multiply-accumulates; the weights of classes are parameters.

https://onnx.ai/onnx/operators/onnx__SoftmaxCrossEntropyLoss.html
"""

from collections.abc import Sequence

from costlens.readers.onnx.operators._operator import Call, Operator, Out


def _infer(call: Call) -> Sequence[Out]:
    """Return one loss, or one for each target, and the logarithms of probabilities."""
    kind = call.input(0).dtype
    shape = call.shape(1) if call.attributes.get("reduction", "mean") == "none" else ()
    return (Out(kind, shape), Out(kind, call.shape(0)))


OPERATORS = dict.fromkeys(("NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss"), Operator(_infer, weights=(2,)))
