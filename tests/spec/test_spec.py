"""The spec language: what each statement expands to, how it is named, which values it sees."""

from typing import Any

import pytest

from costlens.network.count import count
from costlens.spec.loading import loads
from costlens.spec.model import Spec
from tests.cases import spec_texts
from tests.cases.spec_texts import HEAD, edges


def layers(body: str, head: str = HEAD) -> Spec:
    """Load a spec of these statements, one a line."""
    return loads(head + "layers:\n" + "".join(f"  - {line}\n" for line in body.strip().splitlines()))


# title, statements (one a line), nodes with what they read
EXPANSIONS = [
    ("names count each kind from one", "relu\nrelu\ntanh\nrelu", "relu1<input relu2<relu1 tanh1<relu2 relu3<tanh1"),
    ("a name of one's own does not count", "relu: {name: a}\nrelu", "a<input relu1<a"),
    ("an automatic name skips one that is given, also later", "relu\nrelu: {name: relu1}\nrelu",
     "relu2<input relu1<relu2 relu3<relu1"),
    ("norm and activations belong to the row", "dense: {units: 4, norm: batch, activation: [relu, tanh, relu]}",
     "dense1<input dense1.norm<dense1 dense1.relu<dense1.norm dense1.tanh<dense1.relu dense1.relu2<dense1.tanh"),
    ("a separable convolution repeats them", "separable: {name: s, filters: 4, kernel: 3, activation: relu}",
     "s.depthwise<input s.depthwise.relu<s.depthwise s.pointwise<s.depthwise.relu s.pointwise.relu<s.pointwise"),
    ("a factorized convolution", "factorized: {filters: 4, kernel: 3}",
     "factorized1.1x3<input factorized1.3x1<factorized1.1x3"),
    ("from reads another layer", "relu: {name: a}\ntanh: {from: input}\nadd: {from: [a, tanh1]}",
     "a<input tanh1<input add1<a,tanh1"),
    ("from may name an automatic name", "relu\ntanh\nadd: {from: [relu1, tanh1]}",
     "relu1<input tanh1<relu1 add1<relu1,tanh1"),
    ("a tensor may be read twice", "concat: {from: [input, input]}", "concat1<input,input"),
    ("a repeat goes on counting", "relu\nrepeat: {times: 2, layers: [relu, tanh]}\nrelu",
     "relu1<input relu2<relu1 tanh1<relu2 relu3<tanh1 tanh2<relu3 relu4<tanh2"),
    ("a repeat numbers names", "repeat: {times: 2, layers: [{relu: {name: x}}, {add: {from: [x, input]}}]}",
     "x1<input add1<x1,input x2<add1 add2<x2,input"),
    ("nested repeats number on", "repeat: {times: 2, layers: [{repeat: {times: 2, layers: [{relu: {name: x}}]}}]}",
     "x1<input x2<x1 x3<x2 x4<x3"),
    ("a repeat with a name has a scope for each time",
     "repeat: {times: 2, name: r, layers: [{relu: {name: x}}]}\nadd: {from: [r, r1]}",
     "r1.x<input r2.x<r1.x add1<r2.x,r1.x"),
    ("no times is nothing", "relu\nrepeat: {times: 0, layers: [tanh]}\nrelu", "relu1<input relu2<relu1"),
    ("a residual with the identity", "residual: {body: [relu]}",
     "residual1.relu1<input residual1.add<residual1.relu1,input"),
    ("a residual with a shortcut and an activation",
     "residual: {name: r, body: [relu, tanh], shortcut: [relu], activation: relu}",
     "r.relu1<input r.tanh1<r.relu1 r.relu2<input r.add<r.tanh1,r.relu2 r.add.relu<r.add"),
    ("a residual that multiplies", "residual: {body: [sigmoid], join: multiply}",
     "residual1.sigmoid1<input residual1.multiply<residual1.sigmoid1,input"),
    ("branches", "branches: [[relu], [], [tanh, relu]]",
     "branches1.path1.relu1<input branches1.path3.tanh1<input branches1.path3.relu1<branches1.path3.tanh1 "
     "branches1.concat<branches1.path1.relu1,input,branches1.path3.relu1"),
    ("branches that are added", "branches: {name: b, paths: [[relu], [tanh]], join: add}",
     "b.path1.relu1<input b.path2.tanh1<input b.add<b.path1.relu1,b.path2.tanh1"),
    ("a name of branches is their output",
     "branches: {name: b, paths: [[relu], []]}\nrelu\nconcat: {from: [b, relu1]}",
     "b.path1.relu1<input b.concat<b.path1.relu1,input relu1<b.concat concat1<b.concat,relu1"),
    ("inner names hide outer ones", "relu: {name: a}\nresidual: {body: [{tanh: {name: a}}, {relu: {from: a}}]}",
     "a<input residual1.a<a residual1.relu1<residual1.a residual1.add<residual1.relu1,a"),
    ("outer names are seen inside", "relu: {name: a}\ntanh\nresidual: {body: [{add: {from: [tanh1, a]}}]}",
     "a<input tanh1<a residual1.add1<tanh1,a residual1.add<residual1.add1,tanh1"),
    ("a residual reads from another",
     "relu: {name: a}\ntanh\nresidual: {from: a, body: [relu]}\nadd: {from: [residual1, tanh1]}",
     "a<input tanh1<a residual1.relu1<a residual1.add<residual1.relu1,a add1<residual1.add,tanh1"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), [case[1:] for case in EXPANSIONS], ids=[case[0] for case in EXPANSIONS])
