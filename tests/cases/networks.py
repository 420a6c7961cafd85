"""Graphs written by hand for the tests, without the spec language."""

from collections.abc import Iterable
from typing import Any

from costlens.arithmetic.shapes import Shape
from costlens.network.count import counted_variants
from costlens.network.graph import Convolution, Graph, Node, output_shapes
from costlens.network.layers import Layer, layer_kind
from costlens.network.variants import realise
from costlens.results.counts import ModelCount


def count_variants(graph: Graph, names: Iterable[str], **options: Any) -> list[ModelCount]:
    """Count several variants; equal graphs once."""
    return [count for _, count in counted_variants(graph, names, **options)]


def layer(kind: str, **fields: Any) -> Layer:
    """Make a layer by its kind's name."""
    return layer_kind(kind)(**fields)


Tail = tuple[tuple[str, Layer], ...]


def site(
    name: str, *, tail: Tail = (), kind: str = "standard", fixed: bool = False, **fields: Any
) -> Convolution:
    """Make a convolution that a variant may rewrite; the other fields are a conv's."""
    return Convolution(name, layer_kind("conv")(**fields), tail, kind, fixed)


def graph(
    inputs: Shape | dict[str, Shape], *items: Any, outputs: tuple[str, ...] = (), name: str = "net"
) -> Graph:
    """Make a graph of items: ``(name, layer, *inputs)``, a Node or a Convolution.

    Without inputs an item reads the one before. What stands before a dot is the row: ``conv.norm`` belongs to
    ``conv`` if that is the item before.
    """
    named = inputs if isinstance(inputs, dict) else {"input": inputs}
    made: list[Node] = []
    shapes, source = dict(named), next(iter(named))
    for item in items:
        if isinstance(item, Convolution):
            nodes = realise(item, source, shapes[source])
        elif isinstance(item, Node):
            nodes = (item,)
        else:
            title, made_of, *sources = item
            row = made[-1].row if made and title.startswith(made[-1].row + ".") else title
            nodes = (Node(title, made_of, tuple(sources) or (source,), row),)
        for node in nodes:
            shapes |= output_shapes(node, [shapes[i] for i in node.inputs])
            made.append(node)
        source = made[-1].name
    return Graph(name, tuple(named.items()), tuple(made), outputs or (source,))


def norm_relu(**norm: Any) -> Tail:
    """Return the tail batch norm, ReLU."""
    return ("norm", layer("batch_norm", **norm)), ("relu", layer("relu"))


def mixed() -> Graph:
    """Return a graph with every case: kinds, strides, padding, fixed, grouped, area 1, a residual, two outputs."""
    return graph(
        {"left": (12, 10, 3), "right": (12, 10, 2)},
        site("stem", filters=8, kernel=3, fixed=True, tail=norm_relu()),
        site("wide", filters=8, kernel=[3, 5], padding=["valid", 2], tail=norm_relu(scale=False)),
        site("half", kind="separable", filters=12, kernel=3, stride=2, bias=False),
        site("pair", kind="factorized", filters=12, kernel=3),
        ("sum", layer("add"), "half.pointwise", "pair.3x1"),
        site("groups", filters=12, kernel=3, groups=3),
        site("project", filters=4, kernel=1, tail=(("tanh", layer("tanh")),)),
        ("upper", layer("global_avg_pool")),
        ("lower", layer("global_max_pool"), "right"),
        ("both", layer("concat"), "upper", "lower"),
        outputs=("sum", "both"),
    )


MOBILENET = ((1, 64), (2, 128), (1, 128), (2, 256), (1, 256), (2, 512), *[(1, 512)] * 5, (2, 1024), (1, 1024))
"""Stride and filters of MobileNetV1's thirteen blocks (Howard et al. 2017, table 1, the last stride read as 1)."""


def mobilenet(
    *,
    alpha: float = 1.0,
    image: Shape = (224, 224, 3),
    classes: int = 1000,
    stages: tuple[tuple[int, int], ...] = MOBILENET,
    kind: str = "separable",
    end: str = "softmax",
    **norm: Any,
) -> Graph:
    """Return MobileNetV1, its first convolution fixed."""
    fields: dict[str, Any] = {"kernel": 3, "bias": False, "tail": norm_relu(**norm)}
    blocks = (
        site(f"stage{i}", kind=kind, filters=int(alpha * filters), stride=stride, **fields)
        for i, (stride, filters) in enumerate(stages, 1)
    )
    head = ("pool", layer("global_avg_pool")), ("dense", layer("dense", units=classes)), (end, layer(end))
    stem = site("stem", fixed=True, filters=int(alpha * 32), stride=2, **fields)
    return graph(image, stem, *blocks, *head)


