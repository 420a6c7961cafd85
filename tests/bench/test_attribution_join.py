"""Whose a kernel is: the join of a profile with the rows, on graphs by hand."""

from dataclasses import replace

import pytest

from costlens.bench.attribution.join import Assignment, assign, rows_without_kernel
from costlens.results.names import numbered
from costlens.runtimes._profile import GraphNode, Kernel
from tests.cases.attribution_graphs import FIXED_BATCH, FREE_BATCH, ROWS, SOURCE, kernels, node


def assigned(optimised: tuple[GraphNode, ...], rows: tuple[str, ...] = ROWS) -> list[tuple[str, ...]]:
    found = assign(kernels(optimised), optimised, SOURCE, rows)
    return [("layout" if one.layout else one.row or "other", *one.fused) for one in found]


@pytest.mark.parametrize("optimised", [FIXED_BATCH, FREE_BATCH], ids=["fixed batch", "free batch"])
def test_kernels_of_a_rewritten_graph_find_their_rows(optimised: tuple[GraphNode, ...]) -> None:
    assert assigned(optimised) == [
        ("layout",),
        ("stem",),
        ("block.conv", "block.add"),  # the sum and its ReLU happen as the convolution writes its result
        ("last",),
        ("layout",),
        ("flatten",),  # a row that only moves data keeps its kernel
        ("dense",),
    ]


def test_kernels_of_an_unchanged_graph_find_their_rows() -> None:
    assert assigned(SOURCE) == [
        ("layout",), ("stem",), ("stem",), ("block.conv",), ("block.add",), ("block.add",), ("last",), ("flatten",),
        ("dense",), ("dense",),
    ]  # fmt: skip


def test_a_fused_row_is_inside_another() -> None:
    found = assign(kernels(FREE_BATCH), FREE_BATCH, SOURCE, ROWS)
    assert rows_without_kernel(found) == {"block.add": "block.conv"}
    assert rows_without_kernel(assign(kernels(SOURCE), SOURCE, SOURCE, ROWS)) == {}


def test_rows_of_a_bare_file_are_its_nodes() -> None:
    rows = tuple(one.name for one in SOURCE)
    assert assigned(FREE_BATCH, rows)[:3] == [
        ("stem/Transpose",), ("stem", "stem/relu/Relu"), ("block.conv", "block.add/relu/Relu", "block.add/Add"),
    ]  # fmt: skip


def test_the_branch_that_is_added_does_not_depend_on_the_order_of_the_sum() -> None:
    swapped = tuple(replace(n, inputs=n.inputs[::-1]) if n.op == "Add" else n for n in SOURCE)
    found = assign(kernels(FREE_BATCH), FREE_BATCH, swapped, ROWS)
    assert [one.row for one in found if one.kernel.op == "Conv"] == ["stem", "block.conv", "last"]


def test_unnamed_nodes_are_joined_in_their_order() -> None:
    source = (node("Conv", "", "x w", "a"), node("Relu", "", "a", "b"), node("Conv", "", "b v", "c"))
    found = assign(kernels(source), source, source, ("Conv_0", "Relu_1", "Conv_2"))
    assert [one.row for one in found] == ["Conv_0", "Relu_1", "Conv_2"]


REPEATED = (
    node("Constant", "conv", "", "one"),
    node("Conv", "conv", "x w", "conv"),
    node("Relu", "act", "conv", "b"),
    node("Conv", "conv", "b v", "c"),
    node("Relu", "act", "c", "d"),
)
REPEATED_ROWS = ("conv", "act", "conv #2", "act #2")


def test_nodes_of_one_name_have_rows_of_their_own() -> None:
    assert numbered(["conv", "act", "conv", "act"]) == list(REPEATED_ROWS)
    ran = REPEATED[1:]
    assert [one.row for one in assign(kernels(ran), ran, REPEATED, REPEATED_ROWS)] == list(REPEATED_ROWS)


