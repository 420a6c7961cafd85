"""Counting a graph: rows and totals, folded norms, activations alive, traffic, batches, depths, sections, status."""

import json
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costlens.arithmetic.cost import Cost
from costlens.arithmetic.shapes import Shape
from costlens.network.count import count, lines
from costlens.network.deployed import deployed_params
from costlens.network.graph import Graph, Node, folded_norms
from costlens.network.layers import layer_kind
from costlens.network.layers.relu import Relu
from costlens.network.variants import kind_names, rewrite
from costlens.results.counts import ModelCount, counts_document
from tests.cases.networks import (
    count_variants,
    graph,
    layer,
    mixed,
    mobilenet,
    norm_relu,
    site,
    speech_embedding,
    yamnet,
)  # fmt: skip

NETS = {"mixed": mixed(), "mobilenet": mobilenet(alpha=0.25), "yamnet": yamnet(), "embedding": speech_embedding()}
SUMS = ("params", "trainable", "non_trainable", "kernels", "deployed_params", "macs", "flops", "weight_bytes",
        "traffic_bytes")  # fmt: skip
CONV: dict[str, Any] = {"filters": 5, "kernel": 3}
BN, RELU, DROP, POOL = layer("batch_norm"), layer("relu"), layer("dropout"), layer("max_pool", kernel=2)
BARE = layer("conv", **CONV, bias=False)
IMAGE = (8, 6, 4)
WEIGHTS = 3 * 3 * 4 * 5


def check_sums(model: ModelCount) -> None:
    for figure in SUMS:
        assert getattr(model.totals, figure) == sum(getattr(row, figure) for row in model.rows), figure
    totals = model.totals
    assert totals.params == totals.trainable + totals.non_trainable
    assert totals.weight_bytes == 4 * totals.deployed_params
    assert totals.intensity == totals.flops / totals.traffic_bytes
    assert totals.peak_activation_bytes == max(row.live_bytes for row in model.rows)
    assert sum(row.macs_share for row in model.rows) == pytest.approx(1)
    assert sum(row.params_share for row in model.rows) == pytest.approx(1)


@pytest.mark.parametrize("title", NETS)
def test_totals_are_the_sums_of_rows_at_every_depth_of_every_kind(title: str) -> None:
    for name in ("as-written", *kind_names()):
        chosen = rewrite(NETS[title], name)
        models = [count(chosen, depth=depth) for depth in (None, 1, 2, 3)]
        for model in models:
            check_sums(model)
            assert model.totals == models[0].totals
            assert set(model.status.values()) == {"complete"}


def test_a_row_is_a_layer_with_its_norm_and_activation() -> None:
    net = graph(IMAGE, site("conv", **CONV, stride=[2, 1], bias=False, tail=norm_relu()), ("pool", POOL))
    conv, pool = count(net, title="two rows").rows
    kernels, outputs = WEIGHTS, 4 * 6 * 5
    flops = 2 * kernels * 24 + 2 * outputs + outputs
    traffic = 4 * (kernels + 5 + 8 * 6 * 4 + outputs)
    assert asdict(conv) == {
        "name": "conv", "kind": "conv", "convolution": "standard", "section": "",
        "input": IMAGE, "inputs": (IMAGE,), "output": (4, 6, 5), "kernel": (3, 3), "stride": (2, 1), "groups": 1,
        "params": kernels + 20, "trainable": kernels + 10, "non_trainable": 10, "kernels": kernels,
        "deployed_params": kernels + 5, "macs": kernels * 24, "flops": flops,
        "formula": "3·3·4·5 = 180, × 4·6", "weight_bytes": 4 * (kernels + 5), "traffic_bytes": traffic,
        "live_bytes": 4 * (192 + outputs), "intensity": flops / traffic, "params_share": 1.0, "macs_share": 1.0,
        "dtype": "float32", "uncounted": (), "reads": ("input",),
        "weight_bytes_int8": kernels + 4 * 5 + 4 * 5, "live_bytes_int8": 192 + outputs,
    }  # fmt: skip
    assert (pool.kind, pool.convolution, pool.input, pool.output, pool.params, pool.macs, pool.flops) == (
        "max_pool", "", (4, 6, 5), (2, 3, 5), 0, 0, 3 * 30)  # fmt: skip
    assert pool.live_bytes == 4 * (outputs + 30)
    assert pool.reads == ("conv",)


