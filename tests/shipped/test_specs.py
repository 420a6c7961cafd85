"""What every shipped spec has: the published figures, its name and source, its schema; and a draft that is none."""

from pathlib import Path

import pytest

from costlens.analysis.budgets import judge
from costlens.errors import SpecError
from costlens.spec.loading import loads
from costlens.spec.paths import files_in
from tests.cases.counted import load, models
from tests.places import SPECS

NAMES = [str(path.relative_to(SPECS).with_suffix("")) for path in files_in(SPECS)]
FILES = [str(path.relative_to(SPECS)) for path in sorted(SPECS.rglob("*.yaml"))]

FIRST_DRAFT = """\
name: first_draft
knobs: {size: 64}
input: [size, size, 3]
defaults:
  conv: {kernel: 3, padding: valid, activation: relu}
layers:
  - conv: {filters: 32}
  - max_pool: 2
  - conv: {filters: 64}
  - max_pool: 2
  - conv: {filters: 128}
  - max_pool: 2
  - conv: {filters: 256}
  - max_pool: 2
  - conv: {filters: 512}
  - max_pool: 2
  - flatten
"""
"""The first draft of the speech embedding, which does not build on 64×64."""


@pytest.mark.parametrize("name", NAMES)
def test_published_figures_hold(name: str) -> None:
    (model,) = models(SPECS / f"{name}.yaml")
    published = [limit for limit in model.limits if limit.source == "expect"]
    assert published, "every shipped spec quotes what was published"
    assert [limit for limit in published if judge(limit, model.count, None).verdict != "kept"] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_spec_is_called_as_its_file_and_says_where_it_is_from(name: str) -> None:
    spec = load(SPECS / f"{name}.yaml")
    assert spec.name == Path(name).name
    assert spec.title
    assert spec.source


@pytest.mark.parametrize("file", FILES)
def test_first_line_names_the_schema(file: str) -> None:
    first = (SPECS / file).read_text(encoding="utf-8").splitlines()[0]
    assert first == f"# yaml-language-server: $schema={'../' * file.count('/')}schema.json"


def test_the_error_of_the_first_draft_says_which_layer_and_why() -> None:
    with pytest.raises(SpecError) as caught:
        loads(FIRST_DRAFT, file="first_draft.yaml")
    assert [str(problem) for problem in caught.value.problems] == [
        "first_draft.yaml:15:5: layers[8].conv: conv5: conv: kernel 3 is larger than its padded input 2; "
        "use padding: same, a smaller kernel, or pool less before it"
    ]


def test_the_smallest_image_the_first_draft_builds_on() -> None:
    """Backwards from one cell behind the last pool: 2, 4; 8, 10; 20, 22; 44, 46; 92, 94."""
    assert loads(FIRST_DRAFT, settings={"size": 94}).graph.outputs == ("flatten1",)
    with pytest.raises(SpecError, match="max_pool5: max_pool: kernel 2 is larger than its padded input 1"):
        loads(FIRST_DRAFT, settings={"size": 93})
