"""What an exported file stores: norms folded, and each set of weights once."""

from collections.abc import Sequence
from typing import NamedTuple

from costlens.arithmetic.precision import Stored, together
from costlens.network import figures
from costlens.network.graph import Graph, folded_norms


class Numbers(NamedTuple):
    """Numbers of the exported file: those a node reads, and of these the ones that no node before it reads."""

    stored: Stored
    used: Stored


def deployed_params(graph: Graph) -> dict[str, Numbers]:
    """Return what each node stores in the exported file, its BatchNorms folded where they can be, and what it reads.

    A BatchNorm directly after a convolution or a dense layer becomes its bias: one number a channel, stored with that
    layer, unless it has a bias already. Any other keeps a scale and a shift: 2 a channel. What several nodes read is
    stored once. TensorFlow Lite's converter gives convolutions without a bias one of zeros, and in
    int8 each run of the same weights a bias of its own, whose scale is that of its input.
    """
    folded = folded_norms(graph)
    nodes = {node.name: node for node in graph.nodes}
    biased = {node.name for node in graph.nodes if getattr(node.layer, "bias", False)}
    pieces: dict[str, dict[tuple[str, str], Stored]] = {name: {} for name in nodes}
    for node in graph.nodes:
        if node.name not in folded:
            pieces[node.name][node.owner, ""] = figures.stored(node.layer, graph.input_shapes(node))
        elif (target := folded[node.name]) not in biased:
            pieces[target][nodes[target].owner, "bias"] = Stored(biases=graph.shapes[node.name][-1])
            biased.add(target)
    lengths: set[int] = set()
    for node in graph.nodes:
        if node.layer.convolves and node.name not in biased:
            zeros = figures.stored(node.layer, graph.input_shapes(node)).scales
            pieces[node.name][node.owner, "zeros"] = Stored(zeros=zeros, same=zeros if zeros in lengths else 0)
            lengths |= {zeros} if not node.weights else set()
    found: dict[str, Numbers] = {}
    stored: set[tuple[str, str]] = set()
    for name, read in pieces.items():
        used = joined([*read.values()])
        new = [numbers for piece, numbers in read.items() if piece not in stored]
        own = used if len(new) == len(read) else joined(new)
        zeros = used.zeros - own.zeros
        again = used.biases - own.biases + zeros
        found[name] = Numbers(own._replace(again=again, same=own.same + zeros) if again else own, used)
        stored |= read.keys()
    return found


def joined(parts: Sequence[Stored]) -> Stored:
    """Add up what is stored; mostly one part stores something."""
    some = [part for part in parts if part != _NOTHING]
    return some[0] if len(some) == 1 else together(some)


_NOTHING = Stored()
