"""The file holds what is needed and nothing about the machine or the moment it was written."""

from typing import Any


def tidy(model: Any, name: str) -> None:
    """Drop what no node reads and what the tools left; order constants by their first reader.

    Postcondition: the same nodes and weights serialise to the same bytes.
    """
    graph = model.graph
    order = {tensor: index for index, tensor in enumerate(dict.fromkeys(t for node in graph.node for t in node.input))}
    for index, tensor in reversed(list(enumerate(graph.initializer))):
        if tensor.name not in order:
            del graph.initializer[index]
    graph.initializer.sort(key=lambda tensor: order[tensor.name])
    for node in graph.node:
        node.doc_string = ""
        node.attribute.sort(key=lambda attribute: attribute.name)
    domains = {node.domain for node in graph.node}
    opsets = sorted((o.domain, o.version) for o in model.opset_import if o.domain in domains or not o.domain)
    del graph.value_info[:], model.metadata_props[:], model.opset_import[:]
    for domain, version in opsets:
        model.opset_import.add(domain=domain, version=version)
    graph.name, graph.doc_string, model.doc_string = name, "", ""
    model.producer_name, model.producer_version, model.domain, model.model_version = "costlens", "", "", 0