def test_expansion(body: str, expected: str) -> None:
    assert edges(layers(body)) == expected


BLOCKS = (
    HEAD
    + """\
blocks:
  one: {params: {units: 4}, layers: [{dense: {units: units}}]}
  two: {params: {units: 4, act: relu}, layers: [{dense: {units: units}}, {dense: {units: 2 * units, activation: act}}]}
  deep: {layers: [{one: {units: alpha * 8}}]}
  deeper: {layers: [relu, {deep: {name: d}}]}
  skip: {layers: [{residual: {body: [relu]}}]}
  many: {params: {n: 2}, layers: [{repeat: {times: n, layers: [relu]}}]}
  both: {params: {other: required}, layers: [{relu: {name: r}}, {add: {from: [other, r]}}]}
  pass: {params: {on: required}, layers: [{elu: {name: r}}, {both: {name: b, other: on}}]}
"""
)
CALLS = [
    ("a block of one statement lends it its name", "one\none: {name: x}", "one1<input x<one1"),
    ("a block of several is a level", "two: {name: x}", "x.dense1<input x.dense2<x.dense1 x.dense2.relu<x.dense2"),
    ("lending goes through", "elu\ndeep", "elu1<input deep1<elu1"),
    ("and stops at a name", "elu\ndeeper", "elu1<input deeper1.relu1<elu1 deeper1.d<deeper1.relu1"),
    ("a residual takes the name as its scope", "skip: {name: x}", "x.relu1<input x.add<x.relu1,input"),
    ("a repeat does not", "many: {name: x, n: 2}", "x.relu1<input x.relu2<x.relu1"),
    ("a block that is all there is takes no level", "many: {n: 2}", "relu1<input relu2<relu1"),
    ("nor do blocks in it that are all there is", "deeper", "relu1<input d<relu1"),
    ("a block that is all there is, with a name, is a level", "deeper: {name: x}", "x.relu1<input x.d<x.relu1"),
    ("calls in a repeat are numbered", "repeat: {times: 2, layers: [{one: {name: x}}, one]}",
     "x1<input one1<x1 x2<one1 one2<x2"),
    ("a parameter may name a layer", "relu: {name: a}\ntanh\nboth: {name: x, other: a}",
     "a<input tanh1<a x.r<tanh1 x.add1<a,x.r"),
    ("one that stands where the call does", "relu: {name: r}\ntanh: {name: other}\nboth: {name: x, other: r}",
     "r<input other<r x.r<other x.add1<r,x.r"),
    ("also passed on", "relu: {name: r}\npass: {name: x, on: r}", "r<input x.r<r x.b.r<x.r x.b.add1<x.r,x.b.r"),
    ("a call may read another layer",
     "relu: {name: a}\none: {units: 3}\none: {from: a, units: 3}\nadd: {from: [one1, one2]}",
     "a<input one1<a one2<a add1<one1,one2"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), [case[1:] for case in CALLS], ids=[case[0] for case in CALLS])
