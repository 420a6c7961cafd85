"""The commands that the README shows, with the output that it shows; the links of all pages."""

import os
import re
import shlex

import pytest

from tests.fakes.command_line import Run
from tests.places import ROOT

README = ROOT / "README.md"
SHOWN = re.findall(r"```console\n\$ costlens (.*?)\n(.*?)\n```", README.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize(("command", "output"), SHOWN, ids=[command for command, _ in SHOWN])
def test_a_command_prints_what_the_readme_shows(
    command: str, output: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A last line of ``…`` stands for the rest. COSTLENS_RENEW_GOLDEN=1 puts what is printed into the README."""
    monkeypatch.chdir(ROOT)
    shown = output.split("\n")
    printed = [line.rstrip() for line in run(*shlex.split(command), columns="90").stdout.rstrip().splitlines()]
    if shown[-1] == "…":
        printed = [*printed[: len(shown) - 1], "…"]
    if os.environ.get("COSTLENS_RENEW_GOLDEN"):
        text = README.read_text(encoding="utf-8")
        README.write_text(text.replace(f"{command}\n{output}\n", "\n".join((command, *printed, ""))), encoding="utf-8")
    assert shown == printed


def test_links_lead_to_files() -> None:
    for page in (*(ROOT / folder / "README.md" for folder in ("", "costlens", "tests")), *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\((?!https?:)([^)#\s]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
