"""Graphs → specs that read as them: single statements, and blocks where these repeat."""

import pytest
from hypothesis import given

from costlens.network.graph import Graph
from costlens.network.same import renamed
from costlens.spec import shipped
from costlens.spec.loading import load, loads
from costlens.spec.repeated import with_blocks
from costlens.spec.written import Statements, spec_text, statements
from tests.cases import spec_texts
from tests.draw.strategies import specs

RESIDUAL = """
name: net
input: [32, 32, 3]
layers:
  - conv: {name: stem, filters: 8, kernel: 3}
  - conv: {name: stage1_block1_1_conv, filters: 8, kernel: 3, norm: batch, activation: relu}
  - conv: {name: stage1_block1_2_conv, filters: 8, kernel: 3, norm: batch}
  - add: {name: stage1_block1_add, from: [stem, stage1_block1_2_conv]}
  - conv: {name: stage1_block2_1_conv, filters: 6, kernel: 3, norm: batch, activation: relu}
  - conv: {name: stage1_block2_2_conv, filters: 8, kernel: 3, norm: batch}
  - add: {name: stage1_block2_add, from: [stage1_block1_add, stage1_block2_2_conv]}
  - conv: {name: stage2_block1_1_conv, filters: 4, kernel: 3, norm: batch, activation: relu}
  - conv: {name: stage2_block1_2_conv, filters: 8, kernel: 5, norm: batch}
  - add: {name: stage2_block1_add, from: [stage1_block2_add, stage2_block1_2_conv]}
  - conv: {name: stage2_block2_1_conv, filters: 4, kernel: 3, norm: batch, activation: relu}
  - conv: {name: stage2_block2_2_conv, filters: 8, kernel: 3, norm: batch}
  - add: {name: stage2_block2_add, from: [stage2_block1_add, stage2_block2_2_conv]}
  - dense: {name: head, units: 3}
"""
BLOCKS = """
name: net
input: [32, 32, 3]
blocks:
  stage_block:
    params: {source: required, filters: required, kernel: required}
    layers:
      - conv: {name: conv1, kernel: 3, filters: filters, norm: batch, activation: relu}
      - conv: {name: conv2, kernel: kernel, filters: 8, norm: batch}
      - add: {name: add, from: [source, conv2]}
layers:
  - conv: {name: stem, kernel: 3, filters: 8}
  - stage_block: {name: stage1_block1, source: stem, filters: 8, kernel: 3}
  - stage_block: {name: stage1_block2, source: stage1_block1, filters: 6, kernel: 3}
  - stage_block: {name: stage2_block1, source: stage1_block2, filters: 4, kernel: 5}
  - stage_block: {name: stage2_block2, source: stage2_block1, filters: 4, kernel: 3}
  - dense: {name: head, units: 3}
"""


def is_read(graph: Graph, said: Statements) -> bool:
    """Say whether the spec of these statements is read as the graph."""
    return renamed(graph, loads(spec_text(graph, said)).graph) is not None


@given(specs())
def test_every_random_graph_is_read_back(text: str) -> None:
    graph = loads(text).graph
    said = statements(graph)
    assert is_read(graph, said)
    assert is_read(graph, with_blocks(said))


@pytest.mark.many
@pytest.mark.parametrize("name", shipped.names())
def test_every_shipped_spec_is_read_back(name: str) -> None:
    graph = load(shipped.FOLDER / f"{name}.yaml").graph
    said = statements(graph)
    assert is_read(graph, said)
    assert is_read(graph, with_blocks(said))


@pytest.mark.parametrize("name", ["DESIGN", "RESIDUAL", "EVERYTHING", "FACTORIZED", "MIXES"])
def test_specs_as_people_write_them_are_read_back(name: str) -> None:
    graph = loads(getattr(spec_texts, name)).graph
    assert is_read(graph, with_blocks(statements(graph)))


def test_runs_of_one_structure_are_calls_of_a_block_and_what_differs_is_a_parameter() -> None:
    graph = loads(RESIDUAL).graph
    assert spec_text(graph, with_blocks(statements(graph))) == BLOCKS.lstrip()


@pytest.mark.parametrize(("change", "to"), [
    ("stage1_block2_2_conv, filters: 8, kernel: 3, norm: batch}", "stage1_block2_2_conv, filters: 8, kernel: 3}"),
    ("from: [stage1_block1_add, stage1_block2_2_conv]", "from: [stem, stage1_block1_add, stage1_block2_2_conv]"),
    ("filters: 6", "filters: 8"),
])  # fmt: skip
def test_what_is_another_structure_is_no_call(change: str, to: str) -> None:
    """A norm that is not there, another read: three runs of three are too few to be worth a block."""
    graph = loads(RESIDUAL.replace(change, to)).graph
    said = with_blocks(statements(graph))
    assert bool(said.blocks) is (to == "filters: 8")
    assert is_read(graph, said)


def test_what_is_read_within_a_run_by_others_is_no_block() -> None:
    more = "  - add: {name: more, from: [stage1_block1_1_conv, stem]}\noutputs: [head, more]\n"
    graph = loads(RESIDUAL + more).graph
    said = with_blocks(statements(graph))
    assert "stage1_block1_1_conv" in {each.name for each in said.body}
    assert is_read(graph, said)
