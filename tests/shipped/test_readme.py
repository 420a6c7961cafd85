"""The commands that the README shows, with the output that it shows."""

from __future__ import annotations

import re
import shlex

import pytest

from tests.fakes.command_line import Run
from tests.places import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"```console\n\$ costlens (.*?)\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize(("command", "output"), SHOWN, ids=[command for command, _ in SHOWN])
def test_a_command_prints_what_the_readme_shows(
    command: str, output: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An ellipsis stands for lines that are left out."""
    monkeypatch.chdir(ROOT)
    done = run(*shlex.split(command), columns="90")
    printed = "\n".join(line.rstrip() for line in done.stdout.strip().splitlines())
    parts = map(re.escape, output.strip().split("\n…\n"))
    assert re.fullmatch("(?s)" + ".*?".join(parts), printed), f"put this into the README:\n{printed}"


def test_links_lead_to_files() -> None:
    for page in (*(ROOT / folder / "README.md" for folder in ("", "costlens", "tests")), *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\((?!https?:)([^)#\s]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
