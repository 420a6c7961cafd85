"""Mixes: globs on names, a kind for each convolution, and what a mix keeps and costs."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costlens.errors import UsageError
from costlens.network.count import count, counted_variants
from costlens.network.graph import Graph
from costlens.network.variants import Mix, kind_names, kinds_of, rewrite, sites, theory
from costlens.results.counts import AS_WRITTEN
from costlens.spec.loading import loads
from tests.draw.drawing import drawing
from tests.draw.strategies import specs

TEXT = """
name: net
input: [8, 8, 4]
blocks:
  unit:
    layers:
    - conv: {name: a, filters: 4, kernel: 3}
    - conv: {name: b, filters: 4, kernel: 3}
  stage:
    layers: [{unit: {name: one}}, {unit: {name: two}}]
layers:
- conv: {name: stem, filters: 4, kernel: 3, fixed: true}
- stage: {name: stage1}
- stage: {name: stage12}
- depthwise: {name: each, kernel: 3}
- conv: {name: project, filters: 4, kernel: 1}
"""
ALL_SITES = (
    "stem", "stage1.one.a", "stage1.one.b", "stage1.two.a", "stage1.two.b", "stage12.one.a", "stage12.one.b",
    "stage12.two.a", "stage12.two.b", "each", "project",
)  # fmt: skip


def net() -> Graph:
    return loads(TEXT).graph


# rules, and the kinds of the convolutions that they reach, by the first letter
REACHED: list[tuple[dict[str, str], str]] = [
    ({}, "..........."),
    ({"stage1": "separable"}, ".ssss......"),
    ({"stage1*": "separable"}, ".ssssssss.."),
    ({"stage1.two": "grouped"}, "...gg......"),
    ({"*.two": "grouped"}, "...gg..gg.."),
    ({"*.b": "grouped"}, "..g.g.g.g.."),
    ({"stage1?.one.[ab]": "grouped"}, ".....gg...."),
    ({"stage1.*.[!a]": "bottleneck"}, "..b.b......"),
    ({"*": "separable"}, "sssssssssss"),
    ({"*": "separable", "stage1": "factorized"}, "sffffssssss"),
    ({"stage1": "factorized", "*": "separable"}, "sssssssssss"),
    ({"*": "separable", "stage1.one": AS_WRITTEN}, "s..ssssssss"),
    ({"project": "grouped", "each": "standard"}, ".........sg"),
]


@pytest.mark.parametrize(("rules", "letters"), REACHED, ids=str)
def test_what_globs_reach(rules: dict[str, str], letters: str) -> None:
    assert sites(net()) == ALL_SITES
    expected = {site: letter for site, letter in zip(ALL_SITES, letters, strict=True) if letter != "."}
    assert {site: kind[0] for site, kind in kinds_of(net(), rules).items()} == expected


# rules, and what is said of them
WRONG: list[tuple[dict[str, str], str]] = [
    ({"stage3": "separable"},
     'stage3: no convolution, and no block that holds one, has this name (did you mean "stage1"?)'),
    ({"zz*": "separable"},
     "zz*: no convolution, and no block that holds one, has this name; there are stem, stage1, stage12, each, project"),
    ({"*": "separable", "Stem": "standard"},
     'Stem: no convolution, and no block that holds one, has this name (did you mean "stem"?)'),
    ({"stem": "seperable"}, 'stem: seperable: unknown kind of convolution (did you mean "separable"?)'),
    ({"stem": "fast"}, "stem: fast: unknown kind of convolution; known: as-written, standard, bottleneck, factorized, "
     "grouped, separable"),
]  # fmt: skip


@pytest.mark.parametrize(("rules", "said"), WRONG, ids=str)
def test_a_rule_that_cannot_be_is_an_error(rules: dict[str, str], said: str) -> None:
    for to, head in ((rules, "--kind"), (Mix("mine", tuple(rules.items())), "variant mine:")):
        with pytest.raises(UsageError) as caught:
            rewrite(net(), to)
        assert str(caught.value) == f"{head} {said}"


def test_a_mix_before_and_after() -> None:
    made = rewrite(net(), {"*": "separable", "stage1": "standard", "stage12": "factorized", "stage12.two": AS_WRITTEN})
    assert drawing(made.graph)[5:10] == [
        "stage12.one.a.1x3: conv 1×3/1×1 | stage1.two.b 8×8×4 → 8×8×4 | 1·3·4·4 = 48, × 8·8",
        "stage12.one.a.3x1: conv 3×1/1×1 | stage12.one.a.1x3 8×8×4 → 8×8×4 | 3·1·4·4 = 48, × 8·8",
        "stage12.one.b.1x3: conv 1×3/1×1 | stage12.one.a.3x1 8×8×4 → 8×8×4 | 1·3·4·4 = 48, × 8·8",
        "stage12.one.b.3x1: conv 3×1/1×1 | stage12.one.b.1x3 8×8×4 → 8×8×4 | 3·1·4·4 = 48, × 8·8",
        "stage12.two.a: conv 3×3/1×1 | stage12.one.b.3x1 8×8×4 → 8×8×4 | 3·3·4·4 = 144, × 8·8",
    ]
    assert [(left.name, left.reason) for left in made.left_alone] == [
        ("stem", "fixed in the spec"), ("each", "in groups already"), ("project", "kernel of area 1"),
    ]  # fmt: skip


def test_a_mix_says_what_it_left_alone_of_what_its_rules_reach() -> None:
    left = rewrite(net(), {"stage1": "separable", "project": "grouped"}).left_alone
    assert [(each.name, each.reason) for each in left] == [("project", "kernel of area 1")]


def test_counts_hold_the_definition_of_a_mix() -> None:
    fast, same = Mix("fast", (("stage1", "separable"),)), Mix("same", (("*", "separable"),))
    found = {model.variant: model for _, model in counted_variants(net(), [AS_WRITTEN, "separable", fast, same])}
    assert found["fast"].mixes == {"fast": {"stage1": "separable"}}
    assert found["fast"].notes == ("kinds: stage1=separable",)
    assert found["separable"].also == ("same",)
    assert found["separable"].mixes == {"same": {"*": "separable"}}
    assert found["separable"].notes == ("same is *=separable",)
    assert found[AS_WRITTEN].mixes == {}


def drawn(graph: Graph, seed: int) -> dict[str, str]:
    """Draw a kind for each convolution."""
    random = Random(seed)
    return {site: random.choice((AS_WRITTEN, *kind_names())) for site in sites(graph)}


def macs_by_site(graph: Graph) -> Counter[str]:
    """Return the MACs of each convolution, and of all other layers under no name."""
    found: Counter[str] = Counter()
    for node in graph.nodes:
        found[node.convolution.name if node.convolution else ""] += graph.cost([node]).macs
    return found


@given(specs(), st.integers())
def test_random_mixes_keep_ends_and_shapes(text: str, seed: int) -> None:
    graph = loads(text).graph
    mix = drawn(graph, seed)
    after = rewrite(graph, mix).graph
    assert after.inputs == graph.inputs
    assert [after.shapes[end] for end in after.outputs] == [graph.shapes[end] for end in graph.outputs]
    untouched = {node.name: graph.shapes[node.name] for node in graph.nodes if node.convolution is None}
    assert {name: after.shapes[name] for name in untouched} == untouched
    assert rewrite(after, mix).graph == after


@given(specs())
def test_one_kind_everywhere_is_that_kinds_variant(text: str) -> None:
    graph = loads(text).graph
    for kind in kind_names():
        for mix in ({"*": kind}, dict.fromkeys(sites(graph), kind)) if sites(graph) else ():
            one, other = rewrite(graph, mix), rewrite(graph, kind)
            assert (one.graph, one.left_alone) == (other.graph, other.left_alone)
    if sites(graph):
        assert rewrite(graph, {"*": AS_WRITTEN}).graph == graph


@given(specs(), st.integers())
def test_the_macs_of_a_mix_are_those_of_its_convolutions_each_in_its_own_kind(text: str, seed: int) -> None:
    graph = loads(text).graph
    mix = drawn(graph, seed)
    by_kind = {kind: macs_by_site(rewrite(graph, kind).graph) for kind in (AS_WRITTEN, *kind_names())}
    mixed = rewrite(graph, mix).graph
    parts = sum(by_kind[kind][site] for site, kind in mix.items()) + by_kind[AS_WRITTEN][""]
    own_forms = {node.name for node in graph.nodes if node.convolution is None}
    assert not own_forms & {node.convolution.name for node in graph.nodes if node.convolution}
    assert count(mixed).totals.macs == parts


@given(specs(), st.integers())
def test_what_a_mix_saves_by_theory_is_the_sum_of_what_its_convolutions_save(text: str, seed: int) -> None:
    graph = loads(text).graph
    mix = drawn(graph, seed)
    standard, mixed = rewrite(graph, "standard").graph, rewrite(graph, mix).graph
    kinds = {node.convolution.name: node.convolution.kind for node in mixed.nodes if node.convolution}
    saved = [theory(standard) - theory(rewrite(standard, {site: kind}).graph) for site, kind in kinds.items()]
    assert theory(mixed) == pytest.approx(theory(standard) - sum(saved))
