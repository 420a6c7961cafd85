"""Multiply-accumulates are those of a run: the walk against brute force on what each node of a run read and wrote."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from costlens.readers.onnx import file
from costlens.readers.onnx.steps import Walk
from costlens.readers.onnx.walk import inputs_of, walk
from tests.cases.contractions import COUNTED, brute_force
from tests.cases.contrib_nodes import CONTRIB
from tests.cases.microsoft_nodes import MICROSOFT
from tests.fakes.executed_onnx import Executed, executed, executed_by_onnxruntime, of_node

pytestmark = pytest.mark.many
DATA = Path(onnx.__file__).parent / "backend/test/data"
NO_RULE = {
    "SequenceMap", "ArrayFeatureExtractor", "Binarizer", "LabelEncoder", "TreeEnsemble", "Adagrad", "Adam", "Gradient",
    "Momentum",
}  # fmt: skip
"""Operators of ai.onnx.ml and of training, and a map over an input of any length: all are listed."""


def _walked(model: Any, inputs: Sequence[Any]) -> Walk:
    slim = file.parsed(model.SerializeToString())
    given = [(value.name, array) for value, array in zip(inputs_of(slim.graph), inputs, strict=False)]
    arrays = {name: array for name, array in given if hasattr(array, "dtype")}
    small = {name: array for name, array in arrays.items() if array.size <= 4096 and array.dtype.kind in "iufb"}
    values = {name: tuple(np.asarray(array).ravel().tolist()) for name, array in small.items()}
    return walk(slim, {name: tuple(array.shape) for name, array in arrays.items()}, values)


def _operators(nodes: Any) -> Iterator[str]:
    for node in nodes:
        yield node.op_type
        for attribute in node.attribute:
            yield from _operators(attribute.g.node)


def _runs(model: Any, inputs: Sequence[Any], outputs: Sequence[Any]) -> list[Executed]:
    """Return what ran: the arrays that come with a test of one node, else a run by the reference evaluator."""
    if len(model.graph.node) == 1 and not model.functions:
        (node,) = model.graph.node
        read, wrote = iter(inputs), iter(outputs)
        return [of_node(node, [next(read) if name else None for name in node.input],
                        [next(wrote) if name else None for name in node.output])]  # fmt: skip
    feeds = {value.name: array for value, array in zip(model.graph.input, inputs, strict=False)}
    return executed(model, feeds, tuple(COUNTED))


def test_every_node_test_counts_as_brute_force_does() -> None:
    from onnx.backend.test.case.node import collect_testcases

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cases = collect_testcases()
    wrong, one, more, unknown = [], 0, 0, set()
    for case in cases:
        functions = [node for function in case.model.functions for node in function.node]
        contracts = set(_operators([*case.model.graph.node, *functions])) & COUNTED.keys()
        for inputs, outputs in case.data_sets:
            walked = _walked(case.model, inputs)
            expected = sum(map(brute_force, _runs(case.model, inputs, outputs))) if contracts else 0
            missing = {step.op for step in walked.steps if step.uncounted}
            unknown |= missing
            one += bool(contracts) and len(case.model.graph.node) == 1
            more += bool(contracts) and len(case.model.graph.node) > 1
            wrong += [(case.name, expected, walked.macs)] if walked.macs != expected or contracts & missing else []
    assert (wrong, unknown - NO_RULE) == ([], set())
    assert (one >= 220, more >= 135) == (True, True), (one, more)


def _stored_tests() -> Iterator[tuple[str, Any, list[Any]]]:
    for path in sorted(DATA.glob("*/*/model.onnx")):
        for folder in sorted(path.parent.glob("test_data_set_*")):
            stored = [onnx.TensorProto.FromString((folder / f"input_{index}.pb").read_bytes())
                      for index in range(len(list(folder.glob("input_*.pb"))))]  # fmt: skip
            yield path.parent.name, onnx.load(path), [numpy_helper.to_array(tensor) for tensor in stored]


def test_models_that_come_with_onnx_count_as_brute_force_does() -> None:
    wrong, contracting = [], 0
    for name, model, inputs in _stored_tests():
        walked = _walked(model, inputs)
        if {step.op for step in walked.steps if step.uncounted} & NO_RULE:
            continue
        feeds = {value.name: array for value, array in zip(inputs_of(model.graph), inputs, strict=False)}
        expected = sum(map(brute_force, executed(model, feeds, tuple(COUNTED))))
        contracting += expected > 0
        wrong += [] if walked.macs == expected else [(name, expected, walked.macs)]
    assert (wrong, contracting >= 30) == ([], True)


LIGHT = {
    "bvlc_alexnet": 654_560_384,  # of 224 × 224 without padding; 724,406,816 of 227 × 227
    "densenet121": 2_834_161_664,
    "inception_v1": 1_431_556_352,
    "inception_v2": 2_018_851_840,
    "resnet50": 4_089_184_256,  # He et al. 2016, table 1, with the stride in the 3 × 3
    "shufflenet": 124_664_528,
    "squeezenet": 349_151_936,  # version 1.1
    "vgg19": 19_632_062_464,  # Simonyan and Zisserman 2015, configuration E
    "zfnet512": 1_481_727_008,
}


@pytest.mark.parametrize("name", LIGHT)
def test_networks_without_weights_count_as_brute_force_does(name: str) -> None:
    path = DATA / "light" / f"light_{name}.onnx"
    model = onnx.load(path)
    feeds = {
        value.name: np.zeros([size.dim_value for size in value.type.tensor_type.shape.dim], np.float32)
        for value in inputs_of(model.graph)
    }
    walked = walk(file.model(path), {key: array.shape for key, array in feeds.items()})
    assert not any(step.uncounted for step in walked.steps)
    assert walked.macs == sum(map(brute_force, executed_by_onnxruntime(model, feeds))) == LIGHT[name]


@pytest.mark.parametrize("title", MICROSOFT | CONTRIB)
def test_operators_of_onnxruntime_count_as_brute_force_does(title: str) -> None:
    case: Mapping[str, Any] = (MICROSOFT | CONTRIB)[title]
    model, feeds = case["model"], case["feeds"]
    (ran,) = executed_by_onnxruntime(model, feeds)
    walked = _walked(model, list(feeds.values()))
    assert [step.uncounted for step in walked.steps] == [""]
    assert walked.macs == brute_force(ran)
    shapes = [None if array is None else array.shape for array in ran.outputs]
    assert [tensor and tensor.shape for tensor in walked.steps[0].outputs] == shapes
