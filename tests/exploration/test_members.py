"""Networks of a family: the fast road counts what ``costlens count`` counts, whatever was counted before."""

import random
from itertools import product

import pytest

from costlens.errors import SpecError
from costlens.network.count import count
from costlens.network.totals import totals
from costlens.network.variants import Mix, kind_names, rewrite
from costlens.spec import shipped
from costlens.spec.loading import load, load_family, loads
from costlens.tasks.exploration.members import Members

SPECS = ("mobilenet_v1", "mobilenet_v2", "yamnet", "dtln_core1", "resnet18", "unet", "bc_resnet_1", "shufflenet_v2")


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("variant", ["as-written", *kind_names()])
def test_totals_are_those_of_a_count(name: str, variant: str) -> None:
    made = rewrite(load(shipped.find(name) or name).graph, variant)
    assert totals(made.graph) == count(made).totals


POINTS = [
    ({"alpha": alpha, "resolution": resolution}, kinds)
    for alpha, resolution, kinds in product(
        ("0.25", "0.5", "1.0"),
        ("32", "96", "100", "224"),
        ((), (("*", "standard"),), (("*", "factorized"),), (("stage[1-4]", "standard"), ("stage2", "grouped"))),
    )
]


def test_members_in_any_order_are_what_count_says() -> None:
    path = shipped.find("mobilenet_v1") or ""
    members = Members(load_family(path))
    for settings, kinds in random.Random(1).sample(POINTS, len(POINTS)):
        found = members.member(settings, kinds)
        graph = load(path, settings).graph
        expected = rewrite(graph, Mix.of("mixed", kinds)) if kinds else graph
        assert found.totals == count(expected).totals


def test_equal_networks_have_one_identity() -> None:
    members = Members(load_family(shipped.find("mobilenet_v1") or ""))
    written, separable, other = (
        members.member(settings, kinds).identity
        for settings, kinds in (({}, ()), ({}, (("*", "separable"),)), ({"resolution": "192"}, ()))
    )
    assert written == separable != other


BY_SIZE = {
    "like": "knobs: {n: 8}\ninput: [n, n, 3]\nlayers: [{avg_pool: {kernel: 2, stride: 2}}, {resize: {like: input}}]",
    "channels": "knobs: {n: 8}\ninput: [8, 8, n]\nlayers: [{conv: {filters: 4, kernel: 3}}]",
    "flatten": "knobs: {n: 8}\ninput: [n, n, 3]\nlayers: [flatten, {dense: {units: 4}}]",
    "condition": "knobs: {n: 8}\ninput: [n, n, 3]\nlayers: [{conv: {filters: 4, kernel: 3}}, {relu: {when: n > 9}}]",
    "shared": "knobs: {n: 8}\ninput: [n, n, 4]\nlayers: [{conv: {name: a, filters: 4, kernel: 1}}, {shared: a}]",
}


@pytest.mark.parametrize("text", BY_SIZE.values(), ids=BY_SIZE)
def test_what_depends_on_sizes_is_expanded_again(text: str) -> None:
    text = f"name: x\n{text}"
    members = Members(load_family("x.yaml", lambda _: text.encode()))
    for n in (8, 12, 16, 8):
        settings = {"n": str(n)}
        assert members.member(settings, ()).totals == count(loads(text, settings=settings).graph).totals


def test_a_residual_that_fits_one_size_only_is_refused_at_another() -> None:
    body = "residual: {body: [{avg_pool: {kernel: 1, stride: 2}}]}"
    text = f"name: x\nknobs: {{n: 1}}\ninput: [n, n, 3]\nlayers: [{{{body}}}]"
    members = Members(load_family("x.yaml", lambda _: text.encode()))
    assert members.member({"n": "1"}, ()).totals == count(loads(text).graph).totals
    with pytest.raises(SpecError, match="the body ends in"):
        members.member({"n": "2"}, ())
