"""Graphs that meet each way in which what works value by value, normalises or reduces axes is exported."""

from typing import Any

from costlens.network.graph import Graph
from tests.cases.networks import graph, layer

_BN = ("c.norm", layer("batch_norm"))
_RELU = ("c.relu", layer("relu"))


def _conv(**fields: Any) -> tuple[str, Any]:
    return "c", layer("conv", **{"filters": 6, "kernel": 3, **fields})


def _activation(kind: str, **fields: Any) -> Graph:
    return graph((6, 5, 4), _conv(bias=False), ("c.act", layer(kind, **fields)))


CASES: dict[str, Graph] = {
    "mish": _activation("mish"),
    "softplus": _activation("softplus"),
    "softsign": _activation("softsign"),
    "selu": _activation("selu"),
    "celu": _activation("celu", alpha=0.7),
    "hard_tanh": _activation("hard_tanh"),
    "exp": _activation("exp"),
    "square": _activation("square"),
    "abs": _activation("abs"),
    "power": _activation("power", exponent=3),
    "sqrt": graph((6, 5, 4), _conv(), _RELU, ("c.act", layer("sqrt"))),
    "prelu": _activation("prelu"),
    "prelu, one slope": _activation("prelu", shared_axes="all"),
    "prelu, a slope for each column": _activation("prelu", shared_axes=[0, 2]),
    "prelu of one channel behind a norm": graph(
        (6, 1, 4), _conv(filters=1, bias=False), _BN, ("c.act", layer("prelu")),
        ("p", layer("prelu", shared_axes="all")),
    ),
    "prelu, 1D, flat and read twice": graph(
        (9, 4), _conv(), ("c.act", layer("prelu")), ("a", layer("add"), "c", "c.act"),
        ("f", layer("flatten")), ("d", layer("dense", units=5)), ("d.act", layer("prelu")),
    ),
    **{
        f"group norm of {groups} groups, {'flat' if flat else '2D'}": graph(
            (6, 5, 4), _conv(), *([("f", layer("flatten"))] if flat else []), ("n", layer("group_norm", groups=groups)),
            ("d", layer("conv", filters=4, kernel=1) if not flat else layer("dense", units=4)),
        )
        for groups, flat in ((2, False), (6, False), (3, True))
    },
    "instance norm": graph((6, 5, 4), _conv(bias=False), ("c.norm", layer("instance_norm")), _RELU),
    "instance norm, 1D, without numbers": graph((9, 4), ("n", layer("instance_norm", scale=False, center=False))),
    "global norm, as Conv-TasNet has it": graph(
        (9, 4), _conv(), ("c.act", layer("prelu")), ("c.norm", layer("global_norm", epsilon=1e-8)),
        ("d", layer("depthwise", kernel=3)), ("d.act", layer("prelu")), ("d.norm", layer("global_norm")),
    ),
    "global norm over more values than one sum of the file may have": graph(
        (1001, 512), ("s", layer("square")), ("n", layer("global_norm"))
    ),
    "sums of many values along two axes": graph(
        (81, 7, 90, 1), ("s", layer("square")), ("r", layer("reduce", by="sum", axis=[0, -2])),
        ("f", layer("flatten")), ("d", layer("dense", units=4)),
    ),
    "global norm of one value each": graph((6, 1, 1), ("n", layer("global_norm"))),
    "rms norm": graph((6, 5, 4), _conv(), ("c.norm", layer("rms_norm")), ("n", layer("rms_norm", epsilon=1e-3))),
    "rms norm, flat": graph((8,), ("c", layer("dense", units=6)), ("c.norm", layer("rms_norm"))),
    "unit norm of an embedding": graph((8,), ("c", layer("dense", units=6)), ("n", layer("unit_norm"))),
    "unit norm at each position": graph((6, 5, 4), _conv(), ("c.norm", layer("unit_norm", epsilon=1e-3))),
    "scale, as ConvNeXt has it": graph(
        (6, 5, 4), _conv(filters=4), ("s", layer("scale", initial=1e-6)), ("a", layer("add"), "input", "s")
    ),
    "scale of one channel": graph((9, 1), ("s", layer("scale")), ("d", layer("conv", filters=1, kernel=3)),
                                  ("t", layer("scale"))),
    "affine": graph(
        (6, 5, 4), ("n", layer("affine")), _conv(bias=False), ("m", layer("affine")), ("f", layer("flatten")),
        ("d", layer("dense", units=3, bias=False)), ("o", layer("affine")),
    ),
    "affine of one channel": graph((9, 1), ("n", layer("affine")), _conv(filters=1), ("m", layer("affine"))),
    "statistics over time": graph((9, 4), _conv(), ("p", layer("stats_pool")), ("d", layer("dense", units=5))),
    "statistics over time of each frequency": graph((6, 5, 4), ("p", layer("stats_pool", epsilon=0.1))),
    **{
        f"reduce to {by}": graph(
            (6, 5, 4), _conv(), ("r", layer("reduce", by=by, axis=1)), ("d", layer("dense", units=5)),
            ("k", layer("reduce", by=by, axis=[0, 1], keep_axes=True), "c"), outputs=("d", "k"),
        )
        for by in ("mean", "max", "min", "sum", "std", "variance", "l2")
    },
    **{
        f"{kind} a constant": graph(
            (6, 5, 4), _conv(), ("a", layer(kind, value=2)), ("f", layer("flatten")), ("d", layer("dense", units=5)),
            ("b", layer(kind, value=-0.5)), ("c2", layer(kind, value=1)),
        )
        for kind in ("add", "multiply", "subtract", "divide")
    },
    **{
        f"{kind} of two and of three": graph(
            (6, 5, 4), _conv(), ("g", layer("global_avg_pool", keep_axes=True)), ("s", layer("sigmoid")),
            ("m", layer("maximum", value=0.25)), ("j", layer(kind), "c", "m"), ("k", layer(kind), "j", "m", "m"),
        )
        for kind in ("subtract", "divide", "average", "maximum", "minimum")
    },
    **{
        f"softmax over axis {axis} of {shape}": graph(
            shape, _conv(filters=4), ("s", layer("softmax", axis=axis)), ("d", layer("conv", filters=3, kernel=1))
        )
        for shape in ((9, 3), (6, 5, 4), (3, 4, 5, 2))
        for axis in (0, -2)
    },
    "attentive pooling": graph(
        (9, 6), _conv(filters=4), ("t", layer("tanh")), ("e", layer("conv", filters=6, kernel=1)),
        ("a", layer("softmax", axis=0)), ("w", layer("multiply"), "input", "a"),
        ("m", layer("reduce", by="sum", axis=0)), ("d", layer("dense", units=5)),
    ),
    "squeeze-excite with other activations": graph(
        (7, 6, 8), ("a", layer("squeeze_excite", reduced=3, inner="hard_swish", gate="silu")),
        ("b", layer("squeeze_excite", ratio=2, inner="relu6", gate="hard_tanh")),
    ),
}
