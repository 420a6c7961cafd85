"""What tf2onnx writes, or onnxruntime changes, so that a file would be wrong, refused or larger than the network."""

from collections.abc import Callable, Mapping
from typing import Any

from costlens.export.passes._editor import Editor, attribute, set_attributes
from costlens.readers.onnx.operators import convolutions

_POOLS = ("AveragePool", "MaxPool")


def split_gemms(model: Any) -> None:
    """Take each Gemm apart into the MatMul and the Add it was made of.

    tf2onnx makes a Gemm of every MatMul and the Add after it, of any layer, and a second product if both are read.
    Precondition: nodes in topological order. Postcondition: no Gemm is left, and no product is made twice;
    ``fold_norms`` puts a bias back where it is one.
    """
    from onnx import helper

    graph = model.graph
    nodes = list(graph.node)
    products = {tuple(node.input): node for node in nodes if node.op_type == "MatMul"}
    placed: dict[int, Any] = {}  # by identity: a product stands where it is first read
    for node in nodes:
        plain = all(attribute(node, name, 1.0) == 1.0 for name in ("alpha", "beta"))
        turned = attribute(node, "transA", 0) or attribute(node, "transB", 0)
        if node.op_type != "Gemm" or not plain or turned or len(node.input) < 3:  # noqa: PLR2004
            placed.setdefault(id(node), node)
            continue
        data, weight, addend = node.input
        if (data, weight) not in products:
            product = helper.make_node("MatMul", [data, weight], [f"{node.name}/product"], name=node.name)
            products[data, weight] = product
        product = products[data, weight]
        placed.setdefault(id(product), product)
        added = helper.make_node("Add", [product.output[0], addend], list(node.output), name=f"{node.name}/Add")
        placed[id(added)] = added
    del graph.node[:]
    graph.node.extend(placed.values())


def replace_erfc(model: Any) -> None:
    """Replace each Erfc by Erf and Sub. Postcondition: no Erfc is left; names keep their scope.

    TensorFlow's exact GELU is ``x/2 · erfc(−x/√2)``. ONNX has no erfc, and ``erfc(x) = 1 − erf(x)``.
    """
    import numpy as np
    from onnx import helper, numpy_helper

    graph = model.graph
    for index, node in reversed(list(enumerate(graph.node))):
        if node.op_type != "Erfc":
            continue
        one, erf = f"{node.name}/one", f"{node.name}/erf"
        graph.initializer.append(numpy_helper.from_array(np.float32(1), one))
        graph.node.insert(index + 1, helper.make_node("Sub", [one, erf], list(node.output), name=f"{node.name}/Sub"))
        node.op_type = "Erf"
        node.output[:] = [erf]


def transpose_padding(model: Any) -> None:
    """Turn the negative pads of each ConvTranspose into ``output_padding`` at the end, as TensorFlow pads.

    A transposed convolution whose kernel is smaller than its stride pads its output; tf2onnx writes negative pads.
    Postcondition: no pad is negative; output shapes are unchanged.
    """
    for node in model.graph.node:
        pads = attribute(node, "pads") if node.op_type == "ConvTranspose" else None
        if not pads or min(pads) >= 0:
            continue
        axes = len(pads) // 2
        totals = [before + after for before, after in zip(pads[:axes], pads[axes:], strict=True)]
        kept = [0 if total < 0 else pad for total, pad in zip(totals * 2, pads, strict=True)]
        set_attributes(node, pads=kept, output_padding=[max(-total, 0) for total in totals])


def complete(model: Any, attributes: Mapping[str, Mapping[str, Any]], layer_of: Callable[[str], str | None]) -> None:
    """Give the convolution or pool of each layer the attributes that TensorFlow's cannot say, by the layer's name.

    Precondition: each of these layers is traced as one convolution, or one pool. A Pad that the layer itself put before
    a pool which has padding now is taken out: it stood for that.
    """
    editor = Editor(model.graph)
    for node in list(editor.nodes):
        layer = layer_of(node.name) or ""
        if node.op_type not in (*convolutions(), *_POOLS) or not (found := attributes.get(layer)):
            continue
        set_attributes(node, **found)
        before = editor.origin(node.input[0]) if node.op_type in _POOLS and any(found["pads"]) else None
        if before is not None and before.op_type == "Pad" and layer_of(before.name) == layer:
            editor.bypass(before, before.input[0])


def keep_pads(model: Any) -> None:
    """Set ``auto_pad = VALID`` on each unpadded pool after a Pad: it means the same, and is not touched.

    onnxruntime (1.31, ``PadFusion``, at its basic level and above) moves zeros that are padded before a pool into it,
    unless the pool has a padding of its own. In a max pool padded cells never win: a wrong result for negative values;
    more of them than the kernel is wide are refused.
    """
    editor = Editor(model.graph)
    for node in editor.nodes:
        if node.op_type not in _POOLS or any(attribute(node, "pads", ())):
            continue
        origin = editor.origin(node.input[0])
        if origin is not None and origin.op_type == "Pad":
            set_attributes(node, pads=None, auto_pad="VALID")
