"""Layers, blocks and repeats that run again with the same weights: what a spec says, and what is counted of it."""

import re
from pathlib import Path

import pytest

from costlens.network.count import count
from costlens.network.graph import Graph
from costlens.network.variants import kind_names, rewrite
from costlens.spec.loading import loads
from tests.cases.shared_weights import CASES, HEAD, RETINANET
from tests.fakes.command_line import Run

STORED = ("params", "trainable", "non_trainable", "kernels", "weight_bytes")


def uses(graph: Graph) -> dict[str, str]:
    """Return the rows whose weights others store, and these."""
    rows = {node.name: node.row for node in graph.nodes}
    found = {}
    for node in graph.nodes:
        if node.weights and node.layer.cost(*graph.input_shapes(node)).params:
            found[node.row] = rows[node.weights]
    return found


@pytest.mark.parametrize("title", CASES)
def test_parameters_count_once_and_macs_each_time(title: str) -> None:
    case = CASES[title]
    graph = loads(case.text).graph
    model = count(graph)
    totals = model.totals
    assert (totals.params, totals.deployed_params, totals.macs) == (case.params, case.deployed, case.macs)
    assert uses(graph) == case.uses
    rows = {row.name: row for row in model.rows}
    for row, owner in case.uses.items():
        assert [getattr(rows[row], figure) for figure in STORED if figure != "weight_bytes"] == [0, 0, 0, 0]
        assert f" of {owner}" in rows[row].formula or not rows[row].macs
    for figure in (*STORED, "deployed_params", "macs", "flops", "traffic_bytes"):
        assert getattr(totals, figure) == sum(getattr(row, figure) for row in model.rows)


def test_a_count_says_whose_weights_rows_use() -> None:
    said = "12 rows use weights that another row stores (class4.tower1 those of class3.tower1, …); they count once"
    assert said in count(loads(RETINANET).graph).notes


def test_each_run_reads_the_weights_again() -> None:
    model = count(loads(CASES["a convolution with its norm, three times"].text).graph)
    first, second, third = model.rows
    assert first.traffic_bytes == second.traffic_bytes == third.traffic_bytes == 4 * (144 + 4 + 2 * 8 * 6 * 4)
    assert (first.weight_bytes, second.weight_bytes, third.weight_bytes) == (4 * 148, 0, 0)


def test_writing_the_layers_out_costs_the_same_work() -> None:
    """The same network with weights of its own in every layer differs in what is stored alone."""
    shared = count(loads(RETINANET).graph).totals
    apart = RETINANET.replace("shared: class3", "values: classes").replace("shared: class4", "values: classes")
    apart = apart.replace("- shared: {name", "- head: {name").replace("of: box3", "values: 4")
    own = count(loads(apart).graph).totals
    same = ("macs", "flops", "traffic_bytes", "peak_activation_bytes")
    assert [getattr(shared, figure) for figure in same] == [getattr(own, figure) for figure in same]
    assert shared.params < own.params


@pytest.mark.parametrize("kind", kind_names())
@pytest.mark.parametrize("title", CASES)
def test_a_variant_gives_all_runs_one_kind(title: str, kind: str) -> None:
    variant = rewrite(loads(CASES[title].text).graph, kind)
    sites = {node.convolution for node in variant.graph.nodes if node.convolution}
    assert {site.name: site.kind for site in sites if site.weights} == {
        site.name: of.kind for site in sites for of in sites if of.name == site.weights
    }
    assert rewrite(variant.graph, kind).graph == variant.graph


def test_all_runs_stay_where_one_cannot_have_the_kind() -> None:
    text = HEAD + "- conv: {name: a, filters: 4, kernel: 3}\n- dropout\n- conv: {shared: a}\n"
    graph = loads(text).graph
    fixed = rewrite(loads(text.replace("kernel: 3}", "kernel: 3, fixed: true}")).graph, "separable")
    assert [(each.name, each.reason) for each in fixed.left_alone] == [
        ("a", "fixed in the spec"), ("conv1", "fixed in the spec")
    ]  # fmt: skip
    assert rewrite(graph, "separable").left_alone == ()
    line = "name: t\ninput: [8, 4]\nlayers:\n- conv: {name: a, filters: 4, kernel: 3}\n- conv: {shared: a}\n"
    left = rewrite(loads(line).graph, "factorized").left_alone
    assert [each.name for each in left] == ["a", "conv1"]


def test_rules_give_all_runs_the_kind_of_the_one_that_stores_the_weights() -> None:
    graph = loads(RETINANET).graph
    mixed = rewrite(graph, {"class3": "separable"})
    kinds = {node.convolution.name: node.convolution.kind for node in mixed.graph.nodes if node.convolution}
    assert {name for name, kind in kinds.items() if kind == "separable"} == {
        f"class{level}.{part}" for level in (3, 4, 5) for part in ("tower1", "tower2", "predict")
    }
    other = rewrite(graph, {"*": "separable", "class4.tower1": "standard", "box5.predict": "grouped"})
    assert [(each.name, each.reason) for each in other.left_alone] == [
        ("class4.tower1", "has the same weights as class3.tower1"),
        ("box5.predict", "has the same weights as box3.predict"),
    ]
    assert {node.convolution.kind for node in other.graph.nodes if node.convolution} == {"separable"}
    alone = rewrite(graph, {"class4": "separable"})
    assert alone.graph == graph
    assert {each.reason for each in alone.left_alone} == {
        f"has the same weights as class3.{part}" for part in ("tower1", "tower2", "predict")
    }


def test_explain_says_whose_weights_a_row_uses(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "heads.yaml"
    path.write_text(RETINANET)
    shown = run("explain", str(path), "--layer", "class4.tower1").stdout
    assert "those of class3.tower1, where their parameters count" in shown
    assert "2.3 KiB weights" in shown  # read again: 9·8·8 kernels and 8 biases of 4 bytes


def test_another_kind_of_one_run_is_another_kind_of_all() -> None:
    from costlens.analysis.explain import network_layer

    graph = loads(RETINANET).graph
    for kind in kind_names():
        rewritten = count(rewrite(graph, kind).graph)
        for name in ("class3.tower2", "class5.tower2"):
            site = network_layer(graph, count(graph), name).site
            assert site is not None
            (asked,) = (each for each in site.alternatives if each.kind == kind)
            if kind == "standard":
                assert asked.network_params == rewritten.totals.params
            macs = [
                sum(row.macs or 0 for row in model.rows if re.match(r"class\d\.tower2", row.name))
                for model in (count(graph), rewritten)
            ]
            assert asked.network_macs - (count(graph).totals.macs or 0) == macs[1] - macs[0]
