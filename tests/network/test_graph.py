"""A graph checks itself when it is made."""

from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from costlens.errors import CostlensError, ShapeError, UsageError
from costlens.network.count import count
from costlens.network.graph import Graph, Node
from tests.cases.networks import graph, layer, norm_relu, site

INPUTS = (("input", (8, 6, 4)),)


def node(name: str, kind: str, *inputs: str, **fields: Any) -> Node:
    return Node(name, layer(kind, **fields), inputs or ("input",), name)


REFUSALS: dict[str, tuple[tuple[Node, ...], tuple[str, ...], type[CostlensError], str]] = {
    "a name used twice": (
        (node("a", "relu"), node("a", "tanh")), ("a",), UsageError,
        "net: a: name used twice; every layer needs its own"),
    "a layer called like the input": (
        (node("input", "relu"),), ("input",), UsageError, "net: input: name used twice"),
    "a layer that reads what is not there": (
        (node("a", "relu", "b"),), ("a",), UsageError, "net: a: reads b, which is not defined before it"),
    "a layer that reads what comes later": (
        (node("a", "relu", "b"), node("b", "relu")), ("b",), UsageError,
        "net: a: reads b, which is not defined before"),
    "a layer that reads itself": (
        (node("a", "relu", "a"),), ("a",), UsageError, "net: a: reads a, which is not defined before it"),
    "an output that is not there": (
        (node("a", "relu"),), ("b",), UsageError, "net: output b is not defined"),
    "two inputs for one": (
        (node("a", "relu", "input", "input"),), ("a",), UsageError,
        "net: a: relu takes one input, received 2; join them with add, multiply or concat first"),
    "one input for two or more": (
        (node("a", "add"),), ("a",), UsageError, "net: a: add takes 2 or more inputs, received 1"),
    "a layer called like a part of another": (
        (node("a", "split", parts=2), node("a.part2", "relu")), ("a",), UsageError, "net: a.part2: name used twice"),
    "a part called like another layer": (
        (node("a.part2", "relu"), node("a", "split", parts=2)), ("a",), UsageError,
        "net: a: its output a.part2 has the name of another tensor"),
    "an embedding of what a layer makes": (
        (node("a", "relu"), node("b", "embedding", "a", size=3, units=2)), ("b",), UsageError,
        "net: b: embedding reads whole numbers, which a does not make; name an input in its from:"),
    "a layer that reads tokens": (
        (node("a", "embedding", size=3, units=2), node("b", "relu", "input")), ("a", "b"), UsageError,
        "net: b: input is of whole numbers for a (embedding); read that one"),
    "a layer that cannot take its input": (
        (node("a", "flatten"), node("b", "conv", "a", filters=1, kernel=3)), ("b",), ShapeError,
        "net: b: conv takes (T, C), (H, W, C) or (D, H, W, C), received (192,)"),
}  # fmt: skip


@pytest.mark.parametrize("title", REFUSALS)
def test_a_graph_refuses(title: str) -> None:
    nodes, outputs, kind, says = REFUSALS[title]
    with pytest.raises(kind) as caught:
        Graph("net", INPUTS, nodes, outputs)
    assert str(caught.value).startswith(says)
    assert caught.value.exit_code == 2


def test_shapes_follow_the_layers() -> None:
    net = graph((8, 6, 4), site("conv", filters=5, kernel=3, stride=2, tail=norm_relu()), ("flat", layer("flatten")))
    assert dict(net.shapes) == {
        "input": (8, 6, 4), "conv": (4, 3, 5), "conv.norm": (4, 3, 5), "conv.relu": (4, 3, 5), "flat": (60,)
    }  # fmt: skip


def test_graphs_are_values() -> None:
    one, other = (graph((8, 6, 4), site("conv", filters=5, kernel=3)) for _ in range(2))
    assert one == other
    assert one is not other
    assert one != graph((8, 6, 4), site("conv", filters=6, kernel=3))
    with pytest.raises(FrozenInstanceError):
        one.name = "other"  # type: ignore[misc]
    with pytest.raises(TypeError):
        one.shapes["conv"] = (1,)  # type: ignore[index]


def test_a_layer_with_several_outputs_has_them_all_read_counted_and_kept_alive() -> None:
    net = Graph("net", INPUTS, (
        node("cut", "split", parts=[1, 3]), node("narrow", "relu", "cut"), node("wide", "relu", "cut.part2")
    ), ("narrow", "wide"))  # fmt: skip
    assert (net.shapes["cut"], net.shapes["cut.part2"]) == ((8, 6, 1), (8, 6, 3))
    cut, narrow, wide = net.rows()
    assert (net.writes(cut), net.writes(narrow)) == (("cut", "cut.part2"), ("narrow",))
    assert wide.inputs == ("cut.part2",)
    counted = count(net).rows
    assert [row.reads for row in counted] == [("input",), ("cut",), ("cut",)]
    assert [row.traffic_bytes for row in counted] == [4 * 48 * 8, 4 * 48 * 2, 4 * 48 * 6]
    assert [row.live_bytes for row in counted] == [4 * 48 * 8, 4 * 48 * 4, 4 * 48 * 4]


def test_rows_are_runs_of_nodes_with_what_they_read_and_leave() -> None:
    net = graph(
        {"left": (8, 4), "right": (8, 4)},
        site("conv", filters=4, kernel=3, tail=norm_relu()),
        ("sum", layer("add"), "conv.relu", "right", "left"),
        ("sum.relu", layer("relu")),
    )
    conv, joined = net.rows()
    assert (conv.name, conv.head.name, conv.inputs, conv.output) == ("conv", "conv", ("left",), "conv.relu")
    assert (joined.name, joined.inputs, joined.output) == ("sum", ("conv.relu", "right", "left"), "sum.relu")
