"""A layer of the spatial sizes of another tensor is the layer with these sizes written out."""

import pytest

from costlens.spec.loading import loads

HEAD = """\
name: t
input: [9, 12, 2]
blocks: {unit: {layers: [{conv: {filters: 2, kernel: 3, stride: 2, name: a}}, {max_pool: 2}]}}
layers:
  - conv: {filters: 2, kernel: 1, name: wide}
  - unit: {name: x}
"""


@pytest.mark.parametrize(("like", "written"), [
    ("resize: {like: wide}", "resize: [9, 12]"),
    ("resize: {like: wide, mode: bilinear}", "resize: {size: [9, 12], mode: bilinear}"),
    ("resize: {like: input}", "resize: [9, 12]"),
    ("resize: {like: x.a}", "resize: [5, 6]"),
    ("resize: {like: x}", "resize: [2, 3]"),
    ("repeat: {for: {other: [x.a, wide]}, layers: [{resize: {like: other}}]}",
     "repeat: {for: {n: [[5, 6], [9, 12]]}, layers: [{resize: n}]}"),
    ("crop: {like: x.a, from: wide}", "crop: {amount: [[2, 2], [3, 3]], from: wide}"),
    ("crop: {like: x, from: wide}", "crop: {amount: [[3, 4], [4, 5]], from: wide}"),
])  # fmt: skip
def test_it_is_the_layer_with_the_sizes_written_out(like: str, written: str) -> None:
    ends = "\noutputs: [wide, x, {}]"
    last = "resize2" if "repeat" in like else f"{like.partition(':')[0]}1"
    one, other = (loads(f"{HEAD}  - {layer}{ends.format(last)}\n") for layer in (like, written))
    assert one.graph == other.graph