def test_call(body: str, expected: str) -> None:
    assert edges(layers(body, BLOCKS)) == expected


# two ways to write the same network
SAME = [
    ("a repeat, written out", "repeat: {times: 3, layers: [{dense: 5}, relu]}",
     "dense: 5\nrelu\ndense: 5\nrelu\ndense: 5\nrelu"),
    ("a shorthand", "max_pool: 2", "max_pool: {kernel: 2}"),
    ("a bare word", "relu", "relu: {}"),
    ("nothing behind the colon", "relu", "relu:"),
    ("short branches", "branches: [[relu], []]", "branches: {paths: [[relu], []], join: concat}"),
    ("an expression", "dense: 64 * alpha", "dense: 48"),
    ("a float that is whole", "dense: 48.0", "dense: 48"),
    ("arithmetic that is whole but for the last bit", "dense: 10 * 3 * (alpha - 0.65)", "dense: 3"),
    ("expressions in lists", "conv: {filters: 4, kernel: [2 + 1, 5], padding: [pad, 2 * 1]}",
     "conv: {filters: 4, kernel: [3, 5], padding: [same, 2]}"),
    ("a word from a knob", "conv: {filters: 4, kernel: 3, padding: pad}",
     "conv: {filters: 4, kernel: 3, padding: same}"),
    ("a comparison for a flag", "dense: {units: 4, bias: alpha > 1}", "dense: {units: 4, bias: false}"),
    ("a choice", "dense: {units: 8 if alpha < 1 else 4}", "dense: 8"),
    ("no norm, no activation", "dense: {units: 4, norm: none, activation: none}", "dense: 4"),
    ("an empty list of activations", "dense: {units: 4, activation: []}", "dense: 4"),
    ("an activation with its shorthand", "dense: {units: 4, activation: {leaky_relu: 0.3}}",
     "dense: {units: 4, activation: [{leaky_relu: {slope: 0.3}}]}"),
    ("a norm with no fields", "dense: {units: 4, norm: {batch: }}", "dense: {units: 4, norm: batch}"),
    ("an empty shortcut", "residual: {body: [relu], shortcut: []}", "residual: {body: [relu], shortcut: }"),
    ("an alias", "&r relu\n*r", "relu\nrelu"),
    ("a quoted number", "dense: '3'", "dense: 3"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), [case[1:] for case in SAME], ids=[case[0] for case in SAME])
def test_same_network(one: str, other: str) -> None:
    assert layers(one).graph == layers(other).graph


def head_layer(text: str, index: int = 0) -> Any:
    """Return the layer of a node."""
    return loads(text).graph.nodes[index].layer


DEFAULTS = (
    HEAD
    + """\
defaults:
  conv: {bias: false, padding: valid, multiplier: 2, kernel: 5}
  separable: {kernel: 3}
  dense: {units: 4, bias: false}
  max_pool: {stride: 1}
"""
)


def test_defaults_of_conv_go_to_every_kind_of_convolution() -> None:
    spec = layers("conv: {filters: 2}\ndepthwise\nseparable: {filters: 4}\nconv_transpose: {filters: 2}", DEFAULTS)
    conv, depthwise, half, point, transpose = (node.layer.values() for node in spec.graph.nodes)
    assert (conv["kernel"], conv["padding"], conv["bias"]) == (5, "valid", False)
    assert (depthwise["kernel"], depthwise["multiplier"], depthwise["bias"]) == (5, 2, False)
    assert (half["kernel"], half["multiplier"], point["bias"]) == (3, 1, False)
    assert (transpose["kernel"], transpose["padding"]) == (5, "valid")