def yamnet(**changes: Any) -> Graph:
    """YAMNet: MobileNetV1 on 96×64 log-mel patches, norms without gamma, 521 sigmoids."""
    return mobilenet(**{"image": (96, 64, 1), "classes": 521, "end": "sigmoid", "scale": False, **changes})


VGG = {
    "A": "64 M 128 M 256 256 M 512 512 M 512 512 M",
    "B": "64 64 M 128 128 M 256 256 M 512 512 M 512 512 M",
    "C": "64 64 M 128 128 M 256 256 256/1 M 512 512 512/1 M 512 512 512/1 M",
    "D": "64 64 M 128 128 M 256 256 256 M 512 512 512 M 512 512 512 M",
    "E": "64 64 M 128 128 M 256 256 256 256 M 512 512 512 512 M 512 512 512 512 M",
}
"""Configurations of table 1 of Simonyan & Zisserman 2014; 256/1 is a 1×1 convolution, M a pool."""


def vgg(configuration: str) -> Graph:
    """VGG with its three dense layers, biases and no norm."""
    items: list[Any] = []
    for i, word in enumerate(VGG[configuration].split()):
        filters, _, kernel = word.partition("/")
        if word == "M":
            items.append((f"pool{i}", layer("max_pool", kernel=2)))
        else:
            tail = (("relu", layer("relu")),)
            size = int(kernel or 3)
            items.append(site(f"conv{i}", filters=int(filters), kernel=size, tail=tail, fixed=i == 0))
    dense = ((f"fc{i}", layer("dense", units=units)) for i, units in enumerate((4096, 4096, 1000), 6))
    return graph((224, 224, 3), *items, ("flatten", layer("flatten")), *dense, ("softmax", layer("softmax")))


def torchvision_alexnet() -> Graph:
    """The AlexNet of torchvision: one weird trick's (Krizhevsky 2014) on 224×224, with fewer filters and no norm."""
    pool, relu = layer("max_pool", kernel=3, stride=2), (("relu", layer("relu")),)
    return graph(
        (224, 224, 3),
        site("conv1", filters=64, kernel=11, stride=4, padding=2, tail=relu), ("pool1", pool),
        site("conv2", filters=192, kernel=5, padding=2, tail=relu), ("pool2", pool),
        *(site(f"conv{i}", filters=n, kernel=3, padding=1, tail=relu) for i, n in ((3, 384), (4, 256), (5, 256))),
        ("pool5", pool), ("flatten", layer("flatten")),
        *((f"fc{i}", layer("dense", units=units)) for i, units in ((6, 4096), (7, 4096), (8, 1000))),
    )


EMBEDDING = ((24, (2, 2)), (48, (1, 2)), (72, (2, 2)), (96, (1, 2)), (96, (2, 2)))
"""Filters and pool of the speech embedding's five stages."""


def speech_embedding() -> Graph:
    """The speech embedding (Lin et al. 2020), its 1×3, 3×1 pairs written as factorized convolutions.

    Stage by stage: one pair then a pool, four times two pairs then a pool, and a 3×1 convolution at the end.
    """
    floor = ("maximum", layer("maximum", value=-0.4))
    act = (("norm", layer("batch_norm")), ("leaky_relu", layer("leaky_relu")), floor)
    items: list[Any] = [
        ("pad", layer("pad", amount=[0, 1])),
        site("stem", filters=24, kernel=3, padding="valid", bias=False, fixed=True, tail=norm_relu()[::-1]),
    ]
    for i, (filters, pool) in enumerate(EMBEDDING, 1):
        pair = {"filters": filters, "kernel": 3, "padding": ("valid", "same"), "bias": False, "tail": act}
        items += [site(f"pair{i}{half}", kind="factorized", **pair) for half in ("a" if i == 1 else "ab")]
        items.append((f"pool{i}", layer("max_pool", kernel=pool)))
    items.append(site("last", filters=96, kernel=(3, 1), padding="valid", bias=False, fixed=True))
    return graph((76, 32, 1), *items)


def reads_more(macs: int) -> tuple[str]:
    """Return the note on one factorized convolution whose first half runs on more rows than come out."""
    why = "the 1×K_w half runs on all H_in input rows: K_w·M·N·H_in·D_w"
    return (f"{macs:,} MACs beside the formula, on 1 with more rows in than out: {why}",)


def reads_all(macs: int) -> tuple[str]:
    """Return the note on one bottleneck whose first 1×1 runs on more positions than come out."""
    why = "the first 1×1 runs on all input positions: M·N/4·H_in·W_in"
    return (f"{macs:,} MACs beside the formula, on 1 with more positions in than out: {why}",)
