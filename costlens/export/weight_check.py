"""Each weight of the file against the one Keras holds, with the norms folded again, in double precision."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from costlens.export.keras_model import listed
from costlens.export.recurrent_check import RECURRENT, recurrent_pairs
from costlens.export.sharing import unshared
from costlens.network.graph import Graph, Node, folded_norms
from costlens.readers.onnx.operators import named
from costlens.results.facts import WeightAgreement

_CHUNK = 1 << 22  # values compared at once: double precision of a large layer is never whole in memory


def compare_weights(model: Any, graph: Graph, path: Path) -> tuple[WeightAgreement, ...]:
    """Compare kernel and bias of every row that is one contraction of the file, or one recurrent operator.

    A weight that is missing or of another size is infinitely wrong. Weights of other nodes are left to the outputs.
    """
    import numpy as np
    import onnx

    proto = onnx.load(path)
    stored = {tensor.name: tensor for tensor in proto.graph.initializer}
    nodes = {node.name: node for node in proto.graph.node if node.op_type in named("contraction")}
    layers = {layer.name: unshared(layer) for layer in model.layers}
    folded = folded_norms(graph)
    found = []
    for row in graph.rows():
        node = nodes.get(row.name)
        if node is not None and node.op_type in RECURRENT:
            found.append(_agreement(row.name, recurrent_pairs(layers[row.head.name], node, stored)))
            continue
        contractions = row.head.layer.cost(*graph.input_shapes(row.head)).contractions
        if len(contractions) != 1 or contractions[0].computed:
            continue
        if node is None:
            found.append(WeightAgreement(row.name, 0, float("inf")))
            continue
        layer = layers[row.head.name]
        norms = [layers[norm] for norm, into in folded.items() if into == row.head.name]
        kernel, factor, bias = _folded(layer, norms)
        pairs = [(*_arranged(kernel, factor, node.op_type, row.head), _stored(stored, node, 1))]
        if len(node.input) > 2:  # noqa: PLR2004  # the third input is the bias
            pairs.append((bias, np.ones(1), _stored(stored, node, 2)))
        found.append(_agreement(row.name, pairs))
    return tuple(found)


def _folded(layer: Any, norms: Iterable[Any]) -> tuple[Any, Any, Any]:
    """Return (kernel, factor per output channel, bias) after the norms: ``gamma·(y − mean) / √(var + ε) + beta``."""
    import numpy as np

    kernel = np.asarray(layer.kernel)
    channels = listed(layer.output)[0].shape[-1]
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
    return kernel, factor, bias


def _arranged(kernel: Any, factor: Any, op: str, head: Node) -> tuple[Any, Any]:
    """Return a kernel and its factors in ONNX's order of axes; Keras's is ``(*window, in, out)``."""
    import numpy as np

    if op in ("Gemm", "MatMul"):
        return kernel, factor
    if op == "Einsum":  # in which nothing is folded
        return kernel, np.ones(1)
    window = tuple(range(kernel.ndim - 2))
    if op == "ConvTranspose":  # Keras (*window, out of a group, in) → ONNX (in, out of a group, *window)
        kernel = kernel.transpose(-1, -2, *window)
        groups = factor.size // kernel.shape[1]
        of_group = np.arange(kernel.shape[0]) // (kernel.shape[0] // groups)
        return kernel, factor.reshape(groups, -1)[of_group].reshape(*kernel.shape[:2], *(1,) * len(window))
    if head.layer.filters_each_channel and kernel.shape[-2] * kernel.shape[-1] == factor.size:
        kernel = kernel.reshape(*kernel.shape[:-2], 1, -1)
    return np.ascontiguousarray(kernel.transpose(-1, -2, *window)), factor.reshape(-1, *(1,) * (kernel.ndim - 1))


def _stored(stored: dict[str, Any], node: Any, index: int) -> Any:
    from onnx import numpy_helper

    name = node.input[index]
    return numpy_helper.to_array(stored[name]) if name in stored else None


def _agreement(row: str, pairs: Iterable[tuple[Any, Any, Any]]) -> WeightAgreement:
    worst, compared = 0.0, 0
    for values, factors, found in pairs:
        if found is None or found.size != values.size:
            return WeightAgreement(row, compared, float("inf"))
        worst = max(worst, _largest_error(values, factors, found))
        compared += found.size
    return WeightAgreement(row, compared, worst)


def _largest_error(values: Any, factors: Any, found: Any) -> float:
    """Return how far stored values are from values times factors, relative to the largest of these."""
    import numpy as np

    factors = np.broadcast_to(factors, values.shape).flat
    values, found = values.reshape(-1), found.reshape(-1)
    scale = largest = 0.0
    for start in range(0, values.size, _CHUNK):
        piece = slice(start, start + _CHUNK)
        expected = values[piece].astype(np.float64) * factors[piece]
        difference = np.abs(expected - found[piece])
        if not np.isfinite(difference).all():
            return float("inf")
        scale, largest = max(scale, float(np.abs(expected).max())), max(largest, float(difference.max()))
    return largest / scale if scale else largest
