"""What an exported file stores: norms folded, and each set of weights once."""

from typing import NamedTuple

from costlens.network import figures
from costlens.network.graph import Graph, folded_norms


class Numbers(NamedTuple):
    """Numbers of the exported file: those a node reads, and of these the ones that no node before it reads."""

    stored: int
    used: int


def deployed_params(graph: Graph) -> dict[str, Numbers]:
    """Return what each node stores in the exported file, its BatchNorms folded where they can be, and what it reads.

    A BatchNorm directly after a convolution or a dense layer becomes its bias: one number a channel, stored with that
    layer, unless it has a bias already. Any other keeps a scale and a shift: 2 a channel. What several nodes read is
    stored once.
    """
    folded = folded_norms(graph)
    nodes = {node.name: node for node in graph.nodes}
    biased = {node.name for node in graph.nodes if getattr(node.layer, "bias", False)}
    pieces: dict[str, dict[tuple[str, str], int]] = {name: {} for name in nodes}
    for node in graph.nodes:
        if node.name not in folded:
            pieces[node.name][node.owner, ""] = figures.deployed(node.layer, graph.input_shapes(node))
        elif (target := folded[node.name]) not in biased:
            pieces[target][nodes[target].owner, "bias"] = graph.shapes[node.name][-1]
            biased.add(target)
    found: dict[str, Numbers] = {}
    stored: set[tuple[str, str]] = set()
    for name, read in pieces.items():
        new = sum(numbers for piece, numbers in read.items() if piece not in stored)
        found[name] = Numbers(new, sum(read.values()))
        stored |= read.keys()
    return found
