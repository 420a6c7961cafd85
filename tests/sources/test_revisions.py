"""Files of git revisions: what is read, what is refused, and what each mistake is told to be."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from costlens.errors import UsageError
from costlens.sources.git import revisions
from costlens.sources.git.changed import MOST, WorkingTree, changed, specs_at
from costlens.sources.git.revisions import Commit, here, split
from tests.cases.hostile import HOSTILE
from tests.fakes.diff_repository import HEADS, NET, repository
from tests.fakes.git_repository import commit, git, write

LINKS = {
    "specs/passwd.yaml": "/etc/passwd",
    "specs/out.yaml": "../../outside.yaml",
    "specs/same.yaml": "net.yaml",
    "specs/nowhere.yaml": "none.yaml",
    "specs/loop.yaml": "loop.yaml",
    "away": "..",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a repository with links and large files."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "outside.yaml").write_text("name: secret\n")
    repo = repository(folder / "repository")
    for name, target in LINKS.items():
        (repo / name).symlink_to(target)
    large = {"specs/large.yaml": "#" * MOST + "\n", "specs/much_larger.yaml": "#" * 2**22}
    commit(repo, {**large, "specs/sub dir/ü 'quoted\" name.yaml": NET, "notes:5.yaml": NET}, "more")
    return folder


@pytest.fixture
def place(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copy that repository, and work in it."""
    shutil.copytree(made, tmp_path, symlinks=True, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path / "repository")
    return tmp_path / "repository"


@pytest.fixture
def head(place: Path) -> Commit:
    return here().commit("HEAD")


def test_files_are_those_of_the_commit(place: Path, head: Commit) -> None:
    write(place, HEADS["swapped"])
    assert head.read("specs/net.yaml", MOST).decode() == NET
    assert head.label("specs/net.yaml") == "HEAD:specs/net.yaml"
    assert "specs/deep/alone.yaml" in head.files("specs")
    assert head.files("specs/net.yaml") == ["specs/net.yaml"]
    assert "notes:5.yaml" in head.files(".")
    assert head.files("nowhere") == []
    (odd,) = head.files("specs/sub dir")
    assert odd == "specs/sub dir/ü 'quoted\" name.yaml"
    link = "specs/same.yaml"  # to another file of the repository
    assert [head.read(name, MOST).decode() for name in (odd, link)] == [NET, NET]


# of a path, what is said of it in a commit, and in the working tree
REFUSED = [
    ("specs/passwd.yaml", "is a symbolic link that leaves the repository, to /etc/passwd", "leaves the repository"),
    ("specs/out.yaml", "is a symbolic link that leaves the repository, to ../outside.yaml", "leaves the repository"),
    ("away/outside.yaml", "is a symbolic link that leaves the repository", "is a symbolic link that leaves the repo"),
    ("specs/nowhere.yaml", "is a symbolic link to no file", "no such file"),
    ("specs/loop.yaml", "is a symbolic link to no file", "cannot be read"),
    ("specs", "is a folder", "cannot be read: is a directory"),
    ("specs/net.yml", 'HEAD:specs/net.yml: no such file (did you mean "HEAD:specs/net.yaml"?)',
     'specs/net.yml: no such file (did you mean "specs/net.yaml"?)'),
    ("specs/net.yaml/x", "no such file", "cannot be read"),
    ("nothing/like/it.yaml", "HEAD:nothing/like/it.yaml: no such file; paths are from the root", "no such file"),
    *((path, "leaves the repository", "leaves the repository")
      for path in ("../outside.yaml", "specs/../../outside.yaml", "/etc/passwd", "C:/outside.yaml")),
    *((path, "names no file", "names no file")
      for path in ("specs/net.yaml\nHEAD:specs/tiny.yaml", "specs/net.yaml\0", "")),
]  # fmt: skip


@pytest.mark.parametrize(("path", "in_commit", "in_tree"), REFUSED, ids=lambda text: text or "nothing")
def test_what_is_no_file_of_the_repository_is_refused(head: Commit, path: str, in_commit: str, in_tree: str) -> None:
    for tree, words in ((head, in_commit), (WorkingTree(head.repository), in_tree)):
        with pytest.raises(UsageError) as caught:
            tree.read(path, MOST)
        assert words in str(caught.value)
        assert "secret" not in str(caught.value)