DEPLOYED: dict[str, tuple[Graph, int]] = {
    # title: graph, numbers the exported file stores
    "a norm behind a convolution is its bias": (
        graph(IMAGE, ("c", BARE), ("c.norm", BN)), WEIGHTS + 5),
    "a convolution that has a bias keeps one": (
        graph(IMAGE, ("c", layer("conv", **CONV)), ("c.norm", BN)), WEIGHTS + 5),
    "a norm without gamma and beta is a bias as well": (
        graph(IMAGE, ("c", BARE), ("c.norm", layer("batch_norm", scale=False, center=False))), WEIGHTS + 5),
    "a norm in a row of its own": (
        graph(IMAGE, ("c", BARE), ("n", BN)), WEIGHTS + 5),
    "a norm behind an activation keeps a scale and a shift": (
        graph(IMAGE, ("c", layer("conv", **CONV)), ("c.relu", RELU), ("c.norm", BN)), WEIGHTS + 5 + 10),
    "a norm behind a pool": (
        graph(IMAGE, ("c", layer("conv", **CONV)), ("p", POOL), ("n", BN)), WEIGHTS + 5 + 10),
    "a norm on the input": (graph(IMAGE, ("n", layer("batch_norm", scale=False))), 8),
    "a norm behind a join": (graph(IMAGE, ("s", layer("add"), "input", "input"), ("n", BN)), 8),
    "behind a depthwise convolution": (
        graph(IMAGE, ("d", layer("depthwise", kernel=3, bias=False)), ("n", BN)), 36 + 4),
    "behind a transposed convolution": (
        graph(IMAGE, ("t", layer("conv_transpose", **CONV, bias=False)), ("n", BN)), WEIGHTS + 5),
    "behind a dense layer": (graph((7,), ("d", layer("dense", units=3, bias=False)), ("n", BN)), 21 + 3),
    "a dropout between is nothing": (
        graph(IMAGE, ("c", BARE), ("drop", DROP), ("n", BN)), WEIGHTS + 5),
    "two norms make one bias": (
        graph(IMAGE, ("c", BARE), ("a", BN), ("drop", DROP), ("b", BN)), WEIGHTS + 5),
    "someone else reads the convolution": (
        graph(IMAGE, ("c", BARE), ("n", BN), ("s", layer("add"), "c", "n")), WEIGHTS + 10),
    "someone else reads the dropout": (
        graph(IMAGE, ("c", BARE), ("drop", DROP), ("n", BN), ("s", layer("add"), "drop", "n")), WEIGHTS + 10),
    "the convolution is an output itself": (
        graph(IMAGE, ("c", BARE), ("n", BN), outputs=("c", "n")), WEIGHTS + 10),
    "a layer norm stays": (
        graph(IMAGE, ("c", layer("conv", **CONV)), ("c.norm", layer("layer_norm"))), WEIGHTS + 5 + 10),
    "a norm in bands keeps a scale and a shift for each": (
        graph(IMAGE, ("c", BARE), ("c.norm", layer("sub_spectral_norm", bands=3, scale=False))), WEIGHTS + 2 * 3 * 5),
    "a shuffle is no place to fold through": (
        graph(IMAGE, ("c", layer("conv", filters=4, kernel=3, bias=False)), ("s", layer("channel_shuffle", groups=2)),
              ("n", BN)), 3 * 3 * 4 * 4 + 8),
    "squeeze-excite is no place to fold into": (
        graph(IMAGE, ("s", layer("squeeze_excite", ratio=2)), ("n", BN)), 2 * 4 * 2 + 2 + 4 + 8),
}  # fmt: skip


