"""Layers inside a block, a repeat or a residual are read from outside by the name of what is around them."""

import pytest

from costlens.spec.loading import loads

HEAD = """\
name: t
input: [8, 4]
blocks:
  unit: {layers: [{dense: {units: 4, name: a}}, {relu: {name: b}}]}
  body: {layers: [{unit: {name: one}}, {unit: {name: two}}, {lstm: {units: 4, return_sequences: true,
                  return_state: true, name: l}}, {reshape: {shape: [32], name: flat}}, {reshape: [8, 4]}]}
  reads: {params: {skip: required}, layers: [{add: {from: [skip, input]}}, tanh]}
  single: {layers: [tanh]}
layers:
"""


@pytest.mark.parametrize(("layers", "reads"), [
    ("[{unit: {name: x}}, {add: {name: end, from: [x, x.a]}}]", ("x.b", "x.a")),
    ("[{body: {name: x}}, {add: {name: end, from: [x.one.a, x.two]}}]\noutputs: [x, end]", ("x.one.a", "x.two.b")),
    ("[unit, {dense: {units: 3, name: end, from: unit1.a}}]\noutputs: [unit1, end]", ("unit1.a",)),
    ("[{body: {name: x}}, {multiply: {name: end, from: [x.l.h, x.l.c]}}]\noutputs: [x, end]", ("x.l.h", "x.l.c")),
    ("[{repeat: {times: 2, name: r, layers: [{unit: {name: u}}]}}, {add: {name: end, from: [r1.u.a, r]}}]",
     ("r1.u.a", "r2.u.b")),
    ("[{repeat: {times: 2, layers: [{unit: {name: u}}, {add: {name: n, from: [u, u.a]}}]}},"
     " {add: {name: end, from: [u1.a, u2.a, n2]}}]", ("u1.a", "u2.a", "n2")),
    ("[{residual: {name: x, body: [{relu: {name: r}}]}}, {add: {name: end, from: [x, x.r]}}]", ("x.add", "x.r")),
    ("[{branches: {name: x, join: add, paths: [[relu], [{tanh: {name: t}}]]}},"
     " {add: {name: end, from: [x, x.path2.t]}}]", ("x.add", "x.path2.t")),
    ("[{unit: {name: x}}, {repeat: {for: {one: [x.a, x.b]}, layers: [{add: {from: [one, input]}}]}},"
     " {add: {name: end, from: [add1, add2]}}]", ("add1", "add2")),
    ("[{relu: {name: a}}, {unit: {name: x}}, {add: {name: end, from: [a, x.a]}}]\noutputs: [x, end]", ("a", "x.a")),
])  # fmt: skip
def test_what_a_layer_reads(layers: str, reads: tuple[str, ...]) -> None:
    graph = loads(f"{HEAD[:-1]} {layers}\n").graph
    (end,) = (node for node in graph.nodes if node.name == "end")
    assert end.inputs == reads


def test_a_parameter_may_be_the_name_of_one() -> None:
    graph = loads(f"{HEAD[:-1]} [{{unit: {{name: x}}}}, {{reads: {{name: end, skip: x.a}}}}]\noutputs: [x, end]").graph
    assert {node.name: node.inputs for node in graph.nodes}["end.add1"] == ("x.a", "input")
