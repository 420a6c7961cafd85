"""Small graphs of convolutions that take more than a kernel and a stride, also over volumes, and of transposed ones."""

from typing import Any

from costlens.network.graph import Graph
from tests.cases.networks import graph, layer, norm_relu, site

_BN = ("c.norm", layer("batch_norm"))
_RELU = ("c.relu", layer("relu"))


def _conv(**fields: Any) -> tuple[str, Any]:
    return "c", layer("conv", **{"filters": 6, "kernel": 3, **fields})


def _up(image: tuple[int, ...], *after: Any, **fields: Any) -> Graph:
    return graph(image, ("c", layer("conv_transpose", **{"filters": 5, "kernel": 3, **fields})), *after)


WINDOWS: dict[str, Graph] = {
    **{
        f"transposed {len(image) - 1}D, {padding}, kernel {kernel}, stride {stride}": _up(
            image, *after, kernel=kernel, stride=stride, padding=padding, bias=bias
        )
        for image in ((12, 3), (7, 6, 3))
        for padding in ("same", "valid")
        for kernel, stride, bias, after in ((3, 2, True, (_BN, _RELU)), (4, 3, False, (_BN,)), (2, 4, False, ()))
    },
    **{
        f"transposed {len(image) - 1}D, {title}": _up(image, *after, filters=6, bias=not after, **fields)
        for image in ((12, 4), (7, 6, 4), (3, 5, 4, 4))
        for after in ((), (_BN, _RELU))
        for title, fields in {
            f"in groups{' with a norm' if after else ''}": {"kernel": 3, "stride": 2, "groups": 2},
            f"dilated{' with a norm' if after else ''}": {"kernel": 3, "dilation": 2, "padding": "valid"},
            f"cells cut off{' with a norm' if after else ''}": {
                "kernel": 3, "stride": 2, "padding": 1, "output_padding": 1
            },
            f"all at once{' with a norm' if after else ''}": {
                "kernel": 3, "stride": 3, "dilation": 2, "groups": 2, "padding": 2, "output_padding": 1
            },
        }.items()
    },
    "transposed, each channel": _up((7, 6, 4), _BN, _RELU, filters=4, groups=4, kernel=4, stride=2, padding=1),
    "transposed, causal and same_lower": _up((9, 6, 3), kernel=4, stride=[3, 1], padding=["causal", "same_lower"]),
    "transposed, zeros at the end, in groups": _up((7, 4), _BN, filters=4, groups=2, kernel=2, stride=4),
    "transposed, one filter": _up((7, 6, 3), _BN, filters=1, bias=False),
    "transposed, unequal": _up((7, 6, 3), _BN, kernel=[3, 1], stride=[2, 1]),
}

for _image in ((13, 4), (9, 8, 4), (4, 6, 5, 4)):
    _axes = f"{len(_image) - 1}D"
    WINDOWS |= {
        f"causal, {_axes}": graph(
            _image,
            _conv(padding="causal", dilation=2, bias=False), _BN, _RELU,
            ("d", layer("depthwise", kernel=3, padding="causal")),
            ("g", layer("conv", filters=4, kernel=4, groups=2, stride=2, padding="causal")),
        ),
        f"same_lower, {_axes}": graph(_image, _conv(kernel=4, stride=2, padding="same_lower"), _BN),
        f"strides and dilation, {_axes}": graph(
            _image,
            _conv(stride=2, dilation=2, bias=False), _BN, _RELU,
            ("d", layer("depthwise", kernel=2, stride=2, dilation=2, multiplier=2)), ("d.norm", layer("batch_norm")),
            ("g", layer("conv", filters=4, kernel=3, stride=2, dilation=2, groups=2, padding=2)),
        ),
    }  # fmt: skip

WINDOWS |= {
    "3D": graph((5, 7, 6, 4), _conv(kernel=[1, 3, 3], stride=[1, 2, 2], bias=False), _BN, _RELU, ("d", layer(
        "conv", filters=4, kernel=3, padding=[[2, 1], 0, "same"]))),
    "3D, depthwise": graph(
        (5, 7, 6, 3), ("c", layer("depthwise", kernel=3, stride=[1, 2, 2], multiplier=2, bias=False)), _BN, _RELU,
        ("d", layer("depthwise", kernel=[3, 1, 1], padding="valid")),
    ),
    "3D, grouped": graph((5, 7, 6, 6), _conv(filters=9, groups=3), _BN, _RELU, ("d", layer(
        "conv", filters=4, kernel=[3, 2, 1], groups=1, dilation=[2, 1, 1]))),
    "3D, transposed": _up((3, 5, 4, 3), _BN, _RELU, kernel=[3, 2, 4], stride=[2, 3, 1], bias=False),
    "3D, each kind": graph(
        (4, 7, 6, 4),
        *(site(kind, kind=kind, filters=8, kernel=3, stride=[1, 2, 1], bias=False, tail=norm_relu())
          for kind in ("separable", "factorized", "bottleneck", "grouped")),
    ),
}  # fmt: skip

WINDOWS |= {
    **{
        f"pools of {image}, {title}": graph(
            image, *before, ("p", layer(kind, **fields)), ("d", layer("conv", filters=3, kernel=1))
        )
        for image, before in (
            ((12, 2), ()), ((10, 8, 2), (_conv(bias=False), _BN, _RELU)), ((4, 8, 6, 2), ()), ((8, 1, 2), ()),
        )
        for title, kind, fields in (
            ("max, ceil", "max_pool", {"kernel": [2, *[1] * (len(image) - 2)], "ceil": True, "stride": 3}),
            ("max, ceil and padding", "max_pool", {"kernel": 3, "ceil": True, "stride": 2, "padding": 1}),
            ("max, dilated", "max_pool", {"kernel": 2, "stride": 1, "dilation": 2, "padding": 1}),
            ("max, dilated, same", "max_pool", {"kernel": 2, "stride": 2, "dilation": [3, *[1] * (len(image) - 2)],
                                                "padding": "same"}),
            ("max to a size", "max_pool", {"output": [2, *[1] * (len(image) - 2)]}),
            ("mean, ceil", "avg_pool", {"kernel": [3, *[1] * (len(image) - 2)], "ceil": True, "stride": 2}),
            ("mean, ceil, padding in it", "avg_pool", {"kernel": 3, "ceil": True, "stride": 2, "padding": 1}),
            ("mean, ceil, padding out", "avg_pool", {"kernel": 3, "ceil": True, "stride": 2, "padding": 1,
                                                     "count_include_pad": False}),
            ("mean, same in it", "avg_pool", {"kernel": 3, "stride": 1, "padding": "same", "count_include_pad": True}),
            ("mean, more than there was", "avg_pool", {"kernel": 2, "stride": 1, "padding": 1,
                                                       "count_include_pad": False}),
        )
        if not (1 in image[:-1] and fields.get("dilation") == 2)
    },
    "pools of the input alone": graph((7, 6, 2), ("p", layer("max_pool", kernel=2, ceil=True))),
}  # fmt: skip