@pytest.mark.parametrize("title", DEPLOYED)
def test_deployed_parameters(title: str) -> None:
    net, expected = DEPLOYED[title]
    totals = count(net).totals
    assert totals.deployed_params == expected == sum(each.stored.numbers for each in deployed_params(net).values())
    assert totals.weight_bytes == 4 * expected


def test_a_folded_norm_knows_the_layer_it_becomes_the_bias_of() -> None:
    net = graph(IMAGE, ("c", BARE), ("a", BN), ("drop", DROP), ("b", BN), ("r", RELU), ("kept", BN))
    assert folded_norms(net) == {"a": "c", "b": "c"}
    stored = {name: each.stored.numbers for name, each in deployed_params(net).items()}
    assert stored == {"c": WEIGHTS + 5, "a": 0, "drop": 0, "b": 0, "r": 0, "kept": 10}


def test_folding_leaves_macs_and_parameters() -> None:
    with_norm, without = (graph(IMAGE, site("c", **CONV, tail=tail)) for tail in (norm_relu()[:1], ()))
    one, other = count(with_norm).totals, count(without).totals
    assert one.macs == other.macs
    assert one.deployed_params == other.deployed_params
    assert one.params == other.params + 4 * 5


IN_PLACE = ("relu", "batch_norm", "dropout")


@st.composite
def wirings(draw: st.DrawFn) -> Graph:
    """Draw a graph of rows that read any earlier tensor, with one or two inputs and any outputs."""
    shapes: dict[str, Shape] = {f"in{i}": (4, draw(st.integers(1, 4))) for i in range(draw(st.integers(1, 2)))}
    inputs = tuple(shapes.items())
    nodes: list[Node] = []
    for i in range(draw(st.integers(1, 9))):
        source = draw(st.sampled_from(sorted(shapes)))
        kind = draw(st.sampled_from([*IN_PLACE, "conv", "conv", "max_pool", "pad", "add", "concat"]))
        fields = {"conv": {"filters": draw(st.integers(1, 5)), "kernel": 1}, "max_pool": {"kernel": 2},
                  "pad": {"amount": 1}}.get(kind, {})  # fmt: skip
        if kind == "max_pool" and shapes[source][0] < 2:
            kind, fields = "relu", {}
        sources = [source]
        if kind in ("add", "concat"):
            same = [name for name in shapes if shapes[name] == shapes[source]]
            sources.append(draw(st.sampled_from(same)))
        made = layer_kind(kind)(**fields)
        name = f"n{i}"
        nodes.append(Node(name, made, tuple(sources), name))
        shapes[name] = made.output_shape(*(shapes[each] for each in sources))
        if kind == "conv" and draw(st.booleans()):
            nodes.append(Node(f"{name}.relu", RELU, (name,), name))
            shapes[f"{name}.relu"] = shapes.pop(name)
    made_here = [name for name in shapes if name not in dict(inputs)]
    outputs = {made_here[-1], *draw(st.lists(st.sampled_from(made_here), max_size=2))}
    return Graph("wiring", inputs, tuple(nodes), tuple(sorted(outputs)))


def alive_by_intervals(net: Graph) -> list[int]:
    """Sum the tensors whose life spans each row, less an input that the row writes over."""
    rows = list(net.rows())
    births = {name: 0 for name, _ in net.inputs} | {row.output: i for i, row in enumerate(rows)}
    last = len(rows)
    deaths = {
        name: last if name in net.outputs else max([birth, *(i for i, row in enumerate(rows) if name in row.inputs)])
        for name, birth in births.items()
    }
    size = {name: len(range(net.shapes[name][0] * net.shapes[name][1])) for name in births}
    sums = []
    for i, row in enumerate(rows):
        spanning = sum(size[name] for name in births if births[name] <= i <= deaths[name])
        writes_over = row.head.layer.kind() in IN_PLACE and deaths[row.inputs[0]] == i
        sums.append(spanning - writes_over * size[row.output])
    return sums


@given(wirings())
def test_activations_alive_against_a_simulation(net: Graph) -> None:
    model = count(net)
    assert [row.live_bytes for row in model.rows] == [4 * values for values in alive_by_intervals(net)]
    assert model.totals.peak_activation_bytes == 4 * max(alive_by_intervals(net))


