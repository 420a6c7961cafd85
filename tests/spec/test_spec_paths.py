"""One matcher says which specs a glob names: of check and count, of diff, of the action."""

from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costlens.errors import UsageError
from costlens.sources._source import Asked
from costlens.sources._word import Word
from costlens.sources.find import files, models
from costlens.sources.git.changed import WorkingTree, specs_at
from costlens.sources.git.revisions import here
from costlens.spec.paths import files_of, is_named
from tests.fakes.git_repository import git, write

FILES = ("a.yaml", "specs/a.yaml", "specs/labels.yml", "specs/a.blocks.yaml", "specs/b.blocks.yml", "specs/.a.yaml",
         "specs/.b/a.yaml", "specs/b/a.yaml", "specs/b/c/a.yaml", "specs/[b].yaml", "more/.hidden/x.yaml")  # fmt: skip
NAMED = {
    "specs/*.yaml": ["specs/[b].yaml", "specs/a.yaml"],
    "specs/**/*.yaml": ["specs/[b].yaml", "specs/a.yaml", "specs/b/a.yaml", "specs/b/c/a.yaml"],
    "**/a.yaml": ["a.yaml", "specs/a.yaml", "specs/b/a.yaml", "specs/b/c/a.yaml"],
    "specs/*": ["specs/[b].yaml", "specs/a.yaml", "specs/b/a.yaml", "specs/b/c/a.yaml", "specs/labels.yml"],
    "spec?/b*": ["specs/b/a.yaml", "specs/b/c/a.yaml"],
    "specs/[b].yaml": ["specs/[b].yaml"],
    "more/.hidden/*": ["more/.hidden/x.yaml"],
    "specs/*.yml": ["specs/labels.yml"],
    "specs/*.blocks.*": [],
    "**/b/**/*.yaml": ["specs/b/a.yaml", "specs/b/c/a.yaml"],
    "**/**/c/**": ["specs/b/c/a.yaml"],
    "specs/**/b": ["specs/b/a.yaml", "specs/b/c/a.yaml"],
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


def matches(path: list[str], pattern: list[str]) -> bool:
    """Say whether a pattern matches the start of a path, by trying every split."""
    if not pattern:
        return True
    if pattern[0] == "**":
        return any(matches(path[start:], pattern[1:]) for start in range(len(path)))
    return bool(path) and fnmatchcase(path[0], pattern[0]) and matches(path[1:], pattern[1:])


PARTS = st.lists(st.sampled_from(["**", "*", "a", "b", "[ab]"]), max_size=6)


@given(st.lists(st.sampled_from("abc"), max_size=6), PARTS)
def test_a_glob_matches_what_trying_every_split_matches(folders: list[str], pattern: list[str]) -> None:
    path, glob = "/".join([*folders, "x.yaml"]), "/".join(["*", *pattern])
    assert is_named(path, glob) == matches(path.split("/"), glob.split("/"))


def test_a_glob_of_many_stars_ends_at_once(tmp_path: Path) -> None:
    deep = "/".join("abcdefghij" * 3)
    write(tmp_path, {f"{deep}/x.yaml": "name: a\n"})
    assert files_of("**/*/" * 20 + "zz.yaml", tmp_path) == []
    assert files_of("**/" * 30 + "x.yaml", tmp_path) == [tmp_path / deep / "x.yaml"]
    assert not is_named(f"{deep}/" * 20 + "x.yaml", "**/a*/" * 40 + "zz.yaml")


def test_blocks_that_nobody_includes_are_no_spec_and_no_mistake_of_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"a.blocks.yaml": "blocks: {}\n", "a.yaml": "name: a\n"})
    monkeypatch.chdir(tmp_path)
    assert paths("a.blocks.yaml", "a.yaml") == ["a.yaml"]
    assert paths("a.blocks.yaml") == []
    with pytest.raises(UsageError, match=r"a\.blocks\.yaml: no spec in its repository includes these blocks"):
        models(["a.blocks.yaml"], Asked())
