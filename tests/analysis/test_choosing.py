"""The choice of kinds: equal to exhaustive search by real counts of real mixes, also where a limit is just met."""

from collections.abc import Iterator, Mapping
from itertools import product
from math import prod
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from costlens.analysis.choosing import Choices, Costs, Mix, Option, Site
from costlens.analysis.forms import AWAY, LAYERS, MOVED, PEAKS, SUMS, Forms, forms
from costlens.errors import UsageError
from costlens.network.count import count
from costlens.network.graph import Graph
from costlens.network.variants import kind_names, rewrite
from costlens.results.counts import Totals
from costlens.spec.loading import load, loads
from tests.draw.strategies import specs
from tests.places import SPECS

MOST = 250
"""Mixes of a network that are all counted."""


def mixes(choices: Choices) -> Iterator[Mix]:
    return product(*(range(len(site.options)) for site in choices.sites))


def keeps(totals: Mapping[str, float], limits: Mapping[str, float]) -> bool:
    return all(totals[name] <= limit for name, limit in limits.items())


def cost(costs: Costs, mix: Mix) -> float:
    return sum(each[place] for each, place in zip(costs, mix, strict=True))


def counted(graph: Graph, held: Forms, mix: Mix) -> Totals:
    return count(rewrite(graph, kinds) if (kinds := held.kinds(mix)) else graph).totals


def same_as_searched(choices: Choices, totals: Mapping[Mix, Mapping[str, float]], limits: Mapping[str, float]) -> None:
    """Compare a choice with the best of all mixes: its cost, and among mixes that cost each site the same the finer."""
    for objective in (MOVED, LAYERS):
        costs, finer = choices.costs(objective), choices.costs(AWAY)
        found = choices.least(limits, costs, finer)
        able = [mix for mix, each in totals.items() if keeps(each, limits)]
        assert (found is None) == (not able)
        if found:
            assert keeps(totals[found.mix], limits)
            assert found.gap == 0
            assert cost(costs, found.mix) == min(cost(costs, mix) for mix in able)
            sites = [each[place] for each, place in zip(costs, found.mix, strict=True)]
            equal = [m for m in able if [each[place] for each, place in zip(costs, m, strict=True)] == sites]
            assert cost(finer, found.mix) == min(cost(finer, mix) for mix in equal)


@given(specs(), st.integers())
def test_a_choice_is_that_of_exhaustive_search_by_real_counts(text: str, seed: int) -> None:
    graph, random = loads(text).graph, Random(seed)
    kinds = random.sample(kind_names(), random.randint(1, len(kind_names())))
    held = forms(graph, kinds, tie=random.random() < 0.3)
    choices = held.choices
    assume(1 <= len(choices.sites) <= 6 and prod(len(site.options) for site in choices.sites) <= MOST)
    totals = {mix: vars_of(counted(graph, held, mix)) for mix in mixes(choices)}
    for mix, real in totals.items():
        assert {name: choices.total(name, mix) for name in (*SUMS, *PEAKS)} == real
    for _ in range(3):
        figures = random.sample((*SUMS, *PEAKS), random.randint(1, 3))
        met = [totals[random.choice([*totals])] for _ in figures]  # limits that some mix meets exactly, or just not
        limits = {name: each[name] - random.choice((0, 0, 1)) for name, each in zip(figures, met, strict=True)}
        same_as_searched(choices, totals, limits)


def vars_of(totals: Totals) -> dict[str, float]:
    return {name: getattr(totals, name) for name in (*SUMS, *PEAKS)}


@given(st.integers())
def test_a_choice_among_numbers_is_that_of_exhaustive_search(seed: int) -> None:
    random = Random(seed)
    largest = random.choice((3, 1000, 10**9))

    def option(place: int) -> Option:
        sums = {name: random.randint(0, largest) if place or name == "a" else 0 for name in ("a", MOVED, LAYERS, AWAY)}
        return Option(str(place), {**sums, "ms": random.random() * largest}, {"peak": random.randint(0, largest)})

    sites = [Site((str(n),), tuple(map(option, range(random.randint(1, 3))))) for n in range(random.randint(0, 6))]
    choices = Choices(tuple(sites), option(0))
    totals = {mix: {name: choices.total(name, mix) for name in ("a", "ms", "peak")} for mix in mixes(choices)}
    some = random.choice([*totals.values()])
    names = random.sample(("a", "ms", "peak"), random.randint(0, 3))
    same_as_searched(choices, totals, {name: some[name] for name in names})


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v2", "unet", "x3d_xs", "dtln_core1", "bc_resnet_1", "crnn"])
def test_figures_of_a_mix_are_those_of_its_real_rows(name: str) -> None:
    graph, random = load(SPECS / f"{name}.yaml").graph, Random(name)
    held = forms(graph, kind_names())
    for _ in range(5):
        mix = tuple(random.randrange(len(site.options)) for site in held.choices.sites)
        real = counted(graph, held, mix)
        assert {each: held.choices.total(each, mix) for each in (*SUMS, *PEAKS)} == vars_of(real)


