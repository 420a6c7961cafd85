"""Random specs over all layer kinds: what is always true of a count, and agreement with Keras and with ONNX."""

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from math import prod
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import assume, given, settings

from costlens.network.count import count
from costlens.network.graph import Graph
from costlens.network.layers import layer_names
from costlens.network.variants import kind_names, rewrite
from costlens.results.counts import AS_WRITTEN
from costlens.spec import loading
from tests.cases.networks import count_variants
from tests.draw.strategies import specs
from tests.draw.strategy_fields import CONVOLUTIONS

pytestmark = pytest.mark.many

KINDS = (AS_WRITTEN, *kind_names())


def kinds_met(graph: Graph) -> set[str]:
    """Return the layer kinds and the kinds of convolution of a graph."""
    sites = {node.convolution.kind for node in graph.nodes if node.convolution}
    return {node.layer.kind() for node in graph.nodes} | sites


def for_each_kind(examples: int, check: Callable[[str, Graph], None], least: int = 0) -> None:
    """Run a check on that many random specs of each kind of layer: they have it, and what else is drawn."""
    met: Counter[str] = Counter()

    def run(kind: str) -> None:
        @settings(max_examples=examples)
        @given(specs(kind, least))
        def run_one(text: str) -> None:
            graph = loading.loads(text).graph
            assume(kind in kinds_met(graph))
            check(text, graph)
            if text not in texts:
                texts.add(text)
                met.update(kinds_met(graph))

        texts: set[str] = set()
        run_one()
        assert len(texts) >= examples, f"every spec of {kind} counts once"

    for kind in (*layer_names(), *CONVOLUTIONS[1:]):
        run(kind)
    assert {kind for kind in (*layer_names(), *kind_names()) if met[kind] < examples} == set()


def test_there_are_enough_random_specs() -> None:
    """Three of each kind are two hundred and more, one of each is sixty and more."""
    kinds = len(layer_names()) + len(CONVOLUTIONS) - 1
    assert (3 * kinds >= 200, kinds >= 60) == (True, True)


def test_three_specs_of_each_kind_are_counted() -> None:
    for_each_kind(3, lambda text, graph: None)


@given(specs())
def test_totals_are_the_sums_of_rows(text: str) -> None:
    model = count(loading.loads(text).graph)
    for figure in ("params", "trainable", "non_trainable", "deployed_params", "macs", "flops", "traffic_bytes"):
        assert getattr(model.totals, figure) == sum(getattr(row, figure) for row in model.rows)
    assert model.totals.peak_activation_bytes == max(row.live_bytes for row in model.rows)
    assert set(model.status.values()) == {"complete"}
    if model.sections:
        assert sum(section.macs for section in model.sections) == model.totals.macs
    assert count(loading.loads(text).graph, depth=1).totals == model.totals


@given(specs())
def test_every_variant_is_a_valid_graph_with_the_same_ends(text: str) -> None:
    graph = loading.loads(text).graph
    for name in KINDS:
        rewritten = rewrite(graph, name).graph
        assert rewritten.inputs == graph.inputs
        assert [rewritten.shapes[end] for end in rewritten.outputs] == [graph.shapes[end] for end in graph.outputs]
        assert rewrite(rewritten, name).graph == rewritten


@given(specs())
def test_as_written_is_what_was_written(text: str) -> None:
    graph = loading.loads(text).graph
    assert rewrite(graph, AS_WRITTEN).graph == graph


@given(specs())
def test_a_count_is_the_same_on_every_run(text: str) -> None:
    one, other = ([asdict(model) for model in count_variants(loading.loads(text).graph, KINDS)] for _ in range(2))
    assert one == other


def keras_macs(model: Any) -> int:
    """Count MACs from a built model: each kernel's numbers at every position of its output.

    A transposed convolution spreads from its input's positions; a dense layer has its leading axes as positions. Of a
    product of two tensors each output value sums over one axis of the first; a recurrent layer uses all of its kernels
    at every step of what it reads.
    """
    macs = 0
    for layer in model.layers:
        if type(layer).__name__ == "MatMul":
            summed = layer.input[0].shape[-2 if layer.get_config()["transpose_a"] else -1]
            macs += prod(layer.output.shape[1:]) * summed
        if any(weight.name == "recurrent_kernel" for weight in layer.weights):
            read = layer.input[0] if isinstance(layer.input, list) else layer.input
            kernels = [prod(weight.shape) for weight in layer.weights if weight.name.endswith("kernel")]
            macs += read.shape[1] * sum(kernels)
        holder = getattr(layer, "shares", layer)
        kernel = getattr(holder, "kernel", None)
        if kernel is None:
            continue
        if type(holder).__name__ == "EinsumDense":
            macs += einsum_macs(holder.equation, layer.input.shape, kernel.shape)
            continue
        shape = (layer.input if "Transpose" in type(holder).__name__ else layer.output).shape
        macs += prod(kernel.shape) * prod(shape[1:-1])
    return macs


