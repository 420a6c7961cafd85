"""Which rows of two networks are the same layer: by block names, then by position and shape; both directions agree."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costlens.analysis.alignment import Pair, align, content, edits
from costlens.analysis.alignment.blocks import network
from costlens.analysis.difference import Counted, fields_of, layers
from costlens.network.count import count
from costlens.network.variants import rewrite
from costlens.results.counts import CountRow
from costlens.results.diff import LayerChange
from costlens.spec.loading import load, loads
from tests.draw.strategies import spec_text
from tests.places import SPECS

pytestmark = pytest.mark.many

CONV = "conv: {filters: 8, kernel: 3, padding: same}"
STAGE = """\
blocks:
  stage:
    params: {filters: required}
    layers:
      - conv: {filters: filters, kernel: 3, padding: same}
      - conv: {filters: filters, kernel: 3, padding: same}
"""
SEPARABLE = "separable: {filters: 8, kernel: 3}"


def chain(*statements: str, size: int = 32) -> tuple[CountRow, ...]:
    listed = "".join(f"- {{{statement}}}\n" if ":" in statement else f"- {statement}\n" for statement in statements)
    return count(loads(f"name: t\ninput: [{size}, {size}, 8]\n{STAGE}layers:\n{listed}").graph).rows


def shown(base: tuple[CountRow, ...], head: tuple[CountRow, ...]) -> list[str]:
    """Write what differs: ``a = b`` for another name, ``a ~ b`` for another layer, ``-a``, ``+b``."""
    return [text for pair in align(base, head, {}, {}) if (text := _shown(pair))]


def _shown(pair: Pair) -> str:
    if not pair.base or not pair.head:
        return f"+{pair.head_name}" if pair.head else f"-{pair.base_name}"
    same = [content(row, {}) for row in pair.base] == [content(row, {}) for row in pair.head]
    if same and pair.base_name == pair.head_name:
        return ""
    return f"{pair.base_name} {'=' if same else '~'} {pair.head_name}"


ALIKE = [CONV] * 6
NAMED = ["conv: {name: a, filters: 8, kernel: 3}", "conv: {name: b, filters: 8, kernel: 3}", "flatten", "dense: 10"]


def stages(*filters: int) -> list[str]:
    return [f"stage: {{filters: {n}}}" for n in filters]


CASES = {
    "a kind that is rewritten is one block": (
        ["conv: {name: block3, filters: 8, kernel: 3}", CONV],
        ["separable: {name: block3, filters: 8, kernel: 3}", CONV],
        ["block3 ~ block3"]),
    "one kind of several parts for another": (
        ["factorized: {name: block3, filters: 8, kernel: 3}"],
        ["separable: {name: block3, filters: 8, kernel: 3}"],
        ["block3 ~ block3"]),
    "layers without a name are found by their place": (
        ALIKE, [*ALIKE[:2], SEPARABLE, *ALIKE[3:]],
        ["conv3 ~ separable1", "conv4 = conv3", "conv5 = conv4", "conv6 = conv5"]),
    "one layer written as two": (
        [CONV, "conv: {name: c, filters: 8, kernel: 3, padding: same}", CONV],
        [CONV, "depthwise: {name: dw, kernel: 3, padding: same}", "conv: {name: pw, filters: 8, kernel: 1}", CONV],
        ["c ~ dw + pw"]),
    "one more in a series": (
        ALIKE, [*ALIKE[:2], "conv: {filters: 8, kernel: 5, padding: same}", *ALIKE[2:]],
        ["+conv3", "conv3 = conv4", "conv4 = conv5", "conv5 = conv6", "conv6 = conv7"]),
    "one more of equals is the last": (ALIKE, [*ALIKE, CONV], ["+conv7"]),
    "one fewer": ([*ALIKE, CONV], ALIKE, ["-conv7"]),
    "another name": (NAMED, [NAMED[0].replace("a,", "z,"), *NAMED[1:]], ["a = z"]),
    "another name and another kernel": (
        NAMED, [NAMED[0].replace("a,", "z,").replace("3", "1"), *NAMED[1:]],
        ["a ~ z"]),
    "equal layers in another order": ([NAMED[0], NAMED[1]], [NAMED[1], NAMED[0]], []),
    "a pool in the place of a convolution": (
        ["conv: {name: a, filters: 8, kernel: 2, stride: 2}", "dense: 3"],
        ["max_pool: {name: p, kernel: 2}", "dense: 3"],
        ["a ~ p"]),
    "a last layer that is gone": ([*ALIKE, "dense: {name: d, units: 3}"], ALIKE, ["-d"]),
    "a first layer that is gone": (["relu: {name: r}", *ALIKE], ALIKE, ["-r"]),
    "one name for other layers, in a series that became longer": (
        ["conv: {name: s1, filters: 8, kernel: 1}", "dense: {name: top, units: 3}"],
        ["max_pool: {name: s1, kernel: 2}", "max_pool: {name: s2, kernel: 2}", "dense: {name: top, units: 3}"],
        ["s1 ~ s1", "+s2", "top ~ top"]),
    "one more stage, between": (stages(64, 128, 256), stages(64, 96, 128, 256), [
        "+stage2", "stage2.conv1 ~ stage3.conv1", "stage2.conv2 = stage3.conv2", "stage3 = stage4",
    ]),
    "one more stage, at the front": (stages(64, 128), stages(32, 64, 128), [
        "+stage1", "stage1.conv1 ~ stage2.conv1", "stage1.conv2 = stage2.conv2", "stage2 = stage3",
    ]),
    "one stage fewer": (stages(64, 96, 128), stages(64, 128), [
        "-stage2", "stage3.conv1 ~ stage2.conv1", "stage3.conv2 = stage2.conv2",
    ]),
    "one more layer with a name": (
        ["conv: {name: a, filters: 16, kernel: 3, padding: same}", "dense: {name: d, units: 3}"],
        [
            "conv: {name: b, filters: 12, kernel: 3, padding: same}",
            "conv: {name: c, filters: 16, kernel: 3, padding: same}",
            "dense: {name: d, units: 3}",
        ],
        ["+b", "a ~ c"],
    ),
    "nothing in common": (["dense: {name: d, units: 3}"], ["max_pool: {name: p, kernel: 2}"], ["-d", "+p"]),
}  # fmt: skip


@pytest.mark.parametrize("title", CASES)
def test_what_belongs_together(title: str) -> None:
    base, head, expected = CASES[title]
    assert shown(chain(*base), chain(*head)) == expected


def test_a_series_keeps_its_place_on_another_size() -> None:
    longer = shown(chain(*ALIKE), chain(*ALIKE, CONV, size=48))
    assert longer == [*(f"conv{n} ~ conv{n}" for n in range(1, 7)), "+conv7"]


def test_every_kind_of_a_whole_network_is_one_change_a_block() -> None:
    graph = load(SPECS / "yamnet.yaml").graph
    separable, standard = count(graph).rows, count(rewrite(graph, "standard")).rows
    assert shown(separable, standard) == [f"stage{n} ~ stage{n}" for n in range(1, 14)]
    assert shown(standard, separable) == [f"stage{n} ~ stage{n}" for n in range(1, 14)]


def test_a_deeper_network_has_more_blocks_and_the_others_stay() -> None:
    shallow, deep = (count(load(SPECS / f"{name}.yaml").graph).rows for name in ("resnet101", "resnet152"))
    more = [*(f"stage2.identity{n}" for n in range(4, 8)), *(f"stage3.identity{n}" for n in range(23, 36))]
    assert shown(shallow, deep) == [f"+{name}" for name in more]
    assert sorted(shown(deep, shallow)) == sorted(f"-{name}" for name in more)


def test_a_renamed_block_is_told_as_one() -> None:
    text = "name: t\ninput: [8, 8, 8]\nblocks: {{{0}: {{layers: [{{{1}}}, relu]}}}}\nlayers: [{0}, {{dense: 3}}]\n"
    before, after = (count(loads(text.format(name, CONV)).graph).rows for name in ("unit", "stage"))
    assert shown(before, after) == ["unit1 = stage1"]


def test_a_block_around_layers_changes_names_only() -> None:
    inner = chain(CONV, "relu")
    outer = count(loads(
        f"name: t\ninput: [32, 32, 8]\nblocks: {{all: {{layers: [{{{CONV}}}, relu]}}}}\nlayers: [all, {{dense: 3}}]\n"
    ).graph).rows[:2]  # fmt: skip
    assert {row.name for row in outer} == {"all1.conv1", "all1.relu1"}
    pairs = align(inner, outer, {}, {})
    assert [(len(pair.base), len(pair.head)) for pair in pairs] == [(2, 2)]


def test_long_lists_without_likeness_are_paired_quickly() -> None:
    one = chain(*(f"conv: {{filters: {n}, kernel: 1}}" for n in range(8, 520)))
    other = chain(*(f"conv: {{filters: {n}, kernel: 1}}" for n in range(520, 8, -1)), CONV)
    weighed = 0

    def counted(*_: object) -> None:
        nonlocal weighed
        weighed += 1

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(edits, "_substitution", counted)
        pairs = align(one, other, {}, {})
        assert weighed == 0
        align(one[:100], other[:101], {}, {})
        assert weighed > 0
    assert sum(len(pair.base) for pair in pairs) == len(one)
    assert sum(len(pair.head) for pair in pairs) == len(other)


def test_names_of_any_depth() -> None:
    (row, *_) = chain(CONV)
    deep = [CountRow(**{**_values(row), "name": name}) for name in (".".join("a" * 500), "", "..", "a.", "a")]
    (pair,) = align(deep, deep, {}, {})
    assert pair.base == tuple(deep)
    pairs = align(deep, deep[1:], {}, {})
    assert sum(len(pair.base) for pair in pairs) == len(deep)


def _values(row: CountRow) -> dict[str, object]:
    return {name: getattr(row, name) for name in CountRow.__slots__}


def test_the_same_blocks_need_no_edit() -> None:
    assert edits.cheapest([], []) == []
    listed = [*network(chain(*ALIKE, *NAMED), {}).children.values()]
    assert edits.cheapest(listed, listed) == [([block], [block]) for block in listed]
    assert len(listed) == len(ALIKE) + len(NAMED)


def networks() -> st.SearchStrategy[tuple[str, str]]:
    """Draw two specs: of one seed, so that they begin alike, or of two."""
    seeds, lengths = st.integers(0, 2**32 - 1), st.integers(0, 6)
    kin = st.builds(lambda seed, one, other: (spec_text(seed, one), spec_text(seed, other)), seeds, lengths, lengths)
    strangers = st.builds(lambda a, b, m, n: (spec_text(a, m), spec_text(b, n)), seeds, seeds, lengths, lengths)
    return kin | strangers


def counted(text: str) -> Counted:
    graph = loads(text).graph
    return Counted(count(graph), fields=fields_of(graph))


@settings(max_examples=20)
@given(networks())
def test_a_network_does_not_differ_from_itself(texts: tuple[str, str]) -> None:
    found = layers(counted(texts[0]), counted(texts[0]))
    assert found.changes == ()
    assert found.unchanged == len(counted(texts[0]).count.rows)


@settings(max_examples=50)
@given(networks())
def test_every_row_is_told_once_and_the_changes_sum_to_the_difference(texts: tuple[str, str]) -> None:
    base, head = map(counted, texts)
    found = layers(base, head)
    for figure in ("params", "macs"):
        total = getattr(head.count.totals, figure) - getattr(base.count.totals, figure)
        assert sum(getattr(change, figure).delta for change in found.changes) == total
        shares = [getattr(change, f"{figure}_share") for change in found.changes]
        assert sum(share or 0 for share in shares) == pytest.approx(1 if total else 0)
    rows = Counter(row for change in found.changes for row in change.head_rows)
    assert set(rows.values()) <= {1}
    assert rows.keys() <= {row.name for row in head.count.rows}
    assert sum(rows.values()) + found.unchanged == len(head.count.rows)
    gone = sum(len(change.base_rows) for change in found.changes)
    assert gone + found.unchanged == len(base.count.rows)


@settings(max_examples=50)
@given(networks())
def test_the_other_direction_is_the_mirror(texts: tuple[str, str]) -> None:
    base, head = map(counted, texts)
    there, back = layers(base, head), layers(head, base)
    assert Counter(map(_told, there.changes)) == Counter(map(_mirrored, back.changes))
    assert there.unchanged == back.unchanged


Told = tuple[object, ...]
_TURNED = {"added": "removed", "removed": "added"}


def _told(change: LayerChange) -> Told:
    fields = tuple((one.field, one.base, one.head) for one in change.fields)
    names = (change.was or change.name, change.name) if change.change != "added" else ("", change.name)
    return (
        change.change, names, change.base_rows, change.head_rows, fields,
        change.params.delta, change.macs.delta, change.live_bytes.delta,
    )  # fmt: skip


def _mirrored(change: LayerChange) -> Told:
    fields = tuple((one.field, one.head, one.base) for one in change.fields)
    word = _TURNED.get(change.change, change.change)
    names = (change.name, change.was or change.name) if word != "added" else ("", change.name)
    return (
        word, names, change.head_rows, change.base_rows, fields,
        -change.params.delta, -change.macs.delta, -change.live_bytes.delta,
    )  # fmt: skip
