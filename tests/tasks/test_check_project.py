"""Which settings a spec is held to, which cannot be used, and what no spec, setting or include reads."""

from pathlib import Path

import pytest

from costlens.spec import project
from tests.cases.checked import BODY, lines
from tests.fakes.command_line import Run


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a repository, which is the working directory: two specs of 108 parameters, one of them limited to 107."""
    (tmp_path / "nets" / "deep").mkdir(parents=True)
    (tmp_path / "nets" / "mine.yaml").write_text(f"name: mine\n{BODY}", encoding="utf-8")
    (tmp_path / "nets" / "deep" / "theirs.yaml").write_text(f"name: theirs\n{BODY}", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text("[tool.costlens.budgets]\n'nets/*.yaml' = {params = 107}\n")
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("content", [b"[tool.other]\ncostlens = 3\n", b"[tool.other]\nx = [\n", b"x = '\xe9'\n"])
def test_settings_of_others_are_not_looked_at(run: Run, here: Path, content: bytes) -> None:
    (here / "pyproject.toml").write_bytes(content)
    assert run("check", "nets").returncode == 0


# a file that says costlens and cannot be used, and what is said of it
UNUSABLE = [
    (b"# caf\xe9\n[tool.costlens]\nspecs = []\n", "pyproject.toml:1:6: byte 0xe9 is not UTF-8; save the file as UTF-8"),
    ("[tool.costlens]\n".encode("utf-16"), "pyproject.toml:1:1: byte 0xff is not UTF-8"),
    (b"[tool . costlens . budgets]\n'nets/*.yaml' = {params = 1k}\n", "pyproject.toml:2:28: not valid TOML: "),
    (b"[tool.'costlens']\nspecs = [\n", "pyproject.toml:2:1: not valid TOML: "),
    (b"x = " + b"[" * 5000 + b"\n[tool.costlens]\n", "pyproject.toml:2:1: not valid TOML: "),
    (b"[tool.other]\ncostlens = 3\nx = [\n", "pyproject.toml:3:1: not valid TOML: "),
]


@pytest.mark.parametrize(("content", "message"), UNUSABLE)
def test_settings_that_cannot_be_used_are_not_passed_over(run: Run, here: Path, content: bytes, message: str) -> None:
    (here / "pyproject.toml").write_bytes(content)
    for asked in ((), ("nets/mine.yaml",)):
        done = run("check", *asked)
        assert (done.returncode, message in done.stderr) == (2, True), done
    (problem,) = project.read(here / "pyproject.toml").problems
    assert str(problem).startswith(message)


def test_settings_that_cannot_be_opened_are_not_passed_over(
    run: Run, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Path.read_bytes

    def refused(path: Path) -> bytes:
        if path.name == "pyproject.toml":
            raise PermissionError(13, "Permission denied")
        return whole(path)

    monkeypatch.setattr(Path, "read_bytes", refused)
    done = run("check", "nets/mine.yaml")
    assert done.returncode == 2
    assert lines(done.stderr) == ["pyproject.toml: cannot be read: permission denied; correct its rights"]


def test_the_working_directory_changes_no_verdict(run: Run, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in (here, here / "nets", here.parent):
        monkeypatch.chdir(folder)
        done = run("check", str(here / "nets" / "mine.yaml"))
        assert done.returncode == 3, folder
        assert "params is 108, over its budget of 107 (" in done.stderr


def test_each_package_of_a_repository_has_its_own_settings(run: Run, here: Path) -> None:
    (here / "nets" / "deep" / "pyproject.toml").write_text(
        "[tool.costlens.budgets]\n'*.yaml' = {macs = 5}\n", encoding="utf-8"
    )
    done = run("check", "nets")
    assert lines(done.stderr) == [
        "nets/deep/theirs.yaml: macs is 6,912, over its budget of 5 (nets/deep/pyproject.toml:2) by 6,907 (138,140.0%)",
        "nets/mine.yaml: params is 108, over its budget of 107 (pyproject.toml:2) by 1 (0.9%)",
    ]


OUTSIDE = "lies outside the repository, and is not read; put a copy inside it"


@pytest.fixture
def secret(here: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a spec outside of the repository, which has no settings any more."""
    (here / "pyproject.toml").unlink()
    folder = tmp_path_factory.mktemp("outside")
    (folder / "secret.yaml").write_text(f"name: secret\n{BODY}", encoding="utf-8")
    (folder / "secret.blocks.yaml").write_text("blocks: {b: {layers: [relu]}}\n", encoding="utf-8")
    return folder / "secret.yaml"


