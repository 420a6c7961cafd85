"""``include``: blocks that several specs share, each mistake in the file it stands in."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from costlens.errors import SpecError, UsageError
from costlens.spec.loading import load, loads
from costlens.spec.paths import files_in
from costlens.spec.source import Read
from tests.cases.spec_texts import edges

BLOCKS = """\
defaults: {conv: {bias: false, kernel: 3, activation: relu}}
blocks:
  unit: {params: {filters: required}, layers: [{conv: {filters: filters}}]}
  net:
    params: {units: 2, filters: 4}
    layers:
      - conv: {name: stem, filters: filters}
      - repeat: {times: units, layers: [{unit: {filters: filters}}]}
"""
HEAD = "name: t\ninclude: net.blocks.yaml\ninput: [8, 8, 3]\n"


def files(**given: str) -> Read:
    """Return a reader of files that are not on disk: ``net`` is ``specs/net.blocks.yaml``."""
    contents = {f"specs/{name.replace('__', '/')}.blocks.yaml": text.encode() for name, text in given.items()}

    def read(file: str) -> bytes:
        if file not in contents:
            raise UsageError(f"{file}: no such file")
        return contents[file]

    return read


def graph_of(text: str, **given: str) -> str:
    return edges(loads(text, file="specs/t.yaml", read=files(**given)))


def problems(text: str, given: Mapping[str, str]) -> list[str]:
    with pytest.raises(SpecError) as caught:
        loads(text, file="specs/t.yaml", read=files(**given))
    return [str(problem) for problem in caught.value.problems]


# title, layers, edges
GRAPHS = [
    ("a network that is one block takes the block's names", "[net]", "stem<input stem.relu<stem unit1<stem.relu "
     "unit1.relu<unit1 unit2<unit1.relu unit2.relu<unit2"),
    ("parameters go in", "[{net: {units: 0}}]", "stem<input stem.relu<stem"),
    ("with layers beside it, a block is a level", "[{net: {units: 0}}, flatten]",
     "net1.stem<input net1.stem.relu<net1.stem flatten1<net1.stem.relu"),
    ("a block of the file, and the spec's own layers without its defaults", "[{unit: {filters: 2}}, {conv: "
     "{filters: 5, kernel: 1}}]", "unit1<input unit1.relu<unit1 conv1<unit1.relu"),
]  # fmt: skip


@pytest.mark.parametrize(("layers", "expected"), [case[1:] for case in GRAPHS], ids=[case[0] for case in GRAPHS])
def test_included_blocks(layers: str, expected: str) -> None:
    assert graph_of(f"{HEAD}layers: {layers}\n", net=BLOCKS) == expected


def test_sections_that_are_one_block_each_take_their_names() -> None:
    text = "name: t\ninclude: net.blocks.yaml\ninput: [8, 8, 3]\nsections: {a: [{net: {units: 1}}], b: [flatten]}\n"
    spec = loads(text, file="specs/t.yaml", read=files(net=BLOCKS))
    assert [(node.name, node.section) for node in spec.graph.nodes if node.name == node.row] == [
        ("stem", "a"), ("unit1", "a"), ("flatten1", "b"),
    ]  # fmt: skip


def test_defaults_of_the_spec_do_not_reach_included_blocks() -> None:
    own = "defaults: {conv: {bias: true, norm: batch, kernel: 5}}\n"
    spec = loads(f"{HEAD}{own}layers: [{{net: {{units: 0}}}}]\n", file="specs/t.yaml", read=files(net=BLOCKS))
    assert spec.graph.nodes[0].layer.values()["bias"] is False
    assert [node.name for node in spec.graph.nodes] == ["stem", "stem.relu"]


def test_several_files_and_folders() -> None:
    text = "name: t\ninclude: [a.blocks.yaml, sub/b.blocks.yaml]\ninput: [4]\nlayers: [one, two]\n"
    one, two = "blocks: {one: {layers: [relu, two]}}", "blocks: {two: {layers: [elu, tanh]}}"
    assert graph_of(text, a=one, sub__b=two) == (
        "one1.relu1<input one1.two1.elu1<one1.relu1 one1.two1.tanh1<one1.two1.elu1 "
        "two1.elu1<one1.two1.tanh1 two1.tanh1<two1.elu1"
    )


# title, spec behind the name, files, problems
WRONG: list[tuple[str, str, dict[str, str], list[str]]] = [
    ("no such file", "include: nat.blocks.yaml\ninput: [3]\nlayers: [relu]", {"net": BLOCKS},
     ["specs/t.yaml:2:10: include: specs/nat.blocks.yaml: no such file"]),
    ("another ending", "include: net.yaml\ninput: [3]\nlayers: [relu]", {},
     ["specs/t.yaml:2:10: include: expected the name of a file that ends in .blocks.yaml, relative to this one, "
      'received "net.yaml"']),
    ("an absolute name", "include: /net.blocks.yaml\ninput: [3]\nlayers: [relu]", {},
     ["specs/t.yaml:2:10: include: expected the name of a file that ends in .blocks.yaml, relative to this one, "
      'received "/net.blocks.yaml"']),
    ("an empty list", "include: []\ninput: [3]\nlayers: [relu]", {},
     ["specs/t.yaml:2:10: include: expected 1 to 16 files, received 0"]),
    ("twice", "include: [net.blocks.yaml, ./net.blocks.yaml]\ninput: [3]\nlayers: [relu]", {"net": BLOCKS},
     ['specs/t.yaml:2:28: include: "./net.blocks.yaml": included twice; keep one']),
    ("a block of the same name", "include: net.blocks.yaml\ninput: [3]\nblocks: {a: {layers: [elu]}}\n"
     "layers: [a]", {"net": "blocks: {a: {layers: [relu]}}"},
     ["specs/t.yaml:4:10: blocks: a: an included file has this block; choose another name"]),
    ("a mistake in the file", "include: net.blocks.yaml\ninput: [3]\nlayers: [a]",
     {"net": "blocks:\n  a: {layers: [rel]}"},
     ['specs/net.blocks.yaml:2:16: blocks.a.layers[0]: rel: unknown layer or block (did you mean "relu"?)'
      " (included by specs/t.yaml)"]),
    ("no YAML", "include: net.blocks.yaml\ninput: [3]\nlayers: [a]", {"net": "blocks: {a"},
     ["specs/net.blocks.yaml:1:11: not valid YAML: the mapping is not closed; expected ',' or '}' "
      "(included by specs/t.yaml)"]),
    ("no blocks in it", "include: net.blocks.yaml\ninput: [3]\nlayers: [relu]", {"net": "defaults: {}"},
     ["specs/net.blocks.yaml:1:1: blocks: missing; a blocks file needs them (included by specs/t.yaml)"]),
    ("a whole spec", "include: net.blocks.yaml\ninput: [3]\nlayers: [relu]",
     {"net": "name: x\nblocks: {a: {layers: [relu]}}"},
     ["specs/net.blocks.yaml:1:1: name: unknown field; a blocks file holds defaults, blocks "
      "(included by specs/t.yaml)"]),
    ("nothing in it", "include: net.blocks.yaml\ninput: [3]\nlayers: [relu]", {"net": ""},
     ["specs/net.blocks.yaml:1:1: the file is empty; a blocks file starts with blocks: "
      "(included by specs/t.yaml)"]),
    ("an argument of the spec that a layer of the file cannot take",
     "include: net.blocks.yaml\ninput: [8, 8, 3]\nlayers: [{net: {filters: half}}]", {"net": BLOCKS},
     ['specs/net.blocks.yaml:3:65: blocks.unit.layers[0].conv: filters: expected a whole number from 1, received "half"'
      " (in unit1, called at specs/net.blocks.yaml:8; included by specs/t.yaml)",
      'specs/net.blocks.yaml:7:37: blocks.net.layers[0].conv: filters: expected a whole number from 1, received "half"'
      " (in net, called at line 4; included by specs/t.yaml)"]),
    ("blocks of two files that call each other", "include: [a.blocks.yaml, b.blocks.yaml]\ninput: [3]\nlayers: [a]",
     {"a": "blocks: {a: {layers: [b]}}", "b": "blocks: {b: {layers: [a]}}"},
     ["specs/a.blocks.yaml:1:23: blocks.a.layers[0].b: the block calls itself (a → b → a); a block cannot hold "
      "itself (included by specs/t.yaml)"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "given", "expected"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_mistakes_name_the_file_they_stand_in(text: str, given: dict[str, str], expected: list[str]) -> None:
    assert problems(f"name: t\n{text}\n", given) == expected


def test_files_are_read_from_beside_the_spec_and_folders_searched_without_them(tmp_path: Path) -> None:
    below = tmp_path / "specs" / "drafts"
    below.mkdir(parents=True)
    (tmp_path / "specs" / "net.blocks.yaml").write_text(BLOCKS)
    (tmp_path / "specs" / "b.yaml").write_text(f"{HEAD}layers: [net]\n")
    (below / "a.yaml").write_text(f"{HEAD.replace('net', '../net')}layers: [net]\n")
    (tmp_path / "specs" / ".hidden").mkdir()
    (tmp_path / "specs" / ".hidden" / "c.yaml").write_text("")
    found = files_in(tmp_path / "specs")
    assert found == [tmp_path / "specs" / "b.yaml", below / "a.yaml"]
    assert load(found[0]).graph == load(found[1]).graph
    with pytest.raises(UsageError, match=r"net\.blocks\.yaml: a file of blocks is not a spec; name a spec"):
        load(tmp_path / "specs" / "net.blocks.yaml")