def test_nodes_of_one_name_are_taken_in_order_where_their_tensors_are_renamed() -> None:
    ran = (
        node("Conv", "conv", "x r", "new1"),
        node("Relu", "act", "new1", "new2"),
        node("Conv", "conv", "new2 q", "new3"),
    )
    found = assign(kernels(ran), ran, REPEATED, REPEATED_ROWS)
    assert [one.row for one in found] == ["conv", "act", "conv #2"]
    fused = (node("Conv", "conv", "x r", "b"), node("Conv", "conv", "b q", "new"))
    assert [one.row for one in assign(kernels(fused), fused, REPEATED, REPEATED_ROWS)] == ["conv", "conv #2"]


def test_a_node_named_as_the_profile_names_an_unnamed_one() -> None:
    graph = (node("Conv", "", "x w", "a"), node("Relu", "", "a", "b"), node("Relu", "Relu_1", "b", "c"))
    ran = (Kernel("Conv_0", "Conv"), Kernel("Relu_1", "Relu"), Kernel("Relu_1", "Relu"))
    rows = ("Conv_0", "Relu_1", "Relu_1 #2")
    assert [one.row for one in assign(ran, graph, graph, rows)] == list(rows)
    swapped = (node("Relu", "Relu_1", "x", "a"), node("Relu", "", "a", "b"), node("Conv", "", "b w", "c"))
    assert [one.row for one in assign((*ran[1:], ran[0]), swapped, swapped, ("Relu_1", "Relu_1 #2", "Conv_2"))] == [
        "Relu_1", "Relu_1 #2", "Conv_2"
    ]  # fmt: skip


def test_more_kernels_of_a_name_than_nodes_are_not_assigned_twice() -> None:
    ran = REPEATED[1:2]
    found = assign((*kernels(ran), *kernels(ran)), ran, REPEATED, REPEATED_ROWS)
    assert [one.row for one in found] == ["conv", None]


def test_a_scale_that_became_a_convolution_is_found_by_the_start_of_its_name() -> None:
    source = (
        node("Conv", "stem", "x w", "stem:0"),
        node("Mul", "norm/Mul", "stem:0 s", "norm/Mul:0"),
        node("Conv", "next", "norm/Mul:0 v", "next:0"),
    )
    optimised = (
        node("Conv", "stem:0_nchwc", "x r", "reorder_token_0"),
        node("Conv", "norm/Mul:0_mul_nchwc", "reorder_token_0 q", "reorder_token_1"),
        node("Conv", "next:0_nchwc", "reorder_token_1 p", "reorder_token_2"),
    )
    found = assign(kernels(optimised), optimised, source, ("stem", "norm", "next"))
    assert [(one.row, one.fused) for one in found] == [("stem", ()), ("norm", ()), ("next", ())]


def test_a_node_of_no_row_belongs_to_the_row_it_reads_from() -> None:
    source = (node("Conv", "a", "x w", "a:0"), node("Clip", "Clip__17", "a:0", "clipped"))
    found = assign(kernels(source), source, source, ("a",))
    assert [one.row for one in found] == ["a", "a"]


def test_what_no_node_explains_is_other_and_what_only_moves_is_layout() -> None:
    strangers = (Kernel("mystery", "Mystery"), Kernel("ReorderInput_token_3", "ReorderInput"))
    found = assign(strangers, FREE_BATCH, SOURCE, ROWS)
    assert found == (Assignment(strangers[0], None), Assignment(strangers[1], None, layout=True))


@pytest.mark.parametrize("graph", [(), SOURCE[:3], (node("Loop", "loop", "n c x", "y"),)], ids=["no", "part", "loop"])
def test_a_graph_that_is_not_understood_raises_nothing(graph: tuple[GraphNode, ...]) -> None:
    found = assign(kernels(FREE_BATCH), FREE_BATCH, graph, ROWS)
    assert [one.kernel for one in found] == list(kernels(FREE_BATCH))
