"""``costlens new --from``: a variant written out as a spec is the same network, whatever the spec and the variant."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import costlens as cl
from costlens.network.count import count
from costlens.network.graph import Graph
from costlens.network.variants import kind_names, rewrite, sites
from costlens.results.counts import AS_WRITTEN
from costlens.sources._source import Asked
from costlens.spec import shipped
from costlens.spec.loading import load, loads
from costlens.spec.rewritten import rewritten
from costlens.storage import cache
from costlens.tasks.new import variant_as_spec
from tests.cases import spec_texts
from tests.draw.strategies import specs
from tests.fakes.command_line import Run


def is_the_same(one: Graph, other: Graph) -> bool:
    """Say whether two networks count the same row by row and export the same file, but for their names."""
    ours, theirs = count(one), count(replace(other, name=one.name))
    exported = cache.key(one, 0) == cache.key(replace(other, name=one.name), 0)
    return ours.rows == theirs.rows and ours.totals == theirs.totals and exported


@given(specs(), st.integers())
def test_every_variant_of_a_random_spec_is_written_out_as_the_same_network(text: str, seed: int) -> None:
    graph, random = loads(text).graph, Random(seed)
    drawn = {site: random.choice((AS_WRITTEN, *kind_names())) for site in sites(graph)}
    every = [{"*": kind} for kind in kind_names()] if drawn else []
    for rules in (*every, drawn):
        made = loads(rewritten(text, rules, name="other"))
        assert made.name == "other"
        assert is_the_same(rewrite(graph, rules).graph, made.graph)


@pytest.mark.parametrize("name", ["DESIGN", "RESIDUAL", "EVERYTHING", "FACTORIZED", "MIXES"])
@pytest.mark.parametrize("variant", [AS_WRITTEN, *kind_names()])
def test_variants_of_specs_as_people_write_them(name: str, variant: str, tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    file.write_text(getattr(spec_texts, name), encoding="utf-8")
    made = variant_as_spec(str(file), Asked((variant,)))
    read = loads(made.text)
    assert is_the_same(rewrite(load(file).graph, variant).graph, read.graph)
    budgets = [limit.source for limit in load(file).limits if limit.source == "budget"]
    assert [limit.source for limit in read.limits] == budgets


@pytest.mark.parametrize("name", ["resnet18", "yamnet", "mobilenet_v3_small", "vggish"])
def test_a_shipped_spec_takes_its_blocks_along(name: str, tmp_path: Path, run: Run) -> None:
    target = tmp_path / "made" / "own.yaml"
    target.parent.mkdir()
    done = run("new", "own", "--from", name, "--kind", "*=separable", "-o", str(target))
    assert (done.returncode, done.stderr) == (0, "")
    assert cl.count(target).rows == cl.count(name, variant="separable").rows
    assert cl.count(f"{target}:standard").rows == cl.count(name, variant="standard").rows
    included = [path.name for path in target.parent.iterdir() if path != target]
    assert all(path.endswith(".blocks.yaml") for path in included)
    assert included or name == "vggish"
    assert all((shipped.FOLDER / path).read_bytes() == (target.parent / path).read_bytes() for path in included)


def test_text_and_comments_are_kept_and_what_was_said_of_the_other_is_not() -> None:
    rules = {"*": "grouped", "stem": AS_WRITTEN}
    made = rewritten(spec_texts.MIXES, rules, name="other", title="no title", note="a note")
    kept = spec_texts.MIXES.replace("name: mixes ", "name: other ")
    for line in kept.splitlines():
        is_of_the_other = line.startswith(("kinds:", "variants:", "  fast:", "  rows:", "expect:"))
        assert (line in made.splitlines()) is not is_of_the_other, line
    assert made.splitlines()[0] == "# a note"
    assert made.splitlines()[-1] == 'kinds: {"*": grouped, stem: as-written}'


# a text, and what it is with the kinds of a, the knob width at 2 and under the name of b
WRITTEN = {
    "in one line": (
        "{name: a, knobs: {width: 1}, expect: {params: 3}, input: [8, 8, 4], "
        "layers: [{conv: {name: a, filters: 4, kernel: 3}}]}",
        "{kinds: {a: grouped}, name: b, knobs: {width: 2}, input: [8, 8, 4], "
        "layers: [{conv: {name: a, filters: 4, kernel: 3}}]}",
    ),
    "in one line, at its end": (
        "{name: a, knobs: {width: 1}, input: [8, 8, 4], "
        "layers: [{conv: {name: a, filters: 4, kernel: 3}}], expect: {params: 3}}",
        "{kinds: {a: grouped}, name: b, knobs: {width: 2}, input: [8, 8, 4], "
        "layers: [{conv: {name: a, filters: 4, kernel: 3}}]}",
    ),
    "comments behind what is left out": (
        "name: a  # the name\nexpect:\n  params: 3  # published\n# of the knob\nknobs: {width: 1}  # wide\n",
        "name: b  # the name\n# of the knob\nknobs: {width: 2}  # wide\nkinds: {a: grouped}\n",
    ),
    "without a line's end": ("name: a\nknobs:\n  width: 1", "name: b\nknobs:\n  width: 2\nkinds: {a: grouped}\n"),
}


@pytest.mark.parametrize("title", WRITTEN)
def test_what_is_changed_is_changed_in_place(title: str) -> None:
    text, expected = WRITTEN[title]
    assert rewritten(text, {"a": "grouped"}, name="b", knobs={"width": 2}) == expected


def test_many_kinds_have_a_line_each() -> None:
    rules = {f"stage{ordinal}.conv": "separable" for ordinal in range(9)}
    assert rewritten("name: a\n", rules, name="b").splitlines()[1:3] == ["kinds:", "  stage0.conv: separable"]


MISTAKES = [
    (("new",), "new: a name is missing"),
    (("new", "a", "--variant", "standard"), "new: --variant and --kind are of a spec; add --from SPEC"),
    (("new", "--from", "yamnet", "--variant", "all"), "new --from writes one variant, received --variant all"),
    (("new", "--from", "specs"), "--from specs: expected one spec on disk"),
    (("new", "--from", "yamnet", "--kind", "zz=standard"), "--kind zz: no convolution"),
    (("new", "not a name", "--from", "yamnet"), "not a name"),
]


@pytest.mark.parametrize(("words", "said"), MISTAKES, ids=[said for _, said in MISTAKES])
def test_a_mistake_is_one_sentence(words: tuple[str, ...], said: str, run: Run) -> None:
    done = run(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_blocks_that_are_there_already_are_not_written_over(tmp_path: Path, run: Run) -> None:
    blocks = tmp_path / "resnet.blocks.yaml"
    blocks.write_text("blocks: {}\n", encoding="utf-8")
    done = run("new", "--from", "resnet18", "-o", str(tmp_path / "own.yaml"))
    assert (done.returncode, blocks.read_text(encoding="utf-8")) == (2, "blocks: {}\n")
    assert "is there with other blocks" in done.stderr


def test_a_copy_as_written_says_nothing_of_kinds(run: Run) -> None:
    made = run("new", "--from", "depthwise_only").stdout
    head, _, rest = made.partition("name:")
    assert "# depthwise_only.yaml as written." in head
    assert "kinds" not in head
    assert rest.startswith(" depthwise_only\n")
    assert "as-written" not in rest