def einsum_macs(equation: str, read: Any, kernel: Any) -> int:
    """Multiply the sizes of all letters, of the batch 1."""
    letters, weights = equation.partition("->")[0].split(",")
    return prod((dict(zip(letters, (1, *read[1:]), strict=True)) | dict(zip(weights, kernel, strict=True))).values())


def check_against_keras(text: str, graph: Graph) -> None:
    from costlens import frameworks
    from costlens.export import build
    from costlens.export.keras_model import listed

    frameworks.keras().backend.clear_session()
    model = build(graph)
    totals = count(graph).totals
    assert model.count_params() == totals.params, text
    assert sum(prod(weight.shape) for weight in model.trainable_weights) == totals.trainable, text
    assert sum(prod(weight.shape) for weight in model.non_trainable_weights) == totals.non_trainable, text
    assert keras_macs(model) == totals.macs, text
    assert [tuple(tensor.shape[1:]) for tensor in model.inputs] == [shape for _, shape in graph.inputs], text
    assert [tuple(tensor.shape[1:]) for tensor in model.outputs] == [graph.shapes[end] for end in graph.outputs], text
    for node in graph.nodes:
        layers = [layer for layer in model.layers if layer.name == node.name or layer.name.startswith(f"{node.name}-")]
        assert tuple(listed(layers[-1].output)[0].shape[1:]) == graph.shapes[node.name], f"{node.name} of\n{text}"
        stored = sum(prod(weight.shape) for layer in layers for weight in layer.weights)
        assert stored == node.layer.cost(*graph.input_shapes(node)).params, f"{node.name} of\n{text}"


@pytest.mark.tensorflow
def test_three_specs_of_each_kind_agree_with_the_keras_models_built_from_them() -> None:
    for_each_kind(3, check_against_keras)


def check_against_onnx(text: str, graph: Graph, path: Path) -> None:
    from costlens.export import export_and_prove

    facts = export_and_prove(graph, path, seed=0)
    assert [output.name for output in facts.outputs] == list(graph.outputs), text
    for output in facts.outputs:
        assert output.shape == graph.shapes[output.name], text
        assert output.largest_error <= 1e-4 * max(output.scale, 1e-2), f"{output}\n{text}"


@pytest.mark.tensorflow
def test_a_spec_of_each_kind_agrees_with_its_onnx_file(tmp_path: Path) -> None:
    for_each_kind(1, lambda text, graph: check_against_onnx(text, graph, tmp_path / "random.onnx"), least=2)


ONCE_WRONG = {
    "a layer norm of a single row behind a convolution": """
        input: [1, 6, 2]
        layers:
        - conv: {filters: 3, kernel: 3, norm: layer, name: a}
        - relu: {name: b}
        - add: {from: [a, b]}
    """,
    "the square of a tensor of one row": """
        input: [1, 6, 2]
        layers:
        - avg_pool: {kernel: [1, 2], padding: same}
        - tanh: {name: a}
        - dropout: {name: b}
        - multiply: {from: [a, b]}
    """,
    "a dilated convolution behind a padding": """
        input: [9, 11, 3]
        layers:
        - pad: 1
        - conv: {filters: 2, kernel: 3, dilation: 2}
    """,
    "one channel with strides (1, s)": """
        input: [11, 1, 1]
        layers:
        - factorized: {filters: 3, kernel: 3, stride: [1, 3]}
    """,
    "explicit zeros on one axis only": """
        input: [9, 8, 2]
        layers:
        - conv: {filters: 2, kernel: 3, padding: [0, same]}
        - max_pool: {kernel: 3, stride: 1, padding: [same, 0]}
        - avg_pool: {kernel: 2, padding: [1, same]}
    """,
    "a norm in a row of its own": """
        input: [9, 8, 2]
        layers:
        - conv: {filters: 2, kernel: 3, bias: false}
        - batch_norm
        - relu
    """,
}


@pytest.mark.tensorflow
@pytest.mark.parametrize("title", ONCE_WRONG)
def test_what_was_once_wrong(title: str, tmp_path: Path) -> None:
    text = "name: once_wrong\n" + dedent(ONCE_WRONG[title])
    graph = loading.loads(text).graph
    check_against_keras(text, graph)
    check_against_onnx(text, graph, tmp_path / "once_wrong.onnx")
