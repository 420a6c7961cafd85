"""Which specs ``costlens diff`` looks at: places, links, cut history, what git leaves out, what cannot be read."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from costlens.results.diff import Diff, SpecDiff
from costlens.spec.include import including
from tests.fakes.command_line import Done, Run
from tests.fakes.diff_repository import ALONE, HEADS, NET, PARTS, TINY, repository
from tests.fakes.git_repository import commit, git, write


def told(done: Done) -> Diff:
    return Diff.from_json(done.stdout)


def only(done: Done) -> SpecDiff:
    (spec,) = told(done).specs
    return spec


def main_is(place: Path, message: str = "more") -> None:
    """Make the files as they are those of main."""
    commit(place, {}, message)
    git(place, "branch", "--force", "main", "HEAD")


def test_a_file_with_a_colon_in_its_name_is_that_file(place: Path, run: Run) -> None:
    tiny = TINY.replace("parts", "../specs/parts")
    write(place, {"main:specs/net.yaml": tiny, "notes:1.yaml": tiny.replace("../", "")})
    for file in ("./main:specs/net.yaml", str(place / "main:specs/net.yaml"), "notes:1.yaml"):
        spec = only(run("diff", file, "main:specs/tiny.yaml", "--format", "json"))
        assert (spec.name, spec.standing, spec.same_graph) == ("tiny", "same_cost", True)


def test_no_file_stands_in_for_a_revision(place: Path, run: Run) -> None:
    write(place, {**HEADS["swapped"], "main:specs/net.yaml": NET.replace("parts", "../specs/parts")})
    for word in ("main:specs/net.yaml", "main:specs/net.yaml?width=2"):
        done = run("diff", word, "specs/net.yaml")
        assert (done.returncode, done.stdout) == (2, "")
        assert "is both a file and a path at revision main; write ./main:specs/net.yaml for the file" in done.stderr


def test_a_file_of_blocks_may_lie_anywhere(place: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = "specs/shared/parts.blocks.yaml"
    write(place, {shared: PARTS, "specs/net.yaml": NET.replace("parts", "shared/parts")})
    (place / "unread.yaml").symlink_to("nowhere/parts.blocks.yaml")
    main_is(place)
    write(place, {shared: PARTS.replace("name: classifier,", "name: classifier, bias: false,")})
    assert only(run("diff", "--base", "main", shared, "--format", "json")).path == "specs/net.yaml"
    assert including(Path(shared)) == [Path("specs/net.yaml")]
    assert including(place / shared) == [place / "specs/net.yaml"]
    monkeypatch.chdir(place / "specs" / "shared")
    assert including(Path("parts.blocks.yaml")) == [Path("../net.yaml")]
    assert only(run("diff", "--base", "main", "parts.blocks.yaml", "--format", "json")).path == "specs/net.yaml"


@pytest.mark.parametrize(("text", "words"), [
    ("[tool.costlens]\nspecs = [\n", "pyproject.toml:"),
    ('[tool.costlens]\nspecs = ["networks"]\n', "networks: matches no spec"),
    ("[tool.costlens]\nspec = []\n", 'unknown key (did you mean "specs"?)'),
])  # fmt: skip
def test_settings_that_are_wrong_are_told(text: str, words: str, place: Path, run: Run) -> None:
    write(place, {"pyproject.toml": text, **HEADS["swapped"]})
    done = run("diff", "--base", "main")
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert run("diff", "--base", "main", "specs").returncode == 0


def test_what_git_does_not_hold_is_not_added(place: Path, run: Run) -> None:
    other = repository(place.parent / "other", {"net.yaml": NET})
    git(place, "-c", "protocol.file.allow=always", "submodule", "add", "--quiet", str(other), "specs/sub")
    write(place, {".gitignore": "/specs/build/\n", "specs/build/x.yaml": ALONE})
    main_is(place)
    git(place, "worktree", "add", "--quiet", "--detach", "specs/tree", "main")
    write(place, {"specs/new.yaml": ALONE})
    for options in ((), ("--head", "HEAD")):
        diff = told(run("diff", "--base", "main", *options, "--format", "json"))
        assert [spec.path for spec in diff.specs] == ([] if options else ["specs/new.yaml"])
        assert diff.unchanged == 3
    done = run("diff", "--base", "main", "specs/build/x.yaml")
    assert (done.returncode, "what git ignores is left out" in done.stderr) == (2, True)


def test_what_neither_side_can_read_is_not_called_the_same(place: Path, run: Run) -> None:
    (place / "specs" / "far.yaml").symlink_to("/etc/hostname")
    (place / "specs" / "far.blocks.yaml").symlink_to("/etc/hostname")
    write(place, {"specs/tiny.yaml": TINY.replace("parts", "far")})
    main_is(place)
    done = run("diff", "--base", "main", "--format", "json")
    diff = told(done)
    assert (done.returncode, diff.specs, diff.unchanged) == (0, (), 2)
    assert diff.unreadable == ("specs/far.yaml", "specs/tiny.yaml")
    words = "can be read on neither side"
    for kind in ("terminal", "markdown"):
        shown = " ".join(run("diff", "--base", "main", "--format", kind).stdout.split())
        assert f"specs/far.yaml: {words}" in shown
        assert "2 are the same" in shown
    first = run("diff", "--base", "main", "--format", "github").stdout.splitlines()[0]
    assert first.startswith(f"::warning file=specs/far.yaml,line=1,title=costlens diff::specs/far.yaml: {words}")
    cases = [*ElementTree.fromstring(run("diff", "--base", "main", "--format", "junit").stdout).iter("testcase")]
    assert [(case.get("name"), case[0].tag) for case in cases] == [
        ("specs/far.yaml", "skipped"), ("specs/tiny.yaml", "skipped"),
    ]  # fmt: skip


def test_a_place_that_is_a_link_is_what_it_leads_to(place: Path, run: Run) -> None:
    git(place, "mv", "specs", "networks")
    (place / "specs").symlink_to("networks")
    (place / "away").symlink_to("..")
    main_is(place)
    write(place, {"networks/tiny.yaml": TINY.replace("units: 3", "units: 4")})
    for where, unchanged in (((), 2), (("specs/*.yaml",), 1), (("specs/tiny.yaml",), 0), (("networks",), 2)):
        for options in ((), ("--head", "HEAD")):
            diff = told(run("diff", "--base", "main", *options, *where, "--format", "json"))
            assert [(one.path, one.standing) for one in diff.specs] == (
                [] if options else [("networks/tiny.yaml", "changed")]
            )
            assert diff.unchanged == unchanged + bool(options)
    done = run("diff", "--base", "main", "away")
    assert (done.returncode, "away: is outside of the repository" in done.stderr) == (2, True)


def test_a_link_that_became_a_folder_holds_what_is_new(place: Path, run: Run) -> None:
    git(place, "mv", "specs", "networks")
    (place / "specs").symlink_to("networks")
    main_is(place)
    (place / "specs").unlink()
    git(place, "mv", "networks", "specs")
    done = run("diff", "--base", "main", "--format", "json")
    assert {(spec.path, spec.standing) for spec in told(done).specs} == {
        ("specs/deep/alone.yaml", "added"), ("specs/net.yaml", "added"), ("specs/tiny.yaml", "added"),
    }  # fmt: skip
    assert done.returncode == 0


def test_a_broken_spec_of_a_revision_is_annotated_on_its_file(place: Path, run: Run) -> None:
    commit(place, {"specs/tiny.yaml": TINY.replace("kernel", "kernal")}, "broken")
    done = run("diff", "--base", "main", "--head", "work", "--format", "github")
    assert done.returncode == 2
    assert done.stdout.startswith("::error file=specs/tiny.yaml,line=5,col=36,title=costlens::layers[0].conv: kernal: ")
    assert "(in work)" in done.stdout
    assert done.stderr.startswith("specs/tiny.yaml:5:36: layers[0].conv: kernal: unknown field")


@pytest.mark.parametrize("name", ["x" * 5000, f"specs/{'x' * 300}.yaml", "y/" * 3000, f"{'x' * 300}/*.yaml"])
def test_a_place_with_too_long_a_name_is_none(name: str, place: Path, run: Run) -> None:
    for words in (("--base", "main", name), (name, "specs/net.yaml")):
        done = run("diff", *words)
        assert (done.returncode, done.stdout, "Traceback" in done.stderr) == (2, "", False)


def test_a_cut_history_is_an_error_and_no_diff_of_the_base(
    place: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(place, HEADS["swapped"], "swap")
    git(place, "switch", "--quiet", "main")
    commit(place, {"specs/tiny.yaml": TINY.replace("units: 3", "units: 9")}, "later")
    git(tmp_path, "clone", "--quiet", "--depth=1", "--branch=work", place.as_uri(), "clone")
    git(tmp_path / "clone", "fetch", "--quiet", "--depth=1", "origin", "main:main")
    monkeypatch.chdir(tmp_path / "clone")
    done = run("diff", "--base", "main")
    assert (done.returncode, done.stdout) == (2, "")
    assert "main: where its history and that of HEAD parted is not known" in done.stderr
    assert "fetch-depth: 0" in done.stderr
    git(tmp_path / "clone", "fetch", "--quiet", "--unshallow", "origin", "main", "work")
    assert only(run("diff", "--base", "main", "--format", "json")).path == "specs/net.yaml"


def test_a_commit_s_number_is_shown_by_its_beginning(place: Path, run: Run) -> None:
    base = git(place, "rev-parse", "main")
    write(place, HEADS["swapped"])
    diff = told(run("diff", "--base", base, "--format", "json"))
    assert (diff.base.name, diff.base.commit) == (base[:12], base)