def test_large_files_are_read_no_further_than_asked(head: Commit) -> None:
    asked = ["specs/large.yaml", "specs/net.yaml", "specs/much_larger.yaml", "specs/none.yaml", "specs/tiny.yaml", ".."]
    found = head.contents(asked, 100)
    assert {path: len(text) for path, text in found.items() if isinstance(text, bytes)} == {
        "specs/large.yaml": 100, "specs/net.yaml": 100, "specs/much_larger.yaml": 100, "specs/tiny.yaml": 100,
    }  # fmt: skip
    assert {path for path, text in found.items() if isinstance(text, UsageError)} == {"specs/none.yaml", ".."}
    assert len(head.read("specs/much_larger.yaml", MOST)) == MOST


@pytest.mark.parametrize("revision", [
    "--output=x", "-n", "--all", "", "no-such-branch", "main..HEAD", "^main", "HEAD^{tree}", "HEAD:specs", "main\nHEAD",
    "--end-of-options", "main --output=x", "$(touch x)", "; touch x", "@{", "HEAD^{/", *HOSTILE.values(),
])  # fmt: skip
def test_what_is_no_revision_is_refused(place: Path, revision: str) -> None:
    before = sorted(place.rglob("*"))
    with pytest.raises(UsageError) as caught:
        here().commit(revision)
    assert "no such revision" in str(caught.value) or "is not a revision" in str(caught.value)
    assert len(str(caught.value)) < 1000
    assert sorted(place.rglob("*")) == before


def test_every_way_to_name_a_commit(place: Path, head: Commit) -> None:
    git(place, "tag", "--annotate", "--message=x", "v1.0")
    for revision in ("HEAD", "@", "work", "v1.0", head.hash, head.hash[:12], "main~0^{commit}", "HEAD@{0}", "main@{0}"):
        assert here().commit(revision).name == revision
    assert here().commit("v1.0").hash == head.hash
    assert here().commit("main").hash != head.hash


def test_a_near_name_is_offered(place: Path) -> None:
    git(place, "update-ref", "refs/remotes/origin/trunk", "HEAD")
    for given, meant in (("mian", "main"), ("trunk", "origin/trunk")):
        with pytest.raises(UsageError, match=f'{given}: no such revision .did you mean "{meant}"'):
            here().commit(given)


def test_where_histories_parted(place: Path) -> None:
    parted = git(place, "rev-parse", "main")
    git(place, "switch", "--quiet", "main")
    commit(place, {"specs/net.yaml": NET + "# later\n"}, "later")
    repo = here()
    found = repo.merge_base(repo.commit("main"), repo.commit("work"))
    assert found is not None
    assert (found.hash, found.name) == (parted, "main")
    git(place, "switch", "--quiet", "--orphan", "other")
    commit(place, {"README": "x"}, "other")
    assert repo.merge_base(repo.commit("main"), repo.commit("other")) is None


def test_a_shallow_clone_is_told_with_its_remedy_and_knows_the_parents_of_a_merge(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(place, "switch", "--quiet", "main")
    git(place, "merge", "--quiet", "--no-ff", "--message=merge", "work")
    base = git(place, "rev-parse", "main^1")
    git(place, "config", "uploadpack.allowAnySHA1InWant", "true")
    git(tmp_path, "clone", "--quiet", "--depth=1", place.as_uri(), "clone")
    git(tmp_path / "clone", "fetch", "--quiet", "--depth=1", "origin", base)
    monkeypatch.chdir(tmp_path / "clone")
    repo = here()
    assert repo.shallow
    with pytest.raises(UsageError, match=r"work: no such revision; .*this clone is shallow.*fetch-depth: 0"):
        repo.commit("work")
    found = repo.merge_base(repo.commit(base), repo.commit("HEAD"))  # the parent is where both histories parted
    assert found is not None
    assert found.hash == base


def test_paths_are_from_the_root_unless_they_begin_with_a_dot(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place / "specs" / "deep")
    repo = here()
    assert (repo.root, repo.prefix) == (place.resolve(), "specs/deep/")
    assert [repo.path(path) for path in ("./alone.yaml", "../net.yaml", "specs/net.yaml", "./.")] == [
        "specs/deep/alone.yaml", "specs/net.yaml", "specs/net.yaml", "specs/deep",
    ]  # fmt: skip
    with pytest.raises(UsageError, match="leaves the repository"):
        repo.path("../../../outside.yaml")
    with pytest.raises(UsageError, match=r'did you mean "HEAD:\./alone\.yaml"'):
        repo.commit("HEAD").read("alone.yaml", MOST)


def test_no_repository_and_no_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="no git repository; run this inside one, or name two files"):
        here()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="git: no such program; install it, or name two files"):
        here()


