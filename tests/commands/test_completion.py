"""What a shell offers after a script of ``costlens completion`` was read: asked of a real bash."""

import subprocess
from pathlib import Path

import pytest

from costlens.commands import command_names
from tests.fakes.command_line import Run

ASK = """
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _costlens
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.mark.parametrize(("words", "offered"), [
    ("costlens cou", "count"),
    ("costlens --ver", "--version"),
    ("costlens count --for", "--format"),
    ("costlens report --no", "--no-bench --no-rows --no-record"),
    ("costlens count --format mar", "markdown"),
    ("costlens count --format = js", "json"),
    ("costlens bench a.yaml --runtime l", "litert"),
    ("costlens compare --sort m", "macs"),
    ("costlens explain con", "conv conv_tasnet convnext_t"),
    ("costlens completion ", "bash zsh fish"),
    ("costlens count net", "net one.yaml"),
    ("costlens count a.yaml net", "net one.yaml"),
    ("costlens compare yamnet", "yamnet yamnet_full yamnet.yaml"),
    ("costlens explain yamnet_", "yamnet_full"),
    ("costlens explain net", "net one.yaml"),
    ("costlens count --nothing", ""),
])  # fmt: skip
def test_bash_completes_commands_options_words_and_files(words: str, offered: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "net one.yaml").touch()
    (tmp_path / "yamnet.yaml").touch()
    script = tmp_path / "script"
    script.write_text(run("completion", "bash").stdout + ASK, encoding="utf-8")
    asked = ["bash", "--norc", str(script), *words.split(" ")]
    done = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, check=True)
    expected = [offered] if " one" in offered else offered.split()
    assert ([line for line in done.stdout.splitlines() if line], done.stderr) == (expected, "")


def test_the_other_shells_are_told_the_same(run: Run) -> None:
    bash, zsh, fish = (run("completion", shell).stdout for shell in ("bash", "zsh", "fish"))
    assert zsh.endswith(bash)
    for name in command_names():
        assert f"__fish_seen_subcommand_from {name}'" in fish
    assert "from count' -l format -x -a \"terminal csv " in fish
    assert "from report' -l output -s o -r" in fish
    assert 'from completion\'  -x -a "bash zsh fish"' in fish


def test_another_shell_is_refused(run: Run) -> None:
    done = run("completion", "bsh")
    assert (done.returncode, done.stderr) == (2, 'SHELL bsh: expected bash, zsh, fish (did you mean "bash"?)\n')
