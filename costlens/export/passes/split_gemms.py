"""tf2onnx makes a Gemm of every MatMul and the Add after it, of any layer, and a second product if both are read."""

from __future__ import annotations

from typing import Any

from costlens.export.passes._editor import attribute


def split_gemms(model: Any) -> None:
    """Take each Gemm apart into the MatMul and the Add it was made of.

    Precondition: nodes in topological order. Postcondition: no Gemm is left, and no product is made twice;
    ``fold_norms`` puts a bias back where it is one.
    """
    from onnx import helper

    graph = model.graph
    nodes = list(graph.node)
    products = {tuple(node.input): node for node in nodes if node.op_type == "MatMul"}
    rebuilt: list[Any] = []
    placed: set[int] = set()
    for node in nodes:
        if id(node) in placed:
            continue
        plain = all(attribute(node, name, 1.0) == 1.0 for name in ("alpha", "beta"))
        turned = attribute(node, "transA", 0) or attribute(node, "transB", 0)
        if node.op_type != "Gemm" or not plain or turned or len(node.input) < 3:  # noqa: PLR2004
            rebuilt.append(node)
            continue
        data, weight, addend = node.input
        product = products.get((data, weight))
        if product is None:
            product = helper.make_node("MatMul", [data, weight], [f"{node.name}/product"], name=node.name)
            products[data, weight] = product
        if id(product) not in placed and not any(product is other for other in rebuilt):
            rebuilt.append(product)
            placed.add(id(product))
        rebuilt.append(helper.make_node("Add", [product.output[0], addend], list(node.output), name=f"{node.name}/Add"))
    copies = [node.SerializeToString() for node in rebuilt]
    del graph.node[:]
    for copy in copies:
        graph.node.add().ParseFromString(copy)
