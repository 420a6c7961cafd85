"""The bank of kernels of common sizes: always the same one, of every form, and close to networks that it never saw."""

from collections import Counter
from random import Random

import pytest

from costlens.network.graph import Graph
from costlens.prediction import Conditions, Table, Times
from costlens.prediction.classes import class_of
from costlens.prediction.kernels import kernels
from costlens.prediction.sums import predict
from costlens.runtimes._operation import Operation
from costlens.spec.loading import load
from costlens.tasks import _bank
from costlens.tasks._bank import bank
from tests.places import ROOT

BLOCK = 16
NETWORKS = ("mobilenet_v1", "resnet18", "ds_cnn_l", "yamnet", "squeezenet", "crnn")


def network(name: str) -> Graph:
    return load(str(ROOT / "specs" / f"{name}.yaml")).graph


@pytest.fixture(scope="module")
def every() -> list[Operation]:
    return bank(BLOCK)


def test_it_is_the_same_each_time_and_small_enough_to_be_timed(every: list[Operation]) -> None:
    texts = [one.text for one in every]
    assert texts == [one.text for one in bank(BLOCK)]
    assert len(set(texts)) == len(texts)
    assert 5_000 < len(texts) < 5_300


def test_no_kernel_takes_long(every: list[Operation]) -> None:
    assert max(one.macs for one in every) < _bank._LARGE_MACS
    assert max(one.weight_bytes + one.activation_bytes for one in every) < _bank._LARGE_BYTES
    large = sum(one.macs > _bank._MOST_MACS for one in every)
    assert large == sum(form.number for form in _bank._LARGE)


def test_a_form_draws_the_same_kernels_whatever_the_others_are() -> None:
    """So a table that was filled needs only the kernels of what was added."""
    alone = _bank._made(_bank._ODD, BLOCK)
    assert alone.keys() <= _bank._made((_bank._KEPT_FORMS[0], *_bank._ODD), BLOCK).keys()


@pytest.mark.parametrize(
    "form", [*_bank._FORMS, *_bank._ODD, *_bank._KEPT_FORMS], ids=lambda form: " ".join(form.layers)
)
def test_every_form_makes_networks(form: _bank._Form) -> None:
    random = Random(0)
    assert sum(bool(_bank._kernels(form, random, BLOCK)) for _ in range(100)) >= 10


@pytest.mark.parametrize("block", [8, 16])
def test_it_has_the_classes_in_which_networks_spend_their_time(block: int) -> None:
    held = Counter(map(class_of, bank(block)))
    macs = Counter[str]()
    for name in NETWORKS:
        for one in kernels(network(name), block=block):
            macs[class_of(one.operation)] += one.operation.macs
    large = [kind for kind, number in macs.items() if number > 0.01 * macs.total()]
    assert {kind: held[kind] for kind in large if held[kind] < 20} == {}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_that_it_never_saw_is_told_by_it(name: str, every: list[Operation]) -> None:
    """Of kernels whose time is a smooth function of their sizes."""

    def times(one: Operation) -> Times:
        cold = 1.5 + one.macs / 4e4 + one.activation_bytes / 3e4 + one.weight_bytes / 9e3
        return Times(1.5 + one.macs / 4e4 + one.activation_bytes / 3e4 + one.weight_bytes / 2e4, cold, 0.01)

    graph, conditions = network(name), Conditions("0123456789abcdef", "a machine", block=BLOCK, call_us=3.0)
    placed = [one.operation for one in kernels(graph, block=BLOCK)]
    told = predict(graph, Table(conditions, {one.text: times(one) for one in every}))
    known = predict(graph, Table(conditions, {one.text: times(one) for one in placed}))
    assert told.milliseconds == pytest.approx(known.milliseconds, rel=0.04)
    assert told.low < known.milliseconds < told.high
