"""What a folder or a glob leads to stays in the repository, links followed: in every command that takes specs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.command_line import Run
from tests.fakes.git_repository import git

SECRET = "name: secret\ninput: [2, 2, 1]\nlayers: [flatten]\n"
COMMANDS = [
    ("count",),
    ("check",),
    ("compare",),
    ("bench", "--quick"),
    ("profile",),
    ("verify", "--variant", "as-written"),
    ("report", "--no-bench", "--variant", "as-written"),
]


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "secret.yaml").write_text(SECRET)
    place = tmp_path / "repository"
    (place / "specs").mkdir(parents=True)
    git(place, "init", "--quiet")
    (place / "specs" / "net.yaml").write_text(SECRET.replace("secret", "net"))
    (place / "specs" / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    monkeypatch.chdir(place)
    return place


@pytest.mark.parametrize("named", ["specs", "specs/*.yaml"])
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_link_that_is_found_is_not_followed_out(
    command: tuple[str, ...], named: str, repository: Path, run: Run
) -> None:
    done = run(*command, named)
    assert (done.returncode, "secret" in done.stdout) == (2, False)
    assert "link.yaml: lies outside the repository, and is not read; put a copy inside it" in done.stderr