def test_a_large_network_has_an_answer_close_to_the_least() -> None:
    graph = load(SPECS / "resnet152.yaml").graph
    choices = forms(graph, kind_names()).choices
    written = choices.total("macs", choices.as_written)
    found = choices.least({"macs": 0.8 * written}, choices.costs(MOVED), choices.costs(AWAY))
    assert found is not None
    assert choices.total("macs", found.mix) <= 0.8 * written
    assert found.gap <= 1e-3


RESIDUAL = """
name: net
input: [8, 8, 8]
layers:
  - conv: {name: stem, filters: 8, kernel: 3}
  - repeat:
      times: 3
      layers: [{conv: {name: unit, filters: 8, kernel: 3}}]
  - conv: {name: point, filters: 8, kernel: 1}
  - depthwise: {name: deep, kernel: 3}
"""


def test_what_is_kept_and_what_has_one_form_are_told_apart() -> None:
    graph = loads(RESIDUAL).graph
    held = forms(graph, kind_names(), keep=["stem", "unit*2"])
    assert [site.names for site in held.choices.sites] == [("unit1",), ("unit3",)]
    assert held.stays == ("stem", "unit2")
    assert held.kept.sums["params"] == 2 * (3 * 3 * 8 * 8 + 8)
    assert {each.name: each.reason for each in held.one_form} == {
        "point": "kernel of area 1", "deep": "in groups already",
    }  # fmt: skip


def test_equal_layers_are_decided_together_where_that_is_asked_for() -> None:
    graph = loads(RESIDUAL).graph
    held = forms(graph, kind_names(), tie=True)
    assert [site.names for site in held.choices.sites] == [("stem",), ("unit1", "unit2", "unit3")]
    assert held.choices.sites[1].options[1].sums[LAYERS] == 3
    kept = forms(graph, kind_names(), tie=True, keep=["unit2"])
    assert [site.names for site in kept.choices.sites] == [("stem",), ("unit1", "unit3")]


BLOCKS = """
name: net
input: [8, 8, 8]
blocks:
  basic:
    layers:
      - residual:
          body: [{conv: {name: conv1, filters: 8, kernel: 3}}, {conv: {name: conv2, filters: 8, kernel: 3}}]
layers:
  - repeat: {times: 2, layers: [{conv: {filters: 8, kernel: 3}}, {conv: {filters: 8, kernel: 3}}]}
  - repeat: {times: 2, layers: [{basic: {}}]}
  - repeat: {times: 2, name: turn, layers: [{conv: {name: a, filters: 8, kernel: 3}}, {basic: {name: b}}]}
  - basic: {name: basic9}
  - conv: {name: conv9, filters: 8, kernel: 3}
  - repeat: {times: 2, layers: [{repeat: {times: 2, layers: [{conv: {name: deep, filters: 8, kernel: 3}}]}}]}
"""


def test_only_copies_that_a_repeat_makes_are_tied() -> None:
    held = forms(loads(BLOCKS).graph, kind_names(), tie=True)
    assert [site.names for site in held.choices.sites] == [
        ("conv1", "conv3"), ("conv2", "conv4"),
        ("basic1.conv1", "basic2.conv1"), ("basic1.conv2", "basic2.conv2"),
        ("turn1.a", "turn2.a"), ("turn1.b.conv1", "turn2.b.conv1"), ("turn1.b.conv2", "turn2.b.conv2"),
        ("basic9.conv1",), ("basic9.conv2",), ("conv9",),
        ("deep1", "deep2", "deep3", "deep4"),
    ]  # fmt: skip


def test_what_shares_weights_is_kept_together() -> None:
    text = "name: n\ninput: [8, 8, 8]\nlayers: [{conv: {name: a, filters: 8, kernel: 3}}, {shared: {of: a, name: b}}]\n"
    text = text.replace("{shared: {of: a, name: b}}", "shared: a")
    graph = loads(text).graph
    (site,) = forms(graph, ["separable"]).choices.sites
    assert site.names == ("a",)
    assert forms(graph, ["separable"], keep=["a"]).choices.sites == ()


def test_a_glob_that_matches_nothing_is_an_error() -> None:
    with pytest.raises(UsageError, match=r'--keep stam: no convolution.*did you mean "stem"'):
        forms(loads(RESIDUAL).graph, kind_names(), keep=["stam"])


def test_the_solver_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    choices = forms(load(SPECS / "resnet152.yaml").graph, kind_names()).choices
    for share in (0.9, 0.8, 0.7):
        choices.least({"macs": share * choices.total("macs", choices.as_written)}, choices.costs(MOVED))
    assert capfd.readouterr().out == ""