@given(wirings(), st.integers(1, 5))
def test_a_batch_multiplies_work_and_activations_never_weights(net: Graph, batch: int) -> None:
    one, many = count(net), count(net, batch=batch)
    for single, several in zip((one.totals, *one.rows), (many.totals, *many.rows), strict=True):
        for figure in ("params", "trainable", "non_trainable", "kernels", "deployed_params", "weight_bytes"):
            assert getattr(several, figure) == getattr(single, figure)
        assert (several.macs, several.flops) == (batch * single.macs, batch * single.flops)
        moved = single.traffic_bytes - single.weight_bytes
        assert several.traffic_bytes == single.weight_bytes + batch * moved
    assert many.totals.peak_activation_bytes == batch * one.totals.peak_activation_bytes
    assert (one.batch, many.batch) == (1, batch)


@given(wirings())
def test_traffic_is_weights_and_each_tensor_read_or_written_once(net: Graph) -> None:
    for row, line in zip(count(net).rows, net.rows(), strict=True):
        inside = {node.name for node in line.nodes}
        read = {name for node in line.nodes for name in node.inputs} - inside
        moved = sum(net.shapes[name][0] * net.shapes[name][1] for name in (*read, line.nodes[-1].name))
        assert row.traffic_bytes == row.weight_bytes + 4 * moved


def test_a_batch_does_not_change_the_ratios() -> None:
    one, many = (count_variants(mixed(), ("separable",), batch=batch)[0] for batch in (1, 8))
    assert (one.macs_to_standard, one.params_to_standard) == (many.macs_to_standard, many.params_to_standard)


def nested() -> Graph:
    names = ("stage1.x1.conv1", "stage1.x2.conv1", "stage2.conv1", "stage2.residual1.conv1", "head")
    return graph((4, 4, 2), *((name, layer("conv", filters=2, kernel=1, bias=False)) for name in names))


@pytest.mark.parametrize(("depth", "expected"), [
    (None, ["stage1.x1.conv1", "stage1.x2.conv1", "stage2.conv1", "stage2.residual1.conv1", "head"]),
    (3, ["stage1.x1.conv1", "stage1.x2.conv1", "stage2.conv1", "stage2.residual1.conv1", "head"]),
    (2, ["stage1.x1.conv1", "stage1.x2.conv1", "stage2.conv1", "stage2.residual1.conv1", "head"]),
    (1, ["stage1", "stage2", "head"]),
])  # fmt: skip
def test_depth_folds_by_the_first_parts_of_a_name(depth: int | None, expected: list[str]) -> None:
    model = count(nested(), depth=depth)
    assert [row.name for row in model.rows] == expected
    if depth == 1:
        stage1 = model.rows[0]
        assert (stage1.kind, stage1.input, stage1.output) == ("2 layers", (4, 4, 2), (4, 4, 2))
        assert (stage1.kernel, stage1.stride, stage1.groups) == (None, None, None)
        assert stage1.formula == "2·2 + 2·2 = 8, × 4·4"


def test_a_folded_convolution_has_its_kind_and_both_halves() -> None:
    (row,) = count(graph(IMAGE, site("stage", kind="separable", filters=16, kernel=3, tail=norm_relu())), depth=1).rows
    assert (row.name, row.kind, row.convolution, row.input, row.output) == (
        "stage", "separable", "separable", IMAGE, (8, 6, 16))  # fmt: skip
    assert row.formula == "3·3·4 + 4·16 = 100, × 8·6"


def test_a_folded_block_names_all_it_reads() -> None:
    net = graph(
        {"left": (4, 2), "right": (4, 3)},
        ("block.conv1", layer("conv", filters=2, kernel=1)),
        ("block.join", layer("concat"), "block.conv1", "right"),
        ("end", layer("relu")),
    )
    block, _ = count(net, depth=1).rows
    assert block.inputs == ((4, 2), (4, 3))
    assert block.output == (4, 5)