def test_defaults_of_another_kind_and_a_field_that_overrules() -> None:
    dense, other, pool = (
        node.layer.values()
        for node in layers("dense\ndense: {units: 3, bias: true}\nmax_pool: 2", DEFAULTS).graph.nodes
    )
    assert (dense["units"], dense["bias"], other["units"], other["bias"]) == (4, False, 3, True)
    assert (pool["kernel"], pool["stride"]) == (2, 1)


def test_defaults_see_knobs_not_parameters() -> None:
    text = (
        HEAD
        + "defaults: {dense: {units: 8 * alpha}}\nblocks: {b: {params: {alpha: 1}, layers: [dense]}}\nlayers: [b]\n"
    )
    assert head_layer(text).units == 6


def test_parameters_hide_knobs_and_defaults_of_parameters_see_earlier_ones() -> None:
    text = HEAD + (
        "blocks: {b: {params: {alpha: required, wide: alpha * 2, pad: [1, 2]},"
        " layers: [{conv: {filters: wide, kernel: alpha, padding: pad}}]}}\nlayers: [{b: {alpha: 3 * alpha - 0.25}}]\n"
    )
    assert head_layer(text).values() | {"groups": 1} == {
        "kernel": 2,
        "stride": 1,
        "padding": (1, 2),
        "dilation": 1,
        "filters": 4,
        "groups": 1,
        "bias": True,
    }


def test_norms_and_activations_can_be_parameters() -> None:
    text = HEAD + (
        "blocks: {b: {params: {norm: batch, act: [relu, {maximum: 0.5}]}, layers: [{dense: {units: 2, norm: norm, "
        "activation: act}}]}}\nlayers: [b, {b: {norm: {layer: {epsilon: 1e-3 * alpha}}, act: none}}]\n"
    )
    spec = loads(text)
    assert [node.name for node in spec.graph.nodes] == ["b1", "b1.norm", "b1.relu", "b1.maximum", "b2", "b2.norm"]
    assert spec.graph.nodes[5].layer.values()["epsilon"] == 0.75e-3


def test_a_convolution_keeps_what_the_architecture_means() -> None:
    spec = layers(
        "separable: {name: s, filters: 4, kernel: 3, norm: batch, activation: relu, fixed: alpha < 1}\n"
        "depthwise: {kernel: 3, norm: batch}"
    )
    site = spec.graph.nodes[0].convolution
    assert site is not None
    assert (site.name, site.kind, site.fixed, site.layer.filters) == ("s", "separable", True, 4)
    assert [suffix for suffix, _ in site.tail] == ["norm", "relu"]
    assert [node.row for node in spec.graph.nodes] == [
        *3 * ["s.depthwise"],
        *3 * ["s.pointwise"],
        *2 * ["depthwise1"],
    ]
    assert spec.graph.nodes[-1].convolution is None


def test_a_norm_written_as_a_statement_is_a_row_of_its_own() -> None:
    assert [node.row for node in layers("dense: 4\nbatch_norm\nrelu").graph.nodes] == ["dense1", "batch_norm1", "relu1"]


def test_several_inputs_outputs_and_sections() -> None:
    spec = loads(spec_texts.EVERYTHING)
    assert spec.graph.inputs == (("a", (16, 16, 4)), ("b", (16, 16, 4)))
    assert spec.graph.outputs == ("gelu1", "c")
    assert {node.section for node in spec.graph.nodes} == {"trunk", "head"}
    assert [node.section for node in spec.graph.nodes if node.name in {"c", "dense1"}] == ["trunk", "head"]
    assert [section.name for section in count(spec.graph).sections] == ["trunk", "head"]


def test_outputs_may_be_inside_a_block() -> None:
    spec = loads(BLOCKS + "layers: [{two: {name: x}}, {both: {name: y, other: x}}]\noutputs: [x.dense2, y.r, y]\n")
    assert spec.graph.outputs == ("x.dense2.relu", "y.r", "y.add1")
