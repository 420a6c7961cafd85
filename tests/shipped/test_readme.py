"""The commands that the README shows, with the output that it shows.

Renew it after a wanted change with: COSTLENS_RENEW_GOLDEN=1 python -m pytest tests/shipped/test_readme.py
"""

import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from costlens.formats.pages import layer_times
from costlens.results.report import Report
from tests.cases.results import printed as on_a_terminal
from tests.fakes.command_line import Run
from tests.places import ROOT, committed

README = ROOT / "README.md"
WIDTH = 96
MOST_LINES = 150


def shown() -> Iterator[tuple[str, list[str]]]:
    """Yield each command with the lines that are shown below it."""
    for block in re.findall(r"```console\n(.*?)\n```", README.read_text(encoding="utf-8"), re.DOTALL):
        for part in block.removeprefix("$ costlens ").split("\n$ costlens "):
            command, *lines = part.split("\n")
            yield command, lines


SHOWN = [*shown()]


def measured() -> list[str]:
    """Return what ``costlens profile yamnet`` printed where the committed report was made."""
    report = Report.from_json(committed(ROOT / "reports" / "yamnet" / "report.json").decode())
    return on_a_terminal(layer_times.page(report.layer_times[0]), WIDTH).splitlines()


def cut(printed: list[str], shown: list[str]) -> list[str]:
    """Return lines with as many of them left out as ``…`` stands for."""
    if "…" not in shown:
        return printed
    before = shown.index("…")
    after = len(printed) - (len(shown) - before - 1)
    return [*printed[:before], "…", *printed[after:]]


@pytest.mark.parametrize(("command", "lines"), SHOWN, ids=[command for command, _ in SHOWN])
def test_a_command_prints_what_the_readme_shows(
    command: str, lines: list[str], run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a new folder, with the files that the commands above it make."""
    monkeypatch.chdir(tmp_path)
    commands = [each for each, _ in SHOWN]
    for earlier in commands[: commands.index(command)]:
        if " -o " in earlier:
            run(*shlex.split(earlier))
    words = shlex.split(command)
    whole = measured() if words[0] == "profile" else run(*words, columns=str(WIDTH)).stdout.rstrip().splitlines()
    printed = cut([line.rstrip() for line in whole], lines)
    if os.environ.get("COSTLENS_RENEW_GOLDEN"):
        old, new = ("\n".join((f"$ costlens {command}", *each)) for each in (lines, printed))
        README.write_text(README.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    assert lines == printed


def test_the_front_page_is_short() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= MOST_LINES