def test_sections_have_subtotals() -> None:
    net = mixed()
    assert count(net).sections == ()
    cut = next(i for i, node in enumerate(net.nodes) if node.row.startswith("half"))
    nodes = tuple(replace(node, section="body" if i < cut else "head") for i, node in enumerate(net.nodes))
    model = count(Graph(net.name, net.inputs, nodes, net.outputs), batch=2)
    body, head = model.sections
    assert (body.name, head.name) == ("body", "head")
    for figure in ("params", "trainable", "kernels", "macs"):
        assert getattr(body, figure) + getattr(head, figure) == getattr(model.totals, figure)
        assert getattr(body, figure) == sum(getattr(row, figure) for row in model.rows if row.section == "body")


def test_a_rewrite_keeps_sections() -> None:
    net = mixed()
    nodes = tuple(replace(node, section="all") for node in net.nodes)
    for name in kind_names():
        model = count(rewrite(Graph(net.name, net.inputs, nodes, net.outputs), name))
        assert [section.name for section in model.sections] == ["all"]
        assert {row.section for row in model.rows} == {"all"}


class Loop(Relu):
    """A made-up layer of unknown cost."""

    def cost(self, shape: Shape, *more: Shape) -> Cost:
        return Cost(uncounted=("a loop of unknown length",))


@pytest.mark.parametrize(("items", "status", "uncounted"), [
    ((("conv", layer("conv", **CONV)),), "complete", ()),
    ((("conv", layer("conv", **CONV)), ("loop", Loop())), "partial", ("loop: a loop of unknown length",)),
    ((("conv", layer("conv", **CONV)), ("conv.loop", Loop()), ("end", RELU)), "partial",
     ("conv: a loop of unknown length",)),
    ((("loop", Loop()),), "unavailable", ("loop: a loop of unknown length",)),
    ((("a", Loop()), ("b", Loop())), "unavailable", ("a: a loop of unknown length", "b: a loop of unknown length")),
])  # fmt: skip
def test_a_total_says_what_it_leaves_out(items: Any, status: str, uncounted: tuple[str, ...]) -> None:
    model = count(graph(IMAGE, *items))
    assert set(model.status.values()) == {status}
    assert set(model.status) == set(asdict(model.totals))
    assert model.uncounted == uncounted
    assert sum(len(row.uncounted) for row in model.rows) == len(uncounted)


def test_the_document_is_versioned_and_the_same_on_every_run() -> None:
    models = count_variants(mixed(), ("as-written", *kind_names()))
    document = counts_document(models)
    assert list(document) == ["schema", "models"]
    assert document["schema"] == "costlens.count/1"
    first = document["models"][0]
    assert {"name", "variant", "totals", "rows"} <= set(first)
    assert {"params", "trainable", "non_trainable", "deployed_params", "macs", "flops", "weight_bytes", "traffic_bytes",
            "peak_activation_bytes"} <= set(first["totals"])  # fmt: skip
    assert {"name", "kind", "section", "input", "output", "kernel", "stride", "groups", "params", "trainable",
            "non_trainable", "macs", "flops", "formula"} <= set(first["rows"][0])  # fmt: skip
    again = counts_document(count_variants(mixed(), ("as-written", *kind_names())))
    assert json.dumps(document) == json.dumps(again)


def test_rows_as_a_data_frame_have_a_column_per_field() -> None:
    pandas = pytest.importorskip("pandas")
    model = count(mixed())
    frame = model.to_pandas()
    assert isinstance(frame, pandas.DataFrame)
    assert [frame.index.name, *frame.columns] == list(asdict(model.rows[0]))
    assert list(frame.index) == [row.name for row in model.rows]
    assert frame["macs"].sum() == model.totals.macs


def test_rows_are_in_topological_order() -> None:
    net = rewrite(mixed(), "factorized").graph
    assert [row.name for row in count(net).rows] == list(dict.fromkeys(node.row for node in net.nodes))
    assert [line.row.name for line in lines(net)] == [row.name for row in net.rows()]
