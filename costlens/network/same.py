"""Whether two graphs are the same network under other names."""

from collections.abc import Mapping

from costlens.network.graph import Graph


def renamed(ours: Graph, theirs: Graph) -> dict[str, str] | None:
    """Return the names that the nodes of a graph have in another of the same layers in their order; else None.

    Inputs have one name in both, and the graphs return the same tensors.
    """
    if ours.inputs != theirs.inputs or len(ours.nodes) != len(theirs.nodes):
        return None
    names = {a.name: b.name for a, b in zip(ours.nodes, theirs.nodes, strict=True)}
    same = all(
        a.layer == b.layer
        and tuple(called(each, names) for each in a.inputs) == b.inputs
        and names.get(a.weights, "") == b.weights
        for a, b in zip(ours.nodes, theirs.nodes, strict=True)
    )
    return names if same and tuple(called(each, names) for each in ours.outputs) == theirs.outputs else None


def called(tensor: str, names: Mapping[str, str]) -> str:
    """Return what a tensor is called where nodes have other names: a further one of a node is ``node.part``."""
    if tensor in names:
        return names[tensor]
    owner, _, part = tensor.rpartition(".")
    return f"{names[owner]}.{part}" if owner in names else tensor
