"""One matcher says which specs a glob names: of check and count, of diff, of the action."""

from __future__ import annotations

from pathlib import Path

import pytest

from costlens.errors import UsageError
from costlens.sources._source import Asked
from costlens.sources._word import Word
from costlens.sources.find import files, models
from costlens.sources.git.changed import WorkingTree, specs_at
from costlens.sources.git.revisions import here
from tests.fakes.git_repository import git, write

FILES = ("a.yaml", "specs/a.yaml", "specs/labels.yml", "specs/a.blocks.yaml", "specs/.a.yaml", "specs/.b/a.yaml",
         "specs/b/a.yaml", "specs/b/c/a.yaml", "specs/[b].yaml", "more/.hidden/x.yaml")  # fmt: skip
NAMED = {
    "specs/*.yaml": ["specs/[b].yaml", "specs/a.yaml"],
    "specs/**/*.yaml": ["specs/[b].yaml", "specs/a.yaml", "specs/b/a.yaml", "specs/b/c/a.yaml"],
    "**/a.yaml": ["a.yaml", "specs/a.yaml", "specs/b/a.yaml", "specs/b/c/a.yaml"],
    "specs/*": ["specs/[b].yaml", "specs/a.yaml", "specs/b/a.yaml", "specs/b/c/a.yaml"],
    "spec?/b*": ["specs/b/a.yaml", "specs/b/c/a.yaml"],
    "specs/[b].yaml": ["specs/[b].yaml"],
    "more/.hidden/*": ["more/.hidden/x.yaml"],
    "specs/*.yml": [],
    "specs/*.blocks.yaml": [],
    "more/*": [],
}


def paths(*words: str) -> list[str]:
    return [one.path.as_posix() for one in files(words) if isinstance(one, Word)]


@pytest.mark.parametrize(("glob", "named"), NAMED.items(), ids=NAMED)
def test_a_glob_names_the_same_specs_everywhere(
    glob: str, named: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(tmp_path, "init", "--template=", "--quiet")
    write(tmp_path, dict.fromkeys(FILES, "name: a\n"))
    monkeypatch.chdir(tmp_path)
    assert sorted(specs_at(WorkingTree(here()), glob)) == named
    if named:
        assert paths(glob) == named
    else:
        with pytest.raises(UsageError, match="matches no spec"):
            models([glob], Asked())


def test_blocks_that_nobody_includes_are_no_spec_and_no_mistake_of_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"a.blocks.yaml": "blocks: {}\n", "a.yaml": "name: a\n"})
    monkeypatch.chdir(tmp_path)
    assert paths("a.blocks.yaml", "a.yaml") == ["a.yaml"]
    assert paths("a.blocks.yaml") == []
    with pytest.raises(UsageError, match=r"a\.blocks\.yaml: no spec in its repository includes these blocks"):
        models(["a.blocks.yaml"], Asked())
