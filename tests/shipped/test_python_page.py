"""The examples of docs/python.md, run as they stand: each section by itself."""

import doctest
import re
from pathlib import Path

import pytest

import costlens as cl
from tests.places import ROOT

TEXT = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", TEXT, re.DOTALL | re.MULTILINE))
NEED = {"Exporting and proving": pytest.mark.tensorflow, "Timing": pytest.mark.measures}
WITH_EXAMPLES = [pytest.param(name, marks=NEED.get(name, ())) for name, text in SECTIONS.items() if ">>>" in text]


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_an_example_does_what_the_page_shows(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = "\n".join(re.findall(r"```python\n(.*?)```", SECTIONS[name], re.DOTALL))
    test = doctest.DocTestParser().get_doctest(text, {"cl": cl}, name, "docs/python.md", 0)
    told: list[str] = []
    found = doctest.DocTestRunner().run(test, out=told.append)
    assert (found.failed, found.attempted > 0) == (0, True), "".join(told)


def test_the_page_lists_every_function_and_no_other() -> None:
    listed = set(re.findall(r"^\| (.*?) \|", TEXT, re.MULTILINE))
    named = set(re.findall(r"`(\w+)\(", "".join(listed)))
    assert named == {name for name in cl.__all__ if name.islower() and not name.startswith("_")}
