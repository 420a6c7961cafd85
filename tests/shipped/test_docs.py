"""The pages of the documentation: their links, the commands that they show, and what they quote from the code."""

import re
import shlex
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from costlens import commands
from costlens.commands._cli import arguments
from costlens.spec import project
from tests.places import ROOT

PAGES = sorted([
    *(ROOT / folder / "README.md" for folder in ("", "costlens", "tests")),
    *(ROOT / "docs").glob("*.md"),
    *(ROOT / "reports").rglob("*.md"),
])  # fmt: skip
_ENDS = {">", "&&", "|"}


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def headings(page: Path) -> set[str]:
    """Return the anchors that GitHub gives the headings of a page."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_to_files_and_headings(page: Path) -> None:
    wrong = []
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", page.read_text(encoding="utf-8")):
        file, _, anchor = target.partition("#")
        found = page.parent / file if file else page
        if not found.exists() or (anchor and found.suffix == ".md" and anchor not in headings(found)):
            wrong.append(target)
    assert wrong == []


def of_shell(page: Path) -> list[str]:
    """Return the commands of a page, each without what follows it on its line."""
    blocks = re.findall(r"```(?:sh|console)\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    lines = (line.removeprefix("$ ") for block in blocks for line in block.splitlines())
    parts = (part.strip() for line in lines for part in line.split(" && "))
    return [part for part in parts if part.startswith("costlens ")]


SHOWN = [(named(page), command) for page in PAGES for command in of_shell(page)]


def test_pages_show_every_command() -> None:
    assert {command.split()[1] for _, command in SHOWN} >= set(commands.command_names())


@pytest.mark.parametrize(("page", "command"), SHOWN, ids=[" ".join(each) for each in SHOWN])
def test_a_command_of_a_page_can_be_given(page: str, command: str) -> None:
    name, *words = shlex.split(command, comments=True)[1:]
    end = next((place for place, word in enumerate(words) if word in _ENDS), len(words))
    function = import_module(f"{commands.__name__}.{name}").command
    arguments(name, function, words[:end])


def test_the_layer_that_is_shown_is_one_of_ours() -> None:
    page = (ROOT / "docs" / "adding.md").read_text(encoding="utf-8")
    (file,) = re.findall(r"the whole file of one, `(.*?)`", page)
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert code == (ROOT / file).read_text(encoding="utf-8")


def test_the_settings_that_are_shown_are_read(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    for name in (".git", "specs/net.yaml", "models/asr1.onnx", "models/detector.tflite"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    file = tmp_path / "pyproject.toml"
    file.write_text(re.findall(r"```toml\n(.*?)```", page, re.DOTALL)[0], encoding="utf-8")
    read = project.read(file)
    assert read.problems == ()
    assert [Path(spec).name for spec in read.specs] == ["net.yaml", "asr1.onnx"]
    assert read.sizes(tmp_path / "models" / "asr1.onnx") == {"time": "100"}


def test_every_page_is_linked_from_the_front_page() -> None:
    front = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [page.name for page in (ROOT / "docs").glob("*.md") if f"(docs/{page.name})" not in front] == []
