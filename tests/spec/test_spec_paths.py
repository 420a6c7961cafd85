"""One matcher says which specs a glob names: of check and count, of diff, of the action."""

from __future__ import annotations

from pathlib import Path

import pytest

from costlens.commands._options import spec_files
from costlens.errors import UsageError
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


@pytest.mark.parametrize(("glob", "named"), NAMED.items(), ids=NAMED)
def test_a_glob_names_the_same_specs_everywhere(
    glob: str, named: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(tmp_path, "init", "--template=", "--quiet")
    write(tmp_path, dict.fromkeys(FILES, "name: a\n"))
    monkeypatch.chdir(tmp_path)
    assert sorted(specs_at(WorkingTree(here()), glob)) == named
    if named:
        assert [path.as_posix() for path in spec_files([Path(glob)])] == named
    else:
        with pytest.raises(UsageError, match="matches no spec"):
            spec_files([Path(glob)])


def test_blocks_that_nobody_includes_are_no_spec_and_no_mistake_of_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, {"a.blocks.yaml": "blocks: {}\n", "a.yaml": "name: a\n"})
    monkeypatch.chdir(tmp_path)
    assert spec_files([Path("a.blocks.yaml"), Path("a.yaml")]) == [Path("a.yaml")]
    assert spec_files([Path("a.blocks.yaml")], idle=True) == []
    assert capsys.readouterr().err.count("includes these blocks") == 2
    with pytest.raises(UsageError, match="no spec to read"):
        spec_files([Path("a.blocks.yaml")])