@pytest.mark.parametrize(("said", "words"), [
    ("fatal: detected dubious ownership in repository at '/x'", "git config --global --add safe.directory"),
    ("fatal: this operation must be run in a work tree", "has no working tree"),
    ("fatal: bad config line 1 in file .git/config", "git says: fatal: bad config line 1"),
])  # fmt: skip
def test_what_git_refuses_is_told_with_its_remedy(said: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = subprocess.CompletedProcess((), 128, b"", said.encode())
    monkeypatch.setattr(revisions, "run_git", lambda *_: failed)
    with pytest.raises(UsageError, match=words):
        here()


def test_git_s_environment_leads_nowhere_else(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = repository(tmp_path / "other", {"specs/net.yaml": "name: other\n"})
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(other / ".git" / "objects"))
    monkeypatch.setenv("GIT_GLOB_PATHSPECS", "1")
    assert here().root == place.resolve()
    assert here().commit("HEAD").read("specs/net.yaml", MOST).decode() == NET


@pytest.mark.skipif(sys.platform == "win32", reason="a script as a program")
def test_nothing_that_a_repository_configures_is_run(place: Path) -> None:
    touched = place / "touched"
    script = place / "run.sh"
    script.write_text(f"#!/bin/sh\ntouch '{touched}'\ncat\n")
    script.chmod(0o755)
    programs = ("core.fsmonitor", "diff.x.textconv", "filter.x.smudge", "filter.x.clean", "core.pager", "diff.external")
    for name in (*programs, "alias.rev-parse", "alias.cat-file"):
        git(place, "config", name, str(script))
    (place / ".gitattributes").write_text("*.yaml diff=x filter=x\n")
    repo = here()
    base, now = repo.commit("main"), WorkingTree(repo)
    assert changed(base, now, ["specs"]).unchanged == 3
    assert base.read("specs/net.yaml", MOST).decode() == NET
    assert not touched.exists()
    git(place, "status")
    assert touched.exists()


def test_places_name_specs_alike_on_both_sides(place: Path) -> None:
    repo = here()
    base, now = repo.commit("main"), WorkingTree(repo)
    git(place, "switch", "--quiet", "--force-create", "again", "main")
    write(place, {"specs/.hidden/x.yaml": NET, "specs/x.yml.txt": NET, ".gitignore": "build/\n", "build/x.yaml": NET})
    write(place, {"specs/build/x.yaml": NET})
    git(place, "worktree", "add", "--quiet", "--detach", "specs/other", "main")
    repository(place / "specs" / "nested")
    every = ["specs/deep/alone.yaml", "specs/net.yaml", "specs/tiny.yaml"]
    for where, expected in [
        ("specs", every), (".", every), ("specs/**/*.yaml", every), ("*", every),
        ("specs/net.yaml", every[1:2]), ("specs/*.yaml", every[1:]), ("specs/d*", every[:1]), ("spec", []),
        ("specs/parts.blocks.yaml", every[1:]),
    ]:  # fmt: skip
        assert sorted(specs_at(base, where)) == expected
        assert sorted(specs_at(now, where)) == expected


@pytest.mark.parametrize(("word", "parts"), [
    ("origin/main:a:b.yaml", ("origin/main", "a:b.yaml")),
    ("HEAD@{yesterday at 12:00}:a.yaml", ("HEAD@{yesterday at 12:00}", "a.yaml")),
    ("HEAD^{/fix: it}:a.yaml", ("HEAD^{/fix: it}", "a.yaml")),
    (":a.yaml", ("", "a.yaml")),
    ("C:\\specs\\a.yaml", None),
    ("{a:b", None),
    ("x" * 10_000, None),
])  # fmt: skip
def test_revisions_in_front_of_paths(word: str, parts: tuple[str, str] | None) -> None:
    assert split(word) == parts