def test_a_link_that_is_found_leads_nowhere_outside_and_a_named_file_may_lie_anywhere(
    run: Run, here: Path, secret: Path
) -> None:
    (here / "nets" / "link.yaml").symlink_to(secret)
    (here / "nets" / "near.yaml").symlink_to(here / "nets" / "mine.yaml")
    (here / "folder").symlink_to(secret.parent)
    for asked in ("nets", "nets/*.yaml", str(here / "nets")):
        done = run("check", asked)
        assert done.returncode == 2
        assert [line.rpartition("/")[2] for line in lines(done.stderr)] == [f"link.yaml: {OUTSIDE}"]
        assert "secret" not in done.stdout
        assert "mine  " in done.stdout  # which the link keeps from nothing
    done = run("check", "folder")
    assert (done.returncode, lines(done.stderr)) == (2, [f"folder/secret.yaml: {OUTSIDE}"])
    for named in ("nets/link.yaml", str(secret), str(secret.parent), "nets/near.yaml"):
        assert run("check", named).returncode == 0


def test_settings_lead_nowhere_outside(run: Run, here: Path, secret: Path) -> None:
    up = f"../{secret.parent.name}"
    settings = f"[tool.costlens]\nspecs = ['{up}/*.yaml', 'nets/mine.yaml']\n"
    (here / "pyproject.toml").write_text(settings, encoding="utf-8")
    done = run("check")
    assert done.returncode == 2
    assert lines(done.stderr) == [f"pyproject.toml:2:1: tool.costlens.specs: {up}/*.yaml: {OUTSIDE}"]
    assert "secret" not in done.stdout
    (here / "pyproject.toml").unlink()
    (secret.parent / "pyproject.toml").write_text("[tool.costlens]\nspecs = ['*.yaml']\n", encoding="utf-8")
    (here / "pyproject.toml").symlink_to(secret.parent / "pyproject.toml")
    done = run("check")
    assert (done.returncode, lines(done.stderr)) == (2, [f"pyproject.toml: {OUTSIDE}"])


def test_includes_lead_nowhere_outside_the_repository_of_their_spec(run: Run, here: Path, secret: Path) -> None:
    text = f"name: mine\ninclude: FILE\n{BODY}"
    up = f"../../{secret.parent.name}/secret.blocks.yaml"
    (here / "nets" / "mine.yaml").write_text(text.replace("FILE", up), encoding="utf-8")
    done = run("check", "nets/mine.yaml")
    assert done.returncode == 2
    assert f"nets/mine.yaml:2:10: include: {up.removeprefix('../')}: {OUTSIDE}" in done.stderr
    secret.write_text(text.replace("FILE", "secret.blocks.yaml"), encoding="utf-8")
    assert run("check", str(secret)).returncode == 0


@pytest.mark.parametrize("word", [".", "nets", "nets/", "./nets", "**/*.yaml", "nets/deep/../*.yaml"])
def test_a_path_or_a_glob_names_specs(here: Path, word: str) -> None:
    (here / "pyproject.toml").write_text(f'[tool.costlens]\nspecs = ["{word}"]\n', encoding="utf-8")
    found = project.read(here / "pyproject.toml")
    assert found.problems == ()
    assert Path("nets/mine.yaml") in found.specs


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("", "nothing: expected a path or a glob relative to this file"),
        ("/nets", "/nets: expected a path or a glob relative to this file"),
        ("***", "***: expected a path or a glob relative to this file: "),
        ("none", "none: matches no spec (*.yaml) and no model file; correct it, or take it out"),
        ("nets/*.tflite", "nets/*.tflite: matches no spec (*.yaml) and no model file; correct it, or take it out"),
    ],
)
def test_what_names_no_specs_is_said_with_its_reason(here: Path, word: str, said: str) -> None:
    (here / "pyproject.toml").write_text(f'[tool.costlens]\nspecs = ["{word}"]\n', encoding="utf-8")
    found = project.read(here / "pyproject.toml")
    (problem,) = found.problems
    assert said in problem.message


def test_a_glob_that_ends_as_model_files_do_names_them(here: Path) -> None:
    (here / "nets" / "deep").mkdir(exist_ok=True)
    for name in ("a.tflite", "deep/b.tflite", ".hidden.tflite"):
        (here / "nets" / name).write_bytes(b"")
    specs, budgets = '"nets/**/*.tflite", "nets/a.tflite"', '"**/*.tflite" = {macs = "1M"}'
    text = f"[tool.costlens]\nspecs = [{specs}]\n[tool.costlens.budgets]\n{budgets}\n"
    (here / "pyproject.toml").write_text(text, encoding="utf-8")
    found = project.read(here / "pyproject.toml")
    assert (found.problems, found.specs) == ((), (Path("nets/a.tflite"), Path("nets/deep/b.tflite")))
    assert [limit.amount.value for limit in found.limits(Path("nets/deep/b.tflite"))] == [1_000_000]


def test_a_folder_that_cannot_be_searched_is_told_as_that(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    (here / "pyproject.toml").write_text('[tool.costlens]\nspecs = ["nets/*.yaml"]\n', encoding="utf-8")
    monkeypatch.setattr("os.scandir", refused)
    found = project.read(here / "pyproject.toml")
    assert [problem.message for problem in found.problems] == ["nets/*.yaml: cannot be read: Permission denied"]
