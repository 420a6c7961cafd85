"""A graph as short lines of text, for before and after pairs."""

from costlens.arithmetic.cost import formula, total
from costlens.arithmetic.shapes import times
from costlens.network.graph import Graph


def drawing(graph: Graph) -> list[str]:
    """Return a line per row: name, layers, kernel/stride, input → output and the arithmetic of its kernels.

    The kernel and its stride are written per axis: ``3×3/2×2``.
    """
    lines = []
    for row in graph.rows():
        head = row.head
        shapes = graph.input_shapes(head)
        geometry = head.layer.geometry(*shapes)
        window = f" {times(geometry.kernel)}/{times(geometry.stride or ())}" if geometry.kernel else ""
        kinds = "+".join(node.layer.kind() for node in row.nodes)
        arithmetic = formula(total([node.layer.cost(*graph.input_shapes(node)) for node in row.nodes]).contractions)
        reads = " & ".join(f"{name} {times(graph.shapes[name])}" for name in row.inputs)
        line = f"{row.name}: {kinds}{window} | {reads} → {times(graph.shapes[row.output])}"
        lines.append(f"{line} | {arithmetic}" if arithmetic else line)
    return lines
