"""The file holds what is needed and nothing about the machine or the moment it was written."""

from __future__ import annotations

from typing import Any


def tidy(model: Any, name: str) -> None:
    """Drop what no node reads and what the tools left; order constants by their first reader.

    Postcondition: the same nodes and weights serialise to the same bytes.
    """
    graph = model.graph
    order: dict[str, int] = {}
    for node in graph.node:
        for tensor in node.input:
            order.setdefault(tensor, len(order))
    kept = sorted((t for t in graph.initializer if t.name in order), key=lambda tensor: order[tensor.name])
    rest = [tensor.SerializeToString() for tensor in kept]
    del graph.initializer[:]
    for serialised in rest:
        graph.initializer.add().ParseFromString(serialised)
    del graph.value_info[:]
    for node in graph.node:
        node.doc_string = ""
        attributes = sorted(node.attribute, key=lambda attribute: attribute.name)
        copies = [attribute.SerializeToString(deterministic=True) for attribute in attributes]
        del node.attribute[:]
        for copy in copies:
            node.attribute.add().ParseFromString(copy)
    domains = {node.domain for node in graph.node}
    opsets = sorted((o.domain, o.version) for o in model.opset_import if o.domain in domains or not o.domain)
    del model.opset_import[:]
    for domain, version in opsets:
        model.opset_import.add(domain=domain, version=version)
    del model.metadata_props[:]
    graph.name, graph.doc_string, model.doc_string = name, "", ""
    model.producer_name, model.producer_version, model.domain, model.model_version = "costlens", "", "", 0
