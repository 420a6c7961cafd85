"""Each weight of the file against the one Keras holds, with the norms folded again, in double precision."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from costlens.network.graph import Graph, Node, folded_norms
from costlens.readers.onnx.operators import named
from costlens.results.facts import WeightAgreement

_CHUNK = 1 << 22  # values compared at once: double precision of a large layer is never whole in memory


def compare_weights(model: Any, graph: Graph, path: Path) -> tuple[WeightAgreement, ...]:
    """Compare kernel and bias of every row that is one contraction of the file.

    A weight that is missing or of another size is infinitely wrong. Weights of other nodes are left to the outputs.
    """
    import onnx

    proto = onnx.load(path)
    stored = {tensor.name: tensor for tensor in proto.graph.initializer}
    nodes = {node.name: node for node in proto.graph.node if node.op_type in named("contraction")}
    layers = {layer.name: layer for layer in model.layers}
    norms = _norms_after(graph)
    found = []
    for row in graph.rows():
        if len(row.head.layer.cost(*graph.input_shapes(row.head)).contractions) != 1:
            continue
        node = nodes.get(row.name)
        if node is None:
            found.append(WeightAgreement(row.name, 0, float("inf")))
            continue
        layer = layers[row.head.name]
        kernel, bias = _folded(layer, [layers[norm.name] for norm in norms.get(row.head.name, ())])
        pairs = [(_arranged(kernel, node.op_type, row.head), _stored(stored, node, 1))]
        if len(node.input) > 2:  # noqa: PLR2004  # the third input is the bias
            pairs.append((bias, _stored(stored, node, 2)))
        found.append(_agreement(row.name, pairs))
    return tuple(found)


def _norms_after(graph: Graph) -> dict[str, list[Node]]:
    after: dict[str, list[Node]] = {}
    folded = folded_norms(graph)
    for node in graph.nodes:
        if node.name in folded:
            after.setdefault(folded[node.name], []).append(node)
    return after


def _folded(layer: Any, norms: Iterable[Any]) -> tuple[tuple[Any, Any], Any]:
    """Return ((kernel, factor per output channel), bias) after the norms: ``gamma·(y − mean) / √(var + ε) + beta``."""
    import numpy as np

    kernel = np.asarray(layer.kernel)
    channels = layer.output.shape[-1]
    factor = np.ones(channels)
    bias = np.zeros(channels)
    if getattr(layer, "bias", None) is not None:
        bias = np.asarray(layer.bias, np.float64)
    for norm in norms:
        gain = 1 / np.sqrt(np.asarray(norm.moving_variance, np.float64) + norm.epsilon)
        if norm.scale:
            gain = gain * np.asarray(norm.gamma, np.float64)
        bias = (bias - np.asarray(norm.moving_mean, np.float64)) * gain
        if norm.center:
            bias = bias + np.asarray(norm.beta, np.float64)
        factor = factor * gain
    return (kernel, factor), bias


def _arranged(kernel: tuple[Any, Any], op: str, head: Node) -> Any:
    """Return the folded kernel in ONNX's order of axes; Keras's is ``(*window, in, out)``."""
    import numpy as np

    values, factor = kernel
    if op in ("Gemm", "MatMul"):
        return _Scaled(values, factor)
    window = tuple(range(values.ndim - 2))
    if op == "ConvTranspose":  # Keras (*window, out, in) → ONNX (in, out, *window)
        arranged = values.transpose(-1, -2, *window)
        return _Scaled(arranged, factor.reshape(1, -1, *(1,) * len(window)))
    if head.layer.filters_each_channel and values.shape[-2] * values.shape[-1] == factor.size:
        values = values.reshape(*values.shape[:-2], 1, -1)
    arranged = values.transpose(-1, -2, *window)
    return _Scaled(np.ascontiguousarray(arranged), factor.reshape(-1, *(1,) * (arranged.ndim - 1)))


class _Scaled:
    """Values times factors, computed in double precision piece by piece."""

    def __init__(self, values: Any, factors: Any) -> None:
        import numpy as np

        self.values = values
        self.factors = np.broadcast_to(factors, values.shape)
        self.size = values.size

    def pieces(self) -> Iterable[tuple[slice, Any]]:
        """Yield (which of the flattened values, their products)."""
        import numpy as np

        values, factors = self.values.reshape(-1), self.factors.flat
        for start in range(0, self.size, _CHUNK):
            piece = slice(start, min(start + _CHUNK, self.size))
            yield piece, values[piece].astype(np.float64) * factors[piece]


def _stored(stored: dict[str, Any], node: Any, index: int) -> Any:
    from onnx import numpy_helper

    name = node.input[index]
    return numpy_helper.to_array(stored[name]) if name in stored else None


def _agreement(row: str, pairs: list[tuple[Any, Any]]) -> WeightAgreement:
    worst, compared = 0.0, 0
    for expected, found in pairs:
        if found is None or found.size != expected.size:
            return WeightAgreement(row, compared, float("inf"))
        worst = max(worst, _largest_error(expected, found.reshape(-1)))
        compared += found.size
    return WeightAgreement(row, compared, worst)


def _largest_error(expected: Any, found: Any) -> float:
    import numpy as np

    scale = largest = 0.0
    pieces = expected.pieces() if isinstance(expected, _Scaled) else [(slice(None), expected)]
    for piece, values in pieces:
        difference = np.abs(values - found[piece])
        if not np.isfinite(difference).all():
            return float("inf")
        scale, largest = max(scale, float(np.abs(values).max())), max(largest, float(difference.max()))
    return largest / scale if scale else largest
